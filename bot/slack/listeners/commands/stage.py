"""`/stage`: moves a product, or tells where it is."""

from __future__ import annotations

from bot.slack.conversation import carry_out, command_text
from bot.slack.routes import Routes
from bot.slack.task import Task


def stage(task: Task) -> None:
    """Carry it out and reply."""
    carry_out(task, "stage", command_text(task))


def register(routes: Routes) -> None:
    """Take `/stage`."""
    routes.command("stage", stage)
