"""A week of two processes under a simulated clock that are killed two hundred times: none missing, none twice."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.schedule import moment
from bot.store.sqlite import SqliteStore
from tests.bot.digest_clockwork import Clockwork, Killed, Process
from tests.bot.local_poster import Board
from tests.bot.services.digest_world import TEAM, World, schedule

KILLS = 200
DAYS = 7
ZONES = ("Europe/Madrid", "America/New_York", "Asia/Tokyo", "Asia/Kolkata")


@pytest.mark.parametrize("begin", [date(2026, 10, 22), date(2027, 3, 25)], ids=["clocks go back", "clocks go forward"])
def test_a_week_with_two_hundred_kills_has_every_digest_once(tmp_path: Path, begin: date) -> None:
    path = tmp_path / "week.db"
    start = datetime(begin.year, begin.month, begin.day, tzinfo=UTC) - timedelta(days=1)
    store = SqliteStore(path)
    targets = {f"C{number}": ZONES[number % len(ZONES)] for number in range(12)}
    world = World(store)
    for target, zone in targets.items():
        world.create(f"product-{target.lower()}", start, channel=target)
        with store.write() as writer:
            time = "02:30" if target in ("C0", "C1") else "08:30"  # 02:30 is missing, or there twice, on one night
            writer.save_digest_schedule(schedule(target, zone=zone, time=time, set_at=start))
    board = Board()
    clockwork = Clockwork(start, random.Random(7), kills_left=KILLS, kill_probability=0.3, troubles=0.05)
    run_for(path, board, clockwork, timedelta(days=DAYS + 1))

    assert clockwork.kills_left == 0
    end = start + timedelta(days=DAYS + 1)
    for target, zone in targets.items():
        set_up = schedule(target, zone=zone, time="02:30" if target in ("C0", "C1") else "08:30")
        days = [begin + timedelta(days=n) for n in range(-2, DAYS + 1)]
        expected = []
        for day in days:
            due = moment(set_up.time, zone, day)
            if due is not None and start <= due < end - timedelta(hours=1):
                expected.append(day)
        posts = [post for post in board.parents(target) if post.day <= expected[-1]]
        assert [post.day for post in posts] == expected, target
        for post in posts:
            assert board.pages(target, post.day) == [0], (target, post.day)
            with store.read() as reader:
                run = reader.digest_run(TEAM, target, post.day)
            assert run is not None
            assert run.state == "posted", (target, post.day)
            assert "could not be posted" not in post.text
        for earlier, later in itertools.pairwise(posts):
            assert later.start == earlier.until  # each tells from where the last one ended
    store.close()


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
