"""Words that a digest is made of: lengths of time, dates in a zone, quotations."""

from __future__ import annotations

from datetime import date, datetime

from bot.schedule import EVERY_DAY, WEEKDAYS, WORKING_DAYS
from bot.store.records import DigestSchedule
from bot.zones import zone_of

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
QUOTE_LIMIT = 200


def for_days(days: int) -> str:
    """Such as "for 21 days", "for 1 day", "since today"."""
    return f"for {counted(days, 'day')}" if days else "since today"


def counted(number: int, thing: str) -> str:
    """Such as "1 day", "3 days"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def date_words(day: date) -> str:
    """Such as "Mon 23 Nov". The language is that of the texts, whatever the machine's locale is."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def moment_words(at: datetime, zone: str) -> str:
    """Such as "Mon 23 Nov, 08:30", in a zone."""
    local = at.astimezone(zone_of(zone))
    return f"{date_words(local.date())}, {local:%H:%M}"


def typed(schedule: DigestSchedule) -> str:
    """What is typed after `on` to set a digest up as it was; a person's scope, which takes a mention, is left out."""
    days = {EVERY_DAY: "", WORKING_DAYS: " weekdays"}.get(schedule.days)
    if days is None:
        days = " " + ",".join(WEEKDAYS[day].lower() for day in schedule.days)
    scope = schedule.scope.removeprefix("stage:")
    of = "" if not scope or scope.startswith("user:") else f" for {scope}"
    return f"{schedule.time}{days} {schedule.zone}{of}{' quiet' if schedule.quiet else ''}"


def cut(text: str, limit: int) -> str:
    """The text, on one line, at most this long; what is cut ends in an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def quoted(text: str) -> str:
    """Something a person wrote, short enough for one line."""
    return f"“{cut(text, QUOTE_LIMIT)}”"
