"""Fixtures for everyone: `tests/conftest.py` imports them."""

from collections.abc import Callable, Iterator

import pytest

from tests.slack.app_process import AppProcess
from tests.slack.server import SlackServer

StartApp = Callable[..., AppProcess]


@pytest.fixture
def slack_server(request: pytest.FixtureRequest) -> Iterator[SlackServer]:
    """A fresh local Slack. The test fails at its end if the app broke a rule of Slack's.

    A test that provokes faults takes them by `slack_server.take_faults()`.
    """
    with SlackServer() as server:
        yield server
    assert server.faults == []


@pytest.fixture
def start_app(slack_server: SlackServer) -> Iterator[StartApp]:
    """Starts the program against `slack_server`; what still runs at the end is killed.

    app = start_app({"ROLECALL_DB": str(tmp_path / "rolecall.db")}, socket_mode=True)
    """
    started: list[AppProcess] = []

    def start(environment: dict[str, str] | None = None, *, socket_mode: bool = False, **options: object) -> AppProcess:
        settings = slack_server.environment(socket_mode=socket_mode) | (environment or {})
        app = AppProcess(settings, **options)  # type: ignore[arg-type]
        started.append(app)
        return app.start()

    yield start
    for app in started:
        app.kill()
