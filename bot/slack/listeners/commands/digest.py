"""`/digest`: sets up the channel's daily digest, or previews it."""

from __future__ import annotations

from bot.slack.conversation import carry_out, command_text
from bot.slack.routes import Routes
from bot.slack.task import Task


def digest(task: Task) -> None:
    """Carry it out and reply."""
    carry_out(task, "digest", command_text(task))


def register(routes: Routes) -> None:
    """Take `/digest`."""
    routes.command("digest", digest)
