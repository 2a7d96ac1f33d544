"""What every store must do with products and their events; part of `StoreContract`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.store import history
from bot.store.base import Conflict, Store
from bot.store.records import Holding
from knowledge.lifecycle import OpenStage, Outcome, State
from tests.bot.store.samples import NOW, OTHER, TEAM, advance, change, create, delivery, later, product


class PortfolioContract:
    """Products and events, and bringing in what was recorded elsewhere."""

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
