"""`/role`: says who plays which role."""

from __future__ import annotations

from bot.slack.conversation import carry_out, command_text
from bot.slack.routes import Routes
from bot.slack.task import Task


def role(task: Task) -> None:
    """Carry it out and reply."""
    carry_out(task, "role", command_text(task))


def register(routes: Routes) -> None:
    """Take `/role`."""
    routes.command("role", role)
