"""“Post here”: the preview of a digest is posted for all, with its thread. It does not count as the day's digest."""

from __future__ import annotations

import logging

from bot.slack.conversation import kept
from bot.slack.listeners.actions.pressed import TOO_OLD, first_press, take_back, value
from bot.slack.posting import Refused
from bot.slack.routes import Routes
from bot.slack.surfaces.digest import parent_message, shown_from_json, thread_messages, whole_message
from bot.slack.task import Task

log = logging.getLogger(__name__)


def post_preview(task: Task) -> None:
    """Post what the preview showed, then take the preview back."""
    token = value(task)
    preview = kept(task, token)
    if preview is None:
        task.say_privately(TOO_OLD)
        return
    if not first_press(task, token):
        return
    digest = shown_from_json(preview)
    voice, channel = task.desk.voice, task.address.channel or task.address.user
    try:
        parent = voice.post(channel, parent_message(digest), task.mark)
        for number, message in enumerate(thread_messages(digest)):
            voice.keep_pace()
            voice.post(channel, message, task.mark.part(f"page-{number}"), parent)
    except Refused as refusal:
        # Not a member of this channel: its response URL may post there all the same, but in no thread.
        log.info("A digest is posted by its response URL: %s", refusal.code)
        task.say(whole_message(digest), "in_channel")
    take_back(task)


def register(routes: Routes) -> None:
    """Take “Post here”."""
    routes.action("post_here", post_preview)
