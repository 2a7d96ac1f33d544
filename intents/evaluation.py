"""Measure a recogniser on labelled questions: scores a group, confusions, how sure it was, and what it got wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intents.errors import DataFileError

__all__ = ["Evaluation", "Outcome", "evaluate", "faults", "read_questions", "write_errors", "write_plots"]

Progress = Callable[[int, int], None]
"""Told how many questions are done, and of how many."""

NO_PLOTS = "The plots need matplotlib: pip install 'rolecall[plots]'"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled question, the answer object it got, and what is wrong with that: nothing where it is right."""

    label: Mapping[str, Any]
    answer: Mapping[str, Any]
    faults: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The group that the label names."""
        return str(self.label.get("group", "all"))

    @property
    def found(self) -> str:
        """The intent that was answered, "refused" where none was."""
        return str(self.answer.get("intent") or "none") if self.answer.get("answered") else "refused"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All outcomes, in the order of the questions."""

    outcomes: tuple[Outcome, ...]

    def scores(self) -> dict[str, tuple[int, int]]:
        """How many are right, and of how many: each group, then "answerable", "unanswerable" and "all"."""
        right: Counter[str] = Counter()
        total: Counter[str] = Counter()
        for outcome in self.outcomes:
            sort = "answerable" if outcome.label["answered"] else "unanswerable"
            for key in (outcome.expected, sort, "all"):
                total[key] += 1
                right[key] += not outcome.faults
        last = ("answerable", "unanswerable", "all")
        return {key: (right[key], total[key]) for key in (*sorted(set(total) - set(last)), *last) if key in total}

    def confusion(self) -> dict[tuple[str, str], int]:
        """How often a group's questions were read as an intent."""
        return dict(Counter((outcome.expected, outcome.found) for outcome in self.outcomes))

    def errors(self) -> list[Outcome]:
        """What went wrong."""
        return [outcome for outcome in self.outcomes if outcome.faults]

    def as_json(self) -> dict[str, Any]:
        """The scores as one object."""
        return {
            "scores": {key: {"right": right, "of": of} for key, (right, of) in self.scores().items()},
            "errors": [
                {"q": outcome.label["q"], "group": outcome.expected, "intent": outcome.found, "faults": outcome.faults}
                for outcome in self.errors()
            ],
        }


def read_questions(path: Path) -> list[dict[str, Any]]:
    """Labelled questions: one JSON object a line, with at least "q" and "answered". Raises DataFileError."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = json.loads(line)
        except ValueError as error:
            raise DataFileError(f"{path}:{number}: is not JSON: {error}") from error
        if not isinstance(label, dict) or not isinstance(label.get("q"), str) or "answered" not in label:
            raise DataFileError(f'{path}:{number}: expected an object with "q" and "answered", found {line!r:.80}')
        found.append(label)
    if not found:
        raise DataFileError(f"{path}: has no questions")
    return found


def faults(label: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with an answer object, by the label: nothing where it is right."""
    if bool(answer.get("answered")) != bool(label["answered"]):
        return ("did not answer" if label["answered"] else "answered what it should refuse",)
    if not label["answered"]:
        return ()
    wrong = []
    for kind in ("roles", "stages"):
        named, wanted = set(answer.get(kind) or ()), label.get(kind) or {}
        wrong += [f"{kind}: no {one}" for one in wanted.get("all", ()) if one not in named]
        wrong += [f"{kind}: wrongly {one}" for one in wanted.get("none", ()) if one in named]
    text = str(answer.get("text") or "")
    wrong += [f"no match of {each}" for each in label.get("must") or () if not re.search(each, text, re.IGNORECASE)]
    wrong += [f"match of {each}" for each in label.get("must_not") or () if re.search(each, text, re.IGNORECASE)]
    return tuple(wrong if text.strip() else [*wrong, "no text"])


def evaluate(
    questions: Sequence[Mapping[str, Any]],
    answer: Callable[[str], Mapping[str, Any]],
    progress: Progress = lambda done, of: None,
) -> Evaluation:
    """Ask every question; `answer` gives the answer object."""
    outcomes = []
    for done, label in enumerate(questions, 1):
        given = answer(label["q"])
        outcomes.append(Outcome(label, given, faults(label, given)))
        progress(done, len(questions))
    return Evaluation(tuple(outcomes))


def write_errors(evaluation: Evaluation, path: Path) -> None:
    """One JSON object a line for what went wrong: the label, the answer and its faults."""
    lines = (
        json.dumps({**outcome.label, "faults": outcome.faults, "answer": outcome.answer}, ensure_ascii=False)
        for outcome in evaluation.errors()
    )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_plots(evaluation: Evaluation, folder: Path) -> list[Path] | str:
    """Write the confusion matrix and the histogram of confidence as PNG; a sentence where matplotlib is missing."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return NO_PLOTS
    folder.mkdir(parents=True, exist_ok=True)
    confusion = evaluation.confusion()
    rows = sorted({expected for expected, _ in confusion})
    columns = sorted({found for _, found in confusion})
    figure = Figure(figsize=(2 + 0.35 * len(columns), 2 + 0.3 * len(rows)))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    asked = Counter(outcome.expected for outcome in evaluation.outcomes)
    # Coloured by the share of each group, for groups differ in size.
    shares = [[confusion.get((row, column), 0) / asked[row] for column in columns] for row in rows]
    axes.imshow(shares, cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=7)
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    for (row, column), count in confusion.items():
        color = "white" if count / asked[row] > 0.6 else "black"
        x, y = columns.index(column), rows.index(row)
        axes.text(x, y, str(count), ha="center", va="center", fontsize=6, color=color)
    axes.set(xlabel="read as", ylabel="labelled", title="Questions by group and intent")
    figure.tight_layout()
    matrix = folder / "confusion.png"
    figure.savefig(matrix, dpi=120)

    figure = Figure(figsize=(7, 4))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    sorts = {"right": _confidences(evaluation.outcomes, True), "wrong": _confidences(evaluation.outcomes, False)}
    axes.hist(list(sorts.values()), bins=20, range=(0, 1), stacked=True, label=list(sorts))
    axes.set(xlabel="confidence", ylabel="questions", title="How sure the answers were")
    axes.legend()
    figure.tight_layout()
    histogram = folder / "confidence.png"
    figure.savefig(histogram, dpi=120)
    return [matrix, histogram]


def _confidences(outcomes: Iterable[Outcome], right: bool) -> list[float]:
    return [float(o.answer.get("confidence") or 0.0) for o in outcomes if (not o.faults) == right]
