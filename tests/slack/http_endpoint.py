"""The HTTP side of the local Slack: reads requests, hands them on, writes one answer each."""

import json
import socket
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from tests.slack.server import SlackServer

JSON_ARGUMENTS = {"blocks", "attachments", "view", "metadata", "files", "prompts"}
"""Arguments that a form-encoded body carries as JSON."""


@dataclass
class HttpAnswer:
    """Status, body and headers; `drop` closes the connection instead."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False

    @classmethod
    def of(cls, answer: dict[str, Any], status: int = 200) -> "HttpAnswer":
        """An answer as JSON."""
        return cls(status, json.dumps(answer).encode("utf-8"))


class HttpServer(ThreadingHTTPServer):
    """Knows whom to ask."""

    daemon_threads = True
    # A thousand digests at once must not be refused.
    request_queue_size = 512

    def __init__(self, slack: "SlackServer") -> None:
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.slack = slack
        self.open_connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        """Counts what is open, for those who wait until all is dealt with."""
        with self.slack.changed:
            self.open_connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """One connection less."""
        super().shutdown_request(request)
        with self.slack.changed:
            self.open_connections -= 1
            self.slack.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is daily life here, anything else a fault of this server."""
        import sys
        import traceback

        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.slack.report("the local Slack itself failed:\n" + traceback.format_exc())


class Endpoint(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet, else Nagle's algorithm costs 40 ms a call.
    wbufsize = -1
    server: HttpServer

    def do_GET(self) -> None:
        """Only Socket Mode asks by GET, and some Web API methods may."""
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.close_connection = True
            self.server.slack.socket.serve(self)
            return
        self.do_POST()

    def do_POST(self) -> None:
        """Web API, uploads and response URLs."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # whoever sent it died in the middle of it
            self.close_connection = True
            return
        path = urlsplit(self.path).path
        slack = self.server.slack
        if path.startswith("/api/"):
            token, arguments = self.arguments(body)
            answer = slack.answer_call(path.removeprefix("/api/"), token, arguments)
        elif path.startswith("/upload/v1/"):
            answer = slack.answer_upload(path.rsplit("/", 1)[1], self.file_content(body))
        elif path.startswith("/commands/"):
            answer = slack.answer_response_url(slack.origin + path, body)
        else:
            slack.report(f"{self.command} {self.path}: there is nothing here; is the base URL right?")
            answer = HttpAnswer(404, b"not found", "text/plain")
        self.write(answer)

    def arguments(self, body: bytes) -> tuple[str | None, dict[str, Any]]:
        """Token and arguments, from a JSON or form-encoded body, the query and the header."""
        arguments: dict[str, Any] = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        content_type = self.headers.get("Content-Type", "")
        if body.strip() and "json" in content_type:
            try:
                decoded = json.loads(body)
            except ValueError:
                decoded = None
            arguments |= decoded if isinstance(decoded, dict) else {}
        elif body:
            form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            for key, value in form.items():
                arguments[key] = decode_json(value) if key in JSON_ARGUMENTS else value
        token = arguments.pop("token", None)
        scheme, _, header_token = self.headers.get("Authorization", "").partition(" ")
        return (header_token if scheme == "Bearer" else token), arguments

    def file_content(self, body: bytes) -> bytes:
        """The uploaded bytes, bare or as the one part of a multipart body."""
        content_type = self.headers.get("Content-Type", "")
        if "multipart/form-data" not in content_type:
            return body
        boundary = b"--" + content_type.partition("boundary=")[2].strip('"').encode("ascii")
        part = body.split(boundary)[1]
        return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")

    def write(self, answer: HttpAnswer) -> None:
        """Answers, or hangs up where the answer says so."""
        if answer.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent: `server.calls()` is the log."""


def decode_json(value: str) -> Any:
    """JSON from a form field; the string itself where it is none, for the checks to refuse."""
    try:
        return json.loads(value)
    except ValueError:
        return value
