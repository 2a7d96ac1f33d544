"""A real process that posts digests, with the shipped runner, by a clock that the test holds.

The clock, and what each process says of itself, are numbers in a small file that all of them map. Time stands still
while any process is in the middle of a step: each step holds a lock on that file, which the kernel lets go of when the
process dies, and whoever moves the clock takes the lock alone.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import signal
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.scheduler import DigestQueue, DigestScheduler, _Job, make_owner
from bot.services.digest_posting import DigestPosting
from bot.slack.digest_poster import DigestPoster
from bot.store.records import DigestSchedule
from bot.store.sqlite import SqliteStore
from tests.bot.services.digest_world import TEAM, knowledge, names

LOOK_SECONDS = 0.004
WORKERS = 2
# The clock; then for each process the moment at which it had nothing left to do, and its deliveries under way.
_NUMBERS = 1 + 2 * 8


class SharedClock:
    """The file with the clock, seen from one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.write_bytes(bytes(8 * _NUMBERS))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8 * _NUMBERS)

    def seconds(self) -> float:
        """The simulated moment, in seconds since 1970."""
        return self._number(0)

    def now(self) -> datetime:
        """The simulated moment."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def set(self, seconds: float) -> None:
        """Move the clock."""
        self._map[0:8] = struct.pack("d", seconds)

    def say(self, process: int, idle_at: float, under_way: int) -> None:
        """What a process says: when it last had nothing left to do, and how many deliveries wait."""
        at = 8 + 16 * process
        self._map[at : at + 16] = struct.pack("dd", idle_at, under_way)

    def said(self, process: int) -> tuple[float, int]:
        """What a process said last; zeros before it has said anything."""
        return self._number(1 + 2 * process), int(self._number(2 + 2 * process))

    @contextmanager
    def locked(self, kind: int) -> Iterator[None]:
        """Hold the lock: `fcntl.LOCK_SH` for a step, `fcntl.LOCK_EX` to move the clock. May raise BlockingIOError."""
        with self._path.open("rb") as file:
            fcntl.flock(file, kind)
            yield

    def _number(self, index: int) -> float:
        number: float = struct.unpack_from("d", self._map, 8 * index)[0]
        return number


class GatedQueue(DigestQueue):
    """The shipped queue by the shared clock; says when there is nothing left to do at this moment."""

    def __init__(self, posting: DigestPosting, clock: SharedClock, process: int) -> None:
        super().__init__(posting, clock.seconds)
        self._shared = clock
        self._process = process
        self._looked_at = 0.0
        self._in_step = 0

    def add_due(self, due: list[tuple[DigestSchedule, date]]) -> None:
        super().add_due(due)
        self._looked_at = self._shared.seconds()
        self._say()

    def take(self) -> _Job | None:
        job = super().take()
        self._in_step += job is not None
        self._say()
        return job

    def step(self, job: _Job) -> tuple[float, bool] | None:
        with self._shared.locked(fcntl.LOCK_SH):
            return super().step(job)

    def put_back(self, job: _Job, pause: tuple[float, bool] | None) -> None:
        super().put_back(job, pause)
        self._in_step -= 1
        self._say()

    def _say(self) -> None:
        if self._in_step == 0 and self.seconds_to_next() != 0.0:
            self._shared.say(self._process, self._looked_at, len(self))


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is given. `number` tells it from the others at the Slack server, by its token's end."""

    number: int
    database: Path
    clock: Path
    api_url: str
    token: str


def post_digests(orders: Orders) -> None:
    """Post what is due until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = SharedClock(orders.clock)
    store = SqliteStore(orders.database)
    known = knowledge()
    posting = DigestPosting(
        store=store,
        knowledge=lambda: known,
        names=lambda team: names,
        poster=DigestPoster(f"{orders.token}.{orders.number}", orders.api_url),
        clock=clock.now,
        owner=make_owner("here", os.getpid(), datetime.now(UTC)),
        team=TEAM,
    )
    queue = GatedQueue(posting, clock, orders.number)
    scheduler = DigestScheduler(posting, look_seconds=LOOK_SECONDS, workers=WORKERS, queue=queue)
    scheduler.start()
    stop.wait()
    scheduler.stop()
    store.close()
