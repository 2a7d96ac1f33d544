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
