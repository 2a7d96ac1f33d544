"""What buttons' listeners have in common."""

from __future__ import annotations

from bot.slack.task import Task

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
