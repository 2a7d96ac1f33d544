"""A suggested question: asked by whoever presses it, and answered where it stands."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.conversation import answer
from bot.slack.listeners.actions.pressed import is_ephemeral, pressed_in, value
from bot.slack.routes import Routes
from bot.slack.task import Task


def ask_suggestion(task: Task) -> None:
    """Ask the question on the button."""
    question = value(task).strip()
    if not question:
        return
    task.desk.people.learn(task.team, [task.address.user], task.desk.clock())
    if is_ephemeral(task):
        answer(task, question, "ephemeral")
        return
    # What all see is answered in the thread of the message with the button, not in the midst of the channel.
    address = task.address
    thread = address.thread or (None if address.direct else pressed_in(task))
    task.address = replace(address, thread=thread, response_url=None)
    answer(task, question)


def register(routes: Routes) -> None:
    """Take suggested questions."""
    routes.action("suggest", ask_suggestion)
