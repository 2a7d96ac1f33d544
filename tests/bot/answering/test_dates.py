"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.answering.dates import NoSuchDate, parse_days

NOW = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-03", date(2026, 3, 3)),
        ("2026-3-3", date(2026, 3, 3)),
        ("2026/03/03", date(2026, 3, 3)),
        ("4.3.2026", date(2026, 3, 4)),
        ("13/3/2026", date(2026, 3, 13)),
        ("3/13/2026", date(2026, 3, 13)),
        ("3-3-2026", date(2026, 3, 3)),
        ("3 March", date(2026, 3, 3)),
        ("3rd of march", date(2026, 3, 3)),
        ("Mar 3", date(2026, 3, 3)),
        ("march 3rd, 2025", date(2025, 3, 3)),
        ("1 december", date(2025, 12, 1)),
        ("29 february", date(2024, 2, 29)),
        ("29 feb 2024", date(2024, 2, 29)),
        ("today", date(2026, 3, 18)),
        ("yesterday", date(2026, 3, 17)),
        ("the day before yesterday", date(2026, 3, 16)),
        ("2 weeks ago", date(2026, 3, 4)),
        ("a month ago", date(2026, 2, 18)),
        ("13 months ago", date(2025, 2, 18)),
        ("last monday", date(2026, 3, 16)),
        ("on wednesday", date(2026, 3, 11)),
        ("last tuesday", date(2026, 3, 17)),
    ],
)
def test_days(written: str, day: date) -> None:
    found = parse_days(written, NOW, "UTC")
    assert (found.first, found.last) == (day, day)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("last week", date(2026, 3, 9), date(2026, 3, 15)),
        ("last month", date(2026, 2, 1), date(2026, 2, 28)),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("this week", date(2026, 3, 16), date(2026, 3, 18)),
        ("in february", date(2026, 2, 1), date(2026, 2, 28)),
        ("in may 2024", date(2024, 5, 1), date(2024, 5, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("in june", date(2025, 6, 1), date(2025, 6, 30)),
    ],
)
def test_spans(written: str, first: date, last: date) -> None:
    found = parse_days(written, NOW, "UTC")
    assert (found.first, found.last) == (first, last)


def test_today_is_where_the_reader_is() -> None:
    assert parse_days("today", NOW, "Pacific/Auckland").first == date(2026, 3, 19)
    since, until = parse_days("today", NOW, "Pacific/Auckland").moments("Pacific/Auckland")
    assert since <= NOW < until


@pytest.mark.parametrize(
    "written",
    ["30 february", "31 april 2026", "2026-13-01", "2026-02-30", "0000-01-01", "99 march", "99999999 days ago",
     "9999999 months ago", "last summer", ""],
)  # fmt: skip
def test_no_such_date(written: str) -> None:
    with pytest.raises(NoSuchDate, match="date"):
        parse_days(written, NOW, "UTC")


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(written: str) -> None:
    try:
        found = parse_days(written, NOW, "Europe/Rome")
    except NoSuchDate:
        return
    assert found.first <= found.last
