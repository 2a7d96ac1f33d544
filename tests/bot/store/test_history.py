"""Whatever is changed in whatever order: the events add up to the product, and back again."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import history
from bot.store.records import Event, Holding, Product
from bot.store.sqlite import SqliteStore
from knowledge.lifecycle import OpenStage, Outcome, State
from tests.bot.store.samples import NOW, TEAM, change, product

texts = st.text(st.characters(), max_size=8) | st.sampled_from(["a", "b", "\x00", "\ud83d", "ñ"])
moments = st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
outcomes = st.builds(Outcome, texts, texts, st.dictionaries(texts, st.lists(texts, max_size=2).map(tuple), max_size=2))
states = st.builds(
    State,
    status=st.sampled_from(["active", "bought"]) | texts,
    open=st.lists(st.builds(OpenStage, texts, moments), max_size=3, unique_by=lambda each: each.stage).map(tuple),
    entered=st.frozensets(texts, max_size=4),
    decided=st.lists(outcomes, max_size=2).map(tuple),
)
products = st.builds(
    Product,
    team=st.just(TEAM),
    id=st.just("churn-model"),
    name=texts,
    creator=texts,
    created_at=moments,
    state=states,
    about=texts,
    channel=st.none() | texts,
    archived=st.booleans(),
    holders=st.lists(st.builds(Holding, texts, texts), max_size=4).map(tuple),
    former_names=st.lists(texts, max_size=2).map(tuple),
    pack=texts,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(products, min_size=1, max_size=6))
def test_events_of_any_changes_add_up_to_the_stored_product(versions: list[Product]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "a.db")
        with store.write() as writer:
            for number, each in enumerate(versions):
                writer.append(change(replace(each, version=number), at=NOW + timedelta(days=number)))
        assert store.verify() == []
        with store.write() as writer:
            stored = writer.product(TEAM, "churn-model")
            events = writer.events(TEAM, "churn-model")
            assert stored is not None and stored == history.replayed(events)
            assert history.fields(stored) == history.fields(versions[-1])
            assert (stored.version, stored.state.decided) == (len(versions), versions[-1].state.decided)
            assert [each.sequence for each in events] == list(range(1, len(versions) + 1))
            first = history.product_from(TEAM, "churn-model", 1, history.fields(versions[0]))
            assert history.replayed(events[:1]) == first
            moved = [replace(event, team="T2", chain="") for event in events]
            writer.restore(replace(stored, team="T2"), moved)
            assert writer.product("T2", "churn-model") == replace(stored, team="T2")
        assert store.verify() == []
        store.close()


@given(moments)
def test_stamp_is_the_moment_cut_to_the_millisecond(moment: datetime) -> None:
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert datetime.fromisoformat(history.stamp(moment)) == cut


def test_link_says_all_of_an_event() -> None:
    event = Event(TEAM, "p", 1, NOW, "created", "U1", None, {}, {"name": "P"}, "why", {"n": 1})
    links = {history.link(event, ""), history.link(event, "00")}
    for field, other in {
        "team": "T2",
        "product": "q",
        "sequence": 2,
        "at": NOW + timedelta(milliseconds=1),
        "kind": "renamed",
        "actor": "U2",
        "channel": "C1",
        "before": {"name": "O"},
        "after": {"name": "Q"},
        "reason": "",
        "details": {"n": 2},
    }.items():
        links.add(history.link(replace(event, **{field: other}), ""))  # type: ignore[arg-type]
    assert len(links) == 13
    assert history.link(event, "") == "bfe62a1804af09ec0725226f07071fb0"  # never changes: it is in people's databases


def test_difference_reads_like_a_log() -> None:
    old = history.fields(product(holders=(Holding("a", "U1"), Holding("b", "U2")), about="x"))
    new = history.fields(product(holders=(Holding("b", "U2"), Holding("c", "U3")), channel="C1"))
    before, after = history.difference(old, new)
    assert before == {"about": "x", "channel": None, "holders": [["a", "U1"]]}
    assert after == {"about": "", "channel": "C1", "holders": [["c", "U3"]]}
    assert history.difference(new, new) == ({}, {})


def test_plain_is_what_json_gives_back() -> None:
    assert history.plain({"a": (1, ("b",)), "c": {2: None}}) == {"a": [1, ["b"]], "c": {"2": None}}
    with pytest.raises(TypeError):
        history.plain({"a": NOW})
