"""How a digest's sections share a parent message of at most a dozen lines, and what goes into its thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.services.digest_words import cut

PARENT_LINES = 12
LINE_LIMIT = 240
ITEM_LIMIT = 600


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message: a label to set off, and what follows it. `item`: it belongs under the line before."""

    label: str
    said: str = ""
    item: bool = False

    @property
    def text(self) -> str:
        """The line in plain text."""
        if self.item:
            return f"• {self.said}"
        return f"{self.label}: {self.said}" if self.label and self.said else self.label or self.said


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest. `summary`: what of it fits one line."""

    title: str
    items: tuple[str, ...]
    summary: str
    count: int | None = None

    @property
    def heading(self) -> str:
        """The title with the number of things in it."""
        return f"{self.title} ({len(self.items) if self.count is None else self.count})"


def section(title: str, items: Iterable[str], shorts: Sequence[str], *, count: int | None = None) -> Section | None:
    """A section whose summary names as many things as one line takes; None where there is nothing in it."""
    every = tuple(cut(item, ITEM_LIMIT) for item in items)
    return Section(title, every, as_many(shorts), count) if every else None


def as_many(shorts: Sequence[str], limit: int = LINE_LIMIT - 60) -> str:
    """As many of these as fit, and how many more there are."""
    shown: list[str] = []
    length = 0
    for short in shorts:
        part = cut(short, 120)
        if shown and length + len(part) > limit:
            break
        shown.append(part)
        length += len(part) + 3
    rest = len(shorts) - len(shown)
    return " · ".join(shown) + (f" · and {rest} more" if rest else "")


def arrange(
    title: Line, notes: Sequence[str], sections: Sequence[Section]
) -> tuple[tuple[Line, ...], tuple[Section, ...]]:
    """The parent message's lines, and the sections that it does not show whole.

    Each section has one line; while there is room, sections are shown item by item instead, the earlier first.
    """
    room = PARENT_LINES - 1 - len(notes) - len(sections)
    # One line is kept for the sentence that points to the thread, unless all turn out to fit.
    whole = _shown_whole(sections, room)
    if len(whole) < len(sections):
        whole = _shown_whole(sections, room - 1)
    lines = [title, *(Line("", note) for note in notes)]
    details = []
    for number, each in enumerate(sections):
        if number in whole:
            lines.append(Line(each.heading))
            lines += [Line("", item, item=True) for item in each.items]
        else:
            lines.append(Line(each.heading, cut(each.summary, LINE_LIMIT)))
            details.append(each)
    if details:
        lines.append(Line("", "Details are in the thread."))
    return tuple(lines), tuple(details)


def _shown_whole(sections: Sequence[Section], room: int) -> set[int]:
    whole = set()
    for number, each in enumerate(sections):
        if len(each.items) <= room and all(len(item) <= LINE_LIMIT for item in each.items):
            whole.add(number)
            room -= len(each.items)
    return whole


def render_text(parent: Sequence[Line], details: Sequence[Section]) -> str:
    """All of it in plain text, the thread after the parent message."""
    lines = [line.text for line in parent]
    for each in details:
        lines += ["", each.heading, *(f"• {item}" for item in each.items)]
    return "\n".join(lines)
