"""Modals."""

from bot.slack.listeners.views import command_form
from bot.slack.routes import Routes


def register(routes: Routes) -> None:
    """Take submitted modals."""
    command_form.register(routes)
