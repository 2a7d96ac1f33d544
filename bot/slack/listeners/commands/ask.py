"""`/ask`: asks for them alone; the answer can be shared with a button."""

from __future__ import annotations

from bot.slack.conversation import carry_out, command_text
from bot.slack.routes import Routes
from bot.slack.task import Task


def ask(task: Task) -> None:
    """Carry it out and reply."""
    carry_out(task, "ask", command_text(task))


def register(routes: Routes) -> None:
    """Take `/ask`."""
    routes.command("ask", ask)
