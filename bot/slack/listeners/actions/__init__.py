"""Buttons."""

from bot.slack.listeners.actions import feedback, open_form, post_here, share, suggest, why
from bot.slack.routes import Routes


def register(routes: Routes) -> None:
    """Take presses of buttons."""
    for listener in (why, share, suggest, feedback, open_form, post_here):
        listener.register(routes)
