"""“Share in the channel”: an answer that one person saw is posted for all.

Slack cannot make an ephemeral message public, so it is posted anew, and the ephemeral one is deleted.
"""

from __future__ import annotations

import logging

from bot.slack.conversation import kept_answer
from bot.slack.listeners.actions.pressed import TOO_OLD, first_press, take_back, value
from bot.slack.posting import Refused
from bot.slack.routes import Routes
from bot.slack.surfaces.answer import answer_message
from bot.slack.task import Task

log = logging.getLogger(__name__)


def share(task: Task) -> None:
    """Post the answer, then take back the one that was for them alone."""
    token = value(task)
    answer = kept_answer(task, token)
    if answer is None:
        task.say_privately(TOO_OLD)
        return
    if not first_press(task, token):
        return
    by = task.desk.people.name(task.team, task.address.user)
    message = answer_message(answer, token, shared_by=by)
    try:
        task.desk.voice.post(task.address.channel or task.address.user, message, task.mark, task.address.thread)
    except Refused as refusal:
        # Not a member of this channel: its response URL may post there all the same.
        log.info("An answer is shared by its response URL: %s", refusal.code)
        task.say(message, "in_channel")
    take_back(task)


def register(routes: Routes) -> None:
    """Take “Share in the channel”."""
    routes.action("share", share)
