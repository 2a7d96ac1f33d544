"""What the assistant needs of a database: the one interface behind which all SQL lives.

A store hands out short units of work. `Store.write()` is one transaction that has the write lock from its first line
and is on disk when it ends; `Store.read()` sees one consistent moment. Services commit and return; only then does
anybody speak. Every key has the team in it. A second store (Postgres, say) is one that passes the same contract tests.

Moments are kept to the millisecond and come back in UTC; one without a time zone is refused with ValueError. Text
comes back exactly as it went in. What is kept as JSON comes back as JSON does: a tuple as a list.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime

from bot.store.records import (
    Change,
    Delivery,
    DigestRun,
    DigestSchedule,
    Event,
    Json,
    LoggedQuestion,
    Person,
    Product,
    Refusal,
)


class Conflict(Exception):
    """The product was changed by someone else since it was read; `product` is how it stands now."""

    def __init__(self, product: Product) -> None:
        super().__init__(f"{product.id} is at version {product.version} by now")
        self.product = product


class LeaseLost(Exception):
    """Another worker took over what this one had claimed, since its lease ran out: undo this transaction and stop."""


class StoreError(Exception):
    """The database cannot be used: unwritable, damaged, or written by a newer version. The words are for people."""


class Reader(ABC):
    """One consistent moment of the database."""

    @abstractmethod
    def teams(self) -> list[str]:
        """Every team that has anything here."""

    @abstractmethod
    def product(self, team: str, product: str) -> Product | None:
        """The product with this id, archived or not."""

    @abstractmethod
    def products(
        self,
        team: str,
        *,
        channel: str | None = None,
        stage: str | None = None,
        holder: str | None = None,
        archived: bool = False,
    ) -> list[Product]:
        """Products by name; only those linked to `channel`, with `stage` open, or with a role held by `holder`.

        Archived ones are left out unless `archived`.
        """

    @abstractmethod
    def product_names(self, team: str) -> list[tuple[str, str]]:
        """(name, product id) for every present and former name and every id: what names are looked up in."""

    @abstractmethod
    def events(
        self,
        team: str,
        product: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[Event]:
        """Events oldest first, of one product or of all; `since` inclusive, `until` exclusive; `limit`: the newest."""

    @abstractmethod
    def portfolio_version(self, team: str) -> int:
        """A number that grows with every event of the team: what is cached of the portfolio is stale when it has."""

    @abstractmethod
    def conversation(self, team: str, key: str, *, since: datetime) -> Json | None:
        """What was remembered of a conversation, unless it is older than `since`."""

    @abstractmethod
    def person(self, team: str, user: str) -> Person | None:
        """What is known of a person."""

    @abstractmethod
    def people(self, team: str) -> list[Person]:
        """Everybody of whom something is known, by user."""

    @abstractmethod
    def refusals(self, team: str, *, since: datetime, limit: int = 50) -> list[Refusal]:
        """Changes that were refused, newest first; `since` inclusive."""

    @abstractmethod
    def unanswered(self, team: str, *, since: datetime, limit: int = 50) -> list[LoggedQuestion]:
        """Questions that got no answer, newest first."""

    @abstractmethod
    def digest_schedules(self, *, team: str | None = None, enabled: bool = True) -> list[DigestSchedule]:
        """Digests that are set up, of one team or of all; those switched off too where `enabled` is false."""

    @abstractmethod
    def digest_schedule(self, team: str, target: str) -> DigestSchedule | None:
        """The digest of one channel or person, switched on or not."""

    @abstractmethod
    def last_posted(self, team: str, target: str) -> DigestRun | None:
        """The last digest that was posted there."""

    @abstractmethod
    def digest_run(self, team: str, target: str, day: date) -> DigestRun | None:
        """The digest of one local date."""

    @abstractmethod
    def pending_deliveries(self) -> int:
        """How many deliveries of all teams are not finished: a figure for monitoring."""


class Writer(Reader):
    """A transaction that holds the write lock."""

    @abstractmethod
    def append(self, change: Change) -> Event:
        """Record a change and put the product into the state it says; raises Conflict.

        Raises ValueError for a version other than 0 of a product that is not there.
        """

    @abstractmethod
    def restore(self, product: Product, events: Sequence[Event]) -> None:
        """Bring in a product with the events it is made of, as they were recorded elsewhere; the chain is made anew.

        Raises Conflict where the product is there already, and ValueError, with what is wrong, for events that are not
        its own, not numbered from 1 without a gap, or do not add up to the product.
        """

    @abstractmethod
    def remember(self, team: str, key: str, context: Json, *, at: datetime) -> None:
        """Keep what a conversation is about, over restarts."""

    @abstractmethod
    def log_question(self, question: LoggedQuestion) -> None:
        """Keep a question for the maintainers."""

    @abstractmethod
    def log_refusal(
        self, team: str, *, at: datetime, actor: str, product: str | None, command: str, error: str
    ) -> None:
        """Keep that a change was refused."""

    @abstractmethod
    def save_person(self, person: Person) -> None:
        """Keep a person's name and zone."""

    @abstractmethod
    def save_digest_schedule(self, schedule: DigestSchedule) -> None:
        """Set up, change or switch off a digest."""

    @abstractmethod
    def claim_digest(
        self, team: str, target: str, day: date, *, by: str, now: datetime, lease_seconds: float
    ) -> DigestRun | None:
        """Claim the digest of a local date; None where it is done, or another process has a lease on it."""

    @abstractmethod
    def finish_digest(self, run: DigestRun) -> None:
        """Record that a claimed digest was posted or skipped; raises LeaseLost where another has claimed it since."""

    @abstractmethod
    def release_digest(self, team: str, target: str, *, by: str) -> None:
        """Give up what a process has claimed of a target's digests: from now on anybody may claim them again."""

    @abstractmethod
    def accept(self, delivery: Delivery) -> bool:
        """Put a delivery into the inbox; False where it, or its message, is there already."""

    @abstractmethod
    def claim_delivery(self, *, by: str, now: datetime, lease_seconds: float) -> Delivery | None:
        """The oldest delivery that nobody works on; a lease that ran out (a crash) makes it free again.

        Give back to `record_progress` and `finish_delivery` the very delivery that this returned.
        """

    @abstractmethod
    def extend_delivery(self, delivery: Delivery, *, until: datetime) -> None:
        """Keep a claimed delivery until then: the worker lives, only Slack is slow. Raises LeaseLost."""

    @abstractmethod
    def progress(self, delivery: Delivery) -> Json:
        """What was already done of a delivery, so that working on it again does not do it twice."""

    @abstractmethod
    def record_progress(self, delivery: Delivery, progress: Json) -> None:
        """Record what has been done of a delivery so far; in the transaction of the effect itself.

        Raises LeaseLost where another worker has claimed it since, so that the effect is undone with it.
        """

    @abstractmethod
    def finish_delivery(self, delivery: Delivery, *, at: datetime, error: str = "") -> None:
        """A delivery is done: answered, or given up with `error`; raises LeaseLost as `record_progress` does."""

    @abstractmethod
    def forget(self, *, questions_before: datetime, deliveries_before: datetime) -> None:
        """Delete what is older: questions by the first, finished deliveries and conversations by the second."""


class Store(ABC):
    """Hands out units of work; safe to use from many threads and processes."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Reader]:
        """One consistent moment, for looking."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Writer]:
        """One transaction: on disk when the block ends, undone when it raises. Not to be nested in itself."""

    @abstractmethod
    def verify(self, team: str | None = None) -> list[str]:
        """What does not add up, of one team or of all: a sentence each, none where all is well.

        Checks that the chain of each product's events is unbroken and that they add up to the product as it is kept.
        """

    @abstractmethod
    def close(self) -> None:
        """Give the database back."""
