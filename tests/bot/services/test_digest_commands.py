"""`/digest` from the text that is typed to the reply: seen now, set up, stopped, asked about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.results import Answer, Reply, Speaker
from bot.services.command_service import CommandService
from bot.services.digest_commands import DigestCommands, next_digest
from bot.services.request import Rules
from bot.store.base import Writer
from bot.store.records import DigestSchedule
from bot.store.sqlite import SqliteStore
from tests.bot.services.digest_world import CHANNEL, MONDAY, NAMES, TEAM, World, knowledge, schedule

DAY = timedelta(days=1)


class Office:
    """People who type `/digest` in a channel whose clock stands on Monday, 23 November, 08:30 in Madrid."""

    def __init__(self, path: Path, **rules: Any) -> None:
        self.store = SqliteStore(path)
        self.world = World(self.store)
        self.now = MONDAY
        rules_of_here = Rules(**rules)
        names = lambda team, user: NAMES.get(user, user)  # noqa: E731
        self.digests = DigestCommands(self.store, knowledge, rules_of_here, names, maintainers_channel="C-maintainers")
        self.service = CommandService(
            self.store,
            knowledge().pack,
            rules_of_here,
            names=names,
            ask=lambda question, speaker, now: Answer(question, True, ""),
            digest=self.digests.run,
        )

    def say(
        self, text: str, *, by: str = "U1", channel: str | None = CHANNEL, zone: str = "Europe/Madrid", **more: Any
    ) -> Reply:
        return self.service.run("digest", text, Speaker(TEAM, by, channel, zone), self.now, **more)

    def done(self, text: str, **more: Any) -> Reply:
        reply = self.say(text, **more)
        assert (reply.ok, reply.error) == (True, None), reply.text
        json.dumps(reply.as_json())
        return reply

    def schedule(self, target: str = CHANNEL) -> DigestSchedule | None:
        with self.store.read() as reader:
            return reader.digest_schedule(TEAM, target)

    def posted(self, day: date, target: str = CHANNEL, until: datetime = MONDAY) -> None:
        with self.store.write() as writer:
            run = writer.claim_digest(TEAM, target, day, by="test", now=self.now, lease_seconds=60)
            assert run is not None

            writer.finish_digest(replace(run, state="posted", window_start=until - DAY, window_end=until))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office.db")
    yield office
    office.store.close()


def test_a_preview_is_for_the_person_alone_and_tells_what_was_recorded_this_very_moment(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY)
    office.world.move("churn", "advanced", MONDAY, "data-preparation", reason="the data is there")
    reply = office.done("now")
    assert reply.visibility == "ephemeral"
    assert reply.command == "/digest now"
    assert "Feasibility → Data Preparation, by Ana Ruiz: “the data is there”" in reply.text
    assert "Data Preparation since today" in reply.text
    assert reply.extra["digest"]["day"] == "2026-11-23"


def test_a_preview_does_not_count_as_the_days_digest(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY)
    first, second = office.done("now"), office.done("now")
    assert first.text == second.text
    with office.store.read() as reader:
        assert reader.digest_run(TEAM, CHANNEL, MONDAY.date()) is None
        assert reader.last_posted(TEAM, CHANNEL) is None


def test_a_preview_tells_of_the_time_since_the_last_digest_that_was_posted(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY)
    office.world.create("vision", MONDAY - timedelta(hours=1))
    office.posted(date(2026, 11, 22), until=MONDAY - DAY)
    assert "vision: new" in office.done("now").text
    assert "churn: new" not in office.done("now").text


def test_a_preview_says_which_days_have_been_missed_as_the_next_digest_will(office: Office) -> None:
    office.world.create("churn", MONDAY - 9 * DAY)
    office.done("on 08:30")
    office.now = MONDAY + 3 * DAY
    office.posted(MONDAY.date() + DAY)
    text = office.done("now").text
    assert "The digest of Wed 25 Nov could not be posted; this one tells of that time too." in text
    assert "Thu 26 Nov could" not in text  # today's may still come


def test_a_preview_where_no_digest_is_set_up_misses_none(office: Office) -> None:
    assert "could not be posted" not in office.done("now").text
    office.done("on 08:30")
    office.done("off")
    office.now = MONDAY + 3 * DAY
    assert "could not be posted" not in office.done("now").text


def test_a_preview_has_the_scope_that_is_set_up_while_it_is_switched_on(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY, channel=CHANNEL)
    office.world.create("vision", MONDAY - 3 * DAY)
    assert "vision" not in office.done("now").text
    office.done("on 09:00 for all")
    assert "vision" in office.done("now").text
    office.done("off")
    assert "vision" not in office.done("now").text


def test_a_preview_without_a_channel_tells_of_all_products(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY, channel=CHANNEL)
    office.world.create("vision", MONDAY - 3 * DAY)
    assert {"churn", "vision"} <= set(office.done("now", channel=None).text.replace(":", " ").split())


def test_ones_own_preview_tells_of_ones_own_products(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY, sponsor="U2")
    office.world.create("vision", MONDAY - 3 * DAY)
    text = office.done("me now", by="U2").text
    assert text.startswith("Your digest, Mon 23 Nov")
    assert "churn" in text
    assert "vision" not in text


def test_a_digest_is_set_up_for_all_to_see_in_the_zone_of_whoever_sets_it(office: Office) -> None:
    reply = office.done("on 8:45", zone="America/New_York", by="U2")
    assert reply.visibility == "in_channel"
    assert reply.text == (
        "The digest of this channel comes every day at 08:45 (America/New_York), about the products linked to it,"
        " or all while there are none. Set up by Bo. Next: Mon 23 Nov, 08:45."
    )
    assert office.schedule() == schedule(
        time="08:45", zone="America/New_York", set_by="U2", set_at=MONDAY, days=tuple(range(7))
    )
    assert reply.extra["schedule"]["next"] == "2026-11-23T13:45:00+00:00"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("on 08:30 weekdays Asia/Tokyo", "on weekdays at 08:30 (Asia/Tokyo), about"),
        ("on 08:30 every weekday in Asia/Tokyo", "on weekdays at 08:30 (Asia/Tokyo), about"),
        ("on 08:30 every day", "every day at 08:30 (Europe/Madrid), about"),
        ("on 08:30 mon,thu", "on Mon and Thu at 08:30 (Europe/Madrid), about"),
        ("on 08:30 for linked", "about the products linked to it."),
        ("on 08:30 for all quiet", "at 08:30 (Europe/Madrid), when something is new, about all products."),
        ("on 08:30 for feasibility", "about products in Feasibility."),
        ("on 08:30 for <@U2|bo>", "about the products of Bo."),
        ("me on 08:30", "Your digest comes by direct message every day at 08:30 (Europe/Madrid), about the products"),
    ],
)
def test_what_is_set_up_is_said_in_words(office: Office, typed: str, words: str) -> None:
    assert words in office.done(typed).text


def test_a_digest_set_up_after_its_time_begins_on_the_next_day(office: Office) -> None:
    assert office.done("on 08:00").text.endswith("Next: Tue 24 Nov, 08:00.")


def test_ones_own_digest_is_told_to_nobody_else(office: Office) -> None:
    for typed in ("me on 08:30", "me status", "me off"):
        assert office.done(typed, by="U2").visibility == "ephemeral"
    own = office.schedule("U2")
    assert own is not None
    assert (own.kind, own.enabled) == ("person", False)


@pytest.mark.parametrize("channel", [None, "D024BE7LH"])
def test_where_there_is_no_channel_it_is_ones_own(office: Office, channel: str | None) -> None:
    assert "so it is your own" in office.done("on 08:30", channel=channel).text
    assert office.schedule("U1") is not None
    assert "by direct message" in office.done("status", channel=channel).text
    office.done("off", channel=channel)
    own = office.schedule("U1")
    assert own is not None
    assert not own.enabled


def test_off_stops_it_and_says_who_did_and_how_it_starts_again_as_it_was(office: Office) -> None:
    office.done("on 08:30 mon,thu Asia/Tokyo for feasibility quiet")
    again = "/digest on 08:30 mon,thu Asia/Tokyo for feasibility quiet"
    reply = office.done("off", by="U2")
    assert reply.visibility == "in_channel"
    assert reply.text == f"Bo stopped the daily digest of this channel. `{again}` starts it again."
    assert office.done("off").text.startswith("There is nothing to stop")
    assert office.done("status").text.endswith(f"is switched off. `{again}` starts it again.")
    was = office.schedule()
    office.done(again.removeprefix("/digest "))
    assert was is not None
    assert office.schedule() == replace(was, enabled=True)


def test_status_says_when_it_comes_and_of_what(office: Office) -> None:
    assert office.done("status").text == "This channel has no daily digest. `/digest on 08:30` sets it up."
    office.done("on 09:00 weekdays")
    reply = office.done("status")
    assert reply.visibility == "ephemeral"
    assert "on weekdays at 09:00 (Europe/Madrid)" in reply.text
    assert reply.text.endswith("Set up by Ana Ruiz. Next: Mon 23 Nov, 09:00.")


def test_status_says_since_when_it_could_not_be_posted(office: Office) -> None:
    for enabled in (True, False):
        with office.store.write() as writer:
            writer.save_digest_schedule(schedule(failing_since=date(2026, 11, 20), enabled=enabled))
        assert "could not be posted since Fri 20 Nov" in office.done("status").text


def test_commands_are_written_with_the_prefix_of_the_installation(tmp_path: Path) -> None:
    office = Office(tmp_path / "prefixed.db", prefix="rc-")
    assert "`/rc-digest me on 08:30`" in office.done("me status").text
    office.store.close()


@pytest.mark.parametrize(
    "typed",
    [
        "on",
        "on 25:99",
        "on 24:00",
        "on 0830",
        "on morning",
        "on 08:30 Europe/Madird",
        "on 08:30 Factory",
        "on 08:30 CEST/Nowhere",
        "on 08:30 mon,xyz",
        "on 08:30 for",
        "me on",
        "me on 25:99",
        "me on 08:30 for linked",
        "me on 08:30 Mars/Phobos",
        "me maybe",
        "sometimes",
        "now and then",
        "off please now",
    ],
)
def test_what_makes_no_sense_is_refused_as_usage_and_sets_up_nothing(office: Office, typed: str) -> None:
    reply = office.say(typed)
    assert (reply.ok, reply.error, reply.visibility) == (False, "usage", "ephemeral")
    assert reply.text.strip()
    with office.store.read() as reader:
        assert reader.digest_schedules(enabled=False) == []


def test_an_unknown_zone_is_refused_with_the_nearest(office: Office) -> None:
    assert "Europe/Madrid" in office.say("on 08:30 Europe/Madird").text


def test_a_zone_that_the_machine_cannot_name_counts_as_utc(office: Office) -> None:
    assert "(UTC)" in office.done("on 08:30", zone="CEST-1").text


@pytest.mark.parametrize("policy", ["involved", "admins"])
def test_anyone_in_a_channel_may_set_its_digest(tmp_path: Path, policy: str) -> None:
    office = Office(tmp_path / "policy.db", policy=policy)
    office.world.create("churn", MONDAY - DAY, channel=CHANNEL)
    office.done("on 08:30", by="U9")
    office.done("off", by="U8")
    office.store.close()


def test_a_change_is_recorded_in_the_transaction_of_whoever_asked(office: Office) -> None:
    seen: list[tuple[str, bool]] = []

    def within(writer: Writer, reply: Reply) -> None:
        found = writer.digest_schedule(TEAM, CHANNEL)
        seen.append((reply.text[:20], bool(found and found.enabled)))

    office.done("on 08:30", within=within)
    office.done("off", within=within)
    office.done("status", within=within)
    assert [enabled for _, enabled in seen] == [True, False]

    def fail(writer: Writer, reply: Reply) -> None:
        raise RuntimeError("the delivery was taken over")

    with pytest.raises(RuntimeError):
        office.say("on 10:00", within=fail)
    found = office.schedule()
    assert found is not None
    assert (found.time, found.enabled) == ("08:30", False)


def test_the_maintainers_preview_has_the_weeks_open_questions_on_monday(office: Office) -> None:
    office.world.ask_in_vain("who pays for coffee?", MONDAY - DAY)
    assert "coffee" in office.done("now", channel="C-maintainers").text
    assert "coffee" not in office.done("now").text


def test_the_next_digest_is_ones_own_else_the_first_that_one_set_up(office: Office) -> None:
    def coming() -> datetime | None:
        with office.store.read() as reader:
            return next_digest(reader, TEAM, "U1", office.now)

    assert coming() is None
    office.done("on 10:00")
    office.done("on 09:30", channel="C2")
    office.done("on 09:00", channel="C3", by="U2")
    assert coming() == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    office.done("me on 11:00")
    assert coming() == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    office.done("me off")
    assert coming() == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def test_the_next_digest_comes_after_the_day_that_has_one(office: Office) -> None:
    office.done("on 10:00")
    office.posted(date(2026, 11, 23))
    assert office.done("status").text.endswith("Next: Tue 24 Nov, 10:00.")


def test_a_day_that_was_skipped_does_not_come_again_at_a_later_time(office: Office) -> None:

    office.done("on 10:00 quiet")
    with office.store.write() as writer:
        run = writer.claim_digest(TEAM, CHANNEL, date(2026, 11, 23), by="test", now=MONDAY, lease_seconds=60)
        assert run is not None
        writer.finish_digest(replace(run, state="skipped", window_end=MONDAY))
    assert office.done("on 12:00").text.endswith("Next: Tue 24 Nov, 12:00.")


def test_a_digest_that_is_late_comes_now(office: Office) -> None:
    with office.store.write() as writer:
        writer.save_digest_schedule(schedule())
    office.now = MONDAY + timedelta(minutes=10)
    assert office.done("status").text.endswith("Next: Mon 23 Nov, 08:40.")
