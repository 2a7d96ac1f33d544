"""What a digest says: plain facts and lines, from one reading of the store. Nothing here posts, or reads a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from bot.services.digest_layout import Line, Section, arrange, render_text
from bot.services.digest_moves import Names, moves
from bot.services.digest_scope import chosen, events_of, nothing_here, scope_words
from bot.services.digest_sections import (
    gaps_section,
    moved_section,
    open_section,
    people_section,
    questions_section,
    stuck_section,
    waiting_section,
    yours_section,
)
from bot.services.digest_stays import stays
from bot.services.digest_words import counted, date_words, moment_words
from bot.services.words import listed
from bot.store.base import Reader
from bot.store.records import DigestSchedule
from knowledge.lifecycle import stage_name
from knowledge.queries import Knowledge

FIRST_LOOK_BACK = timedelta(days=7)
# So far back, missed days are looked for.
MISSED = timedelta(days=31)
WEEK = timedelta(days=7)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest of the time from `start` up to, without, `end`; `day` is its local date.

    `parent` is what everybody sees; `details` is for its thread, empty where the parent says it all. `anything_new`:
    something moved, became stuck, or is asked; what a quiet digest waits for.
    """

    team: str
    target: str
    kind: Literal["channel", "person"]
    scope: str
    zone: str
    day: date
    start: datetime
    end: datetime
    parent: tuple[Line, ...]
    details: tuple[Section, ...]
    anything_new: bool

    def as_json(self) -> dict[str, Any]:
        """The digest as plain data, for scripts and for a later "Post here"."""
        return {
            "target": self.target,
            "kind": self.kind,
            "day": self.day.isoformat(),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "anything_new": self.anything_new,
            "parent": [{"label": line.label, "said": line.said, "item": line.item} for line in self.parent],
            "details": [{"title": section.heading, "items": list(section.items)} for section in self.details],
        }


def digest_text(digest: Digest) -> str:
    """The whole digest in plain text, as the terminal shows it."""
    return render_text(digest.parent, digest.details)


def first_window(reader: Reader, schedule: DigestSchedule, now: datetime) -> datetime:
    """Since when the next digest tells: the end of the last that was posted, else since it was set up, or a week.

    A last digest from the future is a clock that was set back since: then nothing has happened yet.
    """
    last = reader.last_posted(schedule.team, schedule.target)
    if last is None or last.window_end is None:
        return min(now - FIRST_LOOK_BACK, max(schedule.set_at, now - MISSED))
    return min(last.window_end, now)


def build(
    reader: Reader,
    knowledge: Knowledge,
    schedule: DigestSchedule,
    *,
    day: date,
    start: datetime,
    end: datetime,
    names: Names,
    missed: Sequence[date] = (),
    for_maintainers: bool = False,
    now: datetime | None = None,
) -> Digest:
    """The digest of one channel or person for the local date `day`; `now` is the moment it is posted, else `end`.

    `missed`: days whose digest was never posted. `for_maintainers`: on Mondays, with the week's open questions.
    """
    team, zone, personal = schedule.team, schedule.zone, schedule.kind == "person"
    scope, products = chosen(reader, schedule, knowledge.pack)
    by_id = {product.id: product for product in products}
    told = moves(events_of(reader, team, products, start, end), by_id, knowledge, names)
    open_now = stays(products, knowledge, now or end, zone)
    if scope.startswith("stage:"):
        stage = scope.removeprefix("stage:")
        open_now = [stay for stay in open_now if stay.rules.id == stage]
        within = {stay.product.id for stay in open_now}
        told = [move for move in told if move.product in within or stage in move.stages]
    questions = []
    if for_maintainers and day.weekday() == MONDAY:
        questions = reader.unanswered(team, since=_questions_since(reader, schedule, day, end), limit=500)
    moved = [move for move in told if not move.people]
    newly_stuck = any(stay.became_stuck(start, zone) for stay in open_now)
    me = schedule.target if personal else None
    sections = [
        yours_section(open_now, me, knowledge) if me else None,
        moved_section(moved),
        waiting_section(open_now, knowledge, names),
        stuck_section(open_now, knowledge, names),
        open_section(open_now, knowledge, names, me),
        gaps_section(open_now, knowledge),
        people_section([move for move in told if move.people]),
        questions_section(questions),
    ]
    since = moment_words(start, zone)
    title = f"{'Your digest' if personal else 'Daily digest'}, {date_words(day)}"
    said_of = scope_words(scope, personal, lambda stage: stage_name(knowledge.pack, stage), names)
    filled = [section for section in sections if section is not None]
    if told:
        lead = f"what moved since {since}, and what is open. {said_of}."
    elif filled:
        lead = f"nothing moved since {since}. {said_of}."
    else:
        lead = f"nothing moved since {since}. {said_of}: {nothing_here(scope, products)}."
    notes = [_missed_words(missed)] if missed else []
    anything_new = bool(told or questions or newly_stuck)
    if filled and not anything_new and not personal:
        # What a channel read yesterday already takes one line; who wants to see it again looks into the thread.
        every = listed(section.heading for section in filled)
        lead = f"nothing moved since {since}. {said_of}: {every}. Details are in the thread."
        parent, details = (Line(title, lead), *(Line("", note) for note in notes)), tuple(filled)
    else:
        parent, details = arrange(Line(title, lead), notes, filled)
    return Digest(
        team=team,
        target=schedule.target,
        kind=schedule.kind,
        scope=scope,
        zone=zone,
        day=day,
        start=start,
        end=end,
        parent=parent,
        details=details,
        anything_new=anything_new,
    )


def _questions_since(reader: Reader, schedule: DigestSchedule, day: date, end: datetime) -> datetime:
    """Since when questions are told: since the last Monday's digest, be it late or one that was missed by then."""
    for weeks in range(1, MISSED // WEEK + 1):
        run = reader.digest_run(schedule.team, schedule.target, day - weeks * WEEK)
        if run is not None and run.window_end is not None:
            return min(run.window_end, end)
    return end - WEEK


def _missed_words(missed: Sequence[date]) -> str:
    # Of more than a week, the last few will do.
    shown = [date_words(day) for day in (missed if len(missed) <= 7 else missed[-5:])]
    if len(missed) > len(shown):
        shown.insert(0, counted(len(missed) - len(shown), "earlier day"))
    what = "The digest" if len(missed) == 1 else "The digests"
    return f"{what} of {listed(shown)} could not be posted; this one tells of that time too."
