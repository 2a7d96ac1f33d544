"""The benchmark: its figures, its files, its command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from intents.bench import area_under_roc, macro_f1, read_questions, render, run
from intents.errors import DataFileError
from tests.intents.questions import LABELS, TEXTS

KEYS = {
    "accuracy",
    "macro_f1",
    "oos_auroc",
    "oos_refused",
    "in_scope_accepted",
    "p50_ms",
    "p99_ms",
    "fit_s",
    "load_s",
    "rss_mib",
}
TRAIN: list[tuple[str, str | None]] = list(zip(TEXTS, LABELS, strict=True))


def test_figures_agree_with_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    right, given = random.choice(list("abcd"), 50), random.choice(list("abce"), 50)
    assert macro_f1(list(zip(right, given, strict=True))) == pytest.approx(
        metrics.f1_score(right, given, average="macro", zero_division=0)
    )
    scores = random.integers(0, 9, 60).astype(float)
    inside = random.random(60) < 0.6
    assert area_under_roc(scores[inside], scores[~inside]) == pytest.approx(metrics.roc_auc_score(inside, scores))


def test_a_run_measures_everything() -> None:
    test = [*TRAIN[::3], ("zebra bassoon quantum", None), ("42 is the answer", None)]
    result = run(TRAIN, TRAIN, test)
    assert result.accuracy == 1
    assert result.valid_accuracy == 1
    assert result.oos_auroc == 1
    assert result.oos_refused is not None
    assert 0 < result.p50_ms <= result.p99_ms
    assert result.load_s > 0
    assert 10 < result.rss_mib < 300
    assert "accuracy           100.00%" in render(result)


def test_out_of_scope_figures_need_out_of_scope_questions() -> None:
    result = run(TRAIN, None, TRAIN[:4])
    assert result.oos_auroc is None
    assert result.oos_refused is None
    assert result.in_scope_accepted is not None


def test_out_of_scope_lines_are_not_learnt_from() -> None:
    result = run([*TRAIN, ("sing a song", None)], None, TRAIN[:4])
    assert result.accuracy == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", ":1: expected"),
        ('{"text": "a", "intent": "b"}\n\n{"text": "a"}', ":3: expected"),
        ('{"text": 1, "intent": "b"}', ":1: text must be"),
        ("[]", ":1: expected"),
        ("", "holds no questions"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match=f"q.jsonl{message}" if message[0] == ":" else message):
        read_questions(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"nowhere\.jsonl"):
        read_questions(tmp_path / "nowhere.jsonl")


def test_the_command_line_prints_one_object(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        "\n".join(json.dumps({"text": text, "intent": intent}) for text, intent in [*TRAIN, ("zebra", None)]),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "intents.bench", "--train", str(path), "--test", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) >= KEYS
    failed = subprocess.run(
        [*command[:4], str(tmp_path / "no"), *command[5:]], capture_output=True, text=True, check=False
    )
    assert failed.returncode == 2
    assert "no: cannot be read" in failed.stderr
