"""Fitting what `intents.classify` uses: nothing here runs when a question is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.centroids import fit_centroids
from intents.linear import SURE, DenseWeights, Learnt, softmax

__all__ = [
    "MANY_EXAMPLES",
    "MANY_LABELS",
    "UNTRIED",
    "Calibration",
    "Regression",
    "calibrate",
    "fit_softmax",
    "fold_numbers",
    "learn",
    "one_thread",
    "whiten",
]

STRENGTH = 30.0
"""The inverse weight of the penalty (what scikit-learn calls C)."""

CONTEXT_STRENGTH = 3.0
"""The same over vectors in context: the network was trained on examples like these, so that they lie further apart."""

MANY_EXAMPLES = 4000
"""With more examples than this, one fold of the cross-validation is enough, and rare features are left out."""

MANY_LABELS = 200
"""With more labels than this, regressions would take minutes to fit."""

_FOLDS = 5
_MEMORY = 8
"""So many past steps tell the optimiser about the curvature."""


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients (columns × labels) and intercepts (labels) of a softmax regression."""

    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def logits(self, features: Any) -> NDArray[np.float32]:
        """Raw logits (texts × labels) of dense or sparse features (texts × columns)."""
        return np.asarray(features @ self.coefficients + self.intercepts, np.float32)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What cross-validation on the examples says about the classifier's own scores."""

    threshold: float
    weights: tuple[float, float, float]
    """Of the score, of the lead over the second label, and a constant: a logistic curve gives confidence."""
    accuracy: float
    """The share of examples that cross-validation gets right."""


UNTRIED = Calibration(float("-inf"), (0.0, 0.0, 0.0), float("nan"))
"""Of what was not tried on any example."""


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let matrix products use one thread for a while.

    The products are small: several threads gain little on a free machine, and lose tenfold on a busy one,
    where they wait for each other in a loop.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def learn(
    vectors: NDArray[np.float32],
    in_context: Callable[[], NDArray[np.float32]],
    sparse: Any,
    targets: NDArray[np.int64],
    compared: NDArray[np.int64],
    *,
    trying: bool = True,
) -> Learnt:
    """Fit weights for each label, by meaning (`vectors`), by meaning `in_context` and by wording (`sparse`).

    All three are examples × columns; `in_context` is only called where it is needed. `targets` holds the label number
    of each example, in ascending order; `compared` numbers the examples that questions are compared with. Unless
    `trying` is false, what is fitted is tried on the examples by cross-validation.
    Regressions, unless there are too many labels for them.
    """
    if int(targets[-1]) + 1 > MANY_LABELS:
        return fit_centroids(vectors, sparse, targets)
    return _regressions(vectors, in_context(), sparse, targets, compared, _FOLDS if trying else 0)


def _regressions(
    vectors: NDArray[np.float32],
    in_context: NDArray[np.float32],
    sparse: Any,
    targets: NDArray[np.int64],
    compared: NDArray[np.int64],
    turns: int,
) -> Learnt:
    """Fit a regression over each kind of features, and cross-validate them together in so many turns.

    The nearest example is looked for among the `compared` ones. With `many` examples only one fold gets its turn: that
    is enough of them, and the others take minutes.
    """
    labels = int(targets[-1]) + 1
    many = len(targets) > MANY_EXAMPLES
    if many:
        lexical = fit_softmax(sparse, targets, labels)
        features, penalties = sparse, None
    else:
        features, penalties, restore = whiten(sparse, labels)
        fitted = fit_softmax(features, targets, labels, penalties=penalties)
        lexical = Regression(restore(fitted.coefficients), fitted.intercepts)
    semantic = fit_softmax(vectors, targets, labels)
    contextual = fit_softmax(in_context, targets, labels, strength=CONTEXT_STRENGTH)

    folds = fold_numbers(targets, _FOLDS)
    held_out = np.full((len(targets), labels), np.nan, np.float32)
    likeness = np.zeros(len(targets), np.float32)
    for fold in range(min(turns, 1) if many else turns):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if len(test):
            by_meaning = fit_softmax(vectors[train], targets[train], labels)
            by_wording = fit_softmax(features[train], targets[train], labels, penalties=penalties)
            seen = np.intersect1d(train, compared)
            likeness[test] = (vectors[test] @ vectors[seen].T).max(axis=1)
            in_full = fit_softmax(in_context[train], targets[train], labels, strength=CONTEXT_STRENGTH)
            wording = by_wording.logits(features[test])
            by_words = by_meaning.logits(vectors[test]) + wording
            held_out[test] = _surer(by_words, in_full.logits(in_context[test]) + wording)
    if np.isnan(held_out).all():  # one example of each label
        wording = lexical.logits(sparse)
        held_out = _surer(semantic.logits(vectors) + wording, contextual.logits(in_context) + wording)
    tried = np.flatnonzero(~np.isnan(held_out[:, 0]))
    return Learnt(
        semantic.coefficients,
        DenseWeights.of(lexical.coefficients),
        semantic.intercepts + lexical.intercepts,
        contextual.coefficients,
        contextual.intercepts + lexical.intercepts,
        tried,
        held_out[tried],
        likeness[tried],
    )


def _surer(by_words: NDArray[np.float32], in_context: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logits (texts × labels) that count when a question is asked: in context where the words leave a doubt."""
    sure = np.array([softmax(logits).max() >= SURE for logits in by_words])
    return np.where(sure[:, None], by_words, in_context)


def fit_softmax(
    features: Any,
    targets: NDArray[np.int64],
    labels: int,
    *,
    penalties: NDArray[np.float32] | None = None,
    strength: float = STRENGTH,
    iterations: int = 60,
) -> Regression:
    """Fit a multinomial logistic regression: cross-entropy, and squared coefficients over 2 × `strength`.

    `features` is texts × columns, dense or sparse, float32; `targets` holds label numbers below `labels`.
    `penalties` weighs the penalty of each column, 1 unless given. The intercepts are free.
    """
    rows, columns = features.shape
    penalty = np.ones(columns, np.float32) if penalties is None else penalties
    penalty = (penalty / strength)[:, None].astype(np.float32)
    transposed = features.T.tocsr() if hasattr(features, "tocsr") else features.T
    each = np.arange(rows)

    def loss(values: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        coefficients = values[:-1]
        logits = np.asarray(features @ coefficients)
        logits += values[-1]
        logits -= logits.max(axis=1, keepdims=True)
        picked = logits[each, targets].sum(dtype=np.float64)
        np.exp(logits, out=logits)
        total = logits.sum(axis=1, keepdims=True)
        cross_entropy = float(np.log(total).sum(dtype=np.float64) - picked)
        logits /= total
        logits[each, targets] -= 1.0
        slope = np.empty_like(values)
        slope[:-1] = transposed @ logits
        weighted = penalty * coefficients
        slope[:-1] += weighted
        slope[-1] = logits.sum(axis=0)
        return cross_entropy + 0.5 * float(np.vdot(weighted, coefficients)), slope

    values = _minimise(loss, np.zeros((columns + 1, labels), np.float32), iterations)
    return Regression(values[:-1], values[-1])


def _minimise(
    loss: Callable[[NDArray[np.float32]], tuple[float, NDArray[np.float32]]],
    start: NDArray[np.float32],
    iterations: int,
    tolerance: float = 1e-4,
) -> NDArray[np.float32]:
    """Minimise a smooth convex `loss` (value and slope) by limited-memory BFGS (Nocedal, 1980).

    Single precision throughout: the coefficients of a large vocabulary fill memory, and are quantised later.
    Stops when a step improves the loss by less than `tolerance` of it.
    """
    values = start
    value, slope = loss(values)
    past: list[tuple[NDArray[np.float32], NDArray[np.float32], float]] = []
    for _ in range(iterations):
        direction = -slope
        amounts = []
        for step, bend, inverse in reversed(past):
            amount = inverse * float(np.vdot(step, direction))
            direction -= np.float32(amount) * bend
            amounts.append(amount)
        if past:
            step, bend, inverse = past[-1]
            direction *= np.float32(1.0 / (inverse * float(np.vdot(bend, bend))))
        else:
            direction *= np.float32(1.0 / max(float(np.linalg.norm(slope)), 1e-12))
        for (step, bend, inverse), amount in zip(past, reversed(amounts), strict=True):
            direction += np.float32(amount - inverse * float(np.vdot(bend, direction))) * step
        descent = float(np.vdot(direction, slope))
        if descent >= 0:
            break
        size = 1.0
        for _ in range(20):
            moved = values + np.float32(size) * direction
            new_value, new_slope = loss(moved)
            if new_value <= value + 1e-4 * size * descent:
                break
            size /= 2
        else:
            break
        step, bend = moved - values, new_slope - slope
        curvature = float(np.vdot(step, bend))
        if curvature > 0:
            past = [*past[-(_MEMORY - 1) :], (step, bend, 1.0 / curvature)]
        improved = value - new_value
        values, value, slope = moved, new_value, new_slope
        if improved < tolerance * abs(value):
            break
    return values


def whiten(
    features: Any, labels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], Callable[[NDArray[np.float32]], NDArray[np.float32]]]:
    """The same regression in coordinates in which it converges in a few steps.

    `features` is texts × columns, sparse or dense, with more columns than texts or not many more texts.
    Returns new features (texts × directions), the penalties of their columns, and a function that takes
    coefficients for them back to coefficients (columns × labels) for the old ones.

    The penalised regression only ever uses directions that the examples span, so their inner products are all
    that it needs (the representer theorem). Along the principal axes of these, each is scaled by the root of
    its curvature where all labels are equally likely, p(1 - p) × variance + penalty.
    """
    products = features @ features.T
    products = np.asarray(products.todense() if hasattr(products, "todense") else products)
    values, axes = np.linalg.eigh(products)
    kept = values > 1e-5 * values[-1]
    values, axes = values[kept], axes[:, kept]
    likely = 1.0 / labels
    scale = 1.0 / np.sqrt(likely * (1 - likely) * values + 1.0 / STRENGTH)
    whitened = (axes * (np.sqrt(values) * scale)).astype(np.float32)
    back = (axes * (scale / np.sqrt(values))).astype(np.float32)
    transposed = features.T

    def restore(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(transposed @ (back @ coefficients), np.float32)

    return whitened, (scale * scale).astype(np.float32), restore


def fold_numbers(targets: NDArray[np.int64], folds: int, seed: int = 0) -> NDArray[np.int64]:
    """A fold number for each example, so that each label's examples are spread evenly over the folds.

    The only example of a label gets -1: it is always trained on, never tested.
    """
    random = np.random.default_rng(seed)
    numbers = np.full(len(targets), -1, np.int64)
    first = 0
    for label in np.unique(targets):
        members = random.permutation(np.flatnonzero(targets == label))
        if len(members) > 1:
            numbers[members] = (np.arange(len(members)) + first) % folds
            first += len(members)
    return numbers


def calibrate(
    logits: NDArray[np.float32],
    familiarity: NDArray[np.float32],
    targets: NDArray[np.int64],
    accept: float,
) -> Calibration:
    """Set the threshold and the confidence from logits (examples × labels) that cross-validation gave.

    An example's score is its largest logit and its `familiarity`. The threshold accepts the share `accept` of
    the examples. Confidence is a logistic curve (Platt, 1999, with his smoothed targets) over the score and
    over the lead of the largest logit over the second.
    """
    best = logits.argmax(axis=1)
    largest, lead = leading(logits)
    score = largest + familiarity
    right = best == targets
    threshold = float(np.quantile(score, 1.0 - accept))
    good, bad = int(right.sum()), int((~right).sum())
    goal = np.where(right, (good + 1) / (good + 2), 1 / (bad + 2))
    columns = np.stack([score, lead, np.ones_like(score)], axis=1).astype(np.float64)
    scale = np.maximum(np.abs(columns).mean(axis=0), 1e-6)
    weights = np.zeros(3)
    scaled = columns / scale
    for _ in range(50):  # Newton's method, with a touch of penalty
        guess = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        slope = scaled.T @ (guess - goal) + 1e-2 * weights
        bend = (scaled * (guess * (1 - guess) + 1e-9)[:, None]).T @ scaled + 1e-2 * np.eye(3)
        step = np.linalg.solve(bend, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    a, b, c = (weights / scale).tolist()
    return Calibration(threshold, (a, b, c), float(right.mean()))


def leading(logits: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each row, the largest logit and how far it leads the second."""
    if logits.shape[1] == 1:
        return logits[:, 0], np.zeros(len(logits), np.float32)
    two = np.partition(logits, -2, axis=1)[:, -2:]
    return two[:, 1], two[:, 1] - two[:, 0]
