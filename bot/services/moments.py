"""Moments and lengths of time in words, in the zone of whoever reads them."""

from __future__ import annotations

from datetime import datetime

from bot.zones import zone_of

# Not strftime: its names follow the machine's language.
_MONTHS = tuple("January,February,March,April,May,June,July,August,September,October,November,December".split(","))


def days_between(since: datetime, now: datetime, zone: str) -> int:
    """Days by the calendar of a zone: what began yesterday evening is one day old."""
    place = zone_of(zone)
    return max((now.astimezone(place).date() - since.astimezone(place).date()).days, 0)


def days_in_words(days: int) -> str:
    """A number of days: "today", "1 day", "21 days"."""
    return "today" if days == 0 else "1 day" if days == 1 else f"{days} days"


def day_in_words(moment: datetime, zone: str) -> str:
    """A date: "1 March 2026"."""
    local = moment.astimezone(zone_of(zone))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def minute_in_words(moment: datetime, zone: str) -> str:
    """A date and time that sort: "2026-03-01 10:00"."""
    return moment.astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M")
