"""A list of products that a person wrote becomes products with their events, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.services.product_list import Listed, bring_in_list, is_list
from bot.services.transfer import Format, bring_in, exported, records
from bot.store.records import Person
from bot.store.sqlite import SqliteStore
from tests.sample_packs import ai_product

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SLACK = "T0123456789"
FULL = """name,slug,aliases,stage,channel,about,people,Data engineer
Churn model,churn,Abwanderung; Leavers,data preparation,#churn,who leaves,sponsor=@ana; data-analyst=@ben @eva,@dan
"Price, finder",,,,,,,
"""
AS_JSON = """[{"name": "Churn model", "slug": "churn", "aliases": ["Abwanderung", "Leavers"],
"stage": "data-preparation", "channel": "#churn", "about": "who leaves",
"people": {"sponsor": "@ana", "data-analyst": ["@ben", "eva"]},
"data-engineer": ["dan"]}, {"name": "Price, finder", "about": null}]"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "rolecall.db")
    yield made
    made.close()


def bring(store: SqliteStore, text: str, form: Format = "csv", *, team: str = "local", dry_run: bool = False) -> Listed:
    assert is_list(text, form)
    return bring_in_list(store, team, text, form, ai_product(), actor="ana", now=NOW, dry_run=dry_run)


@pytest.mark.parametrize(("text", "form"), [(FULL, "csv"), (FULL.replace(",", "\t"), "csv"), (AS_JSON, "json")])
def test_every_column_is_taken(store: SqliteStore, text: str, form: Format) -> None:
    done = bring(store, text, form)
    assert (done.problems, done.written) == ((), True)
    with store.read() as reader:
        churn, price = reader.product("local", "churn"), reader.products("local")[1]
    assert churn and (churn.name, churn.former_names) == ("Churn model", ("Abwanderung", "Leavers"))
    assert (churn.state.stages, churn.channel, churn.about) == (("data-preparation",), "churn", "who leaves")
    held = {(each.role, each.user) for each in churn.holders}
    people = {("sponsor", "ana"), ("data-analyst", "ben"), ("data-analyst", "eva"), ("data-engineer", "dan")}
    assert held == people
    assert (price.state.stages, price.holders) == (("feasibility",), ())


def test_each_product_begins_with_an_event_of_whoever_imports(store: SqliteStore) -> None:
    bring(store, FULL)
    with store.read() as reader:
        [adopted] = reader.events("local", "churn")
        [created] = reader.events("local", "price-finder")
    assert (adopted.kind, created.kind) == ("adopted", "created")
    for event in (adopted, created):
        assert (event.actor, event.at, event.details) == ("ana", NOW, {"import": True})
    assert store.verify() == []


def test_what_was_imported_is_exported_and_brought_in_again(store: SqliteStore, tmp_path: Path) -> None:
    bring(store, FULL)
    with store.read() as reader:
        text = "".join(exported(records(reader, "local"), "csv"))
    assert not is_list(text, "csv")
    other = SqliteStore(tmp_path / "other.db")
    assert bring_in(other, "local", text, "csv", dry_run=False).written
    other.close()


def test_a_dry_run_writes_nothing_and_finds_the_same(store: SqliteStore) -> None:
    done = bring(store, FULL, dry_run=True)
    assert not done.written and len(done.products) == 2
    with store.read() as reader:
        assert reader.teams() == []
    bring(store, FULL)
    again = bring(store, FULL, dry_run=True)
    assert [str(each) for each in again.problems] == [
        "line 2: there is a product churn already",
        "line 3: there is a product price-finder already",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nme\nx\n", "line 1: column nme: there is no such column. Did you mean name?"),
        ("name,owner\nx,y\n", "line 1: column owner: there is no such column. There are: name, slug"),
        ("stage\nx\n", "line 1: a list of products needs a column “name”; found: stage"),
        ("name,Name\nx,y\n", "line 1: column name: it is there twice"),
        ("name,sponsor,sponsors\nx,,\n", "line 1: column sponsor: it is there twice"),
        ("name\nok\n@ana\n", "line 3: column name: “@ana” looks like a mention"),
        ("name,stage\nok,\n ,feasibility\n", "line 3: column name: A product needs a name."),
        (f"name\n{'x' * 5000}\n", "line 2: column name: That name has 5000 characters"),
        ("name\nChurn\nchurn!\n", "line 3: column name: churn is in line 2 already"),
        (
            "name,slug\nChurn,The Churn\n",
            "line 2: column slug: “The Churn” is not written as a slug: “the-churn” would",
        ),
        (
            "name,stage\nx,feasiblity\n",
            "line 2: column stage: there is no stage “feasiblity”. Did you mean Feasibility?",
        ),
        ("name,stage\nx,nowhere\n", "line 2: column stage: there is no stage “nowhere”. There are: Feasibility,"),
        ("name,people\nx,boss=@ana\n", "line 2: column people: there is no role “boss”. There are: Sponsor"),
        ("name,people\nx,@ana\n", "line 2: column people: “@ana” is no ROLE=@USER, such as sponsor=@ana"),
        ("name,sponsor\nx,a!b\n", "line 2: column sponsor: “@a!b” is not a person"),
        ("name,channel\nx,#a b\n", "line 2: column channel: “#a b” is not a channel"),
        ("name,stage\nx\n", "line 2: expected 2 cells, found 1"),
        ("name\nx,y\n", "line 2: expected 1 cells, found 2"),
        ('name\n"x\n', "line 2: this is not CSV"),
        ("name\nok\nA\0B\n", "line 3: column name: That holds a character that cannot be shown (such as NUL)"),
        ("name,about\nok,\nx,A\x1bB\n", "line 3: column about: That holds a character that cannot be shown"),
        ("name,aliases\nok,\nx,one;A\0B\n", "line 3: column aliases: That holds a character that cannot be shown"),
        ("name,sponsor\nok,\nx,a\0b\n", "line 3: column sponsor: “@a"),
        ("name,about\nx," + "y" * 2001 + "\n", "line 2: column about: That description has 2001 characters"),
    ],
)
def test_a_mistake_names_its_line_and_column_and_nothing_is_written(store: SqliteStore, text: str, said: str) -> None:
    done = bring(store, text)
    assert not done.written
    assert str(done.problems[0]).startswith(said), [str(each) for each in done.problems]
    with store.read() as reader:
        assert reader.teams() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"name": 5}]', "line 1: “name” is neither text nor"),
        ('[{"name": "x"},\n7]', "line 2: expected an object"),
        ('[{"name": "x", "colour": "red"}]', "line 1: column colour: there is no such column"),
        ('[{"name": "ok"},\n{"name": "N\\u0000ul"}]', "line 2: column name: That holds a character that cannot be"),
        ('[{"name": "N\\ud800ul"}]', "line 1: column name: That holds a character that cannot be shown"),
        ('[{"stage": "feasibility"}]', "line 1: column name: A product needs a name."),
    ],
)
def test_a_mistake_in_json(store: SqliteStore, text: str, said: str) -> None:
    assert str(bring(store, text, "json").problems[0]).startswith(said)


def test_marks_that_nobody_sees_are_left_out_of_a_name_as_in_chat(store: SqliteStore) -> None:
    done = bring(store, "name,aliases,about\nChurn\u200b  model,Lea\u202ever,two\u200b words\n")
    assert (done.products[0].name, done.products[0].former_names) == ("Churn model", ("Leaver",))


def test_in_a_slack_workspace_people_and_channels_are_ids_or_known_names(store: SqliteStore) -> None:
    with store.write() as writer:
        writer.save_person(Person(SLACK, "U0000000A", "Ana", "UTC", NOW))
    text = "name,sponsor,channel\nx,{},{}\n"
    for who in ("@ana", "U0000000A", "<@U0000000A|ana>"):
        done = bring(store, text.format(who, "C012345678"), team=SLACK, dry_run=True)
        assert [each.user for each in done.products[0].holders] == ["U0000000A"]
    [wrong] = bring(store, text.format("@anna", ""), team=SLACK).problems
    assert "column sponsor: “@anna” is nobody I know in T0123456789. Did you mean @Ana?" in str(wrong)
    [wrong] = bring(store, text.format("", "#general"), team=SLACK).problems
    assert "column channel: “#general” is a name: write the channel's id" in str(wrong)
