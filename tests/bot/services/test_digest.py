"""What a digest says: what moved, is open, stuck, owed, held by nobody; its scope; how it is laid out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.services.digest import digest_text, first_window
from bot.services.digest_layout import LINE_LIMIT, PARENT_LINES
from bot.store.records import DigestRun, Holding
from bot.store.sqlite import SqliteStore
from knowledge.lifecycle import State
from tests.bot.services.digest_world import CHANNEL, MONDAY, TEAM, World, schedule

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = SqliteStore(tmp_path / "digest.db")
    yield World(store)
    store.close()


def test_a_move_is_told_with_who_from_where_to_where_and_why(world: World) -> None:
    world.create("churn", MONDAY - 40 * DAY, sponsor="U2")
    world.decide("churn", MONDAY - 5 * HOUR, "make", cost=("120k EUR",), kpi=("recall above 0.8",))
    world.move("churn", "advanced", MONDAY - HOUR, "data-preparation", reason="sources  are\nready")
    digest = world.digest()
    text = digest_text(digest)
    assert "churn: Feasibility → Data Preparation, by Ana Ruiz: “sources are ready”" in text
    assert "churn: decided Make (cost 120k EUR; KPI recall above 0.8), by Ana Ruiz" in text
    assert digest.anything_new


def test_where_nothing_is_new_one_line_says_so_and_what_is_open_is_in_the_thread(world: World) -> None:
    world.create("churn", MONDAY - 21 * DAY, "data-preparation", data_analyst="U1", data_engineer="U2")
    world.create("orphan", MONDAY - 40 * DAY)
    digest = world.digest()
    assert not digest.anything_new
    assert [line.text for line in digest.parent] == [
        "Daily digest, Mon 23 Nov: nothing moved since Sun 22 Nov, 08:30. All products: Decisions waiting (1),"
        " Stuck (1), Open now (2) and Held by nobody (1). Details are in the thread."
    ]
    people = "churn: Data Preparation for 21 days (Data analyst Ana Ruiz; Data engineer Bo)"
    assert [people in item for section in digest.details for item in section.items].count(True) == 1


def test_what_waits_for_somebody_is_not_put_into_the_thread_of_their_own_digest(world: World) -> None:
    world.create("churn", MONDAY - 21 * DAY, sponsor="U2")
    digest = world.digest(set_up=schedule("U2", kind="person"))
    assert not digest.anything_new
    assert "• churn: Buy or make, in Feasibility for 21 days" in [line.text for line in digest.parent]


def test_longer_than_the_limit_is_stuck_and_says_who_is_to_be_told(world: World) -> None:
    world.create("old", MONDAY - 45 * DAY, sponsor="U2")
    world.create("orphan", MONDAY - 31 * DAY)
    world.create("young", MONDAY - 30 * DAY, sponsor="U2")
    text = digest_text(world.digest())
    assert "old: 45 days in Feasibility, where the limit is 30 days; to be told: Bo (Sponsor)" in text
    assert "orphan: 31 days in Feasibility, where the limit is 30 days; to be told: Sponsor (held by nobody)" in text
    assert "young: 30 days in" not in text


def test_becoming_stuck_is_news_and_staying_stuck_is_not(world: World) -> None:
    world.create("old", MONDAY - 31 * DAY, sponsor="U2")
    assert world.digest().anything_new
    assert not world.digest(MONDAY + DAY).anything_new


def test_a_decision_that_is_owed_waits_until_it_is_taken(world: World) -> None:
    world.create("churn", MONDAY - 3 * DAY, sponsor="U2")
    waiting = "churn: Buy or make, in Feasibility for 3 days; to be decided by Bo (Sponsor)"
    assert waiting in digest_text(world.digest())
    world.decide("churn", MONDAY - HOUR, "make")
    assert "Decisions waiting" not in digest_text(world.digest())


def test_driving_roles_that_nobody_holds_are_named(world: World) -> None:
    world.create("churn", MONDAY - 3 * DAY, "data-preparation", data_analyst="U1")
    text = digest_text(world.digest())
    assert "Held by nobody (1)" in text
    assert "churn: Data engineer, in Data Preparation" in text


def test_an_adopted_product_owes_no_decision_of_a_stage_it_skipped(world: World) -> None:
    world.create("churn", MONDAY - 3 * HOUR, "productization")
    text = digest_text(world.digest())
    assert "Decisions waiting" not in text
    assert "churn: new here, already under way in Productization, by Ana Ruiz" in text


def test_a_change_that_was_undone_in_the_same_window_is_not_told(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    number = world.move("churn", "advanced", MONDAY - 3 * HOUR, "data-preparation")
    world.move("churn", "undone", MONDAY - 2 * HOUR, "feasibility", undoes=number)
    digest = world.digest()
    assert "Moved" not in digest_text(digest)
    assert not digest.anything_new


def test_the_change_that_was_undone_is_the_one_that_the_event_says(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    kept = world.move("churn", "advanced", MONDAY - 4 * HOUR, "data-preparation")
    undone = world.move("churn", "advanced", MONDAY - 3 * HOUR, "modelling")
    world.move("churn", "undone", MONDAY - 2 * HOUR, "data-preparation", stood=kept, undoes=undone)
    text = digest_text(world.digest())
    assert "churn: Feasibility → Data Preparation, by Ana Ruiz" in text
    assert "Modelling" not in text and "undone" not in text


def test_undoing_a_change_of_an_earlier_window_is_told(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    number = world.move("churn", "advanced", MONDAY - 3 * DAY, "data-preparation")
    world.move("churn", "undone", MONDAY - 2 * HOUR, "feasibility", undoes=number, actor="U2")
    assert "churn: undone, Data Preparation → Feasibility, by Bo" in digest_text(world.digest())


def test_a_renamed_product_is_told_by_its_new_name_and_its_old(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    world.record("churn", "renamed", MONDAY - HOUR, lambda p: replace(p, name="Leavers", former_names=("churn",)))
    text = digest_text(world.digest())
    assert "Leavers: renamed, was “churn”, by Ana Ruiz" in text
    assert "Leavers: Feasibility for 9 days" in text


def test_an_archived_product_is_told_once_and_then_gone(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    world.record("churn", "archived", MONDAY - HOUR, lambda p: replace(p, archived=True))
    text = digest_text(world.digest())
    assert "churn: archived, by Ana Ruiz" in text
    assert "Open now" not in text
    assert "churn" not in digest_text(world.digest(MONDAY + DAY))


def test_archived_and_restored_in_one_window_is_no_news(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    world.record("churn", "archived", MONDAY - 2 * HOUR, lambda p: replace(p, archived=True))
    world.record("churn", "restored", MONDAY - HOUR, lambda p: replace(p, archived=False))
    assert not world.digest().anything_new


def test_a_bought_product_is_told_with_its_decision(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    world.record(
        "churn",
        "decided",
        MONDAY - HOUR,
        lambda p: replace(p, state=State(status="bought", entered=p.state.entered)),
        details={"option": "buy", "values": {"cost": ["1m"]}},
    )
    text = digest_text(world.digest())
    assert "churn: decided Buy (cost 1m), so it is bought, by Ana Ruiz" in text
    assert "Open now" not in text


def test_roles_that_changed_are_told(world: World) -> None:
    world.create("churn", MONDAY - 9 * DAY)
    world.record("churn", "assigned", MONDAY - HOUR, lambda p: replace(p, holders=(Holding("sponsor", "U2"),)))
    assert "churn: Bo takes Sponsor, by Ana Ruiz" in digest_text(world.digest())


def test_a_channel_with_linked_products_has_only_those(world: World) -> None:
    world.create("churn", MONDAY - 3 * DAY, channel=CHANNEL)
    world.create("pricing", MONDAY - 3 * DAY)
    assert "pricing" not in digest_text(world.digest())
    assert "pricing" in digest_text(world.digest(set_up=schedule(scope="all")))


def test_a_channel_without_linked_products_has_all(world: World) -> None:
    world.create("pricing", MONDAY - 3 * DAY, channel="C9")
    digest = world.digest()
    assert "pricing" in digest_text(digest)
    assert digest.scope == "all"


def test_a_channel_whose_linked_products_are_all_archived_has_all(world: World) -> None:
    world.create("churn", MONDAY - 30 * DAY, channel=CHANNEL)
    world.create("pricing", MONDAY - 3 * DAY)
    world.record("churn", "archived", MONDAY - 20 * DAY, lambda p: replace(p, archived=True))
    assert "pricing" in digest_text(world.digest())


def test_a_digest_of_a_stage_has_what_is_in_it_and_what_left_it(world: World) -> None:
    world.create("staying", MONDAY - 9 * DAY)
    world.create("leaving", MONDAY - 9 * DAY)
    world.create("elsewhere", MONDAY - 9 * DAY, "deployment")
    world.move("leaving", "advanced", MONDAY - HOUR, "data-preparation")
    text = digest_text(world.digest(set_up=schedule(scope="stage:feasibility")))
    assert "leaving: Feasibility → Data Preparation" in text
    assert "staying: Feasibility" in text
    assert "leaving: Data Preparation for" not in text
    assert "elsewhere" not in text


def test_a_digest_of_a_person_has_the_products_they_have_a_role_on(world: World) -> None:
    world.create("mine", MONDAY - 9 * DAY, sponsor="U2")
    world.create("theirs", MONDAY - 9 * DAY, sponsor="U1")
    text = digest_text(world.digest(set_up=schedule(scope="user:U2")))
    assert "mine" in text
    assert "theirs" not in text
    assert "Products of Bo" in text


def test_ones_own_digest_begins_with_what_waits_for_one_and_says_ones_roles(world: World) -> None:
    world.create("deciding", MONDAY - 3 * DAY, sponsor="U2")
    world.create("preparing", MONDAY - 3 * DAY, "data-preparation", data_engineer="U2", data_analyst="U1")
    world.create("theirs", MONDAY - 3 * DAY, sponsor="U1")
    digest = world.digest(set_up=schedule("U2", kind="person"))
    text = digest_text(digest)
    assert digest.parent[0].label.startswith("Your digest")
    assert "deciding: Buy or make, in Feasibility for 3 days" in text.split("Decisions waiting", maxsplit=1)[0]
    assert "preparing: Data Preparation is yours to finish, open for 3 days" in text
    assert (
        "preparing: Data Preparation for 3 days (Data analyst Ana Ruiz; Data engineer Bo); you: Data engineer" in text
    )
    assert "theirs" not in text


def test_the_weeks_open_questions_are_told_on_mondays_to_the_maintainers_only(world: World) -> None:
    for hours in (1, 2):
        world.ask_in_vain("who pays for coffee?", MONDAY - hours * HOUR)
    world.ask_in_vain("long ago", MONDAY - 8 * DAY)
    monday = world.digest(for_maintainers=True)
    assert "“who pays for coffee?”, 2 times" in digest_text(monday)
    assert "long ago" not in digest_text(monday)
    assert "U2" not in digest_text(monday)
    assert "coffee" not in digest_text(world.digest())
    assert "coffee" not in digest_text(world.digest(MONDAY + DAY, for_maintainers=True))


@pytest.mark.parametrize(("last", "told"), [(-7 * DAY, [5, 6]), (-7 * DAY + 5 * HOUR, [6]), (-14 * DAY, [5, 6, 13])])
def test_open_questions_are_those_since_the_last_mondays_digest_be_it_late_or_older(
    world: World, last: timedelta, told: list[int]
) -> None:
    for days in (6, 13, 15):
        world.ask_in_vain(f"question {days}?", MONDAY - days * DAY)
    world.ask_in_vain("question 5?", MONDAY - 7 * DAY + HOUR)
    with world.store.write() as writer:
        day = (MONDAY + last).date()
        run = writer.claim_digest(TEAM, CHANNEL, day, by="p1", now=MONDAY + last, lease_seconds=60)
        assert run is not None
        writer.finish_digest(replace(run, state="posted", window_end=MONDAY + last, message="1.1"))
    text = digest_text(world.digest(for_maintainers=True))
    assert [days for days in (5, 6, 13, 15) if f"question {days}?" in text] == told


def test_days_that_were_missed_are_said(world: World) -> None:
    world.create("churn", MONDAY - 3 * DAY)
    text = digest_text(world.digest(missed=(date(2026, 11, 21), date(2026, 11, 22))))
    assert "The digests of Sat 21 Nov and Sun 22 Nov could not be posted; this one tells of that time too." in text
    week = tuple(date(2026, 11, day) for day in range(16, 23))
    assert "The digests of Mon 16 Nov, Tue 17 Nov, Wed 18 Nov" in digest_text(world.digest(missed=week))
    longer = (date(2026, 11, 14), date(2026, 11, 15), *week)
    assert "The digests of 4 earlier days, Wed 18 Nov" in digest_text(world.digest(missed=longer))


@pytest.mark.parametrize("scope", ["", "linked", "all", "stage:feasibility", "user:U2"])
def test_nothing_at_all_is_one_line(world: World, scope: str) -> None:
    digest = world.digest(set_up=schedule(scope=scope))
    assert len(digest.parent) == 1
    assert "nothing moved" in digest.parent[0].text
    assert not digest.details
    assert not digest.anything_new


def test_a_stage_and_a_role_that_the_pack_does_not_have_are_shown_by_id(world: World) -> None:
    world.create("alien", MONDAY - 3 * HOUR, "brewing", brewer="U1")
    text = digest_text(world.digest())
    assert "alien: brewing since today" in text


@pytest.mark.parametrize("products", [1, 3, 12, 60])
def test_the_parent_message_keeps_to_a_dozen_lines_and_nothing_is_lost(world: World, products: int) -> None:
    for number in range(products):
        world.create(f"product-{number:03}", MONDAY - (number + 1) * DAY, sponsor="U1")
        if number % 2:
            world.decide(f"product-{number:03}", MONDAY - HOUR, "make")
            world.move(f"product-{number:03}", "advanced", MONDAY - HOUR, "data-preparation")
    digest = world.digest(missed=(date(2026, 11, 22),), for_maintainers=True)
    assert len(digest.parent) <= PARENT_LINES
    assert all(len(line.text) <= LINE_LIMIT + 80 for line in digest.parent)
    text = digest_text(digest)
    for number in range(products):
        stage = "Data Preparation since today" if number % 2 else f"Feasibility for {number + 1} day"
        assert f"product-{number:03}: {stage}" in text


def test_a_first_digest_looks_back_seven_days_and_the_next_to_the_last_that_was_posted(world: World) -> None:
    new = schedule(set_at=MONDAY)
    with world.store.write() as writer:
        assert first_window(writer, new, MONDAY) == MONDAY - 7 * DAY
        run = writer.claim_digest(TEAM, CHANNEL, date(2026, 11, 20), by="p1", now=MONDAY - 3 * DAY, lease_seconds=60)
        assert run is not None
        end = MONDAY - 3 * DAY
        writer.finish_digest(replace(run, state="posted", window_start=end - DAY, window_end=end, message="1.1"))
    with world.store.read() as reader:
        assert first_window(reader, new, MONDAY) == end
        assert first_window(reader, new, end - DAY) == end - DAY  # the clock was set back


@pytest.mark.parametrize(("set_up", "since"), [(3, 7), (12, 12), (90, 31)])
def test_a_first_digest_tells_of_the_days_that_it_says_were_missed(world: World, set_up: int, since: int) -> None:
    with world.store.read() as reader:
        assert first_window(reader, schedule(set_at=MONDAY - set_up * DAY), MONDAY) == MONDAY - since * DAY


def test_a_window_has_its_start_and_not_its_end(world: World) -> None:
    world.create("at-start", MONDAY - DAY)
    world.create("at-end", MONDAY)
    text = digest_text(world.digest())
    assert "at-start: new, in Feasibility" in text
    assert "at-end: new" not in text


def test_dates_are_those_of_the_digests_zone(world: World) -> None:
    world.create("churn", datetime(2026, 11, 22, 23, 30, tzinfo=UTC))  # Monday in Madrid, Sunday in New York
    assert "churn: Feasibility since today" in digest_text(world.digest())
    assert "churn: Feasibility for 1 day" in digest_text(world.digest(set_up=schedule(zone="America/New_York")))


def test_a_digest_run_without_a_window_counts_as_none(world: World) -> None:
    with world.store.write() as writer:
        run = writer.claim_digest(TEAM, CHANNEL, date(2026, 11, 20), by="p1", now=MONDAY, lease_seconds=60)
        assert isinstance(run, DigestRun)
        writer.finish_digest(replace(run, state="skipped"))
    with world.store.read() as reader:
        assert first_window(reader, schedule(set_at=MONDAY), MONDAY) == MONDAY - 7 * DAY
