"""When digests are due: zones, days on which clocks change, late starts, clocks set back, what people type."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.digest_command import clock_time, zone_named
from bot.errors import CommandError
from bot.schedule import (
    days_in_words,
    deadline,
    due_day,
    find_zone,
    local_date,
    moment,
    nearest_zones,
    next_run,
    parse_days,
    scheduled_days,
)
from bot.store.records import DigestSchedule
from bot.zones import zone_of

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ODD_ZONES = (
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Nuuk",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Apia",
    "America/St_Johns",
    "Asia/Beirut",
    "UTC",
)


def schedule(
    time: str = "08:30",
    zone: str = "Europe/Madrid",
    days: tuple[int, ...] = tuple(range(7)),
    set_at: datetime = LONG_AGO,
) -> DigestSchedule:
    return DigestSchedule("T1", "C1", "channel", time, days, zone, "U1", set_at)


def local(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day", "time", "expected"),
    [
        ("Europe/Madrid", date(2027, 3, 28), "02:30", "2027-03-28T03:00"),
        ("America/New_York", date(2027, 3, 14), "02:15", "2027-03-14T03:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:10", "2026-10-04T02:30"),
        ("Africa/Cairo", date(2026, 4, 24), "00:20", "2026-04-24T01:00"),
        ("America/Nuuk", date(2026, 3, 28), "23:30", "2026-03-29T00:00"),
    ],
)
def test_a_time_that_does_not_exist_runs_at_the_next_that_does(zone: str, day: date, time: str, expected: str) -> None:
    assert moment(time, zone, day) == local(expected, zone)


@pytest.mark.parametrize(
    ("zone", "day", "time"),
    [
        ("Europe/Madrid", date(2026, 10, 25), "02:30"),
        ("America/New_York", date(2026, 11, 1), "01:30"),
        ("Australia/Lord_Howe", date(2027, 4, 4), "01:45"),
    ],
)
def test_a_time_that_exists_twice_runs_once_at_the_first(zone: str, day: date, time: str) -> None:
    first = moment(time, zone, day)
    assert first == local(f"{day}T{time}", zone, fold=0)
    second = local(f"{day}T{time}", zone, fold=1)
    assert due_day(schedule(time, zone), second) == day  # the same day: what is claimed already is not claimed again
    assert first is not None
    following = next_run(schedule(time, zone), first)
    assert following is not None
    assert local_date(following, zone) == day + timedelta(days=1)


def test_a_digest_keeps_to_the_mornings_clock_over_both_clock_changes() -> None:
    for day in (date(2027, 3, 27), date(2027, 3, 28), date(2026, 10, 24), date(2026, 10, 25)):
        due = moment("08:30", "Europe/Madrid", day)
        assert due is not None
        assert due.astimezone(ZoneInfo("Europe/Madrid")).strftime("%H:%M") == "08:30"


def test_a_date_that_a_zone_left_out_has_no_run() -> None:
    samoa = "Pacific/Apia"
    assert moment("08:30", samoa, date(2011, 12, 30)) is None
    assert scheduled_days(schedule(zone=samoa), date(2011, 12, 29), date(2012, 1, 1), LONG_AGO) == [
        date(2011, 12, 29),
        date(2011, 12, 31),
    ]


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ODD_ZONES),
    start=st.dates(date(2011, 1, 1), date(2030, 12, 1)),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_each_local_day_has_exactly_one_run(zone: str, start: date, hour: int, minute: int) -> None:
    daily = schedule(f"{hour:02}:{minute:02}", zone)
    here = moment("00:00", zone, start)
    at = here - timedelta(seconds=1) if here else None
    end = moment("00:00", zone, start + timedelta(days=10))
    if at is None or end is None:
        return
    runs = []
    while (run := next_run(daily, at)) is not None and run < end:
        assert run > at
        runs.append(run)
        at = run
    days = [due_day(daily, run) for run in runs]
    existing = [
        day for day in (start + timedelta(days=n) for n in range(-1, 11)) if moment(daily.time, zone, day) is not None
    ]
    expected = [day for day in existing if here is not None and here <= (moment(daily.time, zone, day) or end) < end]
    assert days == expected
    assert len(set(days)) == len(days)


@settings(max_examples=100, deadline=None)
@given(zone=st.sampled_from(ODD_ZONES), minutes=st.integers(0, 60 * 24 * 400), time=st.times())
def test_what_is_due_was_due_and_is_not_past_its_day(zone: str, minutes: int, time: object) -> None:
    daily = schedule(str(time)[:5], zone)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = due_day(daily, now)
    if day is not None:
        due = moment(daily.time, zone, day)
        assert due is not None
        assert due <= now < deadline(daily.time, zone, day)
    upcoming = next_run(daily, now)
    assert upcoming is not None
    assert now < upcoming <= now + timedelta(hours=50)


def test_a_digest_that_was_missed_is_due_until_its_day_ends() -> None:
    daily = schedule("08:30", "Europe/Madrid")
    day = date(2026, 11, 23)
    assert due_day(daily, local("2026-11-23T08:29:59", "Europe/Madrid")) is None
    assert due_day(daily, local("2026-11-23T08:30:00", "Europe/Madrid")) == day
    assert due_day(daily, local("2026-11-23T23:59:59", "Europe/Madrid")) == day
    assert due_day(daily, local("2026-11-24T00:00:00", "Europe/Madrid")) is None


def test_a_run_that_the_clock_change_pushes_over_midnight_is_still_made() -> None:
    nuuk = schedule("23:30", "America/Nuuk")
    assert due_day(nuuk, local("2026-03-29T00:00", "America/Nuuk")) == date(2026, 3, 28)
    assert due_day(nuuk, local("2026-03-29T01:30", "America/Nuuk")) is None


def test_a_digest_set_up_after_todays_time_starts_the_next_day() -> None:
    late = schedule(set_at=local("2026-11-23T09:00", "Europe/Madrid"))
    assert due_day(late, local("2026-11-23T10:00", "Europe/Madrid")) is None
    assert next_run(late, local("2026-11-23T10:00", "Europe/Madrid")) == local("2026-11-24T08:30", "Europe/Madrid")


def test_a_clock_that_was_set_back_behind_the_set_up_does_not_silence_the_digest() -> None:
    ahead = schedule(set_at=local("2027-06-01T09:00", "Europe/Madrid"))
    assert due_day(ahead, local("2026-11-23T10:00", "Europe/Madrid")) == date(2026, 11, 23)


def test_the_next_run_is_after_the_day_that_has_its_digest() -> None:
    moved_later = schedule("18:00")
    now = local("2026-11-23T10:00", "Europe/Madrid")
    assert next_run(moved_later, now, date(2026, 11, 23)) == local("2026-11-24T18:00", "Europe/Madrid")


def test_only_the_chosen_days_have_runs() -> None:
    chosen = schedule(days=(0, 3))
    week = scheduled_days(chosen, date(2026, 11, 23), date(2026, 11, 30), LONG_AGO + timedelta(days=20_000))
    assert week == [date(2026, 11, 23), date(2026, 11, 26)]
    assert due_day(chosen, local("2026-11-24T10:00", "Europe/Madrid")) is None


@pytest.mark.parametrize(("typed", "time"), [("8:30", "08:30"), ("08:30", "08:30"), ("0:00", "00:00")])
def test_times_of_day_are_understood(typed: str, time: str) -> None:
    assert clock_time(typed) == time


@pytest.mark.parametrize("typed", ["25:99", "24:00", "12:60", "8", "8:3", "٠٨:٣٠", "-1:30", "08:30:00", ""])
def test_what_is_no_time_of_day_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(CommandError) as refused:
        clock_time(typed)
    assert refused.value.code == "usage"
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("daily", (0, 1, 2, 3, 4, 5, 6)),
        ("Weekdays", (0, 1, 2, 3, 4)),
        ("mon,thu", (0, 3)),
        ("thu,MON", (0, 3)),
        ("mondays", (0,)),
        ("mon-wed,sat", (0, 1, 2, 5)),
        ("sat-mon", (0, 5, 6)),
        ("thurs", (3,)),
        ("someday", None),
        ("mon,,thu", None),
        ("mo", None),
        ("mon-", None),
    ],
)
def test_days_are_understood(typed: str, days: tuple[int, ...] | None) -> None:
    assert parse_days(typed) == days


def test_days_are_said_in_words() -> None:
    assert days_in_words((0, 3, 5)) == "on Mon, Thu and Sat"
    assert days_in_words(tuple(range(7))) == "every day"


def test_zones_are_found_in_any_case() -> None:
    assert find_zone("europe/madrid") == "Europe/Madrid"
    assert find_zone("america/new york") == "America/New_York"
    assert find_zone("../etc/passwd") is None


@pytest.mark.parametrize("gone", ["", "Atlantis/Poseidonis", "../etc/passwd", "nul\0"])
def test_a_schedule_in_a_zone_that_is_not_known_runs_in_utc(gone: str) -> None:
    assert zone_of(gone) is UTC
    assert moment("08:30", gone, date(2026, 3, 2)) == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "near"), [("Europe/Madird", "Europe/Madrid"), ("madrid", "Europe/Madrid"), ("Asia/Tokio", "Asia/Tokyo")]
)
def test_an_unknown_zone_is_refused_with_the_nearest(typed: str, near: str) -> None:
    assert nearest_zones(typed)[0] == near
    with pytest.raises(CommandError, match=near):
        zone_named(typed)
