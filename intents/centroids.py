"""Fitting a classifier of thousands of labels in seconds: each label's centre, instead of a regression.

A softmax regression weighs every label against every other, so that its cost grows with their product. The nearest
centroid (Rocchio, 1971) looks at each label alone: the sum of its examples' vectors, of length 1. The cosines with
the centre by meaning and with the centre by wording are the evidence; how much each counts is fitted so that
their softmax gives the right label of examples that the centre was made without (two numbers for all labels).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.linear import Learnt, SparseWeights

__all__ = ["fit_centroids"]

_TRIED = 1000
"""So many examples, evenly spread, say how much each kind of evidence counts."""
_TELLING = 0.2
"""A column that stands in more than this share of the labels tells hardly one from another."""
_START = 10.0


def fit_centroids(vectors: NDArray[np.float32], sparse: Any, targets: NDArray[np.int64]) -> Learnt:
    """Fit centres to examples by meaning (`vectors`, examples × dimensions) and by wording (`sparse`).

    `targets` holds the label number of each example, in ascending order.
    """
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix, diags

    labels = int(targets[-1]) + 1
    rows = np.arange(len(targets))
    member = csr_matrix((np.ones(len(rows), np.float32), (targets, rows)), shape=(labels, len(rows)))
    by_meaning = np.asarray(member @ vectors, np.float32)
    by_wording = (member @ sparse).tocsc()
    spread = np.diff(by_wording.indptr) <= max(1.0, _TELLING * labels)
    by_wording = (by_wording @ diags(spread.astype(np.float32))).tocsr()
    told = sparse @ diags(spread.astype(np.float32))
    lengths = np.maximum(np.linalg.norm(by_meaning, axis=1), 1e-9)
    extents = np.maximum(np.sqrt(np.asarray(by_wording.multiply(by_wording).sum(axis=1)).ravel()), 1e-9)

    several = np.bincount(targets, minlength=labels)[targets] > 1
    tried = np.flatnonzero(several)
    tried = tried[:: max(1, len(tried) // _TRIED)]
    if not len(tried):
        tried = rows[:: max(1, len(rows) // _TRIED)]
    own, each = targets[tried], np.arange(len(tried))
    meaning = vectors[tried] @ (by_meaning / lengths[:, None]).T
    wording = np.asarray((told[tried] @ (diags(1 / extents) @ by_wording).T).todense(), np.float32)
    if several.any():  # each against its own label's centre as it is without it
        rest = by_meaning[own] - vectors[tried]
        meaning[each, own] = _cosines(rest, vectors[tried])
        rest = (by_wording[own] - told[tried]).tocsr()
        extent = np.maximum(np.sqrt(np.asarray(rest.multiply(rest).sum(axis=1)).ravel()), 1e-9)
        wording[each, own] = np.asarray(rest.multiply(told[tried]).sum(axis=1)).ravel() / extent

    def loss(amounts: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = amounts[0] * meaning + amounts[1] * wording
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(axis=1, keepdims=True)
        missed = float(-np.log(np.maximum(shares[each, own], 1e-12)).mean())
        slopes = [float(((shares * kind).sum(axis=1) - kind[each, own]).mean()) for kind in (meaning, wording)]
        return missed, np.array(slopes)

    found = minimize(loss, np.full(2, _START), jac=True, method="L-BFGS-B", bounds=[(1.0, 100.0)] * 2)
    a, b = found.x.astype(np.float32)
    held_out = a * meaning + b * wording
    weights = (diags((b / extents).astype(np.float32)) @ by_wording).tocsc()
    weights.eliminate_zeros()
    return Learnt(
        np.ascontiguousarray((a / lengths[:, None] * by_meaning).T, np.float32),
        SparseWeights(
            weights.indptr.astype(np.int32), weights.indices.astype(np.int32), weights.data.astype(np.float16), labels
        ),
        np.zeros(labels, np.float32),
        np.empty((0, labels), np.float32),
        np.zeros(labels, np.float32),
        tried,
        held_out,
        _nearest_other(vectors, tried),
    )


def _cosines(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Row by row; `second` has length 1."""
    lengths = np.maximum(np.linalg.norm(first, axis=1), 1e-9)
    found: NDArray[np.float32] = np.einsum("ij,ij->i", first, second) / lengths
    return found


def _nearest_other(vectors: NDArray[np.float32], tried: NDArray[np.int64]) -> NDArray[np.float32]:
    """The cosine of each example that was tried with the nearest of the others."""
    likeness = vectors[tried] @ vectors.T
    likeness[np.arange(len(tried)), tried] = -1.0
    found: NDArray[np.float32] = likeness.max(axis=1)
    return found
