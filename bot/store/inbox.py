"""The inbox in SQLite: what Slack delivered, from before it was acknowledged until it is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.store.base import LeaseLost
from bot.store.records import Delivery, Json
from bot.store.rows import Statements, dumped, loaded, milliseconds, moment, text


class InboxReading(Statements):
    """Looking at the inbox."""

    def pending_deliveries(self) -> int:
        """How many deliveries of all teams are not finished."""
        return int(self.first("SELECT count(*) FROM inbox WHERE finished_at IS NULL")[0])


class InboxWriting(InboxReading):
    """Working off the inbox.

    A delivery belongs to whoever claimed it last, which `attempts` tells: a worker that was slower than its lease finds
    a higher number there and gets LeaseLost, so that its effect is undone and not done twice.
    """

    def accept(self, delivery: Delivery) -> bool:
        """Put a delivery into the inbox; False where it, or its message, is there already."""
        cursor = self.run(
            "INSERT INTO inbox (team, key, kind, payload, received_at, message_key, attempts, lease_until, error)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, 0, '') ON CONFLICT DO NOTHING",
            (
                delivery.team,
                delivery.key,
                delivery.kind,
                dumped(delivery.payload),
                milliseconds(delivery.received_at),
                delivery.message_key,
            ),
        )
        return cursor.rowcount == 1

    def claim_delivery(self, *, by: str, now: datetime, lease_seconds: float) -> Delivery | None:
        """The oldest delivery that nobody works on."""
        row = self.first(
            "SELECT number, team, key, kind, payload, received_at, message_key, attempts FROM inbox"
            " WHERE finished_at IS NULL AND lease_until <= ? ORDER BY number LIMIT 1",
            (milliseconds(now),),
        )
        if row is None:
            return None
        number, team, key, kind, payload, received_at, message_key, attempts = row
        self.run(
            "UPDATE inbox SET attempts = ?, claimed_by = ?, lease_until = ? WHERE number = ?",
            (attempts + 1, by, milliseconds(now + timedelta(seconds=lease_seconds)), number),
        )
        return Delivery(
            team=text(team),
            key=text(key),
            kind=text(kind),
            payload=loaded(payload),
            received_at=moment(received_at),
            message_key=text(message_key),
            attempts=attempts + 1,
        )

    def extend_delivery(self, delivery: Delivery, *, until: datetime) -> None:
        """Keep a claimed delivery until then; raises LeaseLost."""
        self._update(delivery, "lease_until = ?", milliseconds(until))

    def progress(self, delivery: Delivery) -> Json:
        """What was already done of a delivery."""
        row = self.first("SELECT progress FROM inbox WHERE team = ? AND key = ?", (delivery.team, delivery.key))
        return {} if row is None else loaded(row[0])

    def record_progress(self, delivery: Delivery, progress: Json) -> None:
        """Record what has been done of a delivery so far; raises LeaseLost."""
        self._update(delivery, "progress = ?", dumped(progress))

    def finish_delivery(self, delivery: Delivery, *, at: datetime, error: str = "") -> None:
        """A delivery is done; raises LeaseLost."""
        self._update(delivery, "finished_at = ?, error = ?", milliseconds(at), error)

    def _update(self, delivery: Delivery, assignments: str, *values: object) -> None:
        cursor = self.run(
            f"UPDATE inbox SET {assignments} WHERE team = ? AND key = ? AND attempts = ?",  # noqa: S608
            (*values, delivery.team, delivery.key, delivery.attempts),
        )
        if cursor.rowcount == 0:
            raise LeaseLost(f"{delivery.key} was claimed again after attempt {delivery.attempts}")
