"""The local Slack of the tests: Web API, response URLs, uploads and Socket Mode on one free port.

    with SlackServer() as server:
        start_the_app(SLACK_API_URL=server.api_url)
        server.deliver_http(app_url, payloads.app_mention("who owns data prep?"))
        [answer] = server.wait_for_messages(ids.CHANNEL, 1)
        assert server.faults == []

The real Bolt app talks to it over the wire. Every payload the app sends is checked; what breaks a rule is
answered as Slack would and noted in `faults`. Waiting is done on conditions with a timeout, not by sleeping.
"""

import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.slack import delivery, ids
from tests.slack.delivery import Delivery, Kind
from tests.slack.failures import Drop, Failure
from tests.slack.http_endpoint import HttpAnswer, HttpServer
from tests.slack.inspection import Call, Inspection
from tests.slack.limits import check_acknowledgement
from tests.slack.response_urls import answer_post, apply_response
from tests.slack.socket_mode import Envelope, SocketMode
from tests.slack.web_api import POSTING_METHODS, WebApi
from tests.slack.workspace import ResponseUrl, Trigger, Workspace

ALWAYS = 1_000_000_000


class SlackServer(Inspection):
    """A Slack workspace for one test. Use as a context manager, or the `slack_server` fixture."""

    def __init__(
        self,
        *,
        bot_token: str = ids.BOT_TOKEN,
        app_token: str = ids.APP_TOKEN,
        signing_secret: str = ids.SIGNING_SECRET,
    ) -> None:
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        self.changed = threading.Condition()
        self.workspace = Workspace()
        self.faults: list[str] = []
        self.latency = 0.0
        """Seconds before each answer."""
        self.message_interval = 0.0
        """Seconds between two messages to one channel; sooner ones get 429. Slack's own figure is 1."""
        self.longest_wait = delivery.LONGEST_WAIT
        """Seconds after which an acknowledgement is a fault."""
        self._failures: list[Failure] = []
        self._calls: list[Call] = []
        self._last_post: dict[str, float] = {}
        self._http = HttpServer(self)
        host = f"127.0.0.1:{self._http.server_address[1]}"
        self.origin = f"http://{host}"
        self.api_url = f"{self.origin}/api/"
        self.api = WebApi(self.workspace, self.origin, self.report)
        self.socket = SocketMode(host, self.changed, self.report, self._apply_acknowledgement)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.005,), daemon=True)

    # --- life

    def start(self) -> Self:
        """Begins to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Closes all sockets and the port."""
        self.socket.drop()
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def environment(self, *, socket_mode: bool = False) -> dict[str, str]:
        """The settings that point the app at this server."""
        settings = {"SLACK_BOT_TOKEN": self.bot_token, "SLACK_API_URL": self.api_url}
        if socket_mode:
            return settings | {"SLACK_APP_TOKEN": self.app_token}
        return settings | {"SLACK_SIGNING_SECRET": self.signing_secret}

    def report(self, fault: str) -> None:
        """Notes a fault of the app."""
        with self.changed:
            self.faults.append(fault)

    def take_faults(self) -> list[str]:
        """The faults so far, which are then forgotten: for tests that provoke some."""
        with self.changed:
            taken, self.faults[:] = list(self.faults), []
            return taken

    def settle(self, timeout: float = 60.0) -> None:
        """Until all is dealt with that was sent so far, also by processes that are dead by now. Not with sockets open.

        Connections are accepted in their order: once this one is, so are those before it.
        """
        with socket.create_connection(self._http.server_address[:2], timeout) as last:  # type: ignore[arg-type]
            last.sendall(b"GET /api/settle HTTP/1.0\r\n\r\n")
            while last.recv(4096):
                pass
        self.wait_until(lambda: self._http.open_connections == 0, timeout, "all connections closed")

    # --- failures on order

    def fail_next(
        self,
        method: str,
        *,
        status: int = 200,
        retry_after: int | None = None,
        error: str | None = None,
        drop: Drop | None = None,
        channel: str | None = None,
        times: int = 1,
    ) -> None:
        """The next `times` calls of `method` (`response_url`, `*` for any) fail.

        By an HTTP status (429 with Retry-After, 503), by an `error` of Slack's, or by a dropped connection,
        `before` the call did anything or `after` it did all: the message is there, the answer is not.
        """
        with self.changed:
            self._failures.append(Failure(method, times, status, retry_after, error, drop, channel))

    def fail_channel(self, channel: str, error: str) -> None:
        """Every post to this channel is refused with `error`, until `heal`."""
        for method in POSTING_METHODS:
            self.fail_next(method, error=error, channel=channel, times=ALWAYS)

    def heal(self) -> None:
        """No more failures on order."""
        with self.changed:
            self._failures.clear()

    def _due_failure(self, method: str, arguments: dict[str, Any]) -> Failure | None:
        for failure in self._failures:
            if failure.fits(method, arguments):
                failure.times -= 1
                return failure
        return None

    def _too_fast(self, method: str, arguments: dict[str, Any]) -> Failure | None:
        if not self.message_interval or method != "chat.postMessage":
            return None
        channel, now = str(arguments.get("channel")), time.monotonic()
        if now - self._last_post.get(channel, float("-inf")) < self.message_interval:
            return Failure(method, 1, 429, retry_after=1)
        self._last_post[channel] = now
        return None

    # --- what the app asks

    def answer_call(self, method: str, token: str | None, arguments: dict[str, Any]) -> HttpAnswer:
        """One call of the Web API."""
        return self._serve(method, token, arguments, lambda: self._answer(method, token, arguments))

    def answer_response_url(self, url: str, body: bytes) -> HttpAnswer:
        """One post to a response_url."""
        arguments = {"url": url, "body": body.decode("utf-8", "replace")}
        return self._serve("response_url", None, arguments, lambda: answer_post(self.workspace, url, body, self.report))

    def answer_upload(self, upload_id: str, content: bytes) -> HttpAnswer:
        """The bytes of one file."""

        def keep() -> HttpAnswer:
            upload = self.workspace.uploads.get(upload_id)
            if upload is None:
                self.report(f"upload: {upload_id} was never handed out")
                return HttpAnswer(404, b"not found", "text/plain")
            if len(content) != upload.length:
                self.report(f"upload: {upload.filename} has {len(content)} bytes, {upload.length} announced")
            upload.content = content
            return HttpAnswer(200, f"OK - {len(content)}".encode(), "text/plain")

        return self._serve("upload", None, {"id": upload_id}, keep)

    def _serve(
        self, method: str, token: str | None, arguments: dict[str, Any], answer: Callable[[], HttpAnswer]
    ) -> HttpAnswer:
        received_at = time.monotonic()
        if self.latency:
            time.sleep(self.latency)
        with self.changed:
            failure = self._due_failure(method, arguments) or self._too_fast(method, arguments)
            if failure is None:
                result = answer()
            else:
                if failure.drop == "after":
                    answer()
                result = failure.answer()
            status = None if result.drop else result.status
            body = Delivery(status, result.body.decode("utf-8"), 0.0).json
            self._calls.append(Call(method, arguments, token, status, body, received_at))
            self.changed.notify_all()
            return result

    def _answer(self, method: str, token: str | None, arguments: dict[str, Any]) -> HttpAnswer:
        expected = self.app_token if method == "apps.connections.open" else self.bot_token
        if not token:
            return HttpAnswer.of({"ok": False, "error": "not_authed"})
        if token != expected:
            return HttpAnswer.of({"ok": False, "error": "invalid_auth"})
        if method == "apps.connections.open":
            return HttpAnswer.of({"ok": True, "url": self.socket.new_url()})
        answer = HttpAnswer.of(self.api.call(method, arguments))
        answer.headers["x-oauth-scopes"] = ",".join(sorted(self.workspace.scopes))
        return answer

    # --- what the app hears

    def new_response_url(self, channel: str, user: str, message_ts: str | None = None) -> str:
        """A response_url that serves five times within 30 minutes."""
        url = f"{self.origin}/commands/{ids.TEAM}/{ids.new_id('')}"
        with self.changed:
            self.workspace.response_urls[url] = ResponseUrl(url, channel, user, message_ts)
        return url

    def prepare(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Makes a payload live, in place: its trigger, its response_url, the message it tells of.

        Every delivery does this by itself. An empty `response_url` is filled in once, so delivering the same
        payload again carries the same one.
        """
        user = payload.get("user_id") or (payload.get("user") or {}).get("id") or ""
        with self.changed:
            if payload.get("response_url") == "":
                container = payload.get("container") or {}
                channel = payload.get("channel_id") or (payload.get("channel") or {}).get("id") or ""
                payload["response_url"] = self.new_response_url(channel, user, container.get("message_ts"))
            if payload.get("trigger_id"):
                self.workspace.triggers.setdefault(payload["trigger_id"], Trigger(user))
            if isinstance(payload.get("event"), dict):
                self.workspace.remember_user_message(payload["event"])
        return payload

    def deliver_http(
        self,
        url: str,
        payload: dict[str, Any],
        kind: Kind | None = None,
        *,
        secret: str | None = None,
        retry_num: int | None = None,
        retry_reason: str | None = None,
        timestamp: int | None = None,
        signature: str | None = None,
        timeout: float = 10.0,
    ) -> Delivery:
        """Signs and posts a payload as Slack does; the kind follows from the payload unless given."""
        kind = kind or delivery.kind_of(payload)
        body, content_type = delivery.encode(self.prepare(payload), kind)
        outcome = delivery.post(
            url,
            body,
            content_type,
            secret=self.signing_secret if secret is None else secret,
            retry_num=retry_num,
            retry_reason=retry_reason,
            timestamp=timestamp,
            signature=signature,
            timeout=timeout,
        )
        if outcome.status == 200:
            answer = None if kind == "event" or not outcome.body else outcome.json or {"text": outcome.body}
            with self.changed:
                self._apply_acknowledgement(payload, answer, outcome.seconds)
                self.changed.notify_all()
        return outcome

    def deliver_raw(self, url: str, body: bytes, content_type: str = "application/json", **options: Any) -> Delivery:
        """Signs and posts bytes as they are, right or wrong."""
        return delivery.post(url, body, content_type, **{"secret": self.signing_secret, **options})

    def deliver_socket(self, payload: dict[str, Any], **options: Any) -> Envelope:
        """Sends a payload as an envelope; see `SocketMode.deliver`."""
        return self.socket.deliver(self.prepare(payload), **options)

    def redeliver(self, envelope: Envelope, *, reason: str = "timeout") -> Envelope:
        """Sends an unacknowledged envelope's payload once more."""
        return self.socket.redeliver(envelope, reason=reason)

    def _apply_acknowledgement(self, payload: dict[str, Any], answer: Any, seconds: float) -> None:
        if seconds > self.longest_wait:
            what = payload.get("command") or payload.get("type")
            self.report(f"{what}: acknowledged after {seconds:.1f} s, Slack waits {self.longest_wait:g} s")
        for violation in check_acknowledgement(payload, answer):
            self.report(f"acknowledgement: {violation}")
        if not isinstance(answer, dict):
            return
        if "command" in payload:
            origin = self.workspace.response_urls.get(payload.get("response_url", ""))
            if origin is not None:
                apply_response(self.workspace, origin, answer)
        elif answer.get("response_action") in ("update", "push") and isinstance(answer.get("view"), dict):
            replaced = payload["view"]["id"] if answer["response_action"] == "update" else None
            self.workspace.keep_view(answer["view"], payload["user"]["id"], replaced)
