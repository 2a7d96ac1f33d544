"""Fit how the recogniser weighs what speaks for answering a question and against it; write intents/data/signals.json.

usage: python scripts/fit_signals.py [FILE.jsonl ...] [--folds 5] [--dry-run]

Reads labelled questions ({"q", "answered"}; of those with a "split" only "dev"), by default the project's own test
set. The weights are a logistic regression on the signals of the best reading; questions without any reading are left
out, for they are refused whatever the weights. Prints the shares answered and refused in cross-validation.

Run it again after changing examples, phrasings or signals. The questions only weigh the signals: none of their words
is learnt.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.bootstrap import load_knowledge, load_recognizer
from intents.signals import WEIGHTS, Signals

QUESTIONS = ROOT / "tests" / "questions"
REFUSING = 2.0
"""A question answered that should be refused weighs this much more than one refused that should be answered: of the
one sort 95 % are to be right, of the other 92 %."""
STRENGTH = 0.3


def main() -> int:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args()
    files = options.files or [QUESTIONS / "answerable.jsonl", QUESTIONS / "unanswerable.jsonl"]

    rows, labels = [], []
    recognizer = load_recognizer(load_knowledge())
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            if question.get("split", "dev") != "dev":
                continue
            best = max(recognizer.recognize(question["q"]), key=lambda reading: reading.confidence)
            rows.append(best.signals.values() if best.signals else None)
            labels.append(question["answered"])
    read = np.array([row is not None for row in rows])
    signals = np.array([row for row in rows if row is not None], float)
    wanted = np.array(labels)
    importance = np.where(wanted[read], 1.0, REFUSING)

    accepted = np.zeros(len(rows), bool)
    at = np.flatnonzero(read)
    folds = StratifiedKFold(options.folds, shuffle=True, random_state=0)
    for train, test in folds.split(signals, wanted[read]):
        accepted[at[test]] = fit(signals[train], wanted[read][train], importance[train]).predict(signals[test])
    print(f"{len(rows)} questions; in cross-validation {accepted[wanted].mean():.1%} of the answerable are answered,")
    print(f"{(~accepted[~wanted]).mean():.1%} of the others refused ({(~read).sum()} had no reading at all)")

    fitted = fit(signals, wanted[read], importance)
    weights = {field.name: round(float(w), 3) for field, w in zip(fields(Signals), fitted.coef_[0], strict=True)}
    constant = round(float(fitted.intercept_[0]), 3)
    print(constant, weights)
    if not options.dry_run:
        WEIGHTS.write_text(json.dumps({"constant": constant, "weights": weights}, indent=2) + "\n", encoding="utf-8")
    return 0


def fit(signals: np.ndarray, wanted: np.ndarray, importance: np.ndarray) -> LogisticRegression:
    """A logistic regression; the signals keep their own scales, so that weights can be read against them."""
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(signals, wanted, sample_weight=importance)


if __name__ == "__main__":
    raise SystemExit(main())
