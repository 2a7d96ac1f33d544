"""What is taken out of one database and brought into another is the same, or nothing is brought in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.services.transfer import Format, bring_in, exported, records
from bot.store.base import Store
from bot.store.records import Change, Holding, Person, Product
from bot.store.sqlite import SqliteStore
from knowledge.lifecycle import OpenStage, Outcome, State
from tests.bot.services.desk import FACTS, Desk

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
FORMATS: list[Format] = ["json", "csv"]


def taken_out(store: Store, form: Format, team: str = "T1") -> str:
    with store.read() as reader:
        return "".join(exported(records(reader, team), form))


@pytest.fixture
def full(churn: Desk) -> Desk:
    churn.done(f"/stage decide churn-model make {FACTS}")
    churn.later(1)
    churn.done('/stage advance churn-model because "a, b; \n“c”"')
    churn.done("/product rename churn-model to Abwanderung, ganz neu")
    churn.done("/product new Other")
    churn.done("/product archive other")
    with churn.store.write() as writer:
        writer.save_person(Person("T1", "U1", "Zoë, the first", "Europe/Rome", START))
    return churn


@pytest.mark.parametrize("form", FORMATS)
def test_round_trip(full: Desk, form: Format, tmp_path: Path) -> None:
    text = taken_out(full.store, form)
    other = SqliteStore(tmp_path / "other.db")
    dry = bring_in(other, "T1", text, form)
    assert (dry.problems, dry.written, dry.products, dry.events, dry.people) == ((), False, 2, 6, 1)
    with other.read() as reader:
        assert reader.teams() == []
    assert bring_in(other, "T1", text, form, dry_run=False).written
    assert other.verify() == []
    assert taken_out(other, form) == text
    # Into another team, and not twice into the same.
    assert bring_in(other, "T2", text, form, dry_run=False).written
    again = bring_in(other, "T1", text, form, dry_run=False)
    assert not again.written
    assert "already" in again.problems[0].text
    other.close()


letters = st.text(st.characters(exclude_categories=()), min_size=1, max_size=20)
ids = st.text("abc-", min_size=1, max_size=8)


@st.composite
def lives(draw: st.DrawFn) -> list[Change]:
    """A product that is made, and changed a few times."""
    at = START + timedelta(milliseconds=draw(st.integers(0, 10**10)))
    stage = draw(ids)
    product = Product(
        "T1",
        draw(ids),
        draw(letters),
        draw(letters),
        at,
        State(open=(OpenStage(stage, at),), entered=frozenset({stage})),
    )
    changes = [Change(replace(product, version=1), 0, at, "created", draw(letters), draw(st.none() | letters))]
    for number in range(1, draw(st.integers(1, 4))):
        at += timedelta(milliseconds=draw(st.integers(0, 10**9)))
        values: dict[str, Any] = {
            "name": draw(letters),
            "about": draw(st.text(max_size=10)),
            "channel": draw(st.none() | st.text(max_size=4)),
            "archived": draw(st.booleans()),
            "holders": tuple(Holding(draw(ids), draw(letters)) for _ in range(draw(st.integers(0, 2)))),
            "former_names": (product.name,),
            "state": State(
                draw(st.sampled_from(["active", "bought"])),
                (OpenStage(draw(ids), at),),
                frozenset({stage, draw(ids)}),
                (Outcome(stage, "make", {draw(letters): (draw(letters), draw(letters))}),),
            ),
        }
        product = replace(product, **values)
        changes.append(
            Change(
                replace(product, version=number + 1), number, at, draw(letters), draw(letters),
                draw(st.none() | letters),
                reason=draw(st.text(max_size=8)), details={draw(letters): [draw(letters), {"n": draw(st.integers())}]},
            )
        )  # fmt: skip
    return changes


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(life=lives(), name=letters, form=st.sampled_from(FORMATS))
def test_nothing_is_lost(life: list[Change], name: str, form: Format) -> None:
    with TemporaryDirectory() as folder:
        one, other = SqliteStore(Path(folder) / "one.db"), SqliteStore(Path(folder) / "other.db")
        with one.write() as writer:
            writer.save_person(Person("T1", "U1", name, "UTC", START))
            for change in life:
                writer.append(change)
        text = taken_out(one, form)
        done = bring_in(other, "T1", text, form, dry_run=False)
        assert done.problems == ()
        id_ = life[0].product.id
        with one.read() as here, other.read() as there:
            assert here.product("T1", id_) == there.product("T1", id_)
            assert here.events("T1", id_) == there.events("T1", id_)
            assert here.people("T1") == there.people("T1")
        assert other.verify() == []
        one.close()
        other.close()


def lines_of(store: Store) -> list[dict[str, Any]]:
    return list(json.loads(taken_out(store, "json")))


def written(found: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(map(json.dumps, found)) + "\n]"


@pytest.mark.parametrize(
    ("index", "key", "value", "said"),
    [
        (0, "zone", 7, "line 2: “zone” is no text"),
        (1, "version", "x", "line 3: “version” is no number"),
        (1, "record", "thing", "line 3: “record” is none of"),
        (1, "fields", {"colour": "red"}, "line 3: a product has no field 'colour'"),
        (2, "at", "tomorrow", "line 4: “at” is no moment"),
        (2, "at", "2026-03-01T09:00:00", "line 4: “at” has no time zone"),
        (3, "sequence", 9, "line 3: product churn-model"),
        (2, "product", "nobody", "line 4: events of 'nobody'"),
        (3, "after", [], "line 5: “after” is no object"),
    ],
)
def test_an_error_names_its_line_and_nothing_is_written(
    full: Desk, tmp_path: Path, index: int, key: str, value: Any, said: str
) -> None:
    found = sorted(
        lines_of(full.store),
        key=lambda r: (r["record"] != "person", (r.get("product") or r.get("id")) != "churn-model"),
    )
    found[index][key] = value
    other = SqliteStore(tmp_path / "other.db")
    done = bring_in(other, "T1", written(found), "json", dry_run=False)
    assert not done.written
    assert any(str(problem).startswith(said) for problem in done.problems), [str(p) for p in done.problems]
    with other.read() as reader:
        assert reader.teams() == []
    other.close()


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("", "json", "line 1: expected a JSON array"),
        ("{}", "json", "line 1: expected a JSON array"),
        ("[\n1\n1]", "json", "line 3: expected a comma"),
        ("[\n{]", "json", "line 2: this is not JSON"),
        ("[1]", "json", "line 1: expected an object"),
        ("[", "json", "line 1: this is not JSON"),
        ("[" * 100_000, "json", "line 1: this is not JSON"),
        ("[] x", "json", "line 1: there is more"),
        ("", "csv", "line 1: expected the columns"),
        ("a,b\n", "csv", "line 1: expected the columns"),
        ("record,product,sequence,at,kind,actor,channel,reason,data\nevent,x\n", "csv", "line 2: expected 9 cells"),
        ("record,product,sequence,at,kind,actor,channel,reason,data\na,b,c,d,e,f,g,h,i\n", "csv", "line 2: the cell"),
        ('record,product,sequence,at,kind,actor,channel,reason,data\n"a\n', "csv", "line 2: this is not CSV"),
    ],
)
def test_what_is_no_export(tmp_path: Path, text: str, form: Format, said: str) -> None:
    store = SqliteStore(tmp_path / "other.db")
    done = bring_in(store, "T1", text, form)
    assert any(str(problem).startswith(said) for problem in done.problems), done.problems
    store.close()
