"""People at a desk: they type commands, days pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.commands import parsed as p
from bot.results import Answer, Reply, Speaker
from bot.services.command_service import CommandService
from bot.services.request import Rules
from bot.store.base import Store
from knowledge.schema import Pack
from tests.sample_packs import ai_product

FACTS = 'cost 120k EUR kpi "recall above 0.8"'


class Desk:
    """A command service, a clock that tests move, and people who type."""

    def __init__(self, store: Store, pack: Pack | None = None, **rules: Any) -> None:
        self.store = store
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self.service = CommandService(
            store,
            pack or ai_product(),
            Rules(**rules),
            names=lambda team, user: user.title(),
            ask=lambda question, speaker, now: Answer(question, True, "An answer."),
            digest=self._digest,
        )
        self.digests: list[p.DigestCommand] = []

    def _digest(self, command: p.DigestCommand, speaker: Speaker, now: datetime, within: object) -> Reply:
        self.digests.append(command)
        return Reply("", True, "Done.")

    def later(self, days: float) -> None:
        self.now += timedelta(days=days)

    def say(self, line: str, *, by: str = "ana", channel: str | None = None, zone: str = "UTC", **more: Any) -> Reply:
        command, _, text = line.partition(" ")
        return self.service.run(command, text, Speaker("T1", by, channel, zone), self.now, **more)

    def done(self, line: str, **options: Any) -> Reply:
        reply = self.say(line, **options)
        assert reply.ok, reply.text
        assert reply.error is None
        return reply

    def refused(self, code: str, line: str, **options: Any) -> Reply:
        reply = self.say(line, **options)
        assert (reply.ok, reply.error) == (False, code), reply.text
        assert reply.visibility == "ephemeral"
        assert reply.announcement is None
        return reply

    def stages(self, product: str = "churn-model") -> tuple[str, ...]:
        with self.store.read() as reader:
            found = reader.product("T1", product)
        assert found is not None
        return found.state.stages
