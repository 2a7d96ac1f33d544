"""Fixtures: the program, served in a process of its own against the local Slack."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.store.sqlite import SqliteStore
from tests.slack import ids
from tests.slack.app_process import AppProcess
from tests.slack.fixtures import StartApp
from tests.slack.server import SlackServer

# The real Slack side and store around a small assistant, whose words and bugs the tests know.
SMALL = ("-m", "tests.bot.slack.serve")
# The program as people run it.
WHOLE = ("-m", "bot", "serve", "--host", "127.0.0.1")
# What people, and other programs, send besides questions.
ODD_TEXTS = {
    "emoji": ":tada: :+1:",
    "unicode emoji": "🎉🎉",
    "huge": "x" * 10_000,
    "binary": "\x00\x01\x02 PNG \x1a\ufffd",
    "half a pair": "\ud83d alone",
    "mass mention": "<!channel> &amp; <https://x.example|y>",
}


@dataclass
class Running:
    """The program and the Slack it talks to, in one of the two modes."""

    app: AppProcess
    slack: SlackServer
    socket_mode: bool
    database: Path

    def deliver(self, payload: dict[str, Any], **options: Any) -> Any:
        """Deliver as Slack does in this mode, and see it acknowledged."""
        if not self.socket_mode:
            delivery = self.slack.deliver_http(self.app.events_url, payload, **options)
            assert delivery.status == 200, (delivery.status, delivery.body, self.app.output)
            return delivery.json
        envelope = self.slack.deliver_socket(payload, **options)
        return self.slack.wait_for_ack(envelope).payload

    def answers(self, channel: str = ids.CHANNEL, count: int = 1, timeout: float = 8.0) -> list[dict[str, Any]]:
        """What the program wrote in a channel, once there is so much."""
        return self.slack.wait_for_messages(channel, count, timeout)

    def logged(self, text: str) -> int:
        """How often the program wrote a text, once it did: its output is read a moment after it acts."""
        deadline = time.monotonic() + 10
        while text not in self.app.output and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.app.output.count(text)

    def store(self) -> SqliteStore:
        """The program's database."""
        return SqliteStore(self.database)


Run = Callable[..., Running]


@pytest.fixture
def run(slack_server: SlackServer, start_app: StartApp, tmp_path: Path) -> Run:
    """Starts the program: `run()` over HTTP, `run(socket_mode=True)`."""

    def start(*, socket_mode: bool = False, command: tuple[str, ...] = SMALL, **environment: str) -> Running:
        database = tmp_path / "rolecall.db"
        settings = {"ROLECALL_DB": str(database), **environment}
        app = start_app(settings, socket_mode=socket_mode, command=command)
        return Running(app, slack_server, socket_mode, database)

    return start


@pytest.fixture(params=[False, True], ids=["http", "socket"])
def running(request: pytest.FixtureRequest, run: Run) -> Running:
    """The program in each of the two modes."""
    return run(socket_mode=request.param)


@pytest.fixture(params=[False, True], ids=["http", "socket"])
def whole(request: pytest.FixtureRequest, run: Run) -> Running:
    """The whole program in each of the two modes."""
    return run(socket_mode=request.param, command=WHOLE)
