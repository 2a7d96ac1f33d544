"""What buttons' listeners have in common."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from bot.slack.posting import Refused, TryLater
from bot.slack.task import Task

log = logging.getLogger(__name__)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
TOO_OLD = "That message is too old for its buttons. Please ask again."


def value(task: Task) -> str:
    """The value of the button that was pressed."""
    return str(task.body["actions"][0].get("value") or "")


def is_ephemeral(task: Task) -> bool:
    """Whether the message with the button is seen by one person only."""
    container = task.body.get("container")
    return isinstance(container, dict) and bool(container.get("is_ephemeral"))


def pressed_in(task: Task) -> str | None:
    """The message that the button is under."""
    container = task.body.get("container")
    ts = container.get("message_ts") if isinstance(container, dict) else None
    return ts if isinstance(ts, str) else None


def first_press(task: Task, token: str) -> bool:
    """A second press, before the message is gone, posts nothing; the same press after a crash does."""
    key = f"shared:{token}"
    now = task.desk.clock()
    with task.desk.store.write() as writer:
        shared = writer.conversation(task.team, key, since=EVER)
        if shared is None:
            writer.remember(task.team, key, {"by": task.delivery.key}, at=now)
    return shared is None or shared.get("by") == task.delivery.key


def take_back(task: Task) -> None:
    """Delete the message that only one person saw, now that all can see it."""
    if not task.address.response_url:
        return
    try:
        task.desk.voice.take_back(task.address.response_url)
    except (Refused, TryLater) as trouble:
        log.info("What was posted for all stays to be seen by one, too: %s", trouble)
