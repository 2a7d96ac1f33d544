"""Slash commands."""

from bot.slack.listeners.commands import ask, digest, product, role, stage
from bot.slack.routes import Routes


def register(routes: Routes) -> None:
    """Take slash commands."""
    for listener in (ask, stage, product, role, digest):
        listener.register(routes)
