"""What every store must do. A store passes when a subclass of `StoreContract` with its own fixture `opener` does.

What concerns one part of a store stands in `contract_portfolio`, `contract_inbox` and `contract_digests`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.store.base import Store
from bot.store.records import Holding, Refusal
from knowledge.lifecycle import OpenStage, Outcome, State
from tests.bot.store.contract_digests import DigestContract
from tests.bot.store.contract_inbox import InboxContract
from tests.bot.store.contract_portfolio import PortfolioContract
from tests.bot.store.samples import (
    DAY,
    NOW,
    OTHER,
    TEAM,
    Opener,
    advance,
    change,
    create,
    delivery,
    later,
    person,
    product,
    question,
    schedule,
)

ODD = "nul \x00 half \ud83d whole \U0001f600 <&> ' \" \u202e \n"


class StoreContract(PortfolioContract, InboxContract, DigestContract):
    """Everything the interface promises, within one process."""

    @pytest.fixture
    def store(self, opener: Opener) -> Iterator[Store]:
        store = opener()
        yield store
        store.close()

    # Conversations, questions, people, refusals

    def test_conversation_is_remembered_for_a_while(self, store: Store) -> None:
        with store.write() as writer:
            writer.remember(TEAM, "C1:U1", {"intent": "a"}, at=NOW)
            writer.remember(TEAM, "C1:U1", {"intent": "b", "n": [1, None]}, at=later(minutes=1))
        with store.read() as reader:
            assert reader.conversation(TEAM, "C1:U1", since=later(minutes=1)) == {"intent": "b", "n": [1, None]}
            assert reader.conversation(TEAM, "C1:U1", since=later(minutes=2)) is None
            assert reader.conversation(TEAM, "C1:U2", since=NOW) is None

    def test_unanswered_questions_newest_first(self, store: Store) -> None:
        asked = [question(f"q{number}", at=later(minutes=number), channel="C1", intent="x") for number in range(4)]
        with store.write() as writer:
            for each in [*asked, question("known", answered=True)]:
                writer.log_question(each)
        with store.read() as reader:
            assert reader.unanswered(TEAM, since=later(minutes=1)) == [asked[3], asked[2], asked[1]]
            assert reader.unanswered(TEAM, since=NOW, limit=1) == [asked[3]]

    def test_people(self, store: Store) -> None:
        with store.write() as writer:
            writer.save_person(person("U2", name="Bo"))
            writer.save_person(person("U1"))
            writer.save_person(person("U1", name="Ana María", zone="UTC", seen_at=later(days=1)))
        with store.read() as reader:
            now = person("U1", name="Ana María", zone="UTC", seen_at=later(days=1))
            assert reader.person(TEAM, "U1") == now
            assert reader.people(TEAM) == [now, person("U2", name="Bo")]
            assert reader.person(TEAM, "U3") is None

    def test_refusals_newest_first(self, store: Store) -> None:
        with store.write() as writer:
            for minute in range(3):
                writer.log_refusal(
                    TEAM, at=later(minutes=minute), actor="U1", product=None, command="/stage back", error="usage"
                )
        with store.read() as reader:
            newest = Refusal(TEAM, later(minutes=2), "U1", None, "/stage back", "usage")
            assert reader.refusals(TEAM, since=later(minutes=1), limit=1) == [newest]
            assert len(reader.refusals(TEAM, since=later(minutes=1))) == 2

    # All parts together

    def test_odd_text_comes_back(self, store: Store) -> None:
        odd = product(ODD, id=ODD, about=ODD, channel=ODD, holders=(Holding(ODD, ODD),), former_names=(ODD + "2",))
        odd = replace(
            odd, state=State(ODD, (OpenStage(ODD, NOW),), frozenset({ODD}), (Outcome(ODD, ODD, {ODD: (ODD,)}),))
        )
        with store.write() as writer:
            writer.append(change(odd, actor=ODD, channel=ODD, reason=ODD, details={ODD: ODD}))
            writer.log_refusal(TEAM, at=NOW, actor=ODD, product=ODD, command=ODD, error="usage")
            writer.log_question(question(ODD, user=ODD, channel=ODD))
            writer.save_person(person(ODD, name=ODD))
            writer.remember(TEAM, ODD, {ODD: ODD}, at=NOW)
            writer.save_digest_schedule(schedule(ODD, scope=ODD))
            assert writer.accept(delivery(ODD, payload={ODD: [ODD]}, message_key=ODD))
            assert not writer.accept(delivery(ODD + "2", message_key=ODD))
            run = writer.claim_digest(TEAM, ODD, DAY, by=ODD, now=NOW, lease_seconds=1)
            assert run is not None
            writer.finish_digest(replace(run, state="posted", message=ODD))
        with store.write() as writer:
            assert writer.product(TEAM, ODD) == replace(odd, version=1)
            assert [each.id for each in writer.products(TEAM, holder=ODD, channel=ODD, stage=ODD)] == [ODD]
            assert set(writer.product_names(TEAM)) == {(ODD, ODD), (ODD + "2", ODD)}
            (event,) = writer.events(TEAM, ODD)
            assert (event.actor, event.channel, event.reason, event.details) == (ODD, ODD, ODD, {ODD: ODD})
            assert writer.refusals(TEAM, since=NOW) == [Refusal(TEAM, NOW, ODD, ODD, ODD, "usage")]
            assert writer.unanswered(TEAM, since=NOW) == [question(ODD, user=ODD, channel=ODD)]
            assert writer.person(TEAM, ODD) == person(ODD, name=ODD)
            assert writer.conversation(TEAM, ODD, since=NOW) == {ODD: ODD}
            assert writer.digest_schedule(TEAM, ODD) == schedule(ODD, scope=ODD)
            claimed = writer.claim_delivery(by=ODD, now=NOW, lease_seconds=1)
            assert claimed == delivery(ODD, payload={ODD: [ODD]}, message_key=ODD, attempts=1)
            posted = writer.last_posted(TEAM, ODD)
            assert posted is not None and posted.message == ODD
            advance(writer, TEAM, ODD, "next")
        assert store.verify() == []

    def test_teams_are_apart(self, store: Store) -> None:
        with store.write() as writer:
            assert writer.teams() == []
            writer.append(change(product(channel="C1", holders=(Holding("r", "U1"),))))
            writer.log_question(question())
            writer.log_refusal(TEAM, at=NOW, actor="U1", product=None, command="c", error="usage")
            writer.remember(TEAM, "k", {"a": 1}, at=NOW)
            writer.save_person(person())
            writer.save_digest_schedule(schedule())
            writer.accept(delivery(message_key="C1:1"))
            run = writer.claim_digest(TEAM, "C1", DAY, by="a", now=NOW, lease_seconds=60)
            assert run is not None
            writer.finish_digest(replace(run, state="posted"))
            version = writer.portfolio_version(TEAM)
            assert writer.teams() == [TEAM]
        with store.write() as writer:
            assert writer.product(OTHER, "churn-model") is None
            for by in ({}, {"channel": "C1"}, {"stage": "ideation"}, {"holder": "U1"}):
                assert writer.products(OTHER, archived=True, **by) == []
            assert writer.product_names(OTHER) == []
            assert writer.events(OTHER) == writer.events(OTHER, "churn-model") == []
            assert writer.portfolio_version(OTHER) == 0
            assert writer.conversation(OTHER, "k", since=NOW) is None
            assert writer.person(OTHER, "U1") is None and writer.people(OTHER) == []
            assert writer.unanswered(OTHER, since=NOW) == [] and writer.refusals(OTHER, since=NOW) == []
            assert writer.digest_schedules(team=OTHER) == [] and writer.digest_schedule(OTHER, "C1") is None
            assert writer.last_posted(OTHER, "C1") is None and writer.digest_run(OTHER, "C1", DAY) is None
            # The same keys are free in the other team, and using them changes nothing in the first.
            writer.append(change(product(team=OTHER)))
            advance(writer, OTHER, "churn-model", "feasibility")
            assert writer.accept(delivery(team=OTHER, message_key="C1:1"))
            assert writer.claim_digest(OTHER, "C1", DAY, by="a", now=NOW, lease_seconds=60) is not None
            writer.save_person(person(team=OTHER, name="Else"))
            writer.save_digest_schedule(schedule(team=OTHER, enabled=False))
            writer.remember(OTHER, "k", {}, at=NOW)
        with store.read() as reader:
            assert reader.teams() == [TEAM, OTHER]
            assert reader.portfolio_version(TEAM) == version
            found = reader.product(TEAM, "churn-model")
            assert found is not None and found.version == 1
            assert len(reader.events(TEAM)) == 1
            assert reader.person(TEAM, "U1") == person()
            assert reader.digest_schedules() == [schedule()]
            assert reader.conversation(TEAM, "k", since=NOW) == {"a": 1}
        assert store.verify(TEAM) == store.verify(OTHER) == store.verify() == []

    def test_sizes(self, store: Store) -> None:
        long = "ñ" * 100_000
        create(store, product("Long", about=long))
        with store.write() as writer:
            assert writer.accept(delivery(payload={"text": long}))
            found = writer.product(TEAM, "long")
            assert found is not None and found.about == long
        assert store.verify() == []
