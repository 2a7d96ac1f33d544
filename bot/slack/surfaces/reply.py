"""The reply to a slash command, and the line about it for the product's channel."""

from __future__ import annotations

from bot.results import Announcement, Reply
from bot.slack.surfaces.answer import answer_message
from bot.slack.surfaces.blocks import MESSAGE_TEXT, Block, Message, actions, button, context, sections
from bot.slack.text import escape, fit, legible

DONE = "Done."
FAILED = "That did not work."
BODY = MESSAGE_TEXT - 100


def reply_message(reply: Reply, token: str, note: str = "") -> Message:
    """A reply. `token` finds its command again; `note`: small print below, which is said however long the reply is."""
    if reply.answer is not None:
        return answer_message(reply.answer, token, shareable=True)
    said = legible(reply.text).strip() or (DONE if reply.ok else FAILED)
    room = BODY - len(note) - 1 if note else BODY
    blocks: list[Block] = sections(said, room)
    if note:
        blocks.append(context(escape(note)))
    if reply.form is not None:
        blocks.append(actions(button("open_form", "Open the form", token, primary=True)))
    return Message(fit(said, room) + (f"\n{escape(note)}" if note else ""), tuple(blocks))


def announcement_message(announcement: Announcement) -> Message:
    """The line for a product's channel."""
    return plain_message(announcement.text)


def plain_message(text: str) -> Message:
    """Plain text and nothing else."""
    said = legible(text).strip() or DONE
    return Message(fit(said, BODY), tuple(sections(said, BODY)))


def apology(error_id: str) -> Message:
    """For what went wrong in here: the id is in the log too, so that the two can be brought together."""
    return plain_message(
        f"Sorry, something went wrong on my side, and it is in my log as {error_id}. "
        "Please try again; if it stays, give that id to whoever runs me."
    )
