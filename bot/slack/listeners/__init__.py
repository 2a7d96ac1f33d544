"""What Slack delivers, one file a listener. A listener parses, calls the assistant, and renders; the inbox has
acknowledged by then. Add one by a file with `register` and its line in `register_all`."""

from __future__ import annotations

from bot.slack.listeners import actions, commands, events, views
from bot.slack.routes import Routes


def register_all(routes: Routes) -> Routes:
    """Every listener there is."""
    for kind in (events, commands, actions, views):
        kind.register(routes)
    return routes
