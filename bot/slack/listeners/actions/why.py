"""“Why this answer?”: told to whoever asks, and nobody else."""

from __future__ import annotations

from bot.slack.conversation import kept_answer
from bot.slack.listeners.actions.pressed import TOO_OLD, value
from bot.slack.routes import Routes
from bot.slack.surfaces.answer import why_message
from bot.slack.task import Task


def explain(task: Task) -> None:
    """Explain the answer that the button stands under."""
    answer = kept_answer(task, value(task))
    if answer is None:
        task.say_privately(TOO_OLD)
    else:
        task.say(why_message(answer), "ephemeral")


def register(routes: Routes) -> None:
    """Take “Why this answer?”."""
    routes.action("why", explain)
