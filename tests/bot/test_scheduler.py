"""Digests posted once each: late starts, missed days, quiet ones, failing channels, 429, threads, clocks set back."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.scheduler import DigestScheduler, make_owner
from bot.services.digest_posting import DigestPosting, RateLimited, Temporary
from bot.store.records import DigestSchedule
from bot.store.sqlite import SqliteStore
from tests.bot.digest_clockwork import Clockwork, Process
from tests.bot.local_poster import Board, LocalPoster
from tests.bot.services.digest_world import CHANNEL, MONDAY, TEAM, World, knowledge, names, schedule

DAY = timedelta(days=1)


class Office:
    """One process, one board, one clock, and a channel with a digest at 08:30 in Madrid."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.board = Board()
        self.clockwork = Clockwork(MONDAY)
        self.process = Process(path, self.board, self.clockwork)
        self.world = World(self.process.store)

    def set_up(self, *schedules: DigestSchedule) -> None:
        with self.process.store.write() as writer:
            for each in schedules:
                writer.save_digest_schedule(each)

    def run(self, seconds: float = 120) -> None:
        """Let time pass, a second at a time."""
        for _ in range(int(seconds)):
            self.process.look()
            while self.process.step():
                pass
            self.clockwork.advance(1)

    def run_at(self, at: datetime, seconds: float = 60) -> None:
        self.clockwork.now = at
        self.run(seconds)

    def schedule(self, target: str = CHANNEL) -> DigestSchedule:
        with self.process.store.read() as reader:
            found = reader.digest_schedule(TEAM, target)
        assert found is not None
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "office.db")
    yield office
    office.process.close()


def days_of(office: Office, target: str = CHANNEL) -> list[date]:
    return [post.day for post in office.board.parents(target)]


def test_a_digest_is_posted_once_at_its_time(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY)
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.run_at(MONDAY - timedelta(seconds=30), 29)
    assert not office.board.posts
    office.run(300)
    assert days_of(office) == [date(2026, 11, 23)]
    assert office.board.lookups == 0  # nothing to look up where nothing crashed


def test_a_digest_missed_in_the_morning_is_posted_late_on_the_same_day(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.run_at(MONDAY + timedelta(hours=11))
    assert days_of(office) == [date(2026, 11, 23)]


def test_days_that_were_missed_are_skipped_and_said_in_the_next(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY)
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.run_at(MONDAY)
    office.world.move("churn", "advanced", MONDAY + timedelta(hours=3), "data-preparation")
    office.run_at(MONDAY + 3 * DAY)
    assert days_of(office) == [date(2026, 11, 23), date(2026, 11, 26)]
    text = office.board.posts[-2].text
    assert "The digests of Tue 24 Nov and Wed 25 Nov could not be posted" in text
    assert "Feasibility → Data Preparation" in text


def test_a_quiet_digest_says_nothing_when_nothing_is_new_and_misses_no_day_by_that(office: Office) -> None:
    office.world.create("churn", MONDAY - timedelta(hours=1))
    office.set_up(schedule(quiet=True, set_at=MONDAY - timedelta(minutes=5)))
    office.run_at(MONDAY)
    office.run_at(MONDAY + DAY)
    assert days_of(office) == [date(2026, 11, 23)]
    office.world.move("churn", "advanced", MONDAY + DAY + timedelta(hours=3), "data-preparation")
    office.run_at(MONDAY + 2 * DAY)
    assert days_of(office) == [date(2026, 11, 23), date(2026, 11, 25)]
    assert "could not be posted" not in office.board.posts[-2].text


def test_a_change_in_the_last_seconds_is_told_by_the_next_digest(office: Office) -> None:
    office.world.create("churn", MONDAY - 3 * DAY)
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.world.move("churn", "advanced", MONDAY - timedelta(seconds=2), "data-preparation")
    office.run_at(MONDAY)
    assert "Feasibility → Data Preparation" not in office.board.posts[0].text
    office.run_at(MONDAY + DAY)
    assert "Feasibility → Data Preparation" in office.board.parents(CHANNEL)[1].text


def test_a_failing_channel_is_switched_off_after_three_days_with_a_note(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - DAY), schedule("C2", set_at=MONDAY - DAY))
    office.board.gone[CHANNEL] = "the channel is archived"
    for day in range(5):
        office.run_at(MONDAY + day * DAY)
        assert office.schedule().enabled == (day < 3)
    assert len(office.board.parents("C2")) == 5
    assert [user for user, _ in office.board.told] == ["U1"]
    note = office.board.told[0][1]
    assert "could not be posted since Mon 23 Nov: the channel is archived." in note
    assert "/digest on 08:30" in note


def test_a_channel_that_works_again_starts_counting_anew(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(hours=1)))
    office.board.gone[CHANNEL] = "the channel is archived"
    office.run_at(MONDAY)
    office.run_at(MONDAY + DAY)
    assert office.schedule().failing_since == date(2026, 11, 23)
    office.board.gone.clear()
    office.run_at(MONDAY + 2 * DAY)
    assert office.schedule().failing_since is None
    assert "The digests of Mon 23 Nov and Tue 24 Nov could not be posted" in office.board.posts[0].text


def test_a_digest_set_up_anew_meanwhile_is_not_switched_off(office: Office) -> None:
    office.set_up(schedule(failing_since=date(2026, 11, 19), set_at=MONDAY - 9 * DAY))
    office.board.gone[CHANNEL] = "the channel is archived"
    queue, posting = office.process.queue, office.process.posting
    queue.add_due(posting.due(MONDAY))
    office.set_up(schedule(set_at=MONDAY - timedelta(seconds=1)))
    while office.process.step():
        pass
    assert office.schedule().enabled


def test_a_crash_between_posting_and_recording_leads_to_a_look_up_not_to_a_second_post(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.process.look()
    assert office.process.step()  # posts the parent, then waits for its turn in the channel
    assert len(office.board.posts) == 1
    office.process.close()
    office.process = Process(office.path, office.board, office.clockwork)
    office.run(200)
    assert days_of(office) == [date(2026, 11, 23)]
    assert office.board.pages(CHANNEL, date(2026, 11, 23)) == [0]
    assert office.board.lookups == 1


def test_a_crash_that_is_found_the_next_day_still_counts_as_posted(office: Office) -> None:
    office.world.create("churn", MONDAY - timedelta(hours=1))
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.process.look()
    assert office.process.step()
    office.process.close()
    office.process = Process(office.path, office.board, office.clockwork)
    office.run_at(MONDAY + DAY)
    assert days_of(office) == [date(2026, 11, 23), date(2026, 11, 24)]
    tuesday = office.board.parents(CHANNEL)[1]
    assert tuesday.start == office.board.parents(CHANNEL)[0].until
    assert "could not be posted" not in tuesday.text


def test_a_crash_before_posting_that_is_found_the_next_day_counts_as_missed(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    with office.process.store.write() as writer:
        assert writer.claim_digest(TEAM, CHANNEL, date(2026, 11, 23), by="dead", now=MONDAY, lease_seconds=60)
    office.run_at(MONDAY + DAY)
    assert days_of(office) == [date(2026, 11, 24)]
    assert "The digest of Mon 23 Nov could not be posted" in office.board.posts[0].text


def test_a_clock_set_back_neither_repeats_nor_loses_a_digest(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    office.run_at(MONDAY)
    office.run_at(MONDAY - timedelta(hours=2), 3 * 3600)
    assert days_of(office) == [date(2026, 11, 23)]
    office.run_at(MONDAY - 2 * DAY + timedelta(minutes=1))
    office.run_at(MONDAY + DAY)
    assert sorted(set(days_of(office))) == sorted(days_of(office))
    assert date(2026, 11, 24) in days_of(office)


def test_an_answer_that_was_lost_is_looked_up_before_posting_again(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    lost = ["after post", "after page"]

    def lose(moment: str) -> None:
        if moment in lost:
            lost.remove(moment)
            raise Temporary("the connection was dropped")

    poster = office.process.posting.poster
    assert isinstance(poster, LocalPoster)
    poster.around = lose
    office.run(60)
    assert days_of(office) == [date(2026, 11, 23)]
    assert office.board.pages(CHANNEL, date(2026, 11, 23)) == [0]


def test_nothing_is_sent_to_a_team_while_slack_asks_to_wait(office: Office) -> None:
    others = [schedule(f"C{number}", set_at=MONDAY - timedelta(minutes=5)) for number in range(2, 12)]
    elsewhere = schedule("C1", team="T2", set_at=MONDAY - timedelta(minutes=5))
    office.set_up(*others, elsewhere)
    limited_at: list[datetime] = []
    sent: list[tuple[datetime, str]] = []

    def limit(moment: str) -> None:
        now = office.clockwork.now
        if moment == "before post" and not limited_at:
            limited_at.append(now)
            raise RateLimited(30)
        if moment.startswith("after"):
            sent.append((now, office.board.posts[-1].team))

    poster = office.process.posting.poster
    assert isinstance(poster, LocalPoster)
    poster.around = limit
    office.run(90)
    assert len({post.target for post in office.board.posts if post.team == TEAM}) == 10
    quiet_until = limited_at[0] + timedelta(seconds=30)
    assert not [at for at, team in sent if team == TEAM and at < quiet_until]
    assert [at for at, team in sent if team == "T2" and at < quiet_until]


def test_when_slack_asks_to_wait_longer_than_a_claim_lasts_it_is_posted_after_that(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    limits = [600.0]

    def limit(moment: str) -> None:
        if moment == "before post" and limits:
            raise RateLimited(limits.pop())

    poster = office.process.posting.poster
    assert isinstance(poster, LocalPoster)
    poster.around = limit
    office.run(590)
    assert not office.board.posts
    office.run(60)
    assert days_of(office) == [date(2026, 11, 23)]


def test_between_two_messages_to_one_channel_there_is_a_second(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - timedelta(minutes=5)))
    times: list[datetime] = []
    poster = office.process.posting.poster
    assert isinstance(poster, LocalPoster)
    poster.thread_pages = 3
    poster.around = lambda moment: times.append(office.clockwork.now) if moment.startswith("before") else None
    office.run(60)
    assert len(times) == 4
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))


def test_the_maintainers_get_the_weeks_questions_on_monday(office: Office) -> None:
    office.world.ask_in_vain("who pays for coffee?", MONDAY - DAY)
    office.set_up(schedule("C-maintainers", set_at=MONDAY - DAY), schedule(set_at=MONDAY - DAY))
    office.run_at(MONDAY)
    assert "coffee" in office.board.parents("C-maintainers")[0].text
    assert "coffee" not in office.board.parents(CHANNEL)[0].text


def test_threads_post_what_is_due_and_stop(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "threads.db")
    board = Board()
    with store.write() as writer:
        for number in range(30):
            writer.save_digest_schedule(schedule(f"C{number}", set_at=MONDAY - DAY))
    active: list[int] = []
    busiest: list[int] = []
    lock = threading.Lock()

    def slow(moment: str) -> None:
        with lock:
            active.append(1) if moment.startswith("before") else active.pop()
            busiest.append(len(active))
        if moment.startswith("before"):
            time.sleep(0.01)

    posting = DigestPosting(
        store=store,
        knowledge=knowledge,
        names=lambda team: names,
        poster=LocalPoster(board, slow, thread_pages=0),
        clock=lambda: MONDAY,
        owner=make_owner("host", 1, datetime(2026, 1, 1, tzinfo=UTC)),
    )
    scheduler = DigestScheduler(posting, look_seconds=0.05, workers=4)
    scheduler.start()
    deadline = time.monotonic() + 20
    while len(board.posts) < 30 and time.monotonic() < deadline:
        time.sleep(0.01)
    scheduler.stop()
    assert sorted(post.target for post in board.posts) == sorted(f"C{number}" for number in range(30))
    assert 1 < max(busiest) <= 4
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("digest-")]
    store.close()


def test_stopping_in_the_middle_of_a_thread_gives_the_claim_up_at_once(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - DAY))
    posted = threading.Event()
    posting = replace(
        office.process.posting,
        poster=LocalPoster(office.board, lambda moment: posted.set() if moment == "after post" else None, 2),
        owner="stopping",
    )
    scheduler = DigestScheduler(posting, look_seconds=0.01, workers=2)
    scheduler.start()
    assert posted.wait(60)
    assert office.process.posting.due(MONDAY) == []
    scheduler.stop()
    assert len(office.process.posting.due(MONDAY)) == 1
    office.process.posting.poster.thread_pages = 2  # type: ignore[attr-defined]
    office.run(10)
    assert days_of(office) == [date(2026, 11, 23)]
    assert office.board.pages(CHANNEL, date(2026, 11, 23)) == [0, 1]


def test_stopping_keeps_the_claim_of_a_call_that_may_still_post(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - DAY))
    begun, go_on = threading.Event(), threading.Event()

    def hang(moment: str) -> None:
        if moment == "before post":
            begun.set()
            go_on.wait(60)

    posting = replace(office.process.posting, poster=LocalPoster(office.board, hang), owner="hanging")
    scheduler = DigestScheduler(posting, look_seconds=0.01, workers=1)
    scheduler.start()
    assert begun.wait(60)
    scheduler.stop(timeout=0.05)
    assert office.process.posting.due(MONDAY) == []
    go_on.set()
    scheduler.stop()
    assert days_of(office) == [date(2026, 11, 23)]


def test_a_failure_that_nobody_foresaw_delays_no_other_channel(office: Office) -> None:
    office.set_up(schedule(set_at=MONDAY - DAY), schedule("C2", set_at=MONDAY - DAY))
    poster = office.process.posting.poster
    assert isinstance(poster, LocalPoster)
    broken = replace(office.board)

    def fail(moment: str) -> None:
        if moment == "before post" and not broken.told:
            broken.told.append(("", ""))
            raise ValueError("a bug")

    poster.around = fail
    office.run(30)
    assert len(office.board.parents(CHANNEL)) + len(office.board.parents("C2")) == 1
    office.run(180)
    assert len(office.board.parents(CHANNEL)) == len(office.board.parents("C2")) == 1
