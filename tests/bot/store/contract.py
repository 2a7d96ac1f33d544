"""What every store must do. A store passes when a subclass of `StoreContract` with its own fixture `opener` does.

`opener` is a function without arguments that opens the same database each time; it can be pickled, so that other
processes can open it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.store import history
from bot.store.base import Conflict, Holding, LeaseLost, Refusal, Store
from knowledge.lifecycle import OpenStage, Outcome, State
from tests.bot.store.samples import (
    NOW,
    OTHER,
    TEAM,
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

Opener = Callable[[], Store]
ODD = "nul \x00 half \ud83d whole \U0001f600 <&> ' \" \u202e \n"
DAY = date(2026, 3, 2)


class StoreContract:
    """Everything the interface promises, within one process."""

    @pytest.fixture
    def store(self, opener: Opener) -> Iterator[Store]:
        store = opener()
        yield store
        store.close()

    # Products and events

    def test_product_comes_back_as_written(self, store: Store) -> None:
        decided = Outcome("feasibility", "make", {"cost": ("120k EUR",), "kpi": ("recall above 0.8", "1% less churn")})
        full = product(
            about="Tells who leaves",
            channel="C9",
            holders=(Holding("sponsor", "U1"), Holding("data_scientist", "U2")),
            former_names=("Old", "Older"),
            archived=True,
            state=State("bought", (OpenStage("b", NOW), OpenStage("a", later(days=1))), frozenset("ab"), (decided,)),
        )
        create(store, full)
        with store.read() as reader:
            found = reader.product(TEAM, full.id)
            assert found == replace(full, version=1, holders=(full.holders[1], full.holders[0]))
            assert reader.product(TEAM, "other") is None

    def test_event_says_what_changed(self, store: Store) -> None:
        create(store, product(holders=(Holding("sponsor", "U1"),)))
        with store.write() as writer:
            first = writer.product(TEAM, "churn-model")
            assert first is not None
            state = State(
                open=(OpenStage("feasibility", later(days=1)),), entered=frozenset({"ideation", "feasibility"})
            )
            moved = replace(first, state=state, holders=(Holding("sponsor", "U2"),), name="New", about="x")
            written = writer.append(
                change(
                    moved,
                    kind="advanced",
                    at=later(days=1),
                    actor="U7",
                    reason="go",
                    details={"unmet": ("a", "b"), "n": 1.5},
                    after={"label": "Feasibility", "open": "the store's own word stands"},
                )
            )
        with store.read() as reader:
            events = reader.events(TEAM, "churn-model")
        assert [event.kind for event in events] == ["created", "advanced"]
        assert events[0].before == {} and events[0].after["holders"] == [["sponsor", "U1"]]
        event = events[1]
        assert event == written
        assert (event.sequence, event.at, event.actor, event.channel) == (2, later(days=1), "U7", "C1")
        assert event.reason == "go" and event.details == {"unmet": ["a", "b"], "n": 1.5}
        assert event.before == {
            "name": "Churn Model",
            "about": "",
            "holders": [["sponsor", "U1"]],
            "open": [["ideation", "2026-03-02T08:30:00.123Z"]],
        }
        assert event.after == {
            "label": "Feasibility",
            "name": "New",
            "about": "x",
            "holders": [["sponsor", "U2"]],
            "open": [["feasibility", "2026-03-03T08:30:00.123Z"]],
            "entered": ["feasibility"],
        }
        assert len(event.chain) == 32 and event.chain != events[0].chain

    def test_change_of_nothing_is_an_event(self, store: Store) -> None:
        create(store, product())
        with store.write() as writer:
            event = writer.append(change(product(version=1), kind="mapped"))
        assert (event.sequence, event.before, event.after) == (2, {}, {})
        assert store.verify() == []

    def test_stale_version_is_a_conflict(self, store: Store) -> None:
        create(store, product())
        with store.write() as writer:
            now = advance(writer, TEAM, "churn-model", "feasibility")
        for stale in (0, 1, 3):
            with pytest.raises(Conflict) as caught, store.write() as writer:
                writer.append(change(product(), expected_version=stale))
            assert caught.value.product == now
        with pytest.raises(ValueError, match="no product 'other'"), store.write() as writer:
            writer.append(change(product("Other"), expected_version=1))
        with store.read() as reader:
            assert len(reader.events(TEAM)) == 2

    def test_raising_undoes_everything(self, store: Store) -> None:
        with pytest.raises(KeyError), store.write() as writer:
            writer.append(change(product()))
            writer.accept(delivery())
            assert writer.product(TEAM, "churn-model") is not None
            raise KeyError
        with store.read() as reader:
            assert (reader.products(TEAM), reader.events(TEAM), reader.pending_deliveries()) == ([], [], 0)
            assert reader.portfolio_version(TEAM) == 0
        create(store, product())

    def test_reader_sees_one_moment(self, store: Store) -> None:
        create(store, product())
        with store.read() as reader:
            assert len(reader.products(TEAM)) == 1
            create(store, product("Second"))
            assert len(reader.products(TEAM)) == 1
            assert len(reader.events(TEAM)) == 1
        with store.read() as reader:
            assert len(reader.products(TEAM)) == 2

    def test_write_within_write_is_refused(self, store: Store) -> None:
        with store.write() as writer:
            with pytest.raises(RuntimeError, match="wait for itself"), store.write():
                pass
            writer.append(change(product()))
        with store.read() as reader:
            assert reader.product(TEAM, "churn-model") is not None

    def test_products_are_found(self, store: Store) -> None:
        two = State(open=(OpenStage("a", NOW), OpenStage("b", NOW)))
        create(
            store,
            product("beta", channel="C1", holders=(Holding("r1", "U1"), Holding("r2", "U1"))),
            product("Alpha", channel="C1", state=two),
            product("gone", channel="C1", archived=True, state=two, holders=(Holding("r1", "U1"),)),
            product("closed", state=State("bought")),
        )

        def found(**by: Any) -> list[str]:
            with store.read() as reader:
                return [each.name for each in reader.products(TEAM, **by)]

        assert found() == ["Alpha", "beta", "closed"]
        assert found(archived=True) == ["Alpha", "beta", "closed", "gone"]
        assert found(channel="C1") == ["Alpha", "beta"]
        assert found(stage="a") == found(stage="b") == ["Alpha"]
        assert found(stage="a", archived=True) == ["Alpha", "gone"]
        assert found(holder="U1") == ["beta"]
        assert found(holder="U1", channel="C1", stage="ideation") == ["beta"]
        assert found(holder="U9") == found(channel="") == []
        with store.write() as writer:
            beta = writer.product(TEAM, "beta")
            assert beta is not None
            writer.append(change(replace(beta, holders=(Holding("r2", "U9"),), channel=None, state=two), kind="mapped"))
        assert found(holder="U1") == [] and found(holder="U9") == ["beta"]
        assert found(channel="C1") == ["Alpha"] and found(stage="ideation") == []

    def test_names(self, store: Store) -> None:
        create(store, product("Churn Model"))
        with store.write() as writer:
            renamed = replace(product("Churn Model", version=1), name="Stay", former_names=("Churn Model",))
            writer.append(change(renamed, kind="renamed"))
        with store.read() as reader:
            names = reader.product_names(TEAM)
        assert sorted(names) == [(name, "churn-model") for name in ("Churn Model", "Stay", "churn-model")]

    def test_events_by_time_and_number(self, store: Store) -> None:
        create(store, product("A"), product("B"))
        with store.write() as writer:
            for hour, id in enumerate(("a", "b", "a"), 1):
                advance(writer, TEAM, id, f"s{hour}", at=later(hours=hour))
            advance(writer, TEAM, "a", "early", at=later(hours=-5))

        def said(*args: Any, **by: Any) -> list[tuple[str, int]]:
            with store.read() as reader:
                return [(event.product, event.sequence) for event in reader.events(TEAM, *args, **by)]

        assert said() == [("a", 4), ("a", 1), ("b", 1), ("a", 2), ("b", 2), ("a", 3)]
        assert said("a") == [("a", 1), ("a", 2), ("a", 3), ("a", 4)]  # its own order, though the clock went back
        assert said(since=later(hours=1), until=later(hours=3)) == [("a", 2), ("b", 2)]
        assert said("a", since=later(hours=1)) == [("a", 2), ("a", 3)]
        assert said(limit=2) == [("b", 2), ("a", 3)]
        assert said("a", limit=1) == [("a", 4)]
        assert said(limit=0) == said("c") == []

    def test_moments_are_kept_to_the_millisecond_in_utc(self, store: Store) -> None:
        local = datetime(2026, 3, 2, 9, 0, 0, 1999, tzinfo=timezone(timedelta(hours=2)))
        create(store, product(created_at=local, state=State(open=(OpenStage("a", local),))))
        kept = datetime(2026, 3, 2, 7, 0, 0, 1000, tzinfo=UTC)
        with store.write() as writer:
            advance(writer, TEAM, "churn-model", "b", at=local)
            event = writer.events(TEAM, since=local)[0]
            assert (event.sequence, event.at) == (2, kept) and event.at.tzinfo is UTC
            assert writer.events(TEAM, until=local) == []
            found = writer.product(TEAM, "churn-model")
            assert found is not None and found.created_at == kept and found.state.open[0].since == kept
        with pytest.raises(ValueError, match="no time zone"), store.write() as writer:
            writer.append(change(product("Naive"), at=datetime(2026, 3, 2)))  # noqa: DTZ001
        assert store.verify() == []

    def test_portfolio_version_grows(self, store: Store) -> None:
        seen = []
        for name in "ABC":
            create(store, product(name))
            with store.read() as reader:
                seen.append(reader.portfolio_version(TEAM))
        assert seen == sorted(set(seen)) and seen[0] > 0

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

    # Bringing in what was recorded elsewhere

    def test_restore_brings_in_what_was_recorded(self, store: Store) -> None:
        create(store, product(holders=(Holding("sponsor", "U1"),)), product("Other"))
        with store.write() as writer:
            whole = advance(writer, TEAM, "churn-model", "feasibility", at=later(days=3), reason="go", details={"a": 1})
            events = writer.events(TEAM, "churn-model")
        with pytest.raises(Conflict), store.write() as writer:
            writer.restore(whole, events)
        moved = replace(whole, team=OTHER)
        with store.write() as writer:
            writer.restore(moved, [replace(event, team=OTHER) for event in events])
        with store.read() as reader:
            assert reader.product(OTHER, "churn-model") == moved
            assert [replace(each, team=TEAM, chain="") for each in reader.events(OTHER)] == [
                replace(each, chain="") for each in events
            ]
            assert [each.id for each in reader.products(OTHER, stage="feasibility", holder="U1")] == ["churn-model"]
            assert reader.portfolio_version(OTHER) > 0
        with store.write() as writer:
            advance(writer, OTHER, "churn-model", "next")
        assert store.verify() == []

    def test_restore_refuses_what_does_not_add_up(self, store: Store) -> None:
        with store.write() as writer:
            writer.append(change(product()))
            whole = advance(writer, TEAM, "churn-model", "feasibility")
            events = writer.events(TEAM)
        there, here = replace(whole, team=OTHER), [replace(event, team=OTHER) for event in events]
        for thing, log, said in (
            (there, [], "without events"),
            (there, events, "is among those of"),
            (there, here[1:], "event 1 of churn-model is missing"),
            (there, here[:1], "version 2"),
            (replace(there, about="else"), here, "differs .* about"),
        ):
            with pytest.raises(ValueError, match=said), store.write() as writer:
                writer.restore(thing, log)
        with store.read() as reader:
            assert reader.products(OTHER) == [] and reader.events(OTHER) == []

    def test_events_before_a_moment_give_the_product_of_then(self, store: Store) -> None:
        create(store, product())
        with store.read() as reader:
            then = reader.product(TEAM, "churn-model")
        with store.write() as writer:
            advance(writer, TEAM, "churn-model", "feasibility", at=later(days=2))
            assert history.replayed(writer.events(TEAM, "churn-model", until=later(days=1))) == then
            assert history.replayed(writer.events(TEAM, "churn-model")) == writer.product(TEAM, "churn-model")
        assert history.replayed([]) is None

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

    # The inbox

    def test_delivery_is_accepted_once(self, store: Store) -> None:
        with store.write() as writer:
            assert writer.accept(delivery("E1", message_key="C1:1.0"))
            assert not writer.accept(delivery("E1"))
            assert not writer.accept(delivery("E2", message_key="C1:1.0"))
            assert writer.accept(delivery("E3"))
            assert writer.accept(delivery("E4"))
            assert writer.pending_deliveries() == 3
            claimed = writer.claim_delivery(by="w", now=NOW, lease_seconds=60)
            assert claimed is not None
            writer.finish_delivery(claimed, at=NOW)
        with store.write() as writer:
            assert not writer.accept(delivery("E1"))
            assert not writer.accept(delivery("E5", message_key="C1:1.0"))
            assert writer.pending_deliveries() == 2

    def test_deliveries_are_worked_off_in_order(self, store: Store) -> None:
        with store.write() as writer:
            for key in ("E2", "E1", "E3"):
                writer.accept(delivery(key))
        done = []
        while True:
            with store.write() as writer:
                claimed = writer.claim_delivery(by="w", now=NOW, lease_seconds=60)
                if claimed is None:
                    break
                done.append(claimed.key)
                assert claimed == delivery(claimed.key, attempts=1)
                if claimed.key != "E1":
                    writer.finish_delivery(claimed, at=NOW, error="gave up")
        assert done == ["E2", "E1", "E3"]
        with store.read() as reader:
            assert reader.pending_deliveries() == 1

    def test_lease_that_ran_out_frees_a_delivery(self, store: Store, opener: Opener) -> None:
        with store.write() as writer:
            writer.accept(delivery("E1"))
        with store.write() as writer:
            first = writer.claim_delivery(by="a", now=NOW, lease_seconds=30)
            assert first is not None and first.attempts == 1
            assert writer.claim_delivery(by="b", now=later(seconds=29), lease_seconds=30) is None
            assert writer.progress(first) == {}
        with store.write() as writer:
            writer.record_progress(first, {"answered": "1.5"})
        store.close()
        again = opener()
        with again.write() as writer:
            second = writer.claim_delivery(by="b", now=later(seconds=30), lease_seconds=30)
            assert second is not None and second.attempts == 2
            assert writer.progress(second) == {"answered": "1.5"}
        with pytest.raises(LeaseLost), again.write() as writer:
            writer.append(change(product()))
            writer.record_progress(first, {})
        with pytest.raises(LeaseLost), again.write() as writer:
            writer.append(change(product()))
            writer.finish_delivery(first, at=NOW)
        with again.write() as writer:
            assert writer.products(TEAM) == []  # the effect of the slow one was undone
            writer.finish_delivery(second, at=NOW)
            assert writer.claim_delivery(by="c", now=later(days=1), lease_seconds=30) is None
        again.close()

    def test_progress_and_effect_are_one(self, store: Store) -> None:
        with store.write() as writer:
            writer.accept(delivery())
            claimed = writer.claim_delivery(by="a", now=NOW, lease_seconds=30)
            assert claimed is not None
        with pytest.raises(KeyError), store.write() as writer:
            writer.append(change(product()))
            writer.record_progress(claimed, {"changed": True})
            raise KeyError
        with store.read() as reader:
            assert reader.products(TEAM) == []
        with store.write() as writer:
            assert writer.progress(claimed) == {}
            writer.append(change(product()))
            writer.record_progress(claimed, {"changed": True})
        with store.write() as writer:
            assert writer.progress(claimed) == {"changed": True}
            assert writer.product(TEAM, "churn-model") is not None

    def test_forget(self, store: Store) -> None:
        with store.write() as writer:
            for key, day in (("old", 0), ("new", 5)):
                writer.log_question(question(key, at=later(days=day)))
                writer.remember(TEAM, key, {}, at=later(days=day))
                writer.accept(delivery(key, received_at=later(days=day)))
                claimed = writer.claim_delivery(by="w", now=NOW, lease_seconds=9)
                assert claimed is not None
                writer.finish_delivery(claimed, at=later(days=day))
            writer.accept(delivery("waiting"))
            writer.append(change(product()))
            writer.forget(questions_before=later(days=4), deliveries_before=later(days=4))
            assert [each.question for each in writer.unanswered(TEAM, since=NOW)] == ["new"]
            assert writer.conversation(TEAM, "old", since=NOW) is None
            assert writer.conversation(TEAM, "new", since=NOW) == {}
            assert not writer.accept(delivery("new"))
            assert writer.accept(delivery("old"))
            assert not writer.accept(delivery("waiting"))
            assert len(writer.events(TEAM)) == 1

    # Digests

    def test_digest_schedules(self, store: Store) -> None:
        me = schedule("U1", kind="person", days=(), scope="user:U1", quiet=True)
        off = schedule("C2", enabled=False, failing_since=DAY)
        with store.write() as writer:
            for each in (schedule("C1", time="07:00"), schedule("C1"), off, me):
                writer.save_digest_schedule(each)
        with store.read() as reader:
            assert reader.digest_schedule(TEAM, "C1") == schedule("C1")
            assert reader.digest_schedule(TEAM, "C2") == off
            assert reader.digest_schedule(TEAM, "C3") is None
            assert reader.digest_schedules() == reader.digest_schedules(team=TEAM) == [schedule("C1"), me]
            assert reader.digest_schedules(enabled=False) == [schedule("C1"), off, me]

    def test_digest_is_claimed_once(self, store: Store) -> None:
        def claim(by: str, seconds: float, day: date = DAY) -> Any:
            with store.write() as writer:
                return writer.claim_digest(TEAM, "C1", day, by=by, now=later(seconds=seconds), lease_seconds=60)

        first = claim("a", 0)
        assert (first.state, first.claimed_by, first.lease_until, first.attempts) == (
            "claimed",
            "a",
            later(seconds=60),
            1,
        )
        assert claim("b", 59) is None and claim("a", 59) is None
        second = claim("b", 60)
        assert (second.claimed_by, second.attempts) == ("b", 2)
        posted = replace(second, state="posted", window_start=NOW, window_end=later(hours=1), message="1.5")
        with pytest.raises(LeaseLost), store.write() as writer:
            writer.finish_digest(replace(first, state="posted"))
        with store.write() as writer:
            writer.finish_digest(posted)
        assert claim("c", 9999) is None
        skipped = claim("c", 0, DAY + timedelta(days=1))
        with store.write() as writer:
            writer.finish_digest(replace(skipped, state="skipped"))
            assert writer.digest_run(TEAM, "C1", DAY) == posted
            assert writer.digest_run(TEAM, "C1", DAY + timedelta(days=2)) is None
            assert writer.last_posted(TEAM, "C1") == posted
            assert writer.last_posted(TEAM, "C2") is None

    def test_released_digest_may_be_claimed_at_once(self, store: Store) -> None:
        with store.write() as writer:
            writer.claim_digest(TEAM, "C1", DAY, by="a", now=NOW, lease_seconds=60)
            writer.claim_digest(TEAM, "C2", DAY, by="a", now=NOW, lease_seconds=60)
            done = writer.claim_digest(TEAM, "C3", DAY, by="a", now=NOW, lease_seconds=60)
            assert done is not None
            writer.finish_digest(replace(done, state="posted"))
            writer.release_digest(TEAM, "C1", by="b")
            writer.release_digest(OTHER, "C1", by="a")
            assert writer.claim_digest(TEAM, "C1", DAY, by="b", now=NOW, lease_seconds=60) is None
            writer.release_digest(TEAM, "C1", by="a")
            writer.release_digest(TEAM, "C3", by="a")
            again = writer.claim_digest(TEAM, "C1", DAY, by="b", now=NOW, lease_seconds=60)
            assert again is not None
            assert (again.claimed_by, again.attempts) == ("b", 2)
            for kept in ("C2", "C3"):
                assert writer.claim_digest(TEAM, kept, DAY, by="b", now=NOW, lease_seconds=60) is None

    # Teams

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
