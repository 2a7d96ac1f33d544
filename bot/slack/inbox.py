"""What Slack delivers goes into the inbox before it is acknowledged, so that no crash can lose it.

Where it cannot be stored, Slack gets an error and delivers it again. What nobody here wants (other people's bots,
edits, events without a listener) is acknowledged and forgotten.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack
from slack_bolt.response import BoltResponse

from bot.slack.errors import error_id
from bot.slack.routes import Routes
from bot.slack.surfaces.forms import error_block
from bot.slack.task import Desk, Task, address_of
from bot.store.records import Delivery

log = logging.getLogger(__name__)

# A message with a file is somebody speaking all the same; every other subtype is not.
SPEAKING = (None, "", "file_share")
WENT_WRONG = "Sorry, something went wrong on my side ({}). Please try again."


class Inbox:
    """Sorts what comes in, keeps what is wanted, and wakes the workers."""

    def __init__(self, desk: Desk, routes: Routes, wake: Callable[[], None]) -> None:
        self._desk = desk
        self._routes = routes
        self._wake = wake

    def take(self, body: dict[str, Any], ack: Ack) -> BoltResponse:
        """The middleware: store, then acknowledge. What it raises becomes a 500, and Slack delivers again."""
        if body.get("type") == "block_suggestion":
            return ack(options=[])
        delivery = self._wanted(body)
        if delivery is None:
            name = body.get("command")
            return ack(f"I do not know {name}.") if isinstance(name, str) else ack()
        if delivery.kind.startswith("view:"):
            return self._submitted(delivery, ack)
        with self._desk.store.write() as writer:
            new = writer.accept(delivery)
        self._counted(delivery, new)
        if new:
            self._wake()
        return ack()

    def _wanted(self, body: dict[str, Any]) -> Delivery | None:
        kind = kind_of(body, self._desk.prefix)
        if kind is None or self._routes.listener(kind) is None:
            return None
        event = body.get("event") if kind.startswith("event:") else None
        if isinstance(event, dict) and not self._speaks_to_us(event):
            return None
        return Delivery(
            team=team_of(body) or self._desk.team,
            key=key_of(body),
            kind=kind,
            payload=body,
            received_at=self._desk.clock(),
            message_key=_message_key(event) if isinstance(event, dict) else None,
        )

    def _speaks_to_us(self, event: Mapping[str, Any]) -> bool:
        user, us = event.get("user"), self._desk.bot_user
        if event.get("type") == "member_joined_channel":
            return user == us
        if event.get("type") not in ("message", "app_mention"):
            return True
        spoken = not event.get("bot_id") and event.get("subtype") in SPEAKING and bool(user) and user != us
        # In a channel only a mention is for us: whoever wants more says so.
        return spoken and (event["type"] == "app_mention" or event.get("channel_type") == "im")

    def _submitted(self, delivery: Delivery, ack: Ack) -> BoltResponse:
        """A form is carried out before it is acknowledged, since its errors are shown in the form itself.

        It enters the inbox in the transaction of its effect: before that, nothing has happened, and the person sees
        Slack's own error and can send it again.
        """
        task = Task(self._desk, delivery, address_of(delivery.kind, delivery.payload))
        name = delivery.kind.partition(":")[2]
        try:
            errors = self._routes.submissions[name](task)
        except Exception:
            found = error_id()
            log.exception("%s: a form could not be carried out", found)
            self._desk.figures.count("rolecall_errors_total", kind="view")
            view = delivery.payload.get("view")
            errors = {error_block(view if isinstance(view, dict) else {}): WENT_WRONG.format(found)}
        if errors:
            return ack(response_action="errors", errors=errors)
        self._counted(delivery, True)
        self._wake()
        return ack()

    def _counted(self, delivery: Delivery, new: bool) -> None:
        kind = delivery.kind.partition(":")[0]
        if new:
            self._desk.figures.count("rolecall_deliveries_total", kind=kind)
        else:
            self._desk.figures.count("rolecall_duplicates_total", kind=kind)


def kind_of(body: Mapping[str, Any], prefix: str) -> str | None:
    """What was delivered: "event:TYPE", "command:NAME", "action:ID" or "view:ID"; None for anything else."""
    event, view, pressed = body.get("event"), body.get("view"), body.get("actions")
    kind: str | None = None
    if body.get("type") == "event_callback" and isinstance(event, dict):
        kind = f"event:{event.get('type')}"
    elif isinstance(body.get("command"), str):
        name = body["command"].removeprefix("/")
        kind = f"command:{name.removeprefix(prefix)}" if name.startswith(prefix) else None
    elif body.get("type") == "block_actions" and isinstance(pressed, list) and pressed and isinstance(pressed[0], dict):
        kind = f"action:{str(pressed[0].get('action_id')).partition(':')[0]}"
    elif body.get("type") == "view_submission" and isinstance(view, dict):
        kind = f"view:{view.get('callback_id')}"
    return kind


def key_of(body: Mapping[str, Any]) -> str:
    """What tells one delivery from another, over retries of the same."""
    event_id, trigger = body.get("event_id"), body.get("trigger_id")
    if isinstance(event_id, str) and event_id:
        return event_id
    if isinstance(trigger, str) and trigger:
        return f"trigger:{trigger}"
    return "hash:" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def team_of(body: Mapping[str, Any]) -> str | None:
    """The workspace in which the app was installed, as the body says it."""
    authorizations, team = body.get("authorizations"), body.get("team")
    # A channel that two organisations share tells of events under either's id; the authorization's is our own.
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else {}
    found = first.get("team_id") if isinstance(first, dict) else None
    found = found or body.get("team_id") or (team.get("id") if isinstance(team, dict) else None)
    return found if isinstance(found, str) else None


def _message_key(event: Mapping[str, Any]) -> str | None:
    if event.get("type") not in ("message", "app_mention"):
        return None
    channel, ts = event.get("channel"), event.get("ts")
    return f"{channel}:{ts}" if channel and ts else None
