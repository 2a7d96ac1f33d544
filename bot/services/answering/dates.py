"""Dates as people write them in a question: "2026-03-03", "3 March", "yesterday", "2 weeks ago", "last Monday".

A date is a span of days in the zone of whoever asks; a month or a week is a longer one. A date without its year is
the last one that was: questions about a product look back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.zones import zone_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = tuple("January,February,March,April,May,June,July,August,September,October,November,December".split(","))
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?P<weekday>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_ISO = re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})/(?P<number>\d{1,2})/(?P<day>\d{1,2})")
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[./-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})")
_YEAR_MONTH = re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,2})")
_DAY_MONTH = re.compile(rf"{_DAY}(?: of)? {_MONTH}(?:,? (?P<year>\d{{4}}))?")
_MONTH_DAY = re.compile(rf"{_MONTH} {_DAY}(?:,? (?P<year>\d{{4}}))?")
_WHOLE_MONTH = re.compile(rf"(?:in |last )?{_MONTH}(?: (?P<year>\d{{4}}))?")
_AGO = re.compile(r"(?P<count>\d+|an?|one|two|three|four|five|six|seven) (?P<unit>day|week|month|year)s? ago")
_LAST = re.compile(r"last (?P<unit>week|month|year)")
_THIS = re.compile(r"this (?P<unit>week|month|year)")
_LAST_WEEKDAY = re.compile(rf"(?:last |on )?{_WEEKDAY}")
_DAYS = {"today": 0, "yesterday": 1, "the day before yesterday": 2, "day before yesterday": 2}
_MOST_BACK = 40_000

MORE_DATES = re.compile(
    r"\b(?:(?:the )?day before yesterday|today|this (?:week|month|year)"
    r"|(?:an?|one|two|three|four|five|six|seven) (?:day|week|month|year)s? ago|\d+ years? ago"
    r"|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}-\d{1,2}-\d{4}"
    r"|\d{4}-(?:0[1-9]|1[0-2])(?!-?\d)"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day"
    rf"|(?:in|last) {_MONTH.replace('?P<month>', '?:')}\b(?: \d{{4}})?)\b"
)
"""Ways to write a date that are read here besides those which the matcher finds by itself."""


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days, both ends in it. `words`: how to name it."""

    first: date
    last: date
    words: str

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """Its first moment, and the first one after it."""
        place = zone_of(zone)
        return _midnight(self.first, place), _midnight(self.last + timedelta(days=1), place)

    def past_moments(self, zone: str, now: datetime, named: str) -> tuple[datetime, datetime]:
        """The same of days that have begun; raises NoSuchDate, with what to call them, where none has."""
        since, until = self.moments(zone)
        if since > now:
            raise NoSuchDate(f"{named} is still to come: I know what was recorded, not what will be.")
        return since, until


class NoSuchDate(Exception):
    """What was written is no date, or none that there is; its text is a sentence for the person."""


def parse_days(written: str, now: datetime, zone: str) -> Days:
    """The days that are meant by a date as somebody in this zone wrote it at this moment. Raises NoSuchDate."""
    today = now.astimezone(zone_of(zone)).date()
    text = " ".join(written.casefold().replace(",", " ").split())
    try:
        found = _absolute(text, today) or _relative(text, today)
    except (OverflowError, ValueError) as error:
        raise NoSuchDate(f"There is no such date as “{written}”.") from error
    if found is None:
        raise NoSuchDate(f"I cannot read “{written}” as a date; write it as in 2026-03-03.")
    return found


def day_words(day: date) -> str:
    """A date: "3 March 2026"."""
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


def _absolute(text: str, today: date) -> Days | None:
    if match := _ISO.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _one(date(int(match["year"]), int(match["number"]), int(match["day"])))
    if match := _YEAR_LAST.fullmatch(text):
        return _one(_in_figures(match))
    if match := _YEAR_MONTH.fullmatch(text):
        first = date(int(match["year"]), int(match["number"]), 1)
        return Days(first, min(_next_month(first) - timedelta(days=1), max(today, first)), _month_words(first))
    if match := _DAY_MONTH.fullmatch(text) or _MONTH_DAY.fullmatch(text):
        return _one(_dated(match, today))
    if match := _WHOLE_MONTH.fullmatch(text):
        number = _MONTHS.index(match["month"][:3]) + 1
        year = int(match["year"]) if match["year"] else today.year - (number > today.month)
        if text.startswith("last ") and not match["year"] and (year, number) == (today.year, today.month):
            year -= 1
        first = date(year, number, 1)
        return Days(first, min(_next_month(first) - timedelta(days=1), max(today, first)), _month_words(first))
    return None


def _in_figures(match: re.Match[str]) -> date:
    """A date in figures with its year last: the day comes first where there are dots, else where it must."""
    one, two, year = int(match["one"]), int(match["two"]), int(match["year"])
    if match["mark"] == "." or one == two or one > 12:
        return date(year, two, one)
    if two > 12:
        return date(year, one, two)
    either, other = date(year, two, one), date(year, one, two)
    raise NoSuchDate(
        f"“{match.group()}” may be {day_words(either)} or {day_words(other)}: write it as {either} or {other}."
    )


def _dated(match: re.Match[str], today: date) -> date:
    month, day = _MONTHS.index(match["month"][:3]) + 1, int(match["day"])
    if match["year"]:
        return date(int(match["year"]), month, day)
    if (month, day) == (2, 29):
        # Without its year, the last one that there was.
        year = next(y for y in range(today.year, today.year - 9, -1) if _leap(y) and date(y, 2, 29) <= today)
        return date(year, month, day)
    found = date(today.year, month, day)
    return found if found <= today else date(today.year - 1, month, day)


def _relative(text: str, today: date) -> Days | None:
    if text in _DAYS:
        return _one(today - timedelta(days=_DAYS[text]))
    if match := _AGO.fullmatch(text):
        count = _NUMBERS.get(match["count"]) or int(match["count"])
        return _one(_back(today, count, match["unit"]))
    if match := _LAST.fullmatch(text):
        unit = match["unit"]
        if unit == "week":
            monday = today - timedelta(days=today.weekday() + 7)
            return Days(monday, monday + timedelta(days=6), f"the week from {day_words(monday)}")
        if unit == "year":
            return Days(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31), str(today.year - 1))
        first = _back(today.replace(day=1), 1, "month")
        return Days(first, _next_month(first) - timedelta(days=1), _month_words(first))
    if match := _THIS.fullmatch(text):
        starts = {
            "week": today - timedelta(days=today.weekday()),
            "month": today.replace(day=1),
            "year": today.replace(month=1, day=1),
        }
        return Days(starts[match["unit"]], today, text)
    if match := _LAST_WEEKDAY.fullmatch(text):
        weekday = _WEEKDAYS.index(match["weekday"][:3])
        back = (today.weekday() - weekday) % 7 or 7
        return _one(today - timedelta(days=back))
    return None


def _back(today: date, count: int, unit: str) -> date:
    if count > _MOST_BACK:
        raise ValueError(count)
    if unit in {"day", "week"}:
        return today - timedelta(days=count * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "year" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    return first.replace(day=min(today.day, (_next_month(first) - timedelta(days=1)).day))


def _one(day: date) -> Days:
    return Days(day, day, day_words(day))


def _next_month(first: date) -> date:
    return date(first.year + (first.month == 12), first.month % 12 + 1, 1)


def _month_words(first: date) -> str:
    return f"{_MONTH_NAMES[first.month - 1]} {first.year}"


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _midnight(day: date, place: tzinfo) -> datetime:
    return datetime.combine(day, time(), place)
