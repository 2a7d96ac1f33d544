"""Socket Mode: the connection over which Slack delivers where it cannot reach us."""

from __future__ import annotations

import logging

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

# How many deliveries may be stored and acknowledged at the same time; the work itself is the workers'.
CONCURRENCY = 4


class SocketConnection:
    """One socket, connected again whenever Slack closes it."""

    def __init__(self, bolt: App, app_token: str) -> None:
        self._log = logging.getLogger("slack_socket")
        self._adapter = SocketModeHandler(bolt, app_token, logger=self._log, concurrency=CONCURRENCY)

    def connect(self) -> None:
        """Connect; raises what slack_sdk raises where that fails."""
        # What fails here is raised too, and said in our own words; later on, nobody but this log hears of it.
        self._log.setLevel(logging.CRITICAL)
        self._adapter.client.connect()
        self._log.setLevel(logging.WARNING)

    def is_connected(self) -> bool:
        """Whether the socket is open at this moment."""
        return bool(self._adapter.client.is_connected())

    def close(self) -> None:
        """Take nothing more; what has come in is stored and acknowledged before this returns."""
        self._adapter.client.close()
