"""Posts digests to Slack: the parent message, its thread, and the look-up that finds them again after a crash.

Nothing is repeated in here. What Slack answers is told to `bot.services.digest_posting`, which waits, looks up, and
tries again; so these calls have a client without retries of its own.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.services.digest import Digest
from bot.services.digest_posting import ChannelGone, Found, Marker, RateLimited, Temporary
from bot.slack.posting import CALL_SECONDS, error_code, http_status, is_passing
from bot.slack.surfaces.blocks import Message
from bot.slack.surfaces.digest import parent_message, shown, thread_messages
from bot.slack.surfaces.reply import plain_message

EVENT_TYPE = "rolecall_digest"
RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNKNOWN_RETRY_AFTER = 30.0
# Slack's own trouble, or the installation's: not the channel's, which is not switched off for it.
NOT_THE_CHANNELS = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
REASONS = {
    "channel_not_found": "I cannot see the channel, or it is gone",
    "is_archived": "the channel is archived",
    "not_in_channel": "I am not a member of the channel",
    "user_not_found": "there is no such person",
    "user_disabled": "the person's account is switched off",
    "cannot_dm_bot": "it is a bot's",
    "restricted_action": "an administrator does not allow posting there",
    "restricted_action_read_only_channel": "the channel is read-only",
    "missing_scope": "I lack the permission",
}
_CHANNEL = re.compile(r"#([CG][A-Z0-9]{7,})\b")
PAGE = 200
# Enough for a day and a half of the busiest channel.
LOOKED_UP_PAGES = 50

T = TypeVar("T")


class DigestPoster:
    """Posts to one workspace. Safe to use from many threads."""

    def __init__(self, token: str, base_url: str) -> None:
        self._client = WebClient(token=token, base_url=base_url, timeout=CALL_SECONDS, retry_handlers=[])
        self._direct: dict[str, str] = {}
        self._lock = threading.Lock()

    def find(self, marker: Marker, *, since: datetime) -> Found | None:
        """The message of this target and day, and how much of its thread is there."""
        channel = self._channel(marker)
        oldest = f"{since.timestamp():.6f}"
        for message in self._messages(self._client.conversations_history, channel=channel, oldest=oldest):
            payload = _payload(message, marker)
            if payload is None or "page" in payload:
                continue
            found = str(message["ts"])
            return Found(found, _moment(payload.get("until"), found), self._pages_there(channel, found, marker))
        return None

    def post(self, digest: Digest, marker: Marker) -> str:
        """Post the parent message; returns its timestamp."""
        return self._post(marker, parent_message(shown(digest)), {"until": marker.until.isoformat()})

    def pages(self, digest: Digest) -> int:
        """How many messages the thread has."""
        return len(thread_messages(shown(digest)))

    def post_page(self, digest: Digest, marker: Marker, message: str, page: int) -> None:
        """Post one message of the thread."""
        self._post(marker, thread_messages(shown(digest))[page], {"page": page}, message)

    def tell(self, team: str, user: str, text: str) -> None:
        """Send somebody a direct message; a channel's id after a # is shown as its name."""
        written = json.dumps(plain_message(text).payload())
        payload = json.loads(_CHANNEL.sub(r"<#\1>", written))
        _asked(lambda: self._client.chat_postMessage(channel=user, **payload))

    def _post(self, marker: Marker, message: Message, more: Mapping[str, Any], thread: str | None = None) -> str:
        channel = self._channel(marker)
        mark = {"target": marker.target, "day": marker.day.isoformat(), **more}
        answer = _asked(
            lambda: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                metadata={"event_type": EVENT_TYPE, "event_payload": mark},
                unfurl_links=False,
                unfurl_media=False,
                **message.payload(),
            )
        )
        return str(answer["ts"])

    def _channel(self, marker: Marker) -> str:
        """The id of the channel, which for a person is that of the direct messages with them."""
        if marker.kind == "channel":
            return marker.target
        with self._lock:
            known = self._direct.get(marker.target)
        if known is None:
            known = str(_asked(lambda: self._client.conversations_open(users=marker.target))["channel"]["id"])
            with self._lock:
                self._direct[marker.target] = known
        return known

    def _pages_there(self, channel: str, message: str, marker: Marker) -> int:
        pages = -1
        for reply in self._messages(self._client.conversations_replies, channel=channel, ts=message):
            page = (_payload(reply, marker) or {}).get("page")
            if isinstance(page, int):
                pages = max(pages, page)
        return pages + 1

    def _messages(self, method: Callable[..., Any], **arguments: Any) -> Iterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        for _ in range(LOOKED_UP_PAGES):
            page = _asked(partial(method, limit=PAGE, include_all_metadata=True, **arguments, **cursor))
            yield from page.get("messages") or ()
            following = (page.get("response_metadata") or {}).get("next_cursor")
            if not following:
                return
            cursor = {"cursor": following}


def _asked(call: Callable[[], T]) -> T:
    """What Slack answers; what goes wrong, in the words of `bot.services.digest_posting`."""
    try:
        return call()
    except SlackApiError as error:
        code = error_code(error)
        if code in RATE_LIMITED or http_status(error) == 429:
            raise RateLimited(_retry_after(error)) from error
        if code in NOT_THE_CHANNELS or is_passing(error):
            raise Temporary(code) from error
        raise ChannelGone(REASONS.get(code, f"Slack refuses it ({code})")) from error
    except (OSError, HTTPException) as error:
        raise Temporary(type(error).__name__) from error


def _retry_after(error: SlackApiError) -> float:
    response = error.response
    headers = (response.get("headers") if isinstance(response, dict) else getattr(response, "headers", None)) or {}
    for name, value in headers.items():
        if str(name).casefold() == "retry-after":
            said = value[0] if isinstance(value, list) and value else value
            try:
                return max(1.0, float(str(said)))
            except ValueError:
                break
    return UNKNOWN_RETRY_AFTER


def _payload(message: Mapping[str, Any], marker: Marker) -> Mapping[str, Any] | None:
    """What marks a message as one of this target's and day's digest."""
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    if not isinstance(payload, Mapping):
        return None
    ours = payload.get("target") == marker.target and payload.get("day") == marker.day.isoformat()
    return payload if ours else None


def _moment(until: object, ts: str) -> datetime:
    """The end of the time that a digest tells of; where the mark does not say, when it was posted."""
    try:
        return datetime.fromisoformat(str(until))
    except ValueError:
        return datetime.fromtimestamp(float(ts), UTC)
