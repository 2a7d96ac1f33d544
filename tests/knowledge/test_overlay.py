"""An organisation's file on top of a pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import checks
from knowledge.errors import KnowledgeInvalid, KnowledgeUnreadable
from knowledge.loader import load, pack_folder
from knowledge.overlay import apply, diff
from knowledge.schema import Pack

EVERYTHING = """\
organisation: Acme Corp
framework: {stuck_roles: [product-owner]}
stages:
  change:
    data-preparation: {name: Data wrangling, aliases: [wrangle], stall_days: 10}
  add:
    - id: shadow-run
      name: Shadow run
      summary: The product runs beside the old one.
      after: productization
  retire: [feasibility]
roles:
  change:
    data-engineer:
      name: Platform engineer
      aliases: [plumber]
      includes: [site engineer]
      people: ["@ana"]
      user_group: S01
  add:
    - {id: product-owner, name: Product owner, summary: Answers for the product.}
  retire: [sponsor]
involvements:
  set:
    - {role: product-owner, stage: shadow-run, level: drives}
    - {role: ai-engineer, stage: data-preparation, level: participates}
  remove:
    - {role: devops, stage: productization}
responsibilities:
  change:
    model-training: {owners: [{role: ai-engineer}], aliases: [teaching]}
  add:
    - id: shadow-report
      name: Shadow report
      what: Comparing the new product with the old one.
      stage: shadow-run
      owners: [{role: product-owner}]
  retire: [portfolio-inclusion]
"""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load(pack_folder("ai-product"))


def overlay(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "acme.yaml"
    path.write_text(text)
    return path


def problems(pack: Pack, path: Path) -> list[str]:
    with pytest.raises(KnowledgeInvalid) as caught:
        apply(pack, path)
    return [str(problem) for problem in caught.value.problems]


def test_everything_at_once(pack: Pack, tmp_path: Path) -> None:
    ours = apply(pack, overlay(tmp_path, EVERYTHING))
    assert checks.errors(ours) == []
    stages = {stage.id: stage for stage in ours.stages}
    assert list(stages) == ["data-preparation", "prototyping-testing", "productization", "shadow-run", "deployment"]
    assert stages["data-preparation"].name == "Data wrangling"
    assert {"Data Preparation", "wrangle", "data prep"} <= set(stages["data-preparation"].aliases)
    assert stages["data-preparation"].stall_days == 10
    assert stages["data-preparation"].basis == "stated"
    assert [s.text for s in stages["data-preparation"].details if s.basis == "organisation"] == [
        "Acme Corp calls Data Preparation “Data wrangling”.",
        "At Acme Corp, a product that stays in this stage for more than 10 days is stuck.",
    ]
    assert (stages["shadow-run"].source, stages["shadow-run"].basis) == ("acme-corp", "organisation")

    roles = {role.id: role for role in ours.roles}
    assert "sponsor" not in roles
    engineer = roles["data-engineer"]
    assert (engineer.name, engineer.names) == ("Platform engineer", "Platform engineers")
    assert {"Data engineer", "data engineers", "plumber"} <= set(engineer.aliases)
    assert (engineer.people, engineer.user_group) == (("@ana",), "S01")
    assert "site engineer" in engineer.includes

    parts = {(item.role, item.stage): (item.level, item.basis) for item in ours.involvements}
    assert parts["product-owner", "shadow-run"] == ("drives", "organisation")
    assert parts["ai-engineer", "data-preparation"] == ("participates", "organisation")
    assert ("devops", "productization") not in parts
    assert parts["devops", "deployment"] == ("drives", "stated")

    topics = {topic.id: topic for topic in ours.responsibilities}
    (owner,) = topics["model-training"].owners
    assert (owner.role, owner.basis, owner.source) == ("ai-engineer", "organisation", "acme-corp")
    assert topics["model-training"].basis == "derived"
    assert topics["costs"].owners == () and topics["costs"].stage is None
    assert topics["costs"].removed[-1].basis == "organisation"
    assert "portfolio-inclusion" not in topics
    assert ours.framework.stuck_roles == ("product-owner",)
    assert ours.framework.sources[-1].title == "Acme Corp"
    assert ours.checksum != pack.checksum


def test_diff_says_what_changes(pack: Pack, tmp_path: Path) -> None:
    lines = diff(pack, apply(pack, overlay(tmp_path, EVERYTHING)))
    for line in (
        "source acme-corp: added, Acme Corp",
        "framework: told when a product is stuck: sponsor → product-owner",
        "stage data-preparation: renamed from “Data Preparation” to “Data wrangling”",
        "stage data-preparation: also called wrangle",
        "stage data-preparation: days until it is stuck: 45 → 10",
        "stage shadow-run: added, “Shadow run”",
        "stage feasibility: retired",
        "role data-engineer: people: none → @ana",
        "role data-engineer: user group: none → S01",
        "role sponsor: retired",
        "involvement of devops in productization: drives → none",
        "involvement of ai-engineer in data-preparation: least → participates",
        "topic model-training: owners: data-scientist → ai-engineer",
        "topic shadow-report: added, “Shadow report”",
        "topic portfolio-inclusion: retired",
    ):
        assert line in lines
    assert diff(pack, pack) == []


def test_an_overlay_that_changes_nothing(pack: Pack, tmp_path: Path) -> None:
    ours = apply(pack, overlay(tmp_path, "organisation: Acme\n"))
    assert diff(pack, ours) == ["source acme: added, Acme"]


def test_a_new_last_stage_and_a_retired_one(pack: Pack, tmp_path: Path) -> None:
    new = "{id: sunset, name: Sunset, summary: The product is switched off., after: deployment}"
    ours = apply(pack, overlay(tmp_path, f"organisation: Acme\nstages:\n  add:\n    - {new}\n"))
    assert [stage.id for stage in ours.stages if stage.terminal] == ["sunset"]
    ours = apply(pack, overlay(tmp_path, "organisation: Acme\nstages: {retire: [deployment]}\n"))
    assert [stage.id for stage in ours.stages if stage.terminal] == ["productization"]


WRONG = [
    ("stages: {change: {data-prep: {name: X}}}", "2:19: error: no stage has the id “data-prep”: did you mean"),
    ("stages: {retire: [feasability]}", "2:19: error: no stage has the id “feasability”: did you mean “feasibility”?"),
    (
        "stages: {change: {deployment: {stall_days: 0}}}",
        "2:44: error: “stall_days”: found “0”: expected a number above 0",
    ),
    ("stages: {add: [{id: x, name: X, summary: S, after: y}]}", "2:52: error: no stage has the id “y”"),
    (
        "roles: {change: {devops: {nmae: X}}}",
        "2:27: error: found the key “nmae”, which means nothing here: did you mean",
    ),
    ("roles: {add: [{id: devops, name: X, summary: S}]}", "2:20: error: the pack has a role “devops” already"),
    ("involvements: {set: [{role: ops, stage: deployment, level: drives}]}", "error: no role has the id “ops”"),
    ("involvements: {remove: [{role: sponsor, stage: deployment}]}", "“sponsor” has no part in “deployment”"),
    ("responsibilities: {change: {logging: {owners: [{role: opss}]}}}", "2:55: error: no role has the id “opss”"),
    ("responsibilities: {change: {logging: {owners: []}}}", "expected at least one item"),
    ("responsibilites: {}", "2:1: error: found the key “responsibilites”, which means nothing here: did you mean"),
    ("roles: {retire: [devops]}\nframework: {stuck_roles: [devops]}", "3:27: error: no role has the id “devops”"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_said_with_its_place(pack: Pack, tmp_path: Path, text: str, expected: str) -> None:
    found = problems(pack, overlay(tmp_path, f"organisation: Acme\n{text}\n"))
    assert any(expected in problem for problem in found), found


def test_files_that_are_none(pack: Pack, tmp_path: Path) -> None:
    assert "the file is empty" in problems(pack, overlay(tmp_path, "# nothing\n"))[0]
    assert "“organisation” is missing" in problems(pack, overlay(tmp_path, "roles: {}\n"))[0]
    with pytest.raises(KnowledgeUnreadable, match="anchor"):
        apply(pack, overlay(tmp_path, "organisation: &a Acme\n"))
    with pytest.raises(KnowledgeUnreadable):
        apply(pack, tmp_path / "missing.yaml")
