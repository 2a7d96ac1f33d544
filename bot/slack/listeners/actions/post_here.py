"""“Post here”: the preview of a digest is posted for all. It does not count as the day's digest."""

from __future__ import annotations

from bot.slack.conversation import kept
from bot.slack.listeners.actions.pressed import TOO_OLD, value
from bot.slack.posting import Refused
from bot.slack.routes import Routes
from bot.slack.surfaces.reply import plain_message
from bot.slack.task import Task


def post_preview(task: Task) -> None:
    """Post what the preview showed."""
    preview = kept(task, value(task))
    if preview is None:
        task.say_privately(TOO_OLD)
        return
    message = plain_message(str(preview["text"]))
    try:
        task.desk.voice.post(task.address.channel or task.address.user, message, task.mark)
    except Refused:
        task.say(message, "in_channel")


def register(routes: Routes) -> None:
    """Take “Post here”."""
    routes.action("post_here", post_preview)
