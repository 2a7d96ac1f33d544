"""The whole assistant on packs other than the default one: questions, and every command's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import load_answering, load_knowledge
from bot.commands.grammar import COMMANDS
from bot.commands.usage import usage
from bot.services.answering.service import Answering
from bot.store.sqlite import SqliteStore
from knowledge.loader import load, pack_folder
from tests.bot.answering.conftest import Talk
from tests.bot.services.desk import Desk

TDSP = [
    # question, the roles that are the answer, the stages that are
    ("who creates the project charter?", "project-manager", ""),
    ("who creates the template repository?", "project-lead", ""),
    ("who does feature engineering?", "data-scientist", ""),
    ("who develops the data pipeline?", "solution-architect", ""),
    ("who deploys the scoring process?", "data-scientist", ""),
    ("who transitions the project to production support?", "project-lead", ""),
    ("who writes the final report?", "project-manager", ""),
    ("who performs modeling?", "data-scientist solution-architect", ""),
    ("who defines the success metrics?", "", ""),
    ("who cleans the data?", "", ""),
    ("what comes after modeling?", "", "deployment"),
    ("in which stage is the dashboard built?", "data-scientist", "deployment"),
    ("what is TDSP?", "", ""),
]
CRISP = [
    ("who cleans the data?", "", ""),
    ("who labels new data?", "", ""),
    ("who retrains the model?", "", ""),
    ("who decides whether to deploy?", "", ""),
    ("which roles does CRISP-ML(Q) have?", "", ""),
    ("what comes after model evaluation?", "", "deployment"),
    ("which phase is before model engineering?", "", "data-engineering"),
    ("what is CRISP-ML(Q)?", "", ""),
]


@pytest.fixture(scope="module")
def tdsp() -> Answering:
    return load_answering("tdsp")


@pytest.fixture(scope="module")
def crisp() -> Answering:
    return load_answering("crisp-ml-q")


@pytest.mark.parametrize(("question", "roles", "stages"), TDSP)
def test_tdsp(tdsp: Answering, question: str, roles: str, stages: str) -> None:
    answer, _ = tdsp.answer(question)
    assert answer.answered
    assert sorted(answer.roles) == roles.split()
    assert " ".join(answer.stages) == stages
    assert answer.sources


def test_tdsp_names_its_source(tdsp: Answering) -> None:
    answer, _ = tdsp.answer("who creates the project charter?")
    assert answer.sources[0].source == "Team Data Science Process documentation"
    assert "project manager" in answer.text.lower()


@pytest.mark.parametrize(("question", "roles", "stages"), CRISP)
def test_crisp_ml_q(crisp: Answering, question: str, roles: str, stages: str) -> None:
    answer, _ = crisp.answer(question)
    assert answer.answered
    assert " ".join(answer.roles) == roles
    assert " ".join(answer.stages) == stages


def test_crisp_ml_q_says_that_it_names_no_role(crisp: Answering) -> None:
    answer, _ = crisp.answer("who cleans the data?")
    assert "names no role" in answer.text


@pytest.mark.parametrize("question", ["who is the sponsor?", "who approves the budget?"])
def test_what_only_the_default_pack_has_is_not_known(tdsp: Answering, crisp: Answering, question: str) -> None:
    for answering in (tdsp, crisp):
        answer, _ = answering.answer(question)
        assert not answer.answered
        assert answer.roles == ()


# Commands


def test_commands_run_on_tdsp(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "rolecall.db")
    desk = Desk(store, load_knowledge("tdsp").pack)
    desk.done('/product new "Churn model" project manager @ana data scientist @ben')
    assert desk.stages() == ("business-understanding",)
    assert "Project manager" in desk.done("/role list churn-model").text
    desk.done("/stage advance churn-model")
    desk.refused("decision_required", "/stage advance churn-model")
    desk.done("/stage decide churn-model collect more data")
    desk.refused("decision_required", "/stage advance churn-model")
    desk.done("/stage decide churn-model proceed because the data is good")
    desk.done("/stage advance churn-model")
    assert desk.stages() == ("modeling",)
    desk.done("/stage back churn-model to data because it lacks features")
    desk.done("/stage decide churn-model stop because there is no data")
    assert desk.stages() == ()
    desk.refused("unknown_role", "/role assign @ben as sponsor on churn-model")
    desk.refused("unknown_stage", '/product new "Other" at feasibility')
    store.close()


def test_commands_run_without_roles(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "rolecall.db")
    desk = Desk(store, load_knowledge("crisp-ml-q").pack)
    desk.done('/product new "Churn model"')
    for _ in range(3):
        desk.done("/stage advance churn-model")
    desk.refused("decision_required", "/stage advance churn-model")
    desk.done("/stage decide churn-model deploy")
    desk.done("/stage advance churn-model")
    desk.done("/stage advance churn-model")
    assert desk.stages() == ("monitoring-maintenance",)
    assert "Monitoring and Maintenance" in desk.done("/stage status churn-model").text
    store.close()


@pytest.mark.parametrize("name", ["tdsp", "crisp-ml-q"])
def test_help_has_no_word_of_the_default_pack(name: str) -> None:
    pack = load(pack_folder(name))
    default = load(pack_folder("ai-product"))
    own = {word for thing in (*pack.stages, *pack.roles) for word in (thing.id, thing.name)}
    foreign = {word for thing in (*default.stages, *default.roles) for word in (thing.id, thing.name)} - own
    for command in COMMANDS:
        for verb in (None, *(verb.name for verb in command.verbs)):
            text = usage(pack, command.name, verb).lower()
            assert [word for word in foreign if re.search(rf"\b{re.escape(word.lower())}\b", text)] == []
            assert " kpi " not in text and "120k" not in text
            assert "vendor" not in text and "feed" not in text


# Another pack for a portfolio


@pytest.fixture
def moved_to_tdsp(tdsp: Answering, tmp_path: Path) -> Iterator[Talk]:
    """Products that were begun under the default pack, asked about under another."""
    store = SqliteStore(tmp_path / "rolecall.db")
    before = Talk(load_answering(), store)
    before.do("/product new Clock")
    before.do("/product new Radar at data preparation")
    yield Talk(tdsp, store, before.now)
    store.close()


@pytest.mark.parametrize(
    "question",
    [
        "which products are in data preparation?",
        "list products in data preparation",
        "which products are stuck in data preparation?",
        "which products are in data-preparation right now?",
    ],
)
def test_products_in_a_stage_of_another_pack_are_only_those_that_are_there(moved_to_tdsp: Talk, question: str) -> None:
    answer = moved_to_tdsp.ask(question)
    assert answer.products == ("radar",), answer.text
    assert "has no stage “data preparation”" in answer.text.replace("-", " ")
    assert "Clock" not in answer.text
    assert "`/stage advance radar to STAGE`" in answer.text


@pytest.mark.parametrize(
    "question",
    ["which products are in prototyping?", "what products are in design", "any products in productization?"],
)
def test_no_product_is_in_a_stage_that_the_pack_lacks(moved_to_tdsp: Talk, question: str) -> None:
    answer = moved_to_tdsp.ask(question)
    assert not answer.answered
    assert "Clock" not in answer.text and "Radar" not in answer.text


def test_that_a_stage_is_unknown_says_which_there_are(moved_to_tdsp: Talk) -> None:
    text = moved_to_tdsp.ask("what products are in design").text
    assert "has no stage “design”" in text
    assert "Modeling" in text


@pytest.mark.parametrize(
    "question",
    ["which products are in the portfolio", "which products do we have in total", "which products are there"],
)
def test_where_no_stage_is_named_all_products_are_the_answer(moved_to_tdsp: Talk, question: str) -> None:
    assert moved_to_tdsp.ask(question).products == ("clock", "radar")
