"""How many labelled questions are answered rightly or refused, how entities are found, and what confidence is worth.

`python -m tests.benchmarks.bench_questions [FILE.jsonl …]`: files of labelled questions besides the project's own, as
`rolecall intents eval` reads them; also from the environment variable QUESTIONS.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from bot.bootstrap import load_answering
from bot.services.answering.service import Answering
from intents.evaluation import Evaluation, evaluate, read_questions

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
        found = evaluate(labels, lambda question: answering.answer(question)[0].as_json())
        outcomes += found.outcomes
        print(f"{name:34} {_share(found, 'answerable'):>18} {_share(found, 'unanswerable'):>18}")
    for name in ("entities", "entities-typo"):
        print(f"{name:34} {_entities(answering, HERE / f'{name}.jsonl')}")
    for low, high in BINS:
        sure = [one for one in outcomes if one.answer["answered"] and low <= one.answer["confidence"] < high]
        right = sum(not one.faults for one in sure)
        if sure:
            share = f"{right / len(sure):.0%} of {len(sure)} answers are right"
            print(f"confidence {low:.2f} to {min(high, 1.0):.2f}:".ljust(34), share)


def _share(found: Evaluation, sort: str) -> str:
    right, of = found.scores().get(sort, (0, 0))
    return f"{right}/{of} {100 * right / of:5.1f} %" if of else "none"


def _entities(answering: Answering, path: Path) -> str:
    hits = found = wanted = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        want = {(e["type"], e["id"], e["start"], e["end"]) for e in label["entities"]}
        answer, _ = answering.answer(label["q"])
        got = {(e.type, e.id, e.start, e.end) for e in answer.entities if e.type in {"role", "stage"}}
        hits, found, wanted = hits + len(want & got), found + len(got), wanted + len(want)
    return f"precision {100 * hits / found:.1f} %, recall {100 * hits / wanted:.1f} % ({wanted} mentions)"


if __name__ == "__main__":
    main()
