"""A digest in Slack: one parent message of a dozen lines, the rest in its thread. Names, never mentions: no pings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.services.digest import Digest
from bot.services.digest_layout import Line
from bot.slack.surfaces.blocks import SECTION, Block, Message, actions, button, section
from bot.slack.text import cut, fit, legible
from bot.store.records import Json

# `text` says all that a parent's blocks say, so the parent keeps to what a text may be long.
PARENT = 3_800
# All blocks of one message together may be refused near 13,200 characters.
PAGE = 11_500
TEXT = 3_900
LINE = 2_900
# A thread longer than this is read by nobody, and takes Slack's patience: one message a second.
MOST_PAGES = 20
REST_IN_THREAD = Line("", "The rest is in the thread.")
NOTHING = "There is nothing to tell."
TOO_MUCH = "… and {} more lines; `product list` and `stage status` tell of everything."


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a digest is shown: the parent's lines, and (heading, items) of each section of its thread."""

    lines: tuple[Line, ...]
    details: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """A line, escaped: as blocks show it, and as plain text says it."""

    shown: str
    said: str


def shown(digest: Digest) -> Shown:
    """What a digest shows."""
    return Shown(digest.parent, tuple((each.heading, each.items) for each in digest.details))


def shown_from_json(kept: Json) -> Shown:
    """What `Digest.as_json` kept."""
    return Shown(
        tuple(Line(str(line["label"]), str(line["said"]), bool(line["item"])) for line in kept["parent"]),
        tuple((str(each["title"]), tuple(map(str, each["items"]))) for each in kept["details"]),
    )


def parent_message(digest: Shown) -> Message:
    """The message that everybody sees."""
    return _message(_parent_and_rest(digest)[0])


def thread_messages(digest: Shown) -> tuple[Message, ...]:
    """The messages of the thread: what the parent had no room for, then the details."""
    lines = [*_parent_and_rest(digest)[1], *_details(digest)]
    pages = list(_packed(lines, PAGE))
    if len(pages) > MOST_PAGES:
        left = sum(map(len, pages[MOST_PAGES - 1 :]))
        note = TOO_MUCH.format(left)
        pages = [*pages[: MOST_PAGES - 1], [_Written(note, note)]]
    return tuple(_message(page) for page in pages)


def whole_message(digest: Shown, token: str = "") -> Message:
    """As much as one message takes, for one person's eyes; with a token, with the button that posts it for all."""
    every = [*map(_written, digest.lines), *_details(digest)]
    lines = [line for line in every if line.shown.strip()]
    page = next(_packed(lines, PARENT), [])
    left = len(lines) - len(page)
    if left:
        note = f"… and {left} more lines, which are in the thread of the digest itself."
        page = [*page, _Written(note, note)]
    buttons = [actions(button("post_here", "Post here", token, primary=True))] if token else []
    return _message(page, buttons)


def _parent_and_rest(digest: Shown) -> tuple[list[_Written], list[_Written]]:
    lines = [written for line in digest.lines if (written := _written(line)).shown.strip()]
    first = next(_packed(lines, PARENT), [])
    rest = lines[len(first) :]
    return ([*first, _written(REST_IN_THREAD)], rest) if rest else (first, rest)


def _details(digest: Shown) -> Iterator[_Written]:
    for heading, items in digest.details:
        yield _written(Line(heading))
        yield from (_written(Line("", item, item=True)) for item in items)


def _written(line: Line) -> _Written:
    label = "" if line.item else _flat(cut(line.label, 200))
    if not label:
        plain = _flat(line.text)
        escaped = fit(plain, LINE)
        return _Written(escaped, escaped)
    said = fit(f": {_flat(line.said)}" if line.said else "", LINE - 1_200)
    escaped = fit(label, 1_000)
    # What would end the bold early is left out.
    inner = escaped.replace("*", "").strip()
    return _Written(f"*{inner}*{said}" if inner else f"{escaped}{said}", f"{escaped}{said}")


def _flat(text: str) -> str:
    return " ".join(legible(text).split())


def _packed(lines: Sequence[_Written], limit: int) -> Iterator[list[_Written]]:
    """The lines in as few parts as there must be, each of at most `limit` characters."""
    part: list[_Written] = []
    length = 0
    for line in lines:
        if not line.shown.strip():
            continue
        needed = max(len(line.shown), len(line.said)) + 1
        if part and length + needed > limit:
            yield part
            part, length = [], 0
        part.append(line)
        length += needed
    if part:
        yield part


def _message(lines: Sequence[_Written], more: Sequence[Block] = ()) -> Message:
    lines = lines if any(line.shown.strip() for line in lines) else [_Written(NOTHING, NOTHING)]
    blocks = [section("\n".join(line.shown for line in part)) for part in _packed(lines, SECTION)]
    text = ""
    for line in lines:
        if len(text) + len(line.said) > TEXT:
            break
        text += ("\n" if text else "") + line.said
    return Message(text, (*blocks, *more))
