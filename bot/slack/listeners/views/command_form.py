"""A submitted form: the same command and the same checks, on the version of the product that it was made for."""

from __future__ import annotations

from dataclasses import replace

from bot.results import Reply
from bot.slack.conversation import count_reply, kept_form, tell
from bot.slack.kept import reply_from_json
from bot.slack.routes import Routes
from bot.slack.surfaces.forms import CALLBACK, Origin, completed, error_block
from bot.slack.task import Address, Task
from bot.slack.text import cut
from bot.store.base import Writer

TOO_OLD = "This form is too old. Please close it and type the command again."
# The field an error belongs to, where the form has it.
FIELD_OF = {
    "unknown_product": ("product",),
    "ambiguous": ("product",),
    "unknown_stage": ("to", "stage", "at"),
    "unknown_role": ("role",),
    "unknown_person": ("person", "new", "old"),
    "reason_required": ("reason",),
    "decision_required": ("option",),
    "exists": ("name",),
}
LONGEST_ERROR = 400


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
    speaker = replace(task.speaker(), channel=origin.channel)

    def alongside(writer: Writer, reply: Reply) -> None:
        # The delivery enters the inbox together with its effect, or not at all: a refusal is shown in the form.
        if reply.ok:
            if not writer.accept(task.delivery):
                raise _ComesAgain
            task.alongside(writer, reply)

    try:
        reply = desk.assistant.submit(
            replace(filled, version=origin.version), speaker, desk.clock(), ticked=ticked, alongside=alongside
        )
    except _ComesAgain:
        return None
    count_reply(task, form.verb.partition(" ")[0], reply)
    if not reply.ok:
        fields = (*FIELD_OF.get(reply.error or "", ()), *filled.missing)
        return {error_block(view, *fields): cut(reply.text, LONGEST_ERROR) or "That did not work."}
    if not task.done("reply"):
        # Nothing had to be changed: there is a reply to be told all the same.
        with desk.store.write() as writer:
            if writer.accept(task.delivery):
                task.alongside(writer, reply)
    return None


def tell_after(task: Task) -> None:
    """Reply where the command was typed, and announce."""
    origin = Origin.read(str(task.body["view"].get("private_metadata") or "{}"))
    channel = origin.channel
    task.address = Address(
        task.address.user, channel, origin.thread, origin.response_url, direct=(channel or "D").startswith("D")
    )
    if task.done("reply"):
        tell(task, reply_from_json(task.progress["reply"]), "", "")


def register(routes: Routes) -> None:
    """Take the form of any command."""
    routes.view(CALLBACK, carry_out_form, tell_after)
