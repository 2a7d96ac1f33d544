"""Roles that lead a part of a stage are said to lead that part."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services.answering import stages
from bot.services.answering.draft import Question
from intents.forms import question_form
from intents.readings import Reading
from knowledge.loader import load
from knowledge.queries import Knowledge
from tests.knowledge.generate import write_pack


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    """A small pack whose first stage has a part that is led by a role of its own."""
    folder = write_pack(tmp_path / "pack", responsibilities=2)
    part = "  activities:\n    - {id: sketching, name: Sketching, summary: First sketches., section: Stages}\n"
    file = folder / "stages.yaml"
    file.write_text(file.read_text().replace("- id: stage-0\n", f"- id: stage-0\n{part}", 1))
    with (folder / "involvements.yaml").open("a") as rows:
        rows.write("- {role: role-3, stage: stage-0, activity: sketching, level: drives, section: Stages}\n")
    return Knowledge(load(folder))


def test_who_leads_a_part_is_told_from_who_leads_the_stage(knowledge: Knowledge) -> None:
    text = "who leads sketching?"
    reading = Reading("stage_owner", 1.0, text, text, (), {"activity": ("sketching",)}, question_form(text))
    draft = stages.stage_owner(Question(knowledge, reading))
    assert draft is not None
    assert "Role 3s drive Sketching, a part of Stage 0." in draft.lines[0]
    assert "Role 0s" in draft.lines[0].split(". ")[0]
    assert "role-3" in draft.roles
