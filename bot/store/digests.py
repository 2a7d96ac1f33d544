"""Daily digests in SQLite: when they are due, and who posts which."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.store.base import LeaseLost
from bot.store.records import DigestRun, DigestSchedule
from bot.store.rows import Row, Statements, milliseconds, moment, text

SCHEDULE_COLUMNS = "team, target, kind, time, days, zone, set_by, set_at, scope, quiet, enabled, failing_since"
RUN_COLUMNS = "team, target, day, state, claimed_by, lease_until, window_start, window_end, message, attempts"


class DigestReading(Statements):
    """Looking at digests."""

    def digest_schedules(self, *, team: str | None = None, enabled: bool = True) -> list[DigestSchedule]:
        """Digests that are set up; those switched off too where `enabled` is false."""
        rows = self.run(
            f"SELECT {SCHEDULE_COLUMNS} FROM digest_schedules"  # noqa: S608
            " WHERE (? IS NULL OR team = ?) AND (enabled OR NOT ?) ORDER BY team, target",
            (team, team, enabled),
        )
        return [_schedule(row) for row in rows]

    def digest_schedule(self, team: str, target: str) -> DigestSchedule | None:
        """The digest of one channel or person, switched on or not."""
        row = self.first(
            f"SELECT {SCHEDULE_COLUMNS} FROM digest_schedules WHERE team = ? AND target = ?",  # noqa: S608
            (team, target),
        )
        return None if row is None else _schedule(row)

    def last_posted(self, team: str, target: str) -> DigestRun | None:
        """The last digest that was posted there."""
        row = self.first(
            f"SELECT {RUN_COLUMNS} FROM digest_runs WHERE team = ? AND target = ? AND state = 'posted'"  # noqa: S608
            " ORDER BY day DESC LIMIT 1",
            (team, target),
        )
        return None if row is None else _run(row)

    def digest_run(self, team: str, target: str, day: date) -> DigestRun | None:
        """The digest of one local date."""
        row = self.first(
            f"SELECT {RUN_COLUMNS} FROM digest_runs WHERE team = ? AND target = ? AND day = ?",  # noqa: S608
            (team, target, day.isoformat()),
        )
        return None if row is None else _run(row)


class DigestWriting(DigestReading):
    """Setting digests up, and claiming them."""

    def save_digest_schedule(self, schedule: DigestSchedule) -> None:
        """Set up, change or switch off a digest."""
        self.run(
            f"INSERT OR REPLACE INTO digest_schedules ({SCHEDULE_COLUMNS})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                schedule.team,
                schedule.target,
                schedule.kind,
                schedule.time,
                ",".join(map(str, schedule.days)),
                schedule.zone,
                schedule.set_by,
                milliseconds(schedule.set_at),
                schedule.scope,
                schedule.quiet,
                schedule.enabled,
                schedule.failing_since and schedule.failing_since.isoformat(),
            ),
        )

    def claim_digest(
        self, team: str, target: str, day: date, *, by: str, now: datetime, lease_seconds: float
    ) -> DigestRun | None:
        """Claim the digest of a local date; None where it is done, or another process has a lease on it."""
        cursor = self.run(
            "INSERT INTO digest_runs (team, target, day, state, claimed_by, lease_until, attempts)"
            " VALUES (?, ?, ?, 'claimed', ?, ?, 1)"
            " ON CONFLICT (team, target, day) DO UPDATE SET claimed_by = excluded.claimed_by,"
            " lease_until = excluded.lease_until, attempts = attempts + 1"
            " WHERE state = 'claimed' AND lease_until <= ?",
            (
                team,
                target,
                day.isoformat(),
                by,
                milliseconds(now + timedelta(seconds=lease_seconds)),
                milliseconds(now),
            ),
        )
        if cursor.rowcount == 0:
            return None
        return self.digest_run(team, target, day)

    def release_digest(self, team: str, target: str, *, by: str) -> None:
        """Give up what a process has claimed of a target's digests: from now on anybody may claim them again."""
        # Not "until now": the clock of whoever goes on may be behind.
        self.run(
            "UPDATE digest_runs SET lease_until = 0"
            " WHERE team = ? AND target = ? AND state = 'claimed' AND claimed_by = ?",
            (team, target, by),
        )

    def finish_digest(self, run: DigestRun) -> None:
        """Record that a claimed digest was posted or skipped; raises LeaseLost."""
        cursor = self.run(
            "UPDATE digest_runs SET state = ?, window_start = ?, window_end = ?, message = ?"
            " WHERE team = ? AND target = ? AND day = ? AND state = 'claimed' AND attempts = ?",
            (
                run.state,
                run.window_start and milliseconds(run.window_start),
                run.window_end and milliseconds(run.window_end),
                run.message,
                run.team,
                run.target,
                run.day.isoformat(),
                run.attempts,
            ),
        )
        if cursor.rowcount == 0:
            raise LeaseLost(f"the digest of {run.target} for {run.day} was claimed again after attempt {run.attempts}")


def _schedule(row: Row) -> DigestSchedule:
    team, target, kind, time, days, zone, set_by, set_at, scope, quiet, enabled, failing_since = row
    return DigestSchedule(
        team=text(team),
        target=text(target),
        kind=kind,
        time=text(time),
        days=tuple(map(int, days.split(","))) if days else (),
        zone=text(zone),
        set_by=text(set_by),
        set_at=moment(set_at),
        scope=text(scope),
        quiet=bool(quiet),
        enabled=bool(enabled),
        failing_since=None if failing_since is None else date.fromisoformat(failing_since),
    )


def _run(row: Row) -> DigestRun:
    team, target, day, state, claimed_by, lease_until, window_start, window_end, message, attempts = row
    return DigestRun(
        team=text(team),
        target=text(target),
        day=date.fromisoformat(day),
        state=state,
        claimed_by=text(claimed_by),
        lease_until=moment(lease_until),
        window_start=None if window_start is None else moment(window_start),
        window_end=None if window_end is None else moment(window_end),
        message=text(message),
        attempts=attempts,
    )
