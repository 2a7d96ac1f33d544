"""What a product's events add up to over time: the stays in its stages, and how it was at a moment. Pure functions.

A change that was taken back by an undo counts as if it had not been, and so does the undo itself: the stage that is
open after it counts from when it was first entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.store.history import replayed
from bot.store.records import Event, Product

LIFECYCLE = frozenset({"created", "adopted", "advanced", "opened", "returned", "decided", "mapped"})
"""The kinds of events that can open or close a stage, but for those that take one back."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a product in a stage. `left` is None while it is open; `returned`: it was sent back to it."""

    stage: str
    entered: datetime
    left: datetime | None = None
    returned: bool = False

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether it was there at some moment of a half-open span."""
        return self.entered < until and (self.left is None or self.left > since)


def undone(events: Iterable[Event]) -> frozenset[int]:
    """The numbers of the events that were taken back."""
    return frozenset(number for event in events if (number := undoes(event)) is not None)


def undoes(event: Event) -> int | None:
    """The number of the event that an event takes back; None where it takes none back."""
    number = event.details.get("undoes") if event.kind == "undone" else None
    return number if isinstance(number, int) else None


def standing(events: Sequence[Event]) -> list[Event]:
    """The lifecycle's events that were not taken back, in their order."""
    gone = undone(events)
    return [event for event in events if event.kind in LIFECYCLE and event.sequence not in gone]


def stays(events: Sequence[Event]) -> list[Stay]:
    """Every stay in a stage, in the order in which they began."""
    found: list[Stay] = []
    present: dict[tuple[str, str], int] = {}
    for event in standing(events):
        if "open" not in event.after:
            continue
        now = [(str(stage), str(since)) for stage, since in event.after["open"]]
        for key in [key for key in present if key not in now]:
            index = present.pop(key)
            found[index] = replace(found[index], left=event.at)
        for key in now:
            if key not in present:
                present[key] = len(found)
                found.append(Stay(key[0], datetime.fromisoformat(key[1]), returned=event.kind == "returned"))
    return found


def as_of(events: Sequence[Event], moment: datetime) -> Product | None:
    """The product as it stood just before a moment, from all its events; None where it was not recorded yet.

    An event counts by its place: where a clock was set back between two, the earlier of them still came first.
    """
    until = next((index for index, event in enumerate(events) if event.at >= moment), len(events))
    return replayed(events[:until])
