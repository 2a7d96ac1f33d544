"""Getting a digest out once: the claim, the window, the look-up after a crash, the record. No thread, no own clock.

A delivery is a generator that does one thing at a time and yields how long to wait before the next. Whoever runs it
may die between any two of them, or within one: what the database and the message's own mark say is enough for another
process to go on, without posting twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from bot.schedule import due_day, local_date, run_of, scheduled_days
from bot.services.digest import MISSED, Digest, build, first_window
from bot.services.digest_moves import Names
from bot.services.digest_words import counted, date_words, typed
from bot.store.base import LeaseLost, Reader, Store, Writer
from bot.store.records import DigestRun, DigestSchedule
from knowledge.queries import Knowledge

log = logging.getLogger(__name__)

FAILING_DAYS = 3
# A change may be recorded a moment after the time it carries; what is younger than this is left to the next digest.
SETTLE = timedelta(seconds=5)
# A call may take this long at most, so nothing is sent by a claim that has less time left.
CALL_SECONDS = 20.0
SAME_CHANNEL_SECONDS = 1.05
_RETRY_SECONDS = (2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class Marker:
    """What marks a digest's message, so that it is found again. `until`: the end of the time it tells of."""

    team: str
    target: str
    kind: Literal["channel", "person"]
    day: date
    until: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A digest's message that is there already; `pages` of its thread are."""

    message: str
    until: datetime
    pages: int


class RateLimited(Exception):
    """Slack asks to wait before anything else is sent to this team."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited for {retry_after} s")
        self.retry_after = retry_after


class ChannelGone(Exception):
    """It cannot be posted there, and trying again at once is of no use: archived, bot removed, refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Temporary(Exception):
    """It may work later: no connection, an error of Slack's. What was sent may have arrived."""


class Poster(Protocol):
    """Where digests are posted. Every method raises RateLimited, ChannelGone or Temporary."""

    def find(self, marker: Marker, *, since: datetime) -> Found | None:
        """The message of this target and day, if it was posted since then; `marker.until` does not count."""
        ...

    def post(self, digest: Digest, marker: Marker) -> str:
        """Post the parent message, marked; returns its id."""
        ...

    def pages(self, digest: Digest) -> int:
        """How many messages the thread has."""
        ...

    def post_page(self, digest: Digest, marker: Marker, message: str, page: int) -> None:
        """Post one message of the thread, marked; pages count from 0."""
        ...

    def tell(self, team: str, user: str, text: str) -> None:
        """Send somebody a direct message."""
        ...


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a delivery waits; `team_wide`: nothing else may be sent to its team meanwhile."""

    seconds: float
    team_wide: bool = False


Steps = Generator[Pause, None, None]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A digest whose parent message is there."""

    schedule: DigestSchedule
    run: DigestRun
    digest: Digest
    marker: Marker
    message: str


@dataclass(frozen=True, slots=True)
class DigestPosting:
    """The parts a delivery needs; shared by all of them.

    `names` gives the display names of a team. `maintainers_channel` gets the week's open questions on Mondays. `team`:
    the only one that the poster posts to; None for all. `prefix`: of this installation's slash commands.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    names: Callable[[str], Names]
    poster: Poster
    clock: Callable[[], datetime]
    owner: str
    maintainers_channel: str | None = None
    lease_seconds: float = 120.0
    team: str | None = None
    prefix: str = ""

    def due(self, now: datetime) -> list[tuple[DigestSchedule, date]]:
        """The digests that are due and that nobody has done, or is about."""
        with self.store.read() as reader:
            candidates = ((each, due_day(each, now)) for each in reader.digest_schedules(team=self.team))
            return [(each, day) for each, day in candidates if day is not None and self._free(reader, each, day, now)]

    def _free(self, reader: Reader, schedule: DigestSchedule, day: date, now: datetime) -> bool:
        run = reader.digest_run(schedule.team, schedule.target, day)
        return run is None or (run.state == "claimed" and run.lease_until <= now)

    def deliver(self, schedule: DigestSchedule, day: date) -> Steps:
        """Post the digest of one target and day, unless it is done, another has it, or there is nothing to say."""
        yield from self._settle_earlier(schedule, day)
        if self._unfinished(schedule, day):
            return  # somebody is about an earlier day: until that is known, so is not what this one has to tell
        run = self._claim(schedule, day)
        if run is None:
            return
        try:
            yield from self._post_claimed(schedule, run)
        except ChannelGone as gone:
            yield from self._could_not_post(schedule, run, gone.reason)
        except (LeaseLost, _OutOfTime) as lost:
            log.info("digest of %s for %s left to the next attempt: %s", schedule.target, day, lost)

    def release(self, targets: Iterable[tuple[str, str]]) -> None:
        """Give up the claims on these (team, target), for any process to go on at once.

        For those alone whose delivery rests between two steps: a call that is under way may still post.
        """
        with self.store.write() as writer:
            for team, target in targets:
                writer.release_digest(team, target, by=self.owner)

    # -- one attempt --------------------------------------------------------------------------------------------

    def _claim(self, schedule: DigestSchedule, day: date) -> DigestRun | None:
        with self.store.write() as writer:
            return writer.claim_digest(
                schedule.team,
                schedule.target,
                day,
                by=self.owner,
                now=self.clock(),
                lease_seconds=self.lease_seconds,
            )

    def _post_claimed(self, schedule: DigestSchedule, run: DigestRun) -> Steps:
        found = None
        if run.attempts > 1:
            found = yield from self._looked_up(schedule, run)
        now = self.clock()
        digest = self._build(schedule, run.day, found.until if found else (now - SETTLE).replace(microsecond=0), now)
        marker = _marker(schedule, run.day, digest.end)
        if found is None and schedule.quiet and not digest.anything_new:
            self._finish(replace(run, state="skipped", window_start=digest.start, window_end=digest.end))
            return
        message = found.message if found else ""
        for seconds in _patiently():
            if message:
                break
            self._in_time(run)
            try:
                message = self.poster.post(digest, marker)
            except RateLimited as limited:
                yield from self._wait_within(run, limited.retry_after, team_wide=True)
            except Temporary:
                # It may have arrived all the same.
                yield from self._wait_within(run, seconds)
                found = yield from self._looked_up(schedule, run)
                message = found.message if found else ""
        for page in range(found.pages if found else 0, self.poster.pages(digest)):
            yield Pause(SAME_CHANNEL_SECONDS)
            yield from self._post_page(_Begun(schedule, run, digest, marker, message), page)
        posted = replace(run, state="posted", window_start=digest.start, window_end=digest.end, message=message)
        self._finish(posted)
        self._working_again(schedule)

    def _post_page(self, begun: _Begun, page: int) -> Steps:
        run = begun.run
        for seconds in _patiently():
            self._in_time(run)
            try:
                self.poster.post_page(begun.digest, begun.marker, begun.message, page)
            except RateLimited as limited:
                yield from self._wait_within(run, limited.retry_after, team_wide=True)
                continue
            except Temporary:
                yield from self._wait_within(run, seconds)
                found = yield from self._looked_up(begun.schedule, run)
                if found is None or found.pages <= page:
                    continue
            return

    def _looked_up(self, schedule: DigestSchedule, run: DigestRun) -> Generator[Pause, None, Found | None]:
        """The message that an earlier attempt may have posted."""
        now = self.clock()
        due = run_of(schedule, run.day, now) or now
        for seconds in _patiently():
            self._in_time(run)
            try:
                # The schedule may have been changed since: look through the whole day, and a bit of the one before.
                return self.poster.find(_marker(schedule, run.day, now), since=min(due, now) - timedelta(hours=36))
            except RateLimited as limited:
                yield from self._wait_within(run, limited.retry_after, team_wide=True)
            except Temporary:
                yield from self._wait_within(run, seconds)
        raise AssertionError("patience does not end")

    def _wait_within(self, run: DigestRun, seconds: float, *, team_wide: bool = False) -> Steps:
        """Wait, unless the claim is over by then: then the next attempt goes on, after the wait at the earliest."""
        yield Pause(seconds, team_wide)
        self._in_time(run)

    def _in_time(self, run: DigestRun) -> None:
        if self.clock() + timedelta(seconds=CALL_SECONDS) >= run.lease_until:
            raise _OutOfTime("its claim is nearly over")

    def _build(self, schedule: DigestSchedule, day: date, end: datetime, now: datetime) -> Digest:
        with self.store.read() as reader:
            start = first_window(reader, schedule, end)
            return build(
                reader,
                self.knowledge(),
                schedule,
                day=day,
                start=start,
                end=end,
                names=self.names(schedule.team),
                missed=missed_days(reader, schedule, day, now),
                now=now,
                for_maintainers=schedule.target == self.maintainers_channel,
            )

    def _finish(self, run: DigestRun) -> None:
        with self.store.write() as writer:
            writer.finish_digest(run)

    # -- what earlier days left behind --------------------------------------------------------------------------

    def _settle_earlier(self, schedule: DigestSchedule, day: date) -> Steps:
        """Find out whether digests that were claimed on earlier days, and never finished, were posted."""
        for earlier in self._unfinished(schedule, day):
            run = self._claim(schedule, earlier)
            if run is None:
                continue
            try:
                found = yield from self._looked_up(schedule, run)
                if found is None:
                    self._finish(replace(run, state="skipped"))
                else:
                    with self.store.read() as reader:
                        start = first_window(reader, schedule, found.until)
                    self._finish(
                        replace(run, state="posted", window_start=start, window_end=found.until, message=found.message)
                    )
            except ChannelGone:
                self._finish(replace(run, state="skipped"))
            except (LeaseLost, _OutOfTime) as lost:
                log.info("digest of %s for %s is not settled yet: %s", schedule.target, earlier, lost)

    def _unfinished(self, schedule: DigestSchedule, day: date) -> list[date]:
        with self.store.read() as reader:
            first = _first_open_day(reader, schedule, day)
            days = [first + timedelta(days=step) for step in range((day - first).days)]
            runs = [reader.digest_run(schedule.team, schedule.target, earlier) for earlier in days]
        return [run.day for run in runs if run is not None and run.state == "claimed"]

    # -- where it cannot be posted ------------------------------------------------------------------------------

    def _could_not_post(self, schedule: DigestSchedule, run: DigestRun, reason: str) -> Steps:
        """Record the failure; after some days switch the digest off, and tell whoever set it up."""
        with self.store.write() as writer:
            writer.finish_digest(replace(run, state="skipped"))
            note = self._record_failure(writer, schedule, run.day, reason)
        log.warning("digest of %s/%s for %s: %s", schedule.team, schedule.target, run.day, reason)
        if note is None:
            return
        for attempt, seconds in enumerate(_patiently()):
            try:
                self.poster.tell(schedule.team, schedule.set_by, note)
            except RateLimited as limited:
                yield Pause(limited.retry_after, team_wide=True)
            except Temporary:
                if attempt == len(_RETRY_SECONDS):
                    return
                yield Pause(seconds)
            except ChannelGone as gone:
                log.warning("could not tell %s that their digest is off: %s", schedule.set_by, gone.reason)
                return
            else:
                return

    def _record_failure(self, writer: Writer, schedule: DigestSchedule, day: date, reason: str) -> str | None:
        current = writer.digest_schedule(schedule.team, schedule.target)
        if current is None or current.set_at != schedule.set_at:
            return None  # it was set up anew meanwhile: a new beginning
        since = current.failing_since or day
        off = (day - since).days >= FAILING_DAYS
        writer.save_digest_schedule(replace(current, failing_since=since, enabled=not off))
        if not off:
            return None
        what = (
            "Your own daily digest"
            if schedule.kind == "person"
            else f"The daily digest that you set up for #{schedule.target}"
        )
        again = f"/{self.prefix}digest {'me on' if schedule.kind == 'person' else 'on'}"
        return (
            f"{what} could not be posted since {date_words(since)}: {reason}."
            f" After {counted((day - since).days, 'day')} I have switched it off; `{again} {typed(schedule)}` there"
            " switches it on again."
        )

    def _working_again(self, schedule: DigestSchedule) -> None:
        if schedule.failing_since is None:
            return
        with self.store.write() as writer:
            current = writer.digest_schedule(schedule.team, schedule.target)
            if current is not None and current.failing_since is not None:
                writer.save_digest_schedule(replace(current, failing_since=None))


def missed_days(reader: Reader, schedule: DigestSchedule, day: date, now: datetime) -> tuple[date, ...]:
    """The days since the last digest that should have had one and have none.

    A day on which a quiet digest had nothing to say is not missed: it was skipped with a window.
    """
    missed = []
    first = max(_first_open_day(reader, schedule, day), local_date(schedule.set_at, schedule.zone))
    for earlier in scheduled_days(schedule, first, day, now):
        run = reader.digest_run(schedule.team, schedule.target, earlier)
        if run is None or (run.state != "posted" and run.window_end is None):
            missed.append(earlier)
    return tuple(missed)


def _first_open_day(reader: Reader, schedule: DigestSchedule, day: date) -> date:
    """The first local date, not too long ago, after the last that has its digest."""
    last = reader.last_posted(schedule.team, schedule.target)
    earliest = day - MISSED
    return earliest if last is None else max(earliest, last.day + timedelta(days=1))


def _marker(schedule: DigestSchedule, day: date, until: datetime) -> Marker:
    return Marker(schedule.team, schedule.target, schedule.kind, day, until)


def _patiently() -> Iterator[float]:
    """How long to wait between attempts, without end: the claim's end is the limit."""
    yield from _RETRY_SECONDS
    while True:
        yield _RETRY_SECONDS[-1]


class _OutOfTime(Exception):
    """The claim ends too soon for another call."""
