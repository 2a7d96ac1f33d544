"""What a store keeps and gives back: products, their events, and what else is recorded. Values that never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from knowledge.lifecycle import State

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Holding:
    """A person in a role on a product."""

    role: str
    user: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product as it stands now, derived from its events.

    `id` is the slug made from its first name and never changes; `former_names` still find it. `version` is the number
    of its last event. `archived` hides it from lists without ending its lifecycle. `holders` come back without doubles,
    by role, then by user.
    """

    team: str
    id: str
    name: str
    creator: str
    created_at: datetime
    state: State
    version: int = 0
    about: str = ""
    channel: str | None = None
    archived: bool = False
    holders: tuple[Holding, ...] = ()
    former_names: tuple[str, ...] = ()
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded change of a product; never changed, never deleted.

    `kind`: created, renamed, linked, archived, restored, assigned, unassigned, advanced, opened, returned, decided,
    undone, adopted, mapped. `before` and `after` hold the fields that changed, as `bot.store.history` writes them; of
    holders and entered stages only those that went (`before`) and those that came (`after`). `details` holds what else
    was said: unmet exit criteria, a decision's values, the number of the event that it takes back. `chain` is the hash
    over this event and the `chain` of the one before: a log edited by hand does not add up.
    """

    team: str
    product: str
    sequence: int
    at: datetime
    kind: str
    actor: str
    channel: str | None
    before: Json
    after: Json
    reason: str = ""
    details: Json = field(default_factory=dict)
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A change to be written: the product as it will be, and what is to be recorded about it.

    `expected_version` is the version that the writer saw (0: there was none); where the product has another by now,
    `Conflict` is raised. The store itself works out which fields changed and records them, so that the events always
    add up to the product; `before` and `after` are for what a writer wants to have there besides.
    """

    product: Product
    expected_version: int
    at: datetime
    kind: str
    actor: str
    channel: str | None
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    reason: str = ""
    details: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that Slack delivered, kept from before it was acknowledged until it is done.

    `key` tells one delivery from another over retries (an event's `event_id`, or a hash for what has none).
    `message_key`, "channel:ts", is set for messages, so that a mention which also arrives as a message is one.
    `attempts` counts how often it was claimed: whoever has the last one has the delivery.
    """

    team: str
    key: str
    kind: str
    payload: Json
    received_at: datetime
    message_key: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """A question that was asked, for the maintainers: what nobody could answer is the next thing to write."""

    team: str
    at: datetime
    user: str
    channel: str | None
    question: str
    answered: bool
    intent: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that was refused, kept for whoever asks why nothing happened. `error`: a word of `CommandError.code`."""

    team: str
    at: datetime
    actor: str
    product: str | None
    command: str
    error: str


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person: the name to show, and the IANA time zone to show times in."""

    team: str
    user: str
    name: str
    zone: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class DigestSchedule:
    """A daily digest: of a channel, or of a person (`target` is then the user's id).

    `time`: local "HH:MM". `days`: 0 is Monday. `scope`: linked, all, stage:ID or user:ID; empty is the default.
    `quiet`: nothing is posted when nothing is new. `failing_since`: the local date since which posting fails.
    """

    team: str
    target: str
    kind: Literal["channel", "person"]
    time: str
    days: tuple[int, ...]
    zone: str
    set_by: str
    set_at: datetime
    scope: str = ""
    quiet: bool = False
    enabled: bool = True
    failing_since: date | None = None


@dataclass(frozen=True, slots=True)
class DigestRun:
    """One day's digest of one target: claimed by one process for the length of a lease, then posted or skipped.

    `attempts` counts the claims: from the second on, the one before may have posted without living to say so.
    """

    team: str
    target: str
    day: date
    state: Literal["claimed", "posted", "skipped"]
    claimed_by: str
    lease_until: datetime
    window_start: datetime | None = None
    window_end: datetime | None = None
    message: str | None = None
    attempts: int = 1
