"""Somebody writes to us alone: answered in place, or in the thread it was written in.

Messages in channels do not come here, follow-ups in a thread included: whoever does not mention us does not speak to
us, and an assistant that answers talk among others is soon removed from the channel.
"""

from __future__ import annotations

from bot.slack.conversation import listen
from bot.slack.routes import Routes
from bot.slack.task import Task


def answer_message_to_us(task: Task) -> None:
    """Reply to a direct message."""
    listen(task, str(task.body["event"].get("text") or ""))


def register(routes: Routes) -> None:
    """Take direct messages."""
    routes.event("message", answer_message_to_us)
