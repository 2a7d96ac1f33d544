"""Finding names in messages; which names there are is up to the caller."""

from __future__ import annotations

import pytest

from intents.entities import Entity, EntityName, Gazetteer, find_entities, repaired_words
from intents.normalize import normalize_with_offsets
from intents.semantic import default_table
from intents.spelling import Speller

NAMES = [
    EntityName("role", "pastry-cook", "pastry cook"),
    EntityName("role", "pastry-cook", "pc"),
    EntityName("role", "night-baker", "night baker"),
    EntityName("role", "head-waiter", "head waiter"),
    EntityName("role", "head-waiter", "sommelier", title=True),
    EntityName("stage", "tasting", "tasting"),
    EntityName("stage", "serving-dinner", "serving dinner"),
    EntityName("topic", "tasting-notes", "tasting notes"),
    EntityName("topic", "dough", "dough"),
    EntityName("component", "dough", "dough"),
]
GAZETTEER = Gazetteer(NAMES)
SPELLER = Speller(GAZETTEER.words(), default_table().knows)


def find(text: str) -> list[Entity]:
    normalized = normalize_with_offsets(text)
    return find_entities(normalized, text, repaired_words(normalized, SPELLER), [GAZETTEER], SPELLER)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("who is the pastry cook?", [("pastry-cook", "pastry cook")]),
        ("Pastry-Cooks!", [("pastry-cook", "Pastry-Cooks")]),
        ("the pastrycook", [("pastry-cook", "pastrycook")]),
        ("the pastry cook’s hat", [("pastry-cook", "pastry cook")]),
        ("a pastery cook", [("pastry-cook", "pastery cook")]),
        ("PC or head waiter", [("pastry-cook", "PC"), ("head-waiter", "head waiter")]),
        ("sommeliers", [("head-waiter", "sommeliers")]),
        ("the tasting notes of the tasting", [("tasting-notes", "tasting notes"), ("tasting", "tasting")]),
        ("serving the dinner", [("serving-dinner", "serving the dinner")]),
    ],
)
def test_found(text: str, found: list[tuple[str, str]]) -> None:
    entities = find(text)
    assert [(entity.id, entity.text) for entity in entities] == found
    assert all(text[entity.start : entity.end] == entity.text for entity in entities)


@pytest.mark.parametrize("text", ["we taste it", "it tasted good", "pc Anderson", "", "?!", "i tasting"])
def test_not_found(text: str) -> None:
    assert find(text) == []


def test_the_last_word_alone_is_a_loose_name() -> None:
    (found,) = find("what do the bakers do?")
    assert (found.id, found.loose) == ("night-baker", True)


def test_a_word_before_it_makes_it_another() -> None:
    assert find("the bread baker") == []


def test_one_word_may_name_two_things() -> None:
    (found,) = find("dough")
    assert found.kind == "topic"
    assert found.ids("component") == ["dough"]


def test_people_and_dates() -> None:
    found = find("was <@U123|ana> there on 3 March 2026?")
    assert [(entity.kind, entity.id) for entity in found] == [("person", "U123"), ("date", "3 march 2026")]


def test_nearest() -> None:
    (best, score), *_ = GAZETTEER.nearest("tastng")
    assert best.id == "tasting"
    assert score >= 0.8


@pytest.mark.parametrize("text", ["@channel who owns it", "@here", "hi @everyone, what is next?"])
def test_a_mention_of_everybody_is_no_person(text: str) -> None:
    assert [entity for entity in find(text) if entity.kind == "person"] == []
