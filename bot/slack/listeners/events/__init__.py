"""Events."""

from bot.slack.listeners.events import app_home_opened, app_mention, member_joined_channel, message
from bot.slack.routes import Routes


def register(routes: Routes) -> None:
    """Take events."""
    for listener in (app_mention, message, app_home_opened, member_joined_channel):
        listener.register(routes)
