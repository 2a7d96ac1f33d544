"""Serving: Slack over a socket or over HTTP, and what monitoring asks for, on one port, until SIGTERM."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http.client import HTTPException
from types import FrameType
from typing import Protocol

from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError

from bot.assistant import Assistant
from bot.config import Settings
from bot.errors import SettingsError
from bot.slack.app import SlackApp, build_app
from bot.slack.figures import Figures
from bot.slack.socket import SocketConnection
from bot.slack.tidying import Tidying
from bot.slack.web import Probe, WebServer
from bot.store.base import Store

log = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Slack's words for a token that will not get better by waiting.
BAD_TOKENS = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
CONNECT_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)


class Background(Protocol):
    """A job that runs as long as the server does, such as the digests' clock."""

    def start(self) -> None:
        """Begin, without waiting for it to end."""

    def stop(self) -> None:
        """End, with work in hand finished."""


# Made once the app is there, so that a job can post.
BackgroundMaker = Callable[[SlackApp], Background]


class _OneLine(logging.Formatter):
    """Messages of other libraries may have several lines; a traceback keeps its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # the library's name
        record.message = " ".join(record.message.split())
        return super().formatMessage(record)


def log_to_stderr() -> None:
    """One plain line an entry. No entry holds what people write, nor a secret."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(_OneLine(LOG_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[stream])


def serve(
    settings: Settings,
    assistant: Assistant,
    store: Store,
    port: int,
    *,
    host: str = "0.0.0.0",  # noqa: S104  # a container's port is published from all of its addresses
    background: Sequence[BackgroundMaker] = (),
    knowledge_problem: Callable[[], str | None] = lambda: None,
) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit status. Raises SettingsError for what is set wrongly.

    `knowledge_problem` says what is wrong with the knowledge in use, None where all is well: for `/readyz`.
    """
    settings.check_slack()
    return _Server(settings, assistant, store, WebServer(host, port), background, knowledge_problem).run()


class _Server:
    def __init__(
        self,
        settings: Settings,
        assistant: Assistant,
        store: Store,
        web: WebServer,
        background: Sequence[BackgroundMaker],
        knowledge_problem: Callable[[], str | None],
    ) -> None:
        self._settings = settings
        self._assistant = assistant
        self._store = store
        self._makers = background
        self._knowledge_problem = knowledge_problem
        self._stop = threading.Event()
        self._figures = Figures()
        self._app: SlackApp | None = None
        self._socket: SocketConnection | None = None
        self._jobs: list[Background] = []
        self._serving = False
        self._web = web

    def run(self) -> int:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask_to_stop)
        try:
            self._web.start(Probe(self._problems, self._pending, self._figures, self._notes))
        except OSError as error:
            raise SettingsError(f"--port: cannot listen there: {error.strerror or error}.") from None
        try:
            self._app = self._connected()
            if self._app is not None:
                self._serve(self._app)
            self._stop.wait()
        finally:
            self._end()
        return 0

    def _serve(self, app: SlackApp) -> None:
        app.worker.start()
        tidying = Tidying(self._store, app.desk.clock, self._settings.question_days)
        for job in (tidying, *(make(app) for make in self._makers)):
            job.start()
            self._jobs.append(job)
        if self._socket is None:
            self._web.take(app.bolt)
        self._serving = True
        log.info("Rolecall serves %s", "in Socket Mode" if self._socket else "over HTTP")

    def _connected(self) -> SlackApp | None:
        """The app, once Slack can be reached; None where we are to stop before that."""
        settings = self._settings
        tries = 0
        while not self._stop.is_set():
            variable = "SLACK_BOT_TOKEN"
            try:
                app = self._app or build_app(
                    assistant=self._assistant,
                    store=self._store,
                    bot_token=settings.bot_token.get_secret_value() if settings.bot_token else "",
                    signing_secret=settings.signing_secret.get_secret_value() if settings.signing_secret else "unused",
                    base_url=settings.api_url,
                    prefix=settings.command_prefix,
                    figures=self._figures,
                )
                self._app = app
                if settings.app_token is not None:
                    variable = "SLACK_APP_TOKEN"
                    # From here on deliveries come in: the inbox keeps them until the workers begin.
                    self._socket = self._socket or SocketConnection(app.bolt, settings.app_token.get_secret_value())
                    self._socket.connect()
                return app
            except SlackApiError as error:
                code = str(error.response.get("error", "")) if error.response else ""
                if code in BAD_TOKENS:
                    raise SettingsError(f"{variable} is refused by Slack: {code}.") from None
                log.warning("Slack does not let us in yet: %s", code)
            except (OSError, HTTPException, BoltError) as error:
                log.warning("Slack cannot be reached yet: %s", type(error).__name__)
            self._stop.wait(CONNECT_PAUSES[min(tries, len(CONNECT_PAUSES) - 1)])
            tries += 1
        return None

    def _end(self) -> None:
        """First nothing new comes in, then what is in hand is finished."""
        began = time.monotonic()
        if self._socket is not None:
            self._socket.close()
        self._web.stop()
        for job in self._jobs:
            job.stop()
        if self._app is not None and self._app.worker.started:
            finished = self._app.worker.stop()
            log.info("Stopped after %.1f s%s", time.monotonic() - began, "" if finished else ", with work left over")
        self._store.close()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _pending(self) -> int | None:
        try:
            with self._store.read() as reader:
                return reader.pending_deliveries()
        except Exception:
            log.exception("The database cannot be read")
            return None

    def _problems(self) -> list[str]:
        """Why we are not ready; none where we are."""
        problems: list[str] = []
        if self._pending() is None:
            problems.append("the database cannot be read")
        if not self._serving:
            problems.append("not connected to Slack yet")
        elif self._settings.socket_mode and (self._socket is None or not self._socket.is_connected()):
            problems.append("the socket to Slack is not connected")
        if self._stop.is_set():
            problems.append("stopping")
        return problems

    def _notes(self) -> list[str]:
        """What is wrong while everything is served: a change of the knowledge that was refused takes nobody offline."""
        knowledge = self._knowledge_problem()
        return [f"knowledge: {knowledge}"] if knowledge else []
