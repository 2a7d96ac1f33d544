"""A week of two processes under a simulated clock that are killed two hundred times: none missing, none twice."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.schedule import moment
from bot.store.sqlite import SqliteStore
from tests.bot.digest_clockwork import Clockwork, Killed, Process
from tests.bot.local_poster import Board, Post
from tests.bot.services.digest_world import TEAM, World, schedules_in_many_zones

KILLS = 200
DAYS = 7


@pytest.mark.parametrize("begin", [date(2026, 10, 22), date(2027, 3, 25)], ids=["clocks go back", "clocks go forward"])
def test_a_week_with_two_hundred_kills_has_every_digest_once(tmp_path: Path, begin: date) -> None:
    week = Week(tmp_path / "week.db", begin)
    week.run()
    assert week.clockwork.kills_left == 0
    for target in week.targets:
        posts, expected = week.posts(target), week.expected(target)
        assert [post.day for post in posts] == expected, target
        for post in posts:
            assert week.board.pages(target, post.day) == [0], (target, post.day)
            with week.store.read() as reader:
                run = reader.digest_run(TEAM, target, post.day)
            assert run is not None
            assert run.state == "posted", (target, post.day)
            assert "could not be posted" not in post.text
        for earlier, later in itertools.pairwise(posts):
            assert later.start == earlier.until  # each tells from where the last one ended
    week.store.close()


class Week:
    """A dozen channels in four zones over a change of clocks; two processes that die again and again."""

    def __init__(self, path: Path, begin: date, seed: int = 7) -> None:
        self.path = path
        self.begin = begin
        self.start = datetime(begin.year, begin.month, begin.day, tzinfo=UTC) - timedelta(days=1)
        self.length = timedelta(days=DAYS + 1)
        self.store = SqliteStore(path)
        self.board = Board()
        self.clockwork = Clockwork(
            self.start, random.Random(seed), kills_left=KILLS, kill_probability=0.3, troubles=0.05
        )
        self.targets = schedules_in_many_zones((f"C{number}" for number in range(12)), self.start)
        world = World(self.store)
        for target, each in self.targets.items():
            world.create(f"product-{target.lower()}", self.start, channel=target)
            with self.store.write() as writer:
                writer.save_digest_schedule(each)

    def run(self) -> None:
        """Live through the week."""
        run_for(self.path, self.board, self.clockwork, self.length)

    def expected(self, target: str) -> list[date]:
        """The local dates on which a target is due; without the last hour, which may not be enough to recover."""
        each = self.targets[target]
        days = [self.begin + timedelta(days=n) for n in range(-2, DAYS + 1)]
        due = [(day, moment(each.time, each.zone, day)) for day in days]
        end = self.start + self.length - timedelta(hours=1)
        return [day for day, at in due if at is not None and self.start <= at < end]

    def posts(self, target: str) -> list[Post]:
        """The digests that a target got on those days."""
        last = self.expected(target)[-1]
        return [post for post in self.board.parents(target) if post.day <= last]


def run_for(path: Path, board: Board, clockwork: Clockwork, length: timedelta) -> None:
    """Two processes for so long; one that dies comes back after a while."""
    end = clockwork.now + length
    back_at: list[datetime] = [clockwork.now, clockwork.now]
    processes: list[Process | None] = [None, None]
    while clockwork.now < end:
        worked = False
        for number in clockwork.chance.sample(range(2), 2):
            process = processes[number]
            try:
                if process is None:
                    if clockwork.now < back_at[number]:
                        continue
                    process = processes[number] = Process(path, board, clockwork)
                process.look()
                for _ in range(clockwork.chance.randint(1, 4)):
                    worked = process.step() or worked
            except Killed:
                assert process is not None
                process.close()
                processes[number] = None
                back_at[number] = clockwork.now + timedelta(seconds=clockwork.chance.uniform(0, 400))
        idle = not worked and all(process is None or not len(process.queue) for process in processes)
        clockwork.advance(clockwork.chance.uniform(60, 600) if idle else clockwork.chance.uniform(0.1, 3))
    for process in processes:
        if process is not None:
            process.close()
