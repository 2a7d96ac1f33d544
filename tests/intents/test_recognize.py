"""Recognising what a message asks, in the pack that ships."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bootstrap import load_knowledge, load_recognizer
from intents.message import Context
from intents.readings import Fallback, Reading
from intents.recognize import LONGEST, Recognizer
from knowledge.queries import Knowledge


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def recognizer(knowledge: Knowledge) -> Recognizer:
    return load_recognizer(knowledge)


def only(recognizer: Recognizer, text: str, context: Context | None = None) -> Reading:
    (found,) = recognizer.recognize(text, context=context)
    assert isinstance(found, Reading), text
    return found


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("who owns productization", "stage_owner", {"stage": ("productization",)}),
        ("hey, quick question: who leads data prep? thx", "stage_owner", {"stage": ("data-preparation",)}),
        ("what does DevOps do", "role_what", {"role": ("devops",)}),
        ("what do the analysts do in feasibility?", "role_in_stage", {"stage": ("feasibility",)}),
        ("what comes after data preparation?", "stage_order", {"stage": ("data-preparation",)}),
    ],
)
def test_read(recognizer: Recognizer, text: str, intent: str, slots: dict[str, tuple[str, ...]]) -> None:
    found = only(recognizer, text)
    assert found.intent == intent
    assert slots.items() <= found.slots.items()
    assert found.confidence >= found.threshold


@pytest.mark.parametrize(
    "text",
    ["who owns the legal review stage?", "what is the capital of Peru", "which licence does the model need?",
     "how many story points has deployment?", "what does a scrum master do?", "", "   ", "?!", "\u202e\u0000"],
)  # fmt: skip
def test_refused(recognizer: Recognizer, text: str) -> None:
    assert all(isinstance(found, Fallback) for found in recognizer.recognize(text))


def test_two_questions(recognizer: Recognizer) -> None:
    found = recognizer.recognize("Who leads feasibility, and what comes out of it?")
    assert [reading.intent for reading in found] == ["stage_owner", "stage_outcome"]


def test_what_stands_around_fills_in(recognizer: Recognizer) -> None:
    found = only(recognizer, "I am a data engineer. Am I needed in feasibility?")
    assert found.slots["role"] == ("data-engineer",)


def test_a_stranger_stands_for_no_role(recognizer: Recognizer) -> None:
    assert isinstance(recognizer.recognize("I'm a UX writer. What do I do in feasibility?")[0], Fallback)


def test_loose_names_are_not_reported(recognizer: Recognizer) -> None:
    found = only(recognizer, "what do the analysts do in feasibility?")
    assert "data-analyst" in found.slots["role"]
    assert {entity.kind for entity in found.entities} == {"stage"}
    assert recognizer.entities("the business analysts") == []


OWNER = Context("stage_owner", {"stage": ("data-preparation",)}, {"role": ("data-analyst",)}, "who owns data prep?")


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("and productization?", "stage_owner", {"stage": ("productization",)}),
        ("what about DevOps?", "role_in_stage", {"role": ("devops",), "stage": ("data-preparation",)}),
        ("who helps them?", "stage_participants", {"stage": ("data-preparation",)}),
        ("and logging?", "topic_owner", {"topic": ("logging",)}),
    ],
)
def test_follow_ups(recognizer: Recognizer, text: str, intent: str, slots: dict[str, tuple[str, ...]]) -> None:
    found = only(recognizer, text, OWNER)
    assert found.intent == intent
    assert slots.items() <= found.slots.items()


def test_a_whole_question_takes_nothing_from_before(recognizer: Recognizer) -> None:
    found = only(recognizer, "which stages does the whole lifecycle of the product have in the end?", OWNER)
    assert not found.slots.get("stage")


def test_context_is_plain_data() -> None:
    assert Context.from_json(json.loads(json.dumps(OWNER.to_json()))) == OWNER


@pytest.mark.parametrize("data", [None, [], "x", {}, {"slots": 3}, {"intent": 1, "slots": {"a": "b", "c": [1, "d"]}}])
def test_a_context_of_before_is_no_trouble(data: object) -> None:
    assert isinstance(Context.from_json(data), Context)


def test_allowed_intents_only(recognizer: Recognizer) -> None:
    limited = recognizer.allowing({"role_what"})
    found = limited.recognize("who owns productization")
    assert all(reading.intent == "role_what" for reading in found if isinstance(reading, Reading))


MESSAGES = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="<@>|&:;?!.,'\"*_~`\n\t\u200f\u202e \u0301aé中", max_size=300),
    st.lists(st.sampled_from(["feasibility", "DevOps", "who", "and", "data prep", "?", "@ana", "is", "logging", "or"]))
    .map(" ".join),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=MESSAGES)
def test_never_raises(recognizer: Recognizer, text: str) -> None:
    for context in (None, OWNER):
        assert recognizer.recognize(text, context=context)


@pytest.mark.parametrize(
    "text",
    ["who owns feasibility? " * 500, "feasibility " * 900, "?" * 10_000, "a" * 10_000, "\u0301" * 10_000,
     "<@U1> " * 2_000, "who and what and when and where is it? " * 300, "\x00\x07" * 5_000,
     "zq" * 40 + " " + "xw " * 900],
)  # fmt: skip
def test_bad_input_is_done_in_time(recognizer: Recognizer, text: str) -> None:
    recognizer.recognize(text)
    taken = []
    for _ in range(5):
        began = time.thread_time()
        assert recognizer.recognize(text)
        taken.append(time.thread_time() - began)
    assert min(taken) < 0.05


def test_only_the_beginning_is_read(recognizer: Recognizer) -> None:
    found = recognizer.recognize("x" * LONGEST + " who owns feasibility?")
    assert all(isinstance(reading, Fallback) for reading in found)


def test_no_name_of_a_framework_is_in_the_code(knowledge: Knowledge) -> None:
    names = {thing.id for things in (knowledge.pack.stages, knowledge.pack.roles) for thing in things}
    for path in sorted((Path(__file__).parents[2] / "intents").glob("*.py")):
        code = path.read_text(encoding="utf-8").lower()
        assert [name for name in names if f'"{name}' in code] == [], path.name


def kinds(recognizer: Recognizer, text: str) -> list[str]:
    return [entity.kind for found in recognizer.recognize(text) for entity in found.entities]


def test_a_coined_name_is_no_typing_error(recognizer: Recognizer) -> None:
    assert kinds(recognizer, "What does a DataOps engineer do?") == []
    assert kinds(recognizer, "What does DerOps do?") == ["role"]


def test_a_word_inside_a_hyphenated_name_names_nothing(recognizer: Recognizer) -> None:
    assert kinds(recognizer, "where is churn-model?") == []
    assert kinds(recognizer, "who is around in pre-deployment?") == ["stage"]


def test_a_doer_is_not_the_deed() -> None:
    recognizer = load_recognizer(load_knowledge("crisp-ml-q"))
    assert kinds(recognizer, "who is the data engineer?") == []
    assert kinds(recognizer, "what is data engineering?") == ["stage"]


@pytest.mark.parametrize("text", ["alone", "on it", "money"])
def test_a_word_or_two_that_name_nothing_ask_nothing(recognizer: Recognizer, text: str) -> None:
    assert all(isinstance(found, Fallback) for found in recognizer.recognize(text))


@pytest.mark.parametrize("text", ["roles", "hlep", "heyyy", "stages?"])
def test_a_word_that_asks_is_understood(recognizer: Recognizer, text: str) -> None:
    assert isinstance(recognizer.recognize(text)[0], Reading)


def test_what_only_says_when_is_not_asked_about(recognizer: Recognizer) -> None:
    found = only(recognizer, "who does the exception handling before monitoring begins?")
    assert found.slots["topic"] == ("exception-handling",)


def test_a_denial_around_the_question_is_none_in_it(recognizer: Recognizer) -> None:
    found = only(recognizer, "At the idea stage everybody talks and nobody leads. Who is meant to lead?")
    assert not found.form.negated
