"""HTTP: Slack's deliveries, and what monitoring asks for, by waitress on one port."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress.server import create_server  # type: ignore[import-untyped]

from bot.slack.figures import Figures

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

EVENTS_PATH = "/slack/events"
LARGEST_BODY = 4 * 1024 * 1024
THREADS = 8
REQUEST_SECONDS = 5
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
# Where Bolt, or our own middleware, expects an object: anything else there is no delivery of Slack's.
OBJECTS = ("event", "view", "container", "message", "response_metadata")
LISTS = ("actions", "authorizations")
STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}


class Probe:
    """What monitoring asks for."""

    def __init__(
        self,
        problems: Callable[[], list[str]],
        pending: Callable[[], int | None],
        figures: Figures,
        notes: Callable[[], list[str]] = list,
    ) -> None:
        """`problems`: why nothing can be served. `notes`: what is wrong although everything is served."""
        self._problems = problems
        self._notes = notes
        self._pending = pending
        self._figures = figures

    def answer(self, path: str) -> tuple[int, str, str] | None:
        """Status, type and body of a page; None where there is no such page."""
        if path == "/healthz":
            return 200, JSON, json.dumps({"alive": True})
        if path == "/readyz":
            problems = self._problems()
            page = {"ready": not problems, "problems": problems + self._notes()}
            return (503 if problems else 200), JSON, json.dumps(page)
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4; charset=utf-8", self._figures.text(self._pending())
        return None


class WebServer:
    """The port we listen on. Before `take`, and after `stop`, Slack is told to come again."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._probe: Probe | None = None
        self._slack: SlackRequestHandler | None = None
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def start(self, probe: Probe) -> None:
        """Listen; raises OSError where that cannot be."""
        self._probe = probe
        logging.getLogger("waitress").setLevel(logging.ERROR)
        self._server = create_server(
            self.application,
            host=self._host,
            port=self._port,
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._thread.start()

    def take(self, bolt: App) -> None:
        """Hand what Slack delivers to the app."""
        self._slack = SlackRequestHandler(bolt, EVENTS_PATH)

    def stop(self) -> None:
        """Take nothing new, and end what was begun."""
        if self._server is None:
            return
        self._slack = None
        # The port comes last: a request that is being answered still needs what closing takes away.
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=REQUEST_SECONDS)
        self._server.close()

    def application(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        path, method = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_METHOD", ""))
        if path == EVENTS_PATH:
            if method != "POST":
                return _answer(start_response, 405, TEXT, "Slack posts here.\n")
            return self._delivered(environ, start_response)
        try:
            page = self._probe.answer(path) if self._probe and method in ("GET", "HEAD") else None
        except Exception:
            log.exception("%s could not be answered", path)
            return _answer(start_response, 500, TEXT, "See the log.\n")
        return _answer(start_response, *page) if page else _answer(start_response, 404, TEXT, "Not found.\n")

    def _delivered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._slack is None:
            return _answer(start_response, 503, TEXT, "Not connected to Slack, or in Socket Mode.\n")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        problem = body_problem(body, str(environ.get("CONTENT_TYPE", "")))
        if problem:
            return _answer(start_response, 400, TEXT, problem + "\n")
        environ["wsgi.input"] = BytesIO(body)
        return self._slack(environ, start_response)


def body_problem(body: bytes, content_type: str) -> str | None:
    """Why a body cannot be anything that Slack delivers; None where it can. Bolt would answer 500."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "The body is not UTF-8."
    if not text.strip():
        return "The body is empty."
    # The same question, asked the same way, as Bolt asks it when it parses.
    as_json = content_type == JSON or text.startswith("{")
    if not as_json and content_type.partition(";")[0].strip() == JSON:
        return "The body is not a JSON object."
    written: str | None = text if as_json else dict(parse_qsl(text, keep_blank_values=True)).get("payload")
    if written is None:
        return None
    try:
        parsed = json.loads(written)
    except (ValueError, RecursionError):
        return "The body is not JSON."
    if not isinstance(parsed, dict):
        return "The body is not a JSON object."
    wrong = [name for name in OBJECTS if name in parsed and not isinstance(parsed[name], (dict, type(None)))]
    wrong += [name for name in LISTS if not _holds_objects(parsed.get(name))]
    if parsed.get("actions") == []:
        wrong.append("actions")
    if isinstance(parsed.get("view"), dict) and "type" not in parsed["view"]:
        wrong.append("view")
    return f"In the body, {wrong[0]!r} is not what Slack sends." if wrong else None


def _holds_objects(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, dict) for one in value))


def _answer(start_response: StartResponse, status: int, content_type: str, body: str) -> Iterable[bytes]:
    encoded = body.encode()
    start_response(STATUS[status], [("Content-Type", content_type), ("Content-Length", str(len(encoded)))])
    return [encoded]
