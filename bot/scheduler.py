"""Posts digests when they are due: a thread that looks, a small pool that posts, and pauses that Slack asks for.

Any number of processes may run this on one database. What is due is read from there, and so is who is about it; what
is kept in memory is only what this process is in the middle of.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from time import monotonic

from bot.services.digest_posting import DigestPosting, Steps
from bot.store.base import StoreError
from bot.store.records import DigestSchedule

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
WORKERS = 8
# At the end, deliveries that are in the middle of a call get this long to finish it.
STOP_SECONDS = 8.0
Target = tuple[str, str]


@dataclass(order=True, slots=True)
class _Job:
    """A delivery under way, and when its next step may be taken."""

    not_before: float
    number: int
    target: Target = field(compare=False)
    steps: Steps = field(compare=False)


class DigestQueue:
    """The deliveries under way, soonest first, at most one a target; their steps are taken one at a time.

    Without threads, so that tests can take the steps themselves; `clock` counts seconds.
    """

    def __init__(self, posting: DigestPosting, clock: Callable[[], float] = monotonic) -> None:
        self._posting = posting
        self._clock = clock
        self._jobs: list[_Job] = []
        self._busy: set[Target] = set()
        self._numbers = itertools.count()
        self._paused_until: dict[str, float] = {}

    def add_due(self, due: list[tuple[DigestSchedule, date]]) -> None:
        """Begin the deliveries that are not under way yet."""
        for schedule, day in due:
            target = (schedule.team, schedule.target)
            if target not in self._busy:
                self._busy.add(target)
                steps = self._posting.deliver(schedule, day)
                heapq.heappush(self._jobs, _Job(self._clock(), next(self._numbers), target, steps))

    def take(self) -> _Job | None:
        """The delivery whose step is to be taken now; None where there is none before `seconds_to_next`."""
        now = self._clock()
        while self._jobs and self._jobs[0].not_before <= now:
            job = heapq.heappop(self._jobs)
            paused = self._paused_until.get(job.target[0], 0.0)
            if paused <= now:
                return job
            job.not_before = paused
            heapq.heappush(self._jobs, job)
        return None

    def seconds_to_next(self) -> float | None:
        """How long until a step can be taken; None where there is nothing to do."""
        return max(0.0, self._jobs[0].not_before - self._clock()) if self._jobs else None

    def step(self, job: _Job) -> tuple[float, bool] | None:
        """Take a delivery's next step: the pause it wants (seconds, whether for the whole team), None at its end.

        A delivery that fails unforeseen is dropped; its claim runs out, and it is begun again.
        """
        try:
            pause = next(job.steps)
        except StopIteration:
            return None
        except StoreError as error:
            log.warning("digest of %s/%s put off: %s", *job.target, error)
            return None
        except Exception:
            log.exception("digest of %s/%s failed and will be tried again", *job.target)
            return None
        return pause.seconds, pause.team_wide

    def put_back(self, job: _Job, pause: tuple[float, bool] | None) -> None:
        """After a step: queue the next, or forget the delivery."""
        if pause is None:
            self._busy.discard(job.target)
            return
        seconds, team_wide = pause
        job.not_before = self._clock() + seconds
        if team_wide:
            team = job.target[0]
            self._paused_until[team] = max(self._paused_until.get(team, 0.0), job.not_before)
        heapq.heappush(self._jobs, job)

    def between_steps(self) -> list[Target]:
        """The targets whose delivery rests: nobody is in the middle of a step of theirs."""
        return [job.target for job in self._jobs]

    def __len__(self) -> int:
        return len(self._busy)


class DigestScheduler:
    """Runs in the background from `start` to `stop`. `queue`: one with another clock, for tests."""

    def __init__(
        self,
        posting: DigestPosting,
        *,
        look_seconds: float = LOOK_SECONDS,
        workers: int = WORKERS,
        queue: DigestQueue | None = None,
    ) -> None:
        self._posting = posting
        self._queue = DigestQueue(posting) if queue is None else queue
        self._changed = threading.Condition()
        self._look_seconds = look_seconds
        self._workers = workers
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to look for digests that are due."""
        if self._threads:
            raise RuntimeError("the scheduler was started already")
        self._threads = [
            threading.Thread(target=self._look, name="digest-look", daemon=True),
            *(
                threading.Thread(target=self._work, name=f"digest-{number}", daemon=True)
                for number in range(self._workers)
            ),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """End after the calls that are under way; what is not finished, another process goes on with at once.

        A call that does not end in time keeps its claim: it may still post, and its digest waits for the lease's end.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        end = monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))
        with self._changed:
            left = self._queue.between_steps()
        try:
            self._posting.release(left)
        except StoreError as error:
            log.warning("claims on %d digests run out by themselves: %s", len(left), error)

    def under_way(self) -> int:
        """How many deliveries this process is about."""
        with self._changed:
            return len(self._queue)

    def _look(self) -> None:
        while not self._stopping:
            try:
                due = self._posting.due(self._posting.clock())
            except StoreError as error:
                log.warning("could not look for digests: %s", error)
                due = []
            except Exception:
                log.exception("could not look for digests")
                due = []
            with self._changed:
                self._queue.add_due(due)
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopping, self._look_seconds)

    def _work(self) -> None:
        while (job := self._next_job()) is not None:
            pause = self._queue.step(job)
            with self._changed:
                # Nobody is woken: this worker is the one that takes what is next, or waits for it.
                self._queue.put_back(job, pause)

    def _next_job(self) -> _Job | None:
        with self._changed:
            while not self._stopping:
                job = self._queue.take()
                if job is not None:
                    return job
                wait = self._queue.seconds_to_next()
                # The queue's clock need not be that of the threads, so it is looked at again now and then.
                self._changed.wait(self._look_seconds if wait is None else min(wait, self._look_seconds))
            return None


def make_owner(host: str, process: int, started: datetime) -> str:
    """A name for this process that no other has had, for its claims."""
    return f"{host}:{process}:{started.timestamp():.6f}"
