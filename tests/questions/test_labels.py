"""The labelled questions are well formed: ids, labels, regexes, spans, splits and counts."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.questions import make_typos
from tests.questions.score import faults

HERE = Path(__file__).parent
ROLES = {"sponsor", "data-analyst", "data-engineer", "data-scientist", "ai-engineer", "devops"}
STAGES = {"feasibility", "data-preparation", "prototyping-testing", "productization", "deployment"}
KNOWN = {"roles": ROLES, "stages": STAGES}
ANSWERABLE_GROUPS = {
    *("ai_requirements", "component_owner", "handover", "maturity", "parallel", "role_alias"),
    *("role_difference", "role_in_stage", "role_stages", "role_what", "roles_list", "smalltalk"),
    *("stage_order", "stage_outcome", "stage_owner", "stage_participants", "stage_what", "stages_list"),
    *("topic_owner", "transition"),
}
REFUSED_GROUPS = {"near_miss", "out_of_scope"}
REFUSED_KEYS = {"id", "group", "style", "q", "answered", "split"}
ANSWERABLE_KEYS = REFUSED_KEYS | {"roles", "stages", "must", "must_not"}


def load(name: str) -> list[dict]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


ANSWERABLE, UNANSWERABLE = load("answerable.jsonl"), load("unanswerable.jsonl")
QUESTIONS = ANSWERABLE + UNANSWERABLE
ENTITY_FILES = ("entities.jsonl", "entities-typo.jsonl")


def test_enough_of_everything() -> None:
    assert len(ANSWERABLE) >= 420
    assert len(UNANSWERABLE) >= 220
    assert all(len(load(name)) >= 200 for name in ENTITY_FILES)
    assert {row["group"] for row in ANSWERABLE} == ANSWERABLE_GROUPS
    assert {row["group"] for row in UNANSWERABLE} == REFUSED_GROUPS


def test_ids_and_questions_are_unique() -> None:
    for key in ("id", "q"):
        seen = Counter(row[key].casefold() for row in QUESTIONS)
        assert [value for value, times in seen.items() if times > 1] == []
    assert all(re.fullmatch(rf"{row['group']}-\d{{3}}", row["id"]) for row in QUESTIONS)


@pytest.mark.parametrize("row_set", [ANSWERABLE, UNANSWERABLE], ids=["answerable", "unanswerable"])
def test_labels_are_well_formed(row_set: list[dict]) -> None:
    for row in row_set:
        answerable = row["group"] in ANSWERABLE_GROUPS
        assert row["answered"] is answerable, row["id"]
        assert REFUSED_KEYS <= set(row) <= (ANSWERABLE_KEYS if answerable else REFUSED_KEYS), row["id"]
        assert row["q"].strip(), row["id"]
        assert row["style"] in {"noisy", "natural", "plain"}, row["id"]
        assert row["split"] in {"dev", "held"}, row["id"]
        for kind, known in KNOWN.items():
            label = row.get(kind, {})
            assert set(label) <= {"all", "none"}, row["id"]
            wanted, barred = set(label.get("all", [])), set(label.get("none", []))
            assert wanted | barred <= known, row["id"]
            assert not wanted & barred, row["id"]
        for pattern in (*row.get("must", []), *row.get("must_not", [])):
            assert not re.compile(pattern, re.IGNORECASE).search(""), row["id"]


def test_every_answerable_question_demands_something() -> None:
    lax = [
        row["id"]
        for row in ANSWERABLE
        if row["group"] != "smalltalk" and not any(row.get(k) for k in ("roles", "stages", "must"))
    ]
    assert lax == []


def test_enough_of_each_group_is_held_back() -> None:
    for group in ANSWERABLE_GROUPS | REFUSED_GROUPS:
        splits = Counter(row["split"] for row in QUESTIONS if row["group"] == group)
        assert splits["held"] >= 0.3 * splits.total(), group


@pytest.mark.parametrize("name", ENTITY_FILES)
def test_spans_match_the_text(name: str) -> None:
    for row in load(name):
        at = 0
        for entity in row["entities"]:
            assert set(entity) == {"type", "id", "text", "start", "end"}
            assert entity["id"] in KNOWN[entity["type"] + "s"]
            assert at <= entity["start"] < entity["end"]
            assert row["q"][entity["start"] : entity["end"]] == entity["text"], row["q"]
            at = entity["end"]


def test_entities_hold_both_kinds_and_negatives() -> None:
    rows = load("entities.jsonl")
    named = {entity["id"] for row in rows for entity in row["entities"]}
    assert named == ROLES | STAGES
    assert sum(not row["entities"] for row in rows) >= 30
    assert len({row["q"].casefold() for row in rows}) == len(rows)


def test_typo_twins_are_those_of_the_generator() -> None:
    written = (HERE / "entities-typo.jsonl").read_text(encoding="utf-8")
    assert written == make_typos.render(make_typos.twins())
    for clean, twin in zip(load("entities.jsonl"), load("entities-typo.jsonl"), strict=True):
        for before, after in zip(clean["entities"], twin["entities"], strict=True):
            assert before["id"] == after["id"]
            letters = sum(c.isalpha() for c in before["text"])
            editable = letters >= make_typos.MIN_LETTERS and re.search(r"[^\W\d_]{4}", before["text"])
            assert (before["text"] != after["text"]) == bool(editable)


def test_the_scorer_tells_right_from_wrong() -> None:
    label = {"answered": True, "roles": {"all": ["sponsor"], "none": ["devops"]}, "must": ["cost"]}
    right = {"answered": True, "roles": ["sponsor"], "text": "The sponsor finds out the costs."}
    assert faults(label, right) == []
    assert faults(label, {**right, "roles": ["devops"]}) == ["roles: no sponsor", "roles: wrong devops"]
    assert faults(label, {**right, "text": "Hm."}) == ["no match of cost"]
    assert faults(label, {"answered": False}) == ["should have answered"]
    assert faults({"answered": False}, right) == ["should have refused"]
