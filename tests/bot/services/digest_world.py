"""A small portfolio in a real database, for tests of digests: products, moves and roles in a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.services.digest import Digest, build
from bot.store.base import Store
from bot.store.records import Change, DigestSchedule, Holding, LoggedQuestion, Product
from knowledge.lifecycle import OpenStage, Outcome, State
from knowledge.queries import Knowledge
from tests.sample_packs import ai_product

TEAM = "T1"
CHANNEL = "C1"
MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # 08:30 in Madrid
NAMES = {"U1": "Ana Ruiz", "U2": "Bo", "U3": "Cy <b>"}


def names(user: str) -> str:
    """The display names of the tests' people."""
    return NAMES.get(user, user)


def knowledge() -> Knowledge:
    """The sample pack, with somebody to tell when a product is stuck."""
    pack = ai_product()
    return Knowledge(
        pack.model_copy(update={"framework": pack.framework.model_copy(update={"stuck_roles": ("sponsor",)})})
    )


def schedule(target: str = CHANNEL, **changes: Any) -> DigestSchedule:
    """A daily digest at 08:30 in Madrid, set up long ago."""
    plain = DigestSchedule(
        team=TEAM,
        target=target,
        kind="channel",
        time="08:30",
        days=(0, 1, 2, 3, 4, 5, 6),
        zone="Europe/Madrid",
        set_by="U1",
        set_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(plain, **changes)


def schedules_in_many_zones(targets: Iterable[str], set_at: datetime) -> dict[str, DigestSchedule]:
    """Daily digests at 08:30; two of them at 02:30, which is missing, or there twice, on one night of the year."""
    zones = ("Europe/Madrid", "America/New_York", "Asia/Tokyo", "Asia/Kolkata")
    return {
        target: schedule(
            target, zone=zones[number % len(zones)], time="02:30" if number < 2 else "08:30", set_at=set_at
        )
        for number, target in enumerate(targets)
    }


class World:
    """A portfolio that is changed event by event."""

    def __init__(self, store: Store, team: str = TEAM) -> None:
        self.store = store
        self.team = team

    def record(
        self,
        product: str,
        kind: str,
        at: datetime,
        change: Callable[[Product], Product],
        *,
        actor: str = "U1",
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> int:
        """Record one event; returns its number."""
        with self.store.write() as writer:
            now = writer.product(self.team, product)
            version = now.version if now else 0
            after = change(now or Product(self.team, product, product, actor, at, State()))
            event = writer.append(Change(after, version, at, kind, actor, None, reason=reason, details=details or {}))
        return event.sequence

    def create(
        self,
        product: str,
        at: datetime,
        stage: str = "feasibility",
        *,
        channel: str | None = None,
        actor: str = "U1",
        **holders: str,
    ) -> None:
        """A new product in a stage; `holders` by role, underscores for hyphens."""
        held = tuple(Holding(role.replace("_", "-"), user) for role, user in sorted(holders.items()))
        state = State(open=(OpenStage(stage, at),), entered=frozenset({stage}))
        kind = "created" if stage == "feasibility" else "adopted"
        self.record(product, kind, at, lambda p: replace(p, state=state, channel=channel, holders=held), actor=actor)

    def move(
        self, product: str, kind: str, at: datetime, *stages: str, actor: str = "U1", reason: str = "", **details: Any
    ) -> int:
        """Put a product into these stages; those that were open keep their moment."""

        def moved(p: Product) -> Product:
            since = {stay.stage: stay.since for stay in p.state.open}
            stays = tuple(OpenStage(stage, since.get(stage, at)) for stage in stages)
            return replace(p, state=replace(p.state, open=stays, entered=p.state.entered | set(stages), decided=()))

        return self.record(product, kind, at, moved, actor=actor, reason=reason, details=details)

    def decide(self, product: str, at: datetime, option: str, **values: tuple[str, ...]) -> int:
        """Take the decision of the first open stage."""
        return self.record(
            product,
            "decided",
            at,
            lambda p: replace(p, state=replace(p.state, decided=(Outcome(p.state.open[0].stage, option, values),))),
        )

    def ask_in_vain(self, question: str, at: datetime) -> None:
        """Log a question that got no answer."""
        with self.store.write() as writer:
            writer.log_question(LoggedQuestion(self.team, at, "U2", None, question, False, None, 0.1))

    def digest(
        self,
        now: datetime = MONDAY,
        since: timedelta = timedelta(days=1),
        set_up: DigestSchedule | None = None,
        *,
        missed: tuple[date, ...] = (),
        for_maintainers: bool = False,
        known: Knowledge | None = None,
    ) -> Digest:
        """The digest of the time before `now`."""
        with self.store.read() as reader:
            return build(
                reader,
                known or knowledge(),
                set_up or schedule(),
                day=now.date(),
                start=now - since,
                end=now,
                names=names,
                missed=missed,
                for_maintainers=for_maintainers,
            )
