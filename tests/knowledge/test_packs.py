"""The packs that ship: free of problems, complete, and true to the documents they come from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import BaseModel

from knowledge.checks import models
from knowledge.errors import KnowledgeUnreadable
from knowledge.loader import check, load, pack_folder, packs
from knowledge.schema import Pack, Responsibility, Sourced

TODAY = date(2026, 11, 2)


@pytest.fixture(scope="module", params=packs())
def pack(request: pytest.FixtureRequest) -> Pack:
    return load(pack_folder(request.param))


@pytest.fixture(scope="module")
def article() -> Pack:
    return load(pack_folder("ai-product"))


def test_no_errors_and_no_warnings() -> None:
    assert "ai-product" in packs()
    for name in packs():
        assert [str(problem) for problem in check(pack_folder(name), TODAY)] == []


def test_a_pack_is_called_like_its_folder(pack: Pack) -> None:
    assert pack.framework.id in packs()
    assert load(pack_folder(pack.framework.id)) == pack


def test_an_unknown_pack_names_the_nearest() -> None:
    with pytest.raises(KnowledgeUnreadable, match="did you mean “ai-product”"):
        pack_folder("ai-produkt")


def test_every_fact_says_where_it_stands(pack: Pack) -> None:
    facts = [(location, model) for location, model in models(pack) if isinstance(model, Sourced)]
    assert facts
    assert [location for location, model in facts if not (model.source and model.section)] == []


def test_every_topic_can_be_asked_about(pack: Pack) -> None:
    short = [topic.id for topic in pack.responsibilities if len(topic.phrasings) < 8]
    assert short == []
    assert [topic.id for topic in pack.responsibilities if topic.stage is None and not topic.owners] == []


def test_phrasings_and_texts_are_clean(pack: Pack) -> None:
    for text in _texts(pack):
        assert text == text.strip()
        assert "  " not in text, text


def _texts(pack: Pack) -> Iterator[str]:
    for _, model in models(pack):
        yield from _strings(model)


def _strings(model: BaseModel) -> Iterator[str]:
    for value in dict(model).values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, str))


# The article's pack, against what the article says


def _by_level(pack: Pack, level: str) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for item in pack.involvements:
        if item.level == level:
            found[item.stage].add(item.role)
    return dict(found)


def test_stages_and_roles(article: Pack) -> None:
    assert [stage.id for stage in article.stages] == [
        "feasibility",
        "data-preparation",
        "prototyping-testing",
        "productization",
        "deployment",
    ]
    roles = {"sponsor", "data-analyst", "data-engineer", "data-scientist", "ai-engineer", "devops"}
    assert {role.id for role in article.roles} == roles


def test_who_drives_and_who_takes_part(article: Pack) -> None:
    assert _by_level(article, "drives") == {
        "feasibility": {"sponsor"},
        "data-preparation": {"data-analyst", "data-engineer"},
        "prototyping-testing": {"data-scientist", "data-engineer", "ai-engineer"},
        "productization": {"data-engineer", "devops"},
        "deployment": {"devops"},
    }
    assert _by_level(article, "participates") == {
        "feasibility": {"ai-engineer", "data-analyst"},
        "productization": {"ai-engineer", "data-analyst"},
    }
    assert _by_level(article, "least") == {"data-preparation": {"ai-engineer"}, "deployment": {"ai-engineer"}}


def test_the_decision_after_feasibility(article: Pack) -> None:
    gate = article.stages[0].gate
    assert gate is not None and gate.decision is not None
    assert gate.decision.decided_by == ("sponsor",)
    assert {option.id: option.closes for option in gate.decision.options} == {"make": None, "buy": "bought"}
    assert {field.id: (field.type, field.required, field.many) for field in gate.decision.fields} == {
        "cost": ("money", True, False),
        "kpi": ("kpi", True, True),
    }
    assert [stage.id for stage in article.stages if stage.gate and stage.gate.decision] == ["feasibility"]


def test_parallel_and_last_stage(article: Pack) -> None:
    parallel = {stage.id: stage.parallel_with for stage in article.stages if stage.parallel_with}
    assert parallel == {"data-preparation": ("prototyping-testing",), "prototyping-testing": ("data-preparation",)}
    assert [stage.id for stage in article.stages if stage.terminal] == ["deployment"]


OWNERS = [
    # topic, owners, what the article says or we derive
    ("feasibility-run", "sponsor", "stated"),
    ("buy-or-make-decision", "sponsor", "derived"),
    ("data-cleaning", "data-analyst data-engineer", "derived"),
    ("feed-anomalies", "data-analyst data-engineer", "derived"),
    ("data-feeding", "data-analyst data-engineer", "stated"),
    ("etl", "data-analyst", "stated"),
    ("field-schemes", "data-analyst", "stated"),
    ("data-model-versioning", "data-analyst", "stated"),
    ("output-streams", "data-analyst", "stated"),
    ("data-pipelines", "data-engineer", "stated"),
    ("distributed-architecture", "data-engineer", "stated"),
    ("model-training", "data-scientist", "derived"),
    ("predictive-tasks", "data-scientist", "stated"),
    ("bad-input", "ai-engineer data-scientist", "derived"),
    ("output-acceptance", "ai-engineer data-scientist", "derived"),
    ("retraining", "ai-engineer data-scientist", "derived"),
    ("platform-choice", "ai-engineer", "stated"),
    ("deployment-readiness", "ai-engineer", "stated"),
    ("logging", "data-engineer devops", "derived"),
    ("model-connection", "data-engineer", "stated"),
    ("orchestration", "devops", "stated"),
    ("incidents", "devops", "derived"),
    ("monitoring", "devops ai-engineer data-analyst", "stated"),
]


@pytest.mark.parametrize(("topic", "owners", "basis"), OWNERS)
def test_who_owns_what(article: Pack, topic: str, owners: str, basis: str) -> None:
    found = _topic(article, topic)
    assert " ".join(owner.role for owner in found.owners) == owners
    assert {owner.basis for owner in found.owners} == {basis}


def test_owners_of_monitoring_are_told_apart(article: Pack) -> None:
    owners = _topic(article, "monitoring").owners
    assert len({owner.what for owner in owners}) == len(owners)


def test_the_heart_is_big_enough(article: Pack) -> None:
    assert len(article.responsibilities) >= 60
    assert sum(len(topic.phrasings) for topic in article.responsibilities) >= 600


def _topic(pack: Pack, name: str) -> Responsibility:
    return next(topic for topic in pack.responsibilities if topic.id == name)


def test_intents_of_entries_and_questions_are_ids(pack: Pack) -> None:
    intents = [*pack.questions, *(entry.intent for entry in pack.entries)]
    assert [intent for intent in intents if not re.fullmatch(r"[a-z][a-z_]*", intent)] == []


# The other two packs


def test_tdsp_says_who_performs_what() -> None:
    tdsp = load(pack_folder("tdsp"))
    charter = _topic(tdsp, "project-charter")
    assert [(owner.role, owner.source, owner.section) for owner in charter.owners] == [
        ("project-manager", "tdsp-docs", "Roles and tasks overview")
    ]
    assert charter.artefact == "charter"
    assert _by_level(tdsp, "performs") == {
        "business-understanding": {"project-lead", "project-manager"},
        "data-acquisition-understanding": {"project-lead", "data-scientist", "solution-architect"},
        "modeling": {"data-scientist", "solution-architect"},
        "deployment": {"data-scientist", "solution-architect"},
        "customer-acceptance": {"project-lead", "data-scientist", "project-manager"},
    }
    assert {role.id: role.scope for role in tdsp.roles if role.scope != "project"} == {
        "group-manager": "organisation",
        "team-lead": "team",
    }


def test_crisp_ml_q_names_no_role() -> None:
    crisp = load(pack_folder("crisp-ml-q"))
    assert crisp.roles == crisp.involvements == ()
    assert all(topic.unspecified and not topic.owners for topic in crisp.responsibilities)
    assert all(stage.unspecified for stage in crisp.stages)
    assert _topic(crisp, "data-cleaning").stage == "data-engineering"


MATRIX = """
role            feasibility   data-preparation  prototyping-testing  productization  deployment
sponsor         drives        .                 .                    .               .
data-analyst    participates  drives            .                    participates    .
data-engineer   .             drives            drives               drives          .
data-scientist  .             .                 drives               .               .
ai-engineer     participates  .                 drives               participates    .
devops          .             .                 .                    drives          drives
"""


def test_the_matrix_of_the_default_pack(article: Pack) -> None:
    head, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    expected = {
        (role, stage, level)
        for role, *levels in rows
        for stage, level in zip(head[1:], levels, strict=True)
        if level != "."
    }
    taking_part = {level.id for level in article.framework.levels if level.takes_part}
    assert {(i.role, i.stage, i.level) for i in article.involvements if i.level in taking_part} == expected
