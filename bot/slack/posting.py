"""Saying things in Slack: calls that are paced, repeated where that is safe, and never doubled.

A post that failed on the way may have arrived all the same. So each carries in its metadata which delivery it answers,
and is looked up before it is sent again, in this process or after a crash in the next.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Literal

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler, RetryHandler
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.slack.surfaces.blocks import Message
from bot.slack.text import escape

log = logging.getLogger(__name__)

Visibility = Literal["ephemeral", "in_channel"]
EVENT_TYPE = "rolecall_reply"
CALL_SECONDS = 10
# About one message a second is what Slack takes for a channel.
SAME_CHANNEL_SECONDS = 1.05
RATE_LIMIT_TRIES = 5
PAUSES = (0.5, 1.0, 2.0, 4.0)
LOOKED_UP_PAGES = 5
PAGE = 100
CLOCK_SKEW = timedelta(minutes=5)
# Slack's own troubles: the same call may well work in a moment.
PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)


class Refused(Exception):
    """Slack will not take this, now or later; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TryLater(Exception):
    """Slack cannot be reached, or is in trouble, for longer than a call can wait."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a post carries to be found again: the delivery it answers, and since when it may be there.

    `doubtful`: an earlier attempt may have posted it, so it is looked up first.
    """

    delivery: str
    since: datetime
    doubtful: bool = False

    def metadata(self) -> dict[str, Any]:
        """As message metadata."""
        return {"event_type": EVENT_TYPE, "event_payload": {"delivery": self.delivery}}

    def part(self, name: str) -> Mark:
        """The mark of another post for the same delivery."""
        return Mark(f"{self.delivery}#{name}", self.since, self.doubtful)


@dataclass(frozen=True, slots=True)
class File:
    """A file to share; `alt` tells of it whom a screen reader tells."""

    name: str
    title: str
    alt: str
    content: bytes


def retry_handlers(*, posting: bool) -> list[RetryHandler]:
    """How a client repeats calls. One that posts waits out rate limits only: the rest must be looked up first."""
    waiting: list[RetryHandler] = [RateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_TRIES)]
    if posting:
        return waiting
    return [ConnectionErrorRetryHandler(max_retry_count=3), *waiting, ServerErrorRetryHandler(max_retry_count=3)]


def web_client(token: str, base_url: str, *, posting: bool = False) -> WebClient:
    """A client for the Web API."""
    return WebClient(
        token=token, base_url=base_url, timeout=CALL_SECONDS, retry_handlers=retry_handlers(posting=posting)
    )


class Voice:
    """Posts, answers at response URLs, opens views. Safe to use from many threads."""

    def __init__(self, token: str, base_url: str, stopping: threading.Event | None = None) -> None:
        self.reading = web_client(token, base_url)
        self._posting = web_client(token, base_url, posting=True)
        self._stopping = stopping or threading.Event()

    def post(self, channel: str, message: Message, mark: Mark, thread: str | None = None) -> str:
        """Post in a channel or thread, once; gives back the message's timestamp. Raises Refused or TryLater."""
        there = ""

        def send() -> None:
            nonlocal there
            answer = self._posting.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                metadata=mark.metadata(),
                unfurl_links=False,
                unfurl_media=False,
                **message.payload(),
            )
            there = str(answer.get("ts") or "")

        def is_there() -> bool:
            nonlocal there
            there = self._found(channel, thread, mark) or ""
            return bool(there)

        self._once(send, is_there, mark.doubtful)
        return there

    def keep_pace(self) -> None:
        """Wait until one more message to the same channel suits Slack. Raises TryLater where we are to stop."""
        if self._stopping.wait(SAME_CHANNEL_SECONDS):
            raise TryLater("stopping")

    def whisper(self, channel: str, user: str, message: Message, thread: str | None = None) -> None:
        """Post what only one person sees. Nobody can look that up, so it may, rarely, be seen twice."""

        def send() -> None:
            self._posting.chat_postEphemeral(channel=channel, user=user, thread_ts=thread, **message.payload())

        self._once(send, lambda: False, doubtful=False)

    def respond(self, url: str, message: Message, visibility: Visibility, mark: Mark, channel: str | None) -> None:
        """Answer at a response URL; what all see is looked up in the channel as other posts are."""
        public = visibility == "in_channel" and channel is not None
        body: dict[str, Any] = {**message.payload(), "response_type": visibility, "replace_original": False}
        if public:
            body["metadata"] = mark.metadata()

        def is_there() -> bool:
            return channel is not None and public and self._found(channel, None, mark) is not None

        self._once(lambda: self._send(url, body), is_there, mark.doubtful and public)

    def open_direct(self, user: str) -> str:
        """The channel of our direct messages with somebody. Raises Refused or TryLater."""
        return str(_asked(lambda: self.reading.conversations_open(users=user))["channel"]["id"])

    def share_file(self, channel: str, thread: str | None, file: File) -> None:
        """Upload a file and share it there. Raises Refused or TryLater, and is not repeated: it could come twice."""
        _asked(
            lambda: self._posting.files_upload_v2(
                filename=file.name,
                content=file.content,
                title=file.title,
                alt_txt=file.alt,
                initial_comment=escape(file.title),
                channel=channel,
                thread_ts=thread,
            )
        )

    def take_back(self, url: str) -> None:
        """Delete the message whose button was pressed, by its response URL."""
        self._once(lambda: self._send(url, {"delete_original": True}), lambda: False, doubtful=False)

    def open_view(self, trigger: str, view: dict[str, Any]) -> bool:
        """Open a modal; False where the trigger is spent, or Slack does not open it."""
        try:
            # Repeating it is no use: a trigger serves once and for three seconds.
            self._posting.views_open(trigger_id=trigger, view=view)
        except SlackApiError as error:
            log.warning("A form was not opened: %s", error_code(error))
            return False
        except (OSError, HTTPException) as error:
            log.warning("A form was not opened: %s", type(error).__name__)
            return False
        return True

    def publish(self, user: str, view: dict[str, Any]) -> None:
        """Show somebody's own page; doing it again does no harm."""
        self._once(lambda: self.reading.views_publish(user_id=user, view=view), lambda: False, doubtful=False)

    def suggest(self, channel: str, prompts: Sequence[dict[str, str]]) -> None:
        """Suggest prompts in the agent's pane: an extra, so that it may fail."""
        if not prompts:
            return
        try:
            self.reading.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=list(prompts))
        except (SlackApiError, OSError, HTTPException) as error:
            log.info("No prompts were suggested: %s", error_code(error))

    def _send(self, url: str, body: dict[str, Any]) -> None:
        answer = WebhookClient(url, timeout=CALL_SECONDS, retry_handlers=retry_handlers(posting=True)).send_dict(body)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise TryLater(f"response URL: {answer.status_code}")
        if answer.status_code != 200:
            raise Refused(f"response_url_{answer.status_code}")

    def _once(self, send: Callable[[], object], is_there: Callable[[], bool], doubtful: bool) -> None:
        trouble = ""
        for pause in (*PAUSES, None):
            if doubtful and is_there():
                return
            try:
                send()
                return
            except SlackApiError as error:
                trouble = error_code(error)
                if not is_passing(error):
                    raise Refused(trouble) from error
            except (TryLater, OSError, HTTPException) as error:
                trouble = f"{type(error).__name__}: {error}"
            # From here on the message may be there although Slack did not say so.
            doubtful = True
            log.warning("Slack did not take a call, trying again: %s", trouble)
            if pause is None or self._stopping.wait(pause):
                break
        raise TryLater(trouble)

    def _found(self, channel: str, thread: str | None, mark: Mark) -> str | None:
        """The timestamp of the message with this mark, if it is there."""
        try:
            messages = self._messages(channel, thread, mark.since)
            return next((str(message["ts"]) for message in messages if _delivery(message) == mark.delivery), None)
        except SlackApiError as error:
            if is_passing(error):
                raise TryLater(error_code(error)) from error
            # Without the right to look, an answer that may come twice is better than none.
            log.warning("A post cannot be looked up in %s: %s", channel, error_code(error))
            return None
        except (OSError, HTTPException) as error:
            raise TryLater(type(error).__name__) from error

    def _messages(self, channel: str, thread: str | None, since: datetime) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(LOOKED_UP_PAGES):
            wanted: dict[str, Any] = {
                "channel": channel,
                "oldest": f"{(since - CLOCK_SKEW).timestamp():.6f}",
                "limit": PAGE,
                "include_all_metadata": True,
            }
            if cursor:
                wanted["cursor"] = cursor
            page = (
                self.reading.conversations_replies(ts=thread, **wanted)
                if thread
                else self.reading.conversations_history(**wanted)
            )
            yield from page.get("messages") or []
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _asked(call: Callable[[], Any]) -> Any:
    """The answer to one call, its failures as Refused or TryLater."""
    try:
        return call()
    except SlackApiError as error:
        raise (TryLater if is_passing(error) else Refused)(error_code(error)) from error
    # Bytes that the upload address does not take are a SlackRequestError.
    except (SlackRequestError, OSError, HTTPException) as error:
        raise TryLater(type(error).__name__) from error


def _delivery(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    found = (metadata.get("event_payload") or {}).get("delivery")
    return found if isinstance(found, str) else None


def error_code(error: Exception) -> str:
    """Slack's word for what went wrong, else the name of the error."""
    response = getattr(error, "response", None)
    try:
        return str(response["error"]) if response is not None else type(error).__name__
    except (KeyError, TypeError, ValueError):
        return type(error).__name__


def is_passing(error: SlackApiError) -> bool:
    """Whether the same call may well work in a moment."""
    status = http_status(error)
    return error_code(error) in PASSING or status == 429 or status >= 500


def http_status(error: SlackApiError) -> int:
    """The status of the answer; a body that is not Slack's JSON leaves a plain dictionary. 0 where there is none."""
    response = error.response
    status = response.get("status") if isinstance(response, dict) else getattr(response, "status_code", None)
    return status if isinstance(status, int) else 0
