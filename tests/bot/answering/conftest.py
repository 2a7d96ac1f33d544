"""Questions about a portfolio: the real recogniser, the real store, people who gave commands before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.bootstrap import load_answering
from bot.results import Answer, Reply, Speaker
from bot.services.answering.asked import Portfolio
from bot.services.answering.product_names import ProductIndex
from bot.services.answering.service import Answering
from bot.services.command_service import CommandService
from bot.services.request import Rules
from bot.store.sqlite import SqliteStore
from intents.message import Context


@dataclass
class Talk:
    """A team that gives commands and asks questions; days pass."""

    answering: Answering
    store: SqliteStore
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    index: ProductIndex = field(default_factory=ProductIndex)
    context: Context | None = None

    def do(self, line: str, *, after: float = 0, by: str = "ana", channel: str | None = None) -> Reply:
        """Carry out a command some days later."""
        self.now += timedelta(days=after)
        service = CommandService(
            self.store,
            self.answering.knowledge.pack,
            Rules(policy="open"),
            names=lambda team, user: user.title(),
            ask=lambda question, speaker, now: Answer(question, True, ""),
            digest=lambda command, speaker, now, within: Reply("", True, ""),
        )
        command, _, text = line.partition(" ")
        reply = service.run(command, text, Speaker("T1", by, channel), self.now)
        assert reply.ok, reply.text
        return reply

    def ask(self, question: str, *, by: str = "ana", channel: str | None = None, zone: str = "UTC") -> Answer:
        """Ask a question that leans on nothing before it."""
        self.context = None
        return self.then(question, by=by, channel=channel, zone=zone)

    def then(self, question: str, *, by: str = "ana", channel: str | None = None, zone: str = "UTC") -> Answer:
        """Ask a question after another."""
        with self.store.read() as reader:
            record = Portfolio(reader, Speaker("T1", by, channel, zone), self.now, str.title, self.index)
            answer, self.context = self.answering.answer(question, self.context, record)
        check(answer)
        return answer


def check(answer: Answer) -> None:
    """What is so of every answer."""
    assert answer.text.strip()
    if answer.answered:
        assert answer.sources or answer.intent in {"greeting", "help", "thanks", "goodbye", "about_bot"}
        assert not answer.suggestions
    else:
        assert not (answer.products or answer.people or answer.roles or answer.stages)


@pytest.fixture(scope="session")
def answering() -> Answering:
    return load_answering()


@pytest.fixture
def talk(answering: Answering, tmp_path: Path) -> Iterator[Talk]:
    store = SqliteStore(tmp_path / "rolecall.db")
    yield Talk(answering, store)
    store.close()


@pytest.fixture(scope="session")
def office(answering: Answering, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """A portfolio of some weeks; to be asked, not changed."""
    store = SqliteStore(tmp_path_factory.mktemp("office") / "rolecall.db")
    talk = Talk(answering, store)
    talk.do('/product new "Churn model" sponsor @ana data-analyst @ben data-scientist @cleo in #churn')
    talk.do('/product new "Fraud radar" sponsor @dan')
    talk.do("/product new forecast at productization")
    talk.do('/product new "Zephyr Quant" at "data prep"')
    talk.do("/product new price-scout in #prices")
    talk.do("/product new price-sage in #prices")
    talk.do("/product new old-thing")
    talk.do("/product archive old-thing")
    talk.do('/product rename zephyr-quant to "Boreas Quant"')
    talk.do('/stage decide churn-model make cost 120k EUR kpi "recall above 0.8" because "no vendor fits"', after=3)
    talk.do("/stage advance churn-model because data is here", after=2, by="ben")
    talk.do("/stage open churn-model prototyping", after=1)
    talk.do("/stage advance churn-model to prototyping", after=4)
    talk.do("/stage back churn-model to data-prep because the feed broke", after=5, by="cleo")
    talk.do("/stage advance churn-model", after=2)
    talk.do("/stage undo churn-model")
    talk.do('/stage decide "Fraud radar" buy cost 1m kpi "precision above 0.9"', after=1)
    talk.now += timedelta(days=30)
    yield talk
    store.close()
