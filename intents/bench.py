"""Measure the classifier on any labelled questions: how right, how honest, how fast.

    python -m intents.bench --train FILE [--valid FILE] --test FILE [--json]

The files hold one JSON object a line, `{"text": ..., "intent": ...}`, with intent null for a question that is
out of scope. Only in-scope lines are learnt from, and the threshold for refusing is the classifier's own.
Speed, load time and memory are those of a fresh process that opens the saved model and uses one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents.classify import Classifier
from intents.errors import DataFileError, IntentsError

__all__ = ["BenchResult", "area_under_roc", "macro_f1", "read_questions", "render", "run"]

Question = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What one run measured. Shares are 0 to 1; what needs lines that the test lacks is None."""

    accuracy: float | None
    """Share of in-scope questions whose best label is the right one."""
    macro_f1: float | None
    """Harmonic mean of precision and recall, the mean over labels, in-scope questions."""
    oos_auroc: float | None
    """Probability that an in-scope question scores higher than an out-of-scope one."""
    oos_refused: float | None
    """Share of out-of-scope questions that score below the classifier's threshold."""
    in_scope_accepted: float | None
    """Share of in-scope questions that reach it."""
    p50_ms: float
    """Median time a question."""
    p99_ms: float
    fit_s: float
    load_s: float
    """Opening the saved model, with the word table, in a fresh process."""
    rss_mib: float
    """Peak memory of that process, after all the questions."""
    valid_accuracy: float | None = None
    """As `accuracy`, on the validation file, which takes no part in fitting."""


def read_questions(path: Path) -> list[Question]:
    """The `(text, intent)` pairs of a file; raises `DataFileError` with file and line where it is wrong."""
    questions: list[Question] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            text, intent = found["text"], found["intent"]
        except (ValueError, TypeError, KeyError) as error:
            raise DataFileError(f'{path}:{number}: expected {{"text": ..., "intent": ...}}: {error!r}') from error
        if not isinstance(text, str) or not (intent is None or isinstance(intent, str)):
            raise DataFileError(f"{path}:{number}: text must be a string, intent a string or null")
        questions.append((text, intent))
    if not questions:
        raise DataFileError(f"{path}: holds no questions")
    return questions


def run(train: Sequence[Question], valid: Sequence[Question] | None, test: Sequence[Question]) -> BenchResult:
    """Fit on `train`, then measure on `test`; `valid` is only measured."""
    known = [(text, intent) for text, intent in train if intent is not None]
    began = time.perf_counter()
    classifier = Classifier.fit([text for text, _ in known], [intent for _, intent in known])
    fit_s = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "bench.model"
        classifier.save(model)
        asked = [text for text, _ in test] + [text for text, _ in valid or ()]
        answers = _answer_in_fresh_process(model, asked)
    gold = [intent for _, intent in test]
    labels, scores = answers.labels[: len(test)], answers.scores[: len(test)]
    inside = np.array([intent is not None for intent in gold])
    accepted = scores >= classifier.threshold
    pairs = [(intent, label) for intent, label in zip(gold, labels, strict=True) if intent is not None]
    has_inside, has_outside = bool(inside.any()), bool((~inside).any())
    validated = [
        intent == label
        for (_, intent), label in zip(valid or (), answers.labels[len(test) :], strict=True)
        if intent is not None
    ]
    took = answers.milliseconds[: len(test)]
    return BenchResult(
        accuracy=float(np.mean([intent == label for intent, label in pairs])) if has_inside else None,
        macro_f1=macro_f1(pairs) if has_inside else None,
        oos_auroc=area_under_roc(scores[inside], scores[~inside]) if has_inside and has_outside else None,
        oos_refused=float((~accepted[~inside]).mean()) if has_outside else None,
        in_scope_accepted=float(accepted[inside].mean()) if has_inside else None,
        p50_ms=float(np.quantile(took, 0.5)),
        p99_ms=float(np.quantile(took, 0.99)),
        fit_s=fit_s,
        load_s=answers.load_s,
        rss_mib=answers.rss_mib,
        valid_accuracy=float(np.mean(validated)) if validated else None,
    )


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean F1 over all labels that occur among `(right, given)` pairs on either side."""
    values = []
    for label in {label for pair in pairs for label in pair}:
        hits = sum(right == given == label for right, given in pairs)
        named = sum((right == label) + (given == label) for right, given in pairs)
        values.append(2 * hits / named)
    return float(np.mean(values))


def area_under_roc(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float:
    """The share of (inside, outside) pairs in which the inside one scores higher; ties count half."""
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, "left")
    up_to = np.searchsorted(ordered, inside, "right")
    return float((below + up_to).mean() / 2 / len(ordered))


@dataclass(frozen=True, slots=True)
class _Answers:
    labels: list[str]
    scores: NDArray[np.float64]
    milliseconds: NDArray[np.float64]
    load_s: float
    rss_mib: float


_SINGLE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def _answer_in_fresh_process(model: Path, texts: Sequence[str]) -> _Answers:
    root = str(Path(__file__).resolve().parent.parent)
    environment = os.environ | _SINGLE_THREAD
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environment.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "intents.bench", "--answer", str(model)],
        input="\n".join(json.dumps(text) for text in texts),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise IntentsError(f"the measuring process failed: {done.stderr.strip()[-500:]}")
    found = json.loads(done.stdout)
    return _Answers(
        found["labels"],
        np.array(found["scores"]),
        np.array(found["milliseconds"]),
        found["load_s"],
        found["rss_mib"],
    )


def _answer(model: Path) -> None:
    """The fresh process: classify each line of standard input (a JSON string), print what it took."""
    texts = [json.loads(line) for line in sys.stdin.read().split("\n") if line]
    began = time.perf_counter()
    classifier = Classifier.load(model)
    load_s = time.perf_counter() - began
    labels, scores, milliseconds = [], [], []
    for text in texts:
        began = time.perf_counter()
        found = classifier.classify(text)
        milliseconds.append((time.perf_counter() - began) * 1e3)
        labels.append(found.label)
        scores.append(found.score)
    json.dump(
        {
            "labels": labels,
            "scores": scores,
            "milliseconds": milliseconds,
            "load_s": load_s,
            "rss_mib": _peak_mib(),
        },
        sys.stdout,
    )


def _peak_mib() -> float:
    """This process's peak resident memory in MiB; not-a-number where the system does not tell."""
    try:
        # Not `ru_maxrss`: on Linux a child starts with the peak of the process it was forked from.
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def render(result: BenchResult) -> str:
    """The result as lines that people read."""
    lines = []
    for name, value in asdict(result).items():
        if value is None:
            continue
        is_share = not name.endswith(("_ms", "_s", "_mib"))
        lines.append(f"{name:<18} {f'{value:.2%}' if is_share else f'{value:.3f}'}")
    return "\n".join(lines)


def main() -> int:
    """The entry of `python -m intents.bench`; 2 where a file is wrong."""
    parser = argparse.ArgumentParser(prog="python -m intents.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--train", type=Path, help="questions to fit on")
    parser.add_argument("--valid", type=Path, help="questions to measure apart from the test")
    parser.add_argument("--test", type=Path, help="questions to measure on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.answer:
        _answer(args.answer)
        return 0
    if not args.train or not args.test:
        parser.error("--train and --test are needed")
    try:
        result = run(
            read_questions(args.train),
            read_questions(args.valid) if args.valid else None,
            read_questions(args.test),
        )
    except IntentsError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(result)) if args.json else render(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
