"""How many labelled questions are answered rightly or refused, how entities are found, and what confidence is worth.

`python -m tests.benchmarks.bench_questions [FILE.jsonl …]`: files of labelled questions besides the project's own, as
`rolecall intents eval` reads them; also from the environment variable QUESTIONS.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from bot.bootstrap import load_answering
from intents.evaluation import Evaluation, evaluate, read_questions
from tests.questions.entity_hits import entity_hits

HERE = Path(__file__).parents[1] / "questions"
BINS = ((0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.01))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[*map(Path, os.environ.get("QUESTIONS", "").split())])
    files = parser.parse_args(arguments).files
    answering = load_answering()
    labelled = [label for name in ("answerable", "unanswerable") for label in read_questions(HERE / f"{name}.jsonl")]
    print(f"{'labelled questions':34} {'answerable':>18} {'unanswerable':>18}")
    sets = {f"own, {split} half": [label for label in labelled if label["split"] == split] for split in ("dev", "held")}
    sets |= {path.name: read_questions(path) for path in files}
    outcomes = []
    for name, labels in sets.items():
        scored = evaluate(labels, lambda question: answering.answer(question)[0].as_json())
        outcomes += scored.outcomes
        print(f"{name:34} {_share(scored, 'answerable'):>18} {_share(scored, 'unanswerable'):>18}")
    for name in ("entities", "entities-typo"):
        hits, found, wanted = entity_hits(answering, HERE / f"{name}.jsonl")
        share = f"precision {100 * hits / found:.1f} %, recall {100 * hits / wanted:.1f} % ({wanted} mentions)"
        print(f"{name:34} {share}")
    for low, high in BINS:
        sure = [one for one in outcomes if one.answer["answered"] and low <= one.answer["confidence"] < high]
        right = sum(not one.faults for one in sure)
        if sure:
            share = f"{right / len(sure):.0%} of {len(sure)} answers are right"
            print(f"confidence {low:.2f} to {min(high, 1.0):.2f}:".ljust(34), share)


def _share(found: Evaluation, sort: str) -> str:
    right, of = found.scores().get(sort, (0, 0))
    return f"{right}/{of} {100 * right / of:5.1f} %" if of else "none"


if __name__ == "__main__":
    main()
