"""Delivers payloads over HTTP as Slack does: encoded, signed, with retry headers."""

import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

Kind = Literal["event", "command", "interaction"]
LONGEST_WAIT = 3.0
"""Seconds within which Slack wants its acknowledgement."""
INTERACTIONS = {
    "block_actions",
    "block_suggestion",
    "message_action",
    "shortcut",
    "view_closed",
    "view_submission",
}


@dataclass(frozen=True)
class Delivery:
    """What came of one request to the app."""

    status: int | None
    """HTTP status; None where the connection was refused or broke."""
    body: str
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None

    @property
    def json(self) -> Any:
        """The body, where it is JSON; None otherwise."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def kind_of(payload: dict[str, Any]) -> Kind:
    """How Slack would deliver this payload."""
    if "command" in payload:
        return "command"
    return "interaction" if payload.get("type") in INTERACTIONS else "event"


def encode(payload: dict[str, Any], kind: Kind) -> tuple[bytes, str]:
    """Body and content type."""
    if kind == "event":
        return json.dumps(payload).encode("utf-8"), "application/json"
    form = payload if kind == "command" else {"payload": json.dumps(payload)}
    return urlencode(form).encode("utf-8"), "application/x-www-form-urlencoded"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's v0 signature of a request."""
    signed = b"v0:" + timestamp.encode("ascii") + b":" + body
    return "v0=" + hmac.new(secret.encode("utf-8"), signed, hashlib.sha256).hexdigest()


def post(
    url: str,
    body: bytes,
    content_type: str,
    *,
    secret: str,
    timestamp: int | None = None,
    signature: str | None = None,
    retry_num: int | None = None,
    retry_reason: str | None = None,
    timeout: float = 10.0,
) -> Delivery:
    """Posts a signed body. `timestamp` and `signature` are right unless given."""
    moment = str(int(time.time()) if timestamp is None else timestamp)
    headers = {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": sign(secret, moment, body) if signature is None else signature,
    }
    if retry_num is not None:
        headers["X-Slack-Retry-Num"] = str(retry_num)
        headers["X-Slack-Retry-Reason"] = retry_reason or "http_timeout"
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout)
    started = time.monotonic()
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Delivery(answer.status, text, time.monotonic() - started, found)
    except (OSError, http.client.HTTPException) as error:
        return Delivery(None, "", time.monotonic() - started, error=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
