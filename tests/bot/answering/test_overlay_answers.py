"""Answers where an organisation has changed the pack: what is its doing is said to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.bootstrap import load_answering
from bot.services.answering.service import Answering
from bot.store.sqlite import SqliteStore
from tests.bot.answering.conftest import Talk

Overlaid = Callable[[str], Answering]


@pytest.fixture
def overlaid(tmp_path: Path) -> Overlaid:
    """Answering from the default pack as Acme has it."""

    def make(text: str) -> Answering:
        file = tmp_path / "acme.yaml"
        file.write_text(f"organisation: Acme\n{text}\n", encoding="utf-8")
        return load_answering(overlay=file)

    return make


@pytest.fixture
def carols(overlaid: Overlaid, tmp_path: Path) -> Iterator[Talk]:
    """A talk where Carol is sponsor by default."""
    store = SqliteStore(tmp_path / "carol.db")
    talk = Talk(overlaid("roles: {change: {sponsor: {people: ['@carol'], user_group: S0123ABC}}}"), store)
    talk.do("/product new Churn")
    yield talk
    store.close()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("who drives churn?", "Churn is in Feasibility, driven by @Carol (Sponsor, by default)."),
        ("who is the sponsor of Churn?", "@Carol is Sponsor on Churn, by default."),
        ("who works on churn?", "On Churn: Sponsor: @Carol, by default."),
        ("which products have gaps?", "No product has a gap."),
        ("which products are without a sponsor?", "There is no product without Sponsor."),
    ],
)
def test_a_role_that_is_held_by_default_is_no_gap(carols: Talk, question: str, said: str) -> None:
    assert carols.ask(question).text.splitlines() == [said]


def test_somebody_who_holds_a_role_by_default_is_responsible_for_its_products(carols: Talk) -> None:
    text = carols.ask("what am I responsible for?", by="carol").text
    assert text.startswith("You are Sponsor on Churn: Feasibility")


@pytest.mark.parametrize(
    ("text", "question", "said"),
    [
        (
            "roles: {retire: [sponsor]}",
            "who runs feasibility?",
            "Acme has retired the role Sponsor, which drives Feasibility in the source.",
        ),
        (
            "involvements: {remove: [{role: devops, stage: deployment}]}",
            "what does devops do in deployment?",
            "Acme has taken the role DevOps out of Architecting (Deploying).",
        ),
        (
            "stages: {retire: [productization]}",
            "when is logging done?",
            "Acme has retired the stage Productization, to which this belonged.",
        ),
    ],
)
def test_what_the_organisation_took_away_is_not_blamed_on_the_source(
    overlaid: Overlaid, text: str, question: str, said: str
) -> None:
    answer, _ = overlaid(text).answer(question)
    assert said in answer.text
    assert "The source" not in answer.text and "as far as the source says" not in answer.text
    assert "Acme" in {source.source for source in answer.sources}


def test_an_answer_of_which_a_part_is_the_organisations_says_so(overlaid: Overlaid) -> None:
    answer, _ = overlaid("stages: {change: {feasibility: {stall_days: 1}}}").answer("what is feasibility?")
    assert answer.text.endswith("Part of this is set by your organisation, not by the source.")
    assert "for more than 1 day is stuck" in answer.text


def test_one_role_is_counted_as_one(overlaid: Overlaid) -> None:
    others = "data-analyst, data-engineer, data-scientist, ai-engineer, devops"
    answer, _ = overlaid(f"roles: {{retire: [{others}]}}").answer("what roles are there?")
    assert "There is one role: sponsors." in answer.text
