"""What a question costs: as a whole process, and inside one, beside simpler ways to find the nearest example."""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.bootstrap import EXAMPLES, load_answering

HERE = Path(__file__).parent.parent
QUESTIONS = [HERE / "questions" / "answerable.jsonl", HERE / "questions" / "unanswerable.jsonl"]
ONE = "who owns data prep?"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args(arguments)
    questions = [json.loads(line)["q"] for path in QUESTIONS for line in path.read_text("utf-8").splitlines()]
    bare = _seconds([sys.executable, "-c", "import numpy, rapidfuzz"])
    whole = _seconds([sys.executable, "-m", "bot", "ask", ONE])
    print(f'rolecall ask "{ONE}", whole process:  {whole:.3f} s (python -c "import numpy, rapidfuzz": {bare:.3f} s)')
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  peak memory of the largest of these processes: {peak:.0f} MiB")
    answering = load_answering()
    _row("question to answer object", answering.answer, questions)
    _peers(questions)


def _peers(questions: list[str]) -> None:
    from rapidfuzz import fuzz, process
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from intents.loader import load_intents

    intents = load_intents(EXAMPLES)
    examples = [example for intent in intents for example in intent.examples]
    labels = [intent.id for intent in intents for _ in intent.examples]
    _row(
        "  peer: rapidfuzz token_set_ratio, best example",
        lambda text: process.extractOne(text, examples, scorer=fuzz.token_set_ratio),
        questions[::10],
    )
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=200)).fit(examples, labels)
    _row("  peer: scikit-learn TF-IDF + LR, the intent alone", lambda text: model.predict([text]), questions[::10])


def _row(name: str, ask: Callable[[str], object], questions: list[str]) -> None:
    for text in questions[:20]:
        ask(text)
    taken = []
    for text in questions:
        began = time.perf_counter()
        ask(text)
        taken.append(1000 * (time.perf_counter() - began))
    taken.sort()
    print(
        f"{name + ':':54} p50 {statistics.median(taken):6.2f} ms, p99 {taken[int(len(taken) * 0.99)]:6.2f} ms"
        f" ({len(questions)} questions)"
    )


def _seconds(command: list[str]) -> float:
    """The median of several runs, after one that warms the disk's cache."""
    taken = []
    for _ in range(8):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
