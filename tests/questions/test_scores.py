"""What the shipped recogniser scores on the labelled questions: floors, in per cent, that only ever rise.

Raise a floor in `floors.json` when a change raises the score; never lower one.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.bootstrap import load_answering
from bot.services.answering.service import Answering
from intents.evaluation import evaluate, read_questions
from tests.questions.entity_hits import entity_hits

HERE = Path(__file__).parent
FLOORS = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answering() -> Answering:
    return load_answering()


@pytest.mark.parametrize("name", ["answerable", "unanswerable"])
def test_answers(answering: Answering, name: str) -> None:
    questions = read_questions(HERE / f"{name}.jsonl")
    found = evaluate(questions, lambda question: answering.answer(question)[0].as_json())
    right, of = found.scores()["all"]
    assert 100 * right / of >= FLOORS[name]


@pytest.mark.parametrize("name", ["entities", "entities-typo"])
def test_entities(answering: Answering, name: str) -> None:
    hits, found, wanted = entity_hits(answering, HERE / f"{name}.jsonl")
    assert 100 * hits / found >= FLOORS[f"{name} precision"]
    assert 100 * hits / wanted >= FLOORS[f"{name} recall"]
