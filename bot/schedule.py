"""When a digest is due: local time, days of the week, IANA zones, both days of the year on which clocks change.

Pure: the present moment is passed in. A local time that a day does not have runs at the next that exists; one that a
day has twice runs at the first. A local date that a zone left out (it crossed the date line) has no run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import available_timezones

from rapidfuzz import fuzz

from bot.store.records import DigestSchedule
from bot.zones import zone_of

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = tuple(range(7))
WORKING_DAYS = tuple(range(5))
# A run that a change of clocks pushes over midnight keeps this long, although its own day is over by then.
_PUSHED_OVER_MIDNIGHT = timedelta(hours=1)
# A zone may leave out a date and a schedule may have one day a week; more than two weeks without a run cannot be.
_LOOK_AHEAD_DAYS = 15
_NOT_PLACES = frozenset({"localtime", "Factory", "posixrules"})

# What people type


def parse_days(text: str) -> tuple[int, ...] | None:
    """Days of the week, 0 is Monday: "daily", "weekdays", "weekends", "mon,thu", "mon-fri"; None for anything else."""
    word = text.strip().casefold()
    named = {"daily": EVERY_DAY, "everyday": EVERY_DAY, "day": EVERY_DAY, "weekends": (5, 6), "weekend": (5, 6)}
    named |= {"weekdays": WORKING_DAYS, "weekday": WORKING_DAYS}
    if word in named:
        return named[word]
    days: set[int] = set()
    for part in word.split(","):
        ends = [_weekday(name) for name in part.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            return None
        days.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(sorted(days))


def _weekday(name: str) -> int | None:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    name = name.strip()
    singular = name if name in full else name.removesuffix("s")
    if len(singular) < 3:
        return None
    return next((number for number, day in enumerate(full) if day == singular or _abbreviates(singular, day)), None)


def _abbreviates(word: str, day: str) -> bool:
    return len(word) <= 5 and day.startswith(word)


def find_zone(text: str) -> str | None:
    """The IANA name that was typed in whatever case, or None."""
    return _zones().get(text.strip().replace(" ", "_").casefold())


def nearest_zones(text: str, limit: int = 3) -> list[str]:
    """The zones whose name, or whose city, looks most like the text."""
    wanted = text.strip().replace(" ", "_").casefold()[:60]
    city = wanted.rsplit("/", 1)[-1]
    scored = []
    for folded, name in _zones().items():
        score = max(fuzz.ratio(wanted, folded), fuzz.ratio(city, folded.rsplit("/", 1)[-1]))
        # Among equals, the zones that are named by continent and city come before the old aliases.
        scored.append((-score, "/" not in name, name))
    return [name for score, _, name in sorted(scored)[:limit] if score <= -60]


@lru_cache(1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if name not in _NOT_PLACES}


def days_in_words(days: tuple[int, ...]) -> str:
    """Such as "every day", "on weekdays", "on Mon and Thu"."""
    if days == EVERY_DAY:
        return "every day"
    if days == WORKING_DAYS:
        return "on weekdays"
    names = [WEEKDAYS[day] for day in days]
    return "on " + (" and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0])


# When it runs


def moment(time: str, zone: str, day: date) -> datetime | None:
    """The moment (UTC) at which a local day's run is due; None where the zone left the whole day out."""
    hours, minutes = time.split(":")
    place = zone_of(zone)
    if not _exists(day, place):
        return None
    return _first_instant(datetime(day.year, day.month, day.day, int(hours), int(minutes)), place)  # noqa: DTZ001


def deadline(time: str, zone: str, day: date) -> datetime:
    """Until when a local day's run can be made up for: the end of that day."""
    due = moment(time, zone, day)
    end = _start(day + timedelta(days=1), zone_of(zone))
    return end if due is None else max(end, due + _PUSHED_OVER_MIDNIGHT if due >= end else end)


def due_day(schedule: DigestSchedule, now: datetime) -> date | None:
    """The local date whose digest is due now, be it late; None before its time, and on days that are left out."""
    today = local_date(now, schedule.zone)
    for day in (today, today - timedelta(days=1)):
        due = run_of(schedule, day, now)
        if due is not None and due <= now < deadline(schedule.time, schedule.zone, day):
            return day
    return None


def run_of(schedule: DigestSchedule, day: date, now: datetime) -> datetime | None:
    """The moment of a day's run by this schedule, None where it has none.

    A run that lay before the schedule was set up is none of its. If the clock stands before that moment by now, it was
    set back, and says nothing.
    """
    if day.weekday() not in schedule.days:
        return None
    due = moment(schedule.time, schedule.zone, day)
    if due is None or (due < schedule.set_at <= now):
        return None
    return due


def next_run(schedule: DigestSchedule, after: datetime, done: date | None = None) -> datetime | None:
    """The first run later than `after`, on a day later than `done`, the last day that already has its digest."""
    today = local_date(after, schedule.zone)
    for day in _days(today - timedelta(days=1), _LOOK_AHEAD_DAYS):
        due = run_of(schedule, day, after)
        if due is not None and due > after and (done is None or day > done or done > today):
            return due
    return None


def scheduled_days(schedule: DigestSchedule, first: date, end: date, now: datetime) -> list[date]:
    """The local dates from `first` up to, without, `end` on which the schedule has a run."""
    count = max(0, (end - first).days)
    return [day for day in _days(first, count) if run_of(schedule, day, now) is not None]


def local_date(now: datetime, zone: str) -> date:
    """The date in a zone."""
    return now.astimezone(zone_of(zone)).date()


def _days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=step) for step in range(count))


def _exists(day: date, place: tzinfo) -> bool:
    return _start(day, place) < _start(day + timedelta(days=1), place)


def _start(day: date, place: tzinfo) -> datetime:
    return _first_instant(datetime(day.year, day.month, day.day), place)  # noqa: DTZ001


def _first_instant(wall: datetime, place: tzinfo) -> datetime:
    """The first moment at which the clocks of a place show `wall` or, where they never do, the first after the gap."""
    found = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    if _wall(found, place) == wall:
        return found
    # In a gap the two folds give a moment before it and one after it: the clock change lies between them.
    early, late = wall.replace(tzinfo=place, fold=1).astimezone(UTC), found
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if _wall(middle, place) < wall:
            early = middle
        else:
            late = middle
    return late


def _wall(at: datetime, place: tzinfo) -> datetime:
    return at.astimezone(place).replace(tzinfo=None)
