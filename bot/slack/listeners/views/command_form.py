"""A submitted form: the same command and the same checks, on the version of the product that it was made for."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from bot.results import Reply
from bot.slack.conversation import count_reply, kept_form, tell
from bot.slack.kept import reply_from_json, reply_to_json
from bot.slack.routes import Routes
from bot.slack.surfaces.forms import CALLBACK, Origin, completed, error_block
from bot.slack.task import Address, Task
from bot.slack.text import cut
from bot.store.base import Writer

log = logging.getLogger(__name__)

TOO_OLD = "This form is too old. Please close it and type the command again."
# The field an error belongs to, where the form has it.
FIELD_OF = {
    "unknown_stage": ("stage", "to", "at"),
    "unknown_role": ("role",),
    "unknown_person": ("user", "person"),
    "reason_required": ("reason",),
    "decision_required": ("option",),
    "exists": ("name",),
}
LONGEST_ERROR = 400
HANDED_OVER_WITHIN = timedelta(seconds=10)


class _ComesAgain(Exception):
    """The same submission was carried out before."""


def carry_out_form(task: Task) -> dict[str, str] | None:
    """Carry out what the form stands for; None where it worked, else the errors to show in the form."""
    view = task.body["view"]
    origin = Origin.read(str(view.get("private_metadata") or "{}"))
    form = kept_form(task, origin.token)
    if form is None:
        return {error_block(view): TOO_OLD}
    filled, ticked = completed(form, view)
    desk = task.desk
    name, text = desk.assistant.command_from_form(filled)
    speaker = replace(task.speaker(), channel=origin.channel)

    def alongside(writer: Writer) -> None:
        # The delivery enters the inbox together with its effect, or not at all.
        if not writer.accept(task.delivery):
            raise _ComesAgain
        # No worker may have it before the reply is there too; after a crash the lease runs out.
        writer.extend_delivery(task.delivery, until=desk.clock() + HANDED_OVER_WITHIN)
        task.alongside(writer)

    try:
        reply = desk.assistant.command(
            name,
            text,
            speaker,
            desk.clock(),
            ticked=ticked,
            expected_version=origin.version,
            alongside=alongside,
        )
    except _ComesAgain:
        return None
    count_reply(task, name, reply)
    if not reply.ok:
        fields = (*FIELD_OF.get(reply.error or "", ()), *filled.missing)
        return {error_block(view, *fields): cut(reply.text, LONGEST_ERROR) or "That did not work."}
    try:
        _hand_over(task, reply, name, text)
    except Exception:
        # The change is recorded and must not be shown as failed: a worker tells of it in fewer words.
        log.exception("The reply to a form could not be kept")
    return None


def _hand_over(task: Task, reply: Reply, name: str, text: str) -> None:
    """Leave the telling to a worker, which may need more time than Slack gives a form."""
    task.progress = {**task.progress, "effect": True, "reply": reply_to_json(reply), "command": [name, text]}
    with task.desk.store.write() as writer:
        writer.accept(task.delivery)
        writer.record_progress(task.delivery, task.progress)
        writer.extend_delivery(task.delivery, until=task.delivery.received_at)


def tell_after(task: Task) -> None:
    """Reply where the command was typed, and announce."""
    origin = Origin.read(str(task.body["view"].get("private_metadata") or "{}"))
    channel = origin.channel
    task.address = Address(
        task.address.user, channel, origin.thread, origin.response_url, direct=(channel or "D").startswith("D")
    )
    name, text = task.progress.get("command") or ("", "")
    if task.done("reply"):
        tell(task, reply_from_json(task.progress["reply"]), name, text)
    else:
        tell(task, Reply("", True, "What you filled in was recorded."), name, text)


def register(routes: Routes) -> None:
    """Take the form of any command."""
    routes.view(CALLBACK, carry_out_form, tell_after)
