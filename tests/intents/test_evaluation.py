"""Scores, faults, confusions and plots of labelled questions, and the command that prints them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intents.errors import DataFileError
from intents.evaluation import evaluate, faults, read_questions, write_errors, write_plots

OWNER: dict[str, Any] = {
    "q": "who mixes?",
    "group": "owner",
    "answered": True,
    "roles": {"all": ["baker"], "none": ["guard"]},
}
BEFORE: dict[str, Any] = {
    "q": "what is before mixing?",
    "group": "order",
    "answered": True,
    "must": ["weigh"],
    "must_not": ["sell"],
}
LUNCH: dict[str, Any] = {"q": "what is for lunch?", "group": "out_of_scope", "answered": False}
ANSWERS: dict[str, dict[str, Any]] = {
    OWNER["q"]: {"answered": True, "intent": "owner", "roles": ["baker"], "text": "Bakers.", "confidence": 0.9},
    BEFORE["q"]: {"answered": True, "intent": "owner", "roles": [], "text": "Selling.", "confidence": 0.6},
    LUNCH["q"]: {"answered": False, "text": "I don't know."},
}


def evaluated() -> Any:
    return evaluate([OWNER, BEFORE, LUNCH], lambda question: ANSWERS[question])


@pytest.mark.parametrize(
    ("label", "answer", "expected"),
    [
        (OWNER, ANSWERS[OWNER["q"]], ()),
        (OWNER, {"answered": False}, ("did not answer",)),
        (OWNER, {"answered": True, "roles": ["guard"], "text": "x"}, ("roles: no baker", "roles: wrongly guard")),
        (OWNER, {"answered": True, "roles": ["baker"], "text": " "}, ("no text",)),
        (BEFORE, ANSWERS[BEFORE["q"]], ("no match of weigh", "match of sell")),
        (LUNCH, {"answered": True, "text": "Soup."}, ("answered what it should refuse",)),
    ],
)
def test_what_is_wrong_is_said(label: dict[str, Any], answer: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert faults(label, answer) == expected


def test_scores_are_by_group_and_then_in_all() -> None:
    assert evaluated().scores() == {
        "order": (0, 1),
        "out_of_scope": (1, 1),
        "owner": (1, 1),
        "answerable": (1, 2),
        "unanswerable": (1, 1),
        "all": (2, 3),
    }
    assert evaluated().confusion() == {("owner", "owner"): 1, ("order", "owner"): 1, ("out_of_scope", "refused"): 1}


def test_errors_are_written_with_their_answers(tmp_path: Path) -> None:
    write_errors(evaluated(), tmp_path / "errors.jsonl")
    [line] = (tmp_path / "errors.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        **BEFORE,
        "faults": ["no match of weigh", "match of sell"],
        "answer": ANSWERS[BEFORE["q"]],
    }


def test_the_plots_are_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    written = write_plots(evaluated(), tmp_path / "plots")
    assert [path.name for path in map(Path, written)] == ["confusion.png", "confidence.png"]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in written)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no questions"),
        ('{"q": "a", "answered": true}\n{"q": ', ":2: is not JSON"),
        ('{"text": "a"}', ':1: expected an object with "q" and "answered"'),
    ],
)
def test_a_file_that_is_no_list_of_labelled_questions_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(DataFileError, match=message):
        read_questions(path)


def test_the_command_prints_scores_and_writes_what_went_wrong(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    wrong = {"q": "who owns feasibility?", "group": "stage_owner", "answered": True, "roles": {"all": ["devops"]}}
    right = {"q": "who drives deployment?", "group": "stage_owner", "answered": True, "roles": {"all": ["devops"]}}
    path.write_text(f"{json.dumps(wrong)}\n{json.dumps(right)}\n", "utf-8")
    command = [sys.executable, "-m", "bot", "intents", "eval", str(path), "--json", "--errors", str(tmp_path / "wrong")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["scores"]["stage_owner"] == {"right": 1, "of": 2}
    assert json.loads((tmp_path / "wrong").read_text("utf-8"))["faults"] == ["roles: no devops"]
