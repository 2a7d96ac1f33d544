"""Somebody mentions us in a channel: answered in the thread."""

from __future__ import annotations

from bot.slack.conversation import listen
from bot.slack.routes import Routes
from bot.slack.task import Task


def answer_mention(task: Task) -> None:
    """Reply in the thread of the mention, which is where follow-ups are understood."""
    listen(task, str(task.body["event"].get("text") or ""))


def register(routes: Routes) -> None:
    """Take mentions."""
    routes.event("app_mention", answer_mention)
