"""Rules across files, each broken once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.loader import check
from tests.knowledge.generate import write_pack

TODAY = date(2026, 11, 2)

BREAKS = [
    # file, what stands there, what is put there instead, what check then says
    ("stages.yaml", "terminal: true", "terminal: true\n  next: [stage-0]", "error: “stage-2” is terminal"),
    ("stages.yaml", "  terminal: false", "  next: [stage-0, stage-1]", "error: “stage-0” names itself in next"),
    ("stages.yaml", "  terminal: false", "  parallel_with: [stage-9]", "error: no stage has the id “stage-9”"),
    ("stages.yaml", "  terminal: false", "  returns: [stage-1]", "error: “stage-1” comes later than “stage-0”"),
    ("stages.yaml", "  terminal: false", "  next: [stage-2]", "warning: no way leads to “stage-1”"),
    ("stages.yaml", "  terminal: true\n", "", "warning: no stage is the last"),
    ("stages.yaml", "  section: Stages\n", "", "warning: this fact has no section"),
    (
        "stages.yaml",
        "section: Stages",
        "section: Stages\n  reviewed: 2025-06-01",
        "warning: last reviewed on 2025-06-01",
    ),
    ("stages.yaml", "section: Stages", "section: Stages\n  reviewed: 2027-06-01", "is still to come"),
    (
        "stages.yaml",
        "aliases: [phase 0]",
        "aliases: [ROLE-1]",
        "warning: “Role 1” is also a name of the stage “stage-0”",
    ),
    ("stages.yaml", "aliases: [phase 0]", "aliases: [persom 1]", "warning: “person 1” is nearly “persom 1”"),
    (
        "stages.yaml",
        "  terminal: false",
        "  gate: {decision: {id: d, name: D, options: [{id: a, name: A, closes: archived}], decided_by: [role-7]}}",
        "error: “archived” is a status every product can have",
    ),
    (
        "stages.yaml",
        "  terminal: false",
        "  gate: {decision: {id: d, name: D, options: [{id: a, name: A}], decided_by: [role-7]}}",
        "error: no role has the id “role-7”",
    ),
    (
        "stages.yaml",
        "  terminal: false",
        "  gate: {decision: {id: d, name: D, options: [{id: a, name: A}, {id: b, name: a}]}}",
        "error: “a” means two options",
    ),
    (
        "involvements.yaml",
        "level: drives",
        "level: drive",
        "error: no level has the id “drive”: did you mean “drives”?",
    ),
    ("involvements.yaml", "stage: stage-2", "stage: stage-1", "warning: no role drives “stage-2”"),
    ("involvements.yaml", "role: role-1,", "role: role-0,", "warning: “role-1” takes part in no stage"),
    (
        "involvements.yaml",
        "stage: stage-0",
        "stage: stage-0, activity: work",
        "error: “work” is no activity of “stage-0”",
    ),
    (
        "involvements.yaml",
        "role: role-0, stage: stage-2",
        "role: role-0, stage: stage-0",
        "error: “role-0” already has",
    ),
    ("responsibilities.yaml", "role: role-0", "role: rule-0", "error: no role has the id “rule-0”: did you mean"),
    ("responsibilities.yaml", "stage: stage-0", "unspecified: true", "error: unspecified says that the source names"),
    ("responsibilities.yaml", "section: Topics", "source: generater", "did you mean “generator”?"),
    ("responsibilities.yaml", "stage: stage-0", "component: model", "error: no component has the id “model”"),
    (
        "responsibilities.yaml",
        "whose job is subject 1",
        "Whose job is subject 0?",
        "warning: this question already stands",
    ),
    ("framework.yaml", "version", "stuck_roles: [role-1, nobody]\nversion", "error: no role has the id “nobody”"),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), BREAKS)
def test_each_rule(tmp_path: Path, file: str, old: str, new: str, expected: str) -> None:
    folder = write_pack(tmp_path / "pack", stages=3, roles=2, responsibilities=2)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    problems = [problem for problem in check(folder, TODAY) if expected in str(problem)]
    assert problems, [str(problem) for problem in check(folder, TODAY)]
    assert problems[0].line > 0


def test_a_topic_without_owners_is_a_gap_unless_the_source_says_so(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack", stages=3, roles=2, responsibilities=2)
    path = folder / "responsibilities.yaml"
    head, _, _ = path.read_text().partition("  owners:\n")
    path.write_text(head)
    (problem,) = check(folder, TODAY)
    assert str(problem).startswith("responsibilities.yaml:1:3: warning: nobody owns “topic-0”")
    path.write_text(head + "  unspecified: true\n")
    assert check(folder, TODAY) == []


def test_a_circle_is_no_error_where_order_is_not_required(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack", stages=3, roles=2, responsibilities=2)
    path = folder / "stages.yaml"
    path.write_text(path.read_text().replace("terminal: true", "next: [stage-0]"))
    framework = folder / "framework.yaml"
    framework.write_text(framework.read_text() + "ordered: false\n")
    assert check(folder, TODAY) == []
