"""Socket Mode: hands out connections, delivers envelopes over them and records acknowledgements."""

import itertools
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from tests.slack import ids
from tests.slack.delivery import Kind, kind_of
from tests.slack.websocket import WebSocket, accept_key

ENVELOPE_TYPES: dict[Kind, str] = {
    "event": "events_api",
    "command": "slash_commands",
    "interaction": "interactive",
}


@dataclass(frozen=True)
class Acknowledgement:
    """The app's answer to one envelope."""

    payload: Any
    """What came with it: a message, a response action, options; None in most."""
    seconds: float
    """Since the envelope was sent."""
    connection: int


@dataclass
class Envelope:
    """One delivery over a socket."""

    id: str
    type: str
    payload: dict[str, Any]
    retry_attempt: int
    retry_reason: str
    connection: int = 0
    sent_at: float = 0.0
    acknowledgements: list[Acknowledgement] = field(default_factory=list)


@dataclass
class Connection:
    """One WebSocket of the app."""

    number: int
    websocket: WebSocket
    is_open: bool = True


class SocketMode:
    """The far end of an app's sockets. Shares the server's condition."""

    def __init__(
        self,
        host: str,
        changed: threading.Condition,
        report: Callable[[str], None],
        on_acknowledgement: Callable[[dict[str, Any], Any, float], None],
    ) -> None:
        self._host = host
        self._changed = changed
        self._report = report
        self._on_acknowledgement = on_acknowledgement
        self._tickets: set[str] = set()
        self._turn = itertools.count()
        self.connections: list[Connection] = []
        self.envelopes: dict[str, Envelope] = {}

    def new_url(self) -> str:
        """A URL for one connection; like Slack's, it serves once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return f"ws://{self._host}/link/?ticket={ticket}&app_id={ids.APP}"

    def open_connections(self) -> list[Connection]:
        """The connections over which an envelope can be sent now."""
        return [connection for connection in self.connections if connection.is_open]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Shakes hands, says hello and reads acknowledgements until the connection ends."""
        ticket = parse_qs(urlsplit(handler.path).query).get("ticket", [""])[0]
        key = handler.headers.get("Sec-WebSocket-Key")
        with self._changed:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
        if not known or not key:
            handler.send_error(408 if key else 400)
            return
        handshake = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept_key(key)}",
            "",
            "",
        ]
        handler.connection.sendall("\r\n".join(handshake).encode("ascii"))
        websocket = WebSocket(handler.rfile, handler.connection)
        with self._changed:
            connection = Connection(len(self.connections) + 1, websocket)
            count = len(self.open_connections()) + 1
        hello = {
            "type": "hello",
            "num_connections": count,
            "debug_info": {"host": "applink-rolecall-tests", "approximate_connection_time": 18060},
            "connection_info": {"app_id": ids.APP},
        }
        websocket.send_text(json.dumps(hello))
        with self._changed:
            self.connections.append(connection)
            self._changed.notify_all()
        try:
            while (text := websocket.receive()) is not None:
                self._receive(connection, text)
        finally:
            websocket.finish()
            with self._changed:
                connection.is_open = False
                self._changed.notify_all()

    def _receive(self, connection: Connection, text: str) -> None:
        now = time.monotonic()
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        with self._changed:
            envelope = self.envelopes.get(str(message.get("envelope_id"))) if isinstance(message, dict) else None
            if envelope is None:
                self._report(f"socket: {text[:200]!r} acknowledges no envelope that was sent")
                return
            seconds = now - envelope.sent_at
            answer = message.get("payload")
            self._on_acknowledgement(envelope.payload, answer, seconds)
            envelope.acknowledgements.append(Acknowledgement(answer, seconds, connection.number))
            self._changed.notify_all()

    def deliver(
        self,
        payload: dict[str, Any],
        *,
        kind: Kind | None = None,
        connection: int | None = None,
        retry_attempt: int = 0,
        retry_reason: str = "",
        timeout: float = 10.0,
    ) -> Envelope:
        """Sends one envelope over the connection with this number, else over each open one in turn."""
        envelope = Envelope(
            str(uuid.uuid4()), ENVELOPE_TYPES[kind or kind_of(payload)], payload, retry_attempt, retry_reason
        )
        message: dict[str, Any] = {
            "envelope_id": envelope.id,
            "type": envelope.type,
            "accepts_response_payload": envelope.type != "events_api",
            "payload": payload,
        }
        if envelope.type == "events_api":
            message |= {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
        with self._changed:

            def usable() -> list[Connection]:
                return [c for c in self.open_connections() if connection in (None, c.number)]

            if not self._changed.wait_for(lambda: bool(usable()), timeout):
                raise AssertionError(f"no open connection to deliver over within {timeout} s")
            candidates = usable()
            chosen = candidates[next(self._turn) % len(candidates)]
            envelope.connection, envelope.sent_at = chosen.number, time.monotonic()
            self.envelopes[envelope.id] = envelope
        chosen.websocket.send_text(json.dumps(message))
        return envelope

    def redeliver(self, envelope: Envelope, *, reason: str = "timeout") -> Envelope:
        """Delivers again what was not acknowledged: same payload, new envelope, one attempt later."""
        return self.deliver(envelope.payload, retry_attempt=envelope.retry_attempt + 1, retry_reason=reason)

    def ask_to_reconnect(self, connection: int | None = None, reason: str = "refresh_requested") -> None:
        """Sends `disconnect` over one connection, or all; the app is to open another one."""
        message = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-rolecall-tests"}}
        for chosen in self._chosen(connection):
            chosen.websocket.send_text(json.dumps(message))

    def drop(self, connection: int | None = None, how: Literal["close", "silent", "reset"] = "close") -> None:
        """Ends one connection, or all: by a close frame, without a word, or by a TCP reset."""
        for chosen in self._chosen(connection):
            with self._changed:
                chosen.is_open = False
            if how == "close":
                chosen.websocket.close(1000, "bye")
            elif how == "reset":
                chosen.websocket.reset()
            else:
                chosen.websocket.hang_up()

    def freeze(self, connection: int | None = None) -> None:
        """Leaves one connection, or all, half open: nothing is answered any more, pings neither."""
        for chosen in self._chosen(connection):
            with self._changed:
                chosen.is_open = False
            chosen.websocket.is_frozen = True

    def _chosen(self, connection: int | None) -> list[Connection]:
        with self._changed:
            return [c for c in self.open_connections() if connection in (None, c.number)]
