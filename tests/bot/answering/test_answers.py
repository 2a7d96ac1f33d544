"""What answers say: yes and no, corrections, several owners, what is derived, what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap import load_answering
from bot.results import Answer
from bot.services.answering.service import UNKNOWN, Answering
from intents.message import Context
from intents.readings import Reading
from intents.recognize import LONGEST


@pytest.fixture(scope="module")
def answering() -> Answering:
    return load_answering()


def ask(answering: Answering, question: str) -> Answer:
    return answering.answer(question)[0]


@pytest.mark.parametrize(
    ("question", "roles"),
    [
        ("who makes sure the feed isn't garbage", {"data-analyst", "data-engineer"}),
        ("on the hook when the nightly load breaks", {"data-analyst"}),
        ("who signs off the money", {"sponsor"}),
    ],
)
def test_a_responsibility_is_found_by_its_meaning(answering: Answering, question: str, roles: set[str]) -> None:
    answer = ask(answering, question)
    assert answer.answered
    assert set(answer.roles) == roles


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("Does the sponsor lead feasibility?", "Yes"),
        ("Doesn't the sponsor lead feasibility?", "Yes"),
        ("Does the sponsor lead deployment?", "No"),
        ("Isn't DevOps involved in feasibility?", "No"),
        ("DevOps has nothing to do in feasibility, right?", "Yes"),
        ("Does only DevOps drive productization?", "No"),
        ("Can data preparation and prototyping run in parallel?", "Yes"),
        ("Must data preparation be finished before prototyping starts?", "No"),
        ("Can we skip productization?", "No"),
        ("Can we go back from deployment to feasibility?", "Yes"),
        ("Is data preparation the first stage?", "No"),
        ("Are the data scientist and the AI engineer the same?", "No"),
        ("Does the data engineer own logging?", "Yes"),
        ("So productization is stage 3, right?", "No"),
        ("Is logging the job of a sponsor or of DevOps?", ""),
    ],
)
def test_yes_and_no(answering: Answering, question: str, opening: str) -> None:
    answer = ask(answering, question)
    assert answer.answered
    assert answer.text.startswith(f"{opening}: " if opening else "Logging"), answer.text


def test_a_false_assumption_is_corrected(answering: Answering) -> None:
    answer = ask(answering, "Since DevOps leads feasibility, whom do I ask there?")
    assert answer.roles == ("sponsor",)
    assert answer.text.startswith("Not DevOps.")


def test_who_is_not_involved(answering: Answering) -> None:
    answer = ask(answering, "Who is not involved in feasibility?")
    assert set(answer.roles) == {"devops", "data-engineer", "data-scientist"}
    assert "derived" in answer.text


def test_two_questions_get_two_answers(answering: Answering) -> None:
    answer = ask(answering, "Who leads feasibility, and what comes out of it?")
    assert "sponsor" in answer.roles
    assert "BUY/MAKE" in answer.text


def test_several_owners_are_told_apart(answering: Answering) -> None:
    answer = ask(answering, "Who does monitoring?")
    assert set(answer.roles) == {"devops", "ai-engineer", "data-analyst"}
    assert sum(line.startswith("• ") for line in answer.text.splitlines()) == 3


def test_all_roles_are_named(answering: Answering) -> None:
    assert len(ask(answering, "Which roles are there?").roles) == 6


def test_shared_stages(answering: Answering) -> None:
    answer = ask(answering, "Is there a stage that the data engineer and the data analyst both lead?")
    assert answer.stages == ("data-preparation",)


@pytest.mark.parametrize(
    "question",
    ["Which licence does the model need?", "Who owns the legal review stage?", "How much does a data engineer earn?"],
)
def test_not_known(answering: Answering, question: str) -> None:
    answer = ask(answering, question)
    assert not answer.answered
    assert answer.text.splitlines()[0] == UNKNOWN
    assert 0 < len(answer.suggestions) <= 3
    assert answer.sources == ()


def test_suggestions_can_be_answered(answering: Answering) -> None:
    for question in (
        "Which licence does the model need?",
        "salary of a DevOps",
        "what is the budget of productization",
    ):
        for suggestion in ask(answering, question).suggestions:
            assert ask(answering, suggestion).answered, suggestion


def test_every_claim_has_a_source(answering: Answering) -> None:
    for question in (
        "Who drives data prep?",
        "What is logging?",
        "Which stages are there?",
        "Can we skip feasibility?",
    ):
        assert ask(answering, question).sources


def test_a_long_message_says_what_was_read(answering: Answering) -> None:
    assert str(LONGEST) in ask(answering, "who owns feasibility? " + "x " * LONGEST).text


def test_a_conversation(answering: Answering) -> None:
    context: Context | None = None
    said = []
    for question in ("Who drives data prep?", "and productization?", "who helps them?", "why?", "what about DevOps?"):
        answer, context = answering.answer(question, context)
        context = Context.from_json(context.to_json())
        said.append(answer)
    drives, then, helpers, why, devops = said
    assert drives.roles == ("data-analyst", "data-engineer")
    assert then.roles == ("data-engineer", "devops")
    assert {"ai-engineer", "data-analyst"} <= set(helpers.roles)
    assert why.answered
    assert "section" in why.text
    assert "devops" in devops.roles


def test_an_explanation(answering: Answering) -> None:
    explanation = ask(answering, "who drives data prep").explanation
    assert "{stage}" in explanation.nearest_example
    assert explanation.readings[0][0] == "stage_owner"
    assert explanation.threshold > 0


@pytest.mark.parametrize(
    ("question", "stages"),
    [
        ("What is the last stage of the lifecycle?", {"deployment"}),
        ("Feasibility is done, what now?", {"data-preparation"}),
        ("What lies between data preparation and productization?", {"prototyping-testing"}),
        ("Which stages are still to come after prototyping?", {"productization", "deployment"}),
        ("deployment -> feasibility, is that a legal move?", {"feasibility"}),
    ],
)
def test_order(answering: Answering, question: str, stages: set[str]) -> None:
    answer = ask(answering, question)
    assert set(answer.stages) == stages, answer.text


def test_two_close_readings_are_asked_back(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    recognizer = answering._recognizer
    [sure] = recognizer.recognize("who drives productization?")
    assert isinstance(sure, Reading)
    slots = {"stage": ("deployment",)}
    torn = replace(sure, close=True, alternatives=(("stage_owner", slots),))
    monkeypatch.setattr(recognizer, "recognize", lambda *_, **__: [torn])
    answer = ask(answering, "who drives it?")
    assert not answer.answered
    assert answer.suggestions == ("Who drives Productization?", "Who drives Architecting (Deploying)?")
    monkeypatch.setattr(
        recognizer, "recognize", lambda *_, **__: [replace(torn, alternatives=(("stage_owner", sure.slots),))]
    )
    assert ask(answering, "who drives it?").roles == ("data-engineer", "devops")


@pytest.mark.parametrize(
    ("before", "question", "opening"),
    [
        ("who works in deployment?", "who creates the data pipelines?", "Data pipelines: data engineers"),
        ("who drives productization?", "which roles are there?", "There are six roles"),
    ],
)
def test_a_question_of_its_own_takes_nothing_from_the_one_before(
    answering: Answering, before: str, question: str, opening: str
) -> None:
    _, context = answering.answer(before)
    answer, _ = answering.answer(question, context)
    assert answer.text.startswith(opening), answer.text
