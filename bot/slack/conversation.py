"""What listeners have in common: answering a question, carrying out a command, and telling how it went."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.results import Answer, Form, Reply, Speaker
from bot.slack.kept import (
    answer_from_json,
    answer_to_json,
    form_from_json,
    form_to_json,
    reply_from_json,
)
from bot.slack.posting import Refused, Visibility
from bot.slack.surfaces.answer import answer_message
from bot.slack.surfaces.blocks import Message
from bot.slack.surfaces.digest import shown_from_json, whole_message
from bot.slack.surfaces.forms import Origin, form_view
from bot.slack.surfaces.hello import help_message
from bot.slack.surfaces.reply import announcement_message, reply_message
from bot.slack.task import Task
from bot.slack.text import mentioned, read, without_mention
from bot.store.records import Json

log = logging.getLogger(__name__)

# Buttons of an older message say that it is too old.
KEPT = timedelta(days=30)
# A trigger lives for three seconds; later, a button opens the form.
TRIGGER_SECONDS = 2.5
EMPTY = "There is nothing to read in that message, so I cannot tell what you ask."


def hear(task: Task, text: str) -> str:
    """What somebody wrote to us: read once, without our own name, with everybody it mentions known by name."""
    # Our own mention goes first: once read, a text that merely shows one looks the same.
    written = read(without_mention(text, task.desk.bot_user))
    task.desk.people.learn(task.team, [task.address.user, *mentioned(text)], task.desk.clock())
    return written.strip()


def listen(task: Task, text: str) -> None:
    """Answer a message to us: help for none, a command where it begins with one, else a question."""
    written = hear(task, text)
    command = spoken_command(task, written)
    if not written:
        task.say(help_message(task.desk.assistant.examples(), task.desk.prefix, EMPTY if text.strip() else ""))
    elif command:
        carry_out(task, *command)
    else:
        answer(task, written)


def spoken_command(task: Task, written: str) -> tuple[str, str] | None:
    """The command that a message stands for. Slash commands do not work in threads: `/stage …` after a mention does."""
    first, _, rest = written.partition(" ")
    name = first.removeprefix("/").casefold().removeprefix(task.desk.prefix)
    return (name, rest.strip()) if first.startswith("/") and name in task.desk.commands else None


def answer(task: Task, question: str, visibility: Visibility = "in_channel", speaker: Speaker | None = None) -> None:
    """Answer a question where it was asked."""
    desk = task.desk
    found = desk.assistant.ask(question, speaker or task.speaker(), desk.clock())
    desk.figures.count("rolecall_answers_total", answered="yes" if found.answered else "no")
    token = keep(task, "answer", answer_to_json(found))
    task.say(answer_message(found, token, shareable=visibility == "ephemeral"), visibility)


def carry_out(task: Task, name: str, text: str) -> None:
    """Carry out a command, once, and tell how it went."""
    desk = task.desk
    if task.done("reply"):
        # It was carried out before a crash: what is left is to tell of it.
        tell(task, reply_from_json(task.progress["reply"]), name, text)
        return
    reply = desk.assistant.command(name, text, task.speaker(), desk.clock(), alongside=task.alongside)
    count_reply(task, name, reply)
    tell(task, reply, name, text)


def count_reply(task: Task, name: str, reply: Reply) -> None:
    """Count a command by how it went."""
    task.desk.figures.count("rolecall_commands_total", command=name, error=reply.error or "")
    if reply.answer is not None:
        task.desk.figures.count("rolecall_answers_total", answered="yes" if reply.answer.answered else "no")


def tell(task: Task, reply: Reply, name: str, text: str) -> None:
    """Open the form that a command needs, reply, and tell the product's channel, each once."""
    token = _keep_reply(task, reply, name, text)
    if reply.form is not None and task.delivery.attempts <= 1 and task.age < TRIGGER_SECONDS:
        open_form(task, reply.form, token)
    if not task.done("told"):
        note = task.desk.pictures.note(reply.timeline, task.address)
        task.say(_reply_message(reply, token, note), reply.visibility)
        if note and reply.timeline and reply.product:
            task.desk.pictures.send(reply.timeline, reply.product.id, task.address, task.say_privately)
        if reply.announcement is not None or reply.more_announcements:
            task.record(told=True)
    _announce(task, reply)


def _announce(task: Task, reply: Reply) -> None:
    """Tell the products' own channels; each post has a mark of its own, so that none comes twice."""
    announcements = ([reply.announcement] if reply.announcement else []) + list(reply.more_announcements)
    for number, announcement in enumerate(announcements):
        try:
            mark = task.mark.part(f"announcement-{number}")
            task.desk.voice.post(announcement.channel, announcement_message(announcement), mark)
        except Refused as refusal:
            # The change stands and its reply was given: a channel we may not post to is for the log.
            log.warning("A change was not announced: %s", refusal.code)


def open_form(task: Task, form: Form, token: str) -> bool:
    """Open a form's modal, while the trigger lives."""
    trigger = task.body.get("trigger_id")
    if not isinstance(trigger, str):
        return False
    address = task.address
    origin = Origin(token, form.product, form.version, address.channel, address.thread, address.response_url)
    return task.desk.voice.open_view(trigger, form_view(form, origin))


def keep(task: Task, what: str, value: Json) -> str:
    """Keep something for the buttons of its message; gives back the token that finds it."""
    token = f"{what}:{task.delivery.key}"
    with task.desk.store.write() as writer:
        writer.remember(task.team, token, value, at=task.desk.clock())
    return token


def kept(task: Task, token: str) -> Json | None:
    """What was kept under a token, unless it is too old."""
    with task.desk.store.read() as reader:
        return reader.conversation(task.team, token, since=task.desk.clock() - KEPT)


def kept_answer(task: Task, token: str) -> Answer | None:
    """The answer that a button belongs to."""
    found = kept(task, token)
    return answer_from_json(found) if found else None


def kept_form(task: Task, token: str) -> Form | None:
    """The form that a button or a modal belongs to."""
    found = kept(task, token)
    return form_from_json(found["form"]) if found and found.get("form") else None


def _keep_reply(task: Task, reply: Reply, name: str, text: str) -> str:
    if reply.answer is not None:
        return keep(task, "answer", answer_to_json(reply.answer))
    if reply.form is not None:
        return keep(task, "form", {"form": form_to_json(reply.form), "name": name, "text": text})
    if "digest" in reply.extra:
        return keep(task, "digest", reply.extra["digest"])
    return ""


def _reply_message(reply: Reply, token: str, note: str) -> Message:
    if "digest" in reply.extra:
        return whole_message(shown_from_json(reply.extra["digest"]), token)
    return reply_message(reply, token, note)


def command_text(task: Task) -> str:
    """What was typed after a slash command, read once, with everybody it mentions known by name."""
    written = str(task.body.get("text") or "")
    task.desk.people.learn(task.team, [task.address.user, *mentioned(written)], task.desk.clock())
    return read(written).strip()
