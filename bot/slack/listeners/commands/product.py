"""`/product`: adds, shows or changes products."""

from __future__ import annotations

from bot.slack.conversation import carry_out, command_text
from bot.slack.routes import Routes
from bot.slack.task import Task


def product(task: Task) -> None:
    """Carry it out and reply."""
    carry_out(task, "product", command_text(task))


def register(routes: Routes) -> None:
    """Take `/product`."""
    routes.command("product", product)
