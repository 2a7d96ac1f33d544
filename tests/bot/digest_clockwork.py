"""Processes that post digests under a simulated clock, a step at a time, and that can be killed at any point."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.scheduler import DigestQueue
from bot.services.digest_posting import DigestPosting, RateLimited, Temporary
from bot.store.base import Reader, Writer
from bot.store.sqlite import SqliteStore
from tests.bot.local_poster import Board, LocalPoster
from tests.bot.services.digest_world import knowledge, names


class Killed(BaseException):
    """The process is gone; nothing in it may catch this."""


@dataclass
class Clockwork:
    """The simulated time, and how it goes wrong."""

    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    kills_left: int = 0
    kill_probability: float = 0.25
    troubles: float = 0.0

    def seconds(self) -> float:
        return self.now.timestamp()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def point(self, moment: str) -> None:
        """A point at which a process may die, or a call fail."""
        if self.kills_left > 0 and self.chance.random() < self.kill_probability:
            self.kills_left -= 1
            raise Killed(moment)
        if " " in moment and self.chance.random() < self.troubles:
            # Slack refuses with 429 before a call has had its effect; a connection may break after it, too.
            if moment.startswith("before") and self.chance.random() < 0.5:
                raise RateLimited(self.chance.choice([1, 7, 200]))
            raise Temporary("no connection")


class MortalStore(SqliteStore):
    """The real store, in a process that may die before or after each transaction."""

    def __init__(self, path: Path, clockwork: Clockwork) -> None:
        super().__init__(path)
        self._clockwork = clockwork

    @contextmanager
    def write(self) -> Iterator[Writer]:
        self._clockwork.point("transaction")
        with super().write() as writer:
            yield writer
        self._clockwork.point("transaction")

    @contextmanager
    def read(self) -> Iterator[Reader]:
        with super().read() as reader:
            yield reader


class Process:
    """One process: its own store on the shared file, its own queue, the shared board."""

    started = 0

    def __init__(self, path: Path, board: Board, clockwork: Clockwork, *, thread_pages: int = 1) -> None:
        Process.started += 1
        self.store = MortalStore(path, clockwork)
        self.posting = DigestPosting(
            store=self.store,
            knowledge=knowledge,
            names=lambda team: names,
            poster=LocalPoster(board, clockwork.point, thread_pages),
            clock=lambda: clockwork.now,
            owner=f"process-{Process.started}",
            maintainers_channel="C-maintainers",
        )
        self.queue = DigestQueue(self.posting, clockwork.seconds)

    def look(self) -> None:
        """Look for what is due."""
        self.queue.add_due(self.posting.due(self.posting.clock()))

    def step(self) -> bool:
        """Take one step, if there is one to take now."""
        job = self.queue.take()
        if job is None:
            return False
        self.queue.put_back(job, self.queue.step(job))
        return True

    def close(self) -> None:
        self.store.close()
