"""The weights of a linear classifier over wording: which columns speak for which labels, and how much.

Two ways to keep them. With a few hundred labels, a byte for each column and label. With thousands of labels most of
these would be zero, so only the others are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SURE",
    "DenseWeights",
    "Learnt",
    "SparseWeights",
    "WordingWeights",
    "quantise",
    "softmax",
    "weights_from_arrays",
]

SURE = 0.9
"""From this probability on, the words alone decide: their context is not looked at."""


class WordingWeights(Protocol):
    """Weights of columns (features of wording) for labels."""

    def logits(self, columns: NDArray[np.int32], amounts: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the `amounts` of some `columns` add to each label (labels,)."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as named arrays, for `weights_from_arrays`."""
        ...


@dataclass(frozen=True, slots=True)
class DenseWeights:
    """Columns × labels as signed bytes, with one scale a column."""

    rows: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, coefficients: NDArray[np.float32]) -> DenseWeights:
        """`coefficients` (columns × labels), to within half a step of 127."""
        return cls(*quantise(coefficients))

    def logits(self, columns: NDArray[np.int32], amounts: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `WordingWeights`."""
        rows = self.rows.take(columns, axis=0).astype(np.float32)
        found: NDArray[np.float32] = (amounts * self.scales.take(columns)).dot(rows)
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `WordingWeights`."""
        return {"lexical": self.rows, "lexical_scales": self.scales}


@dataclass(frozen=True, slots=True)
class SparseWeights:
    """The weights that are not zero, column by column.

    Those of column `i` are `labels[starts[i]:starts[i + 1]]` and as much of `values`; `count` labels in all.
    """

    starts: NDArray[np.int32]
    labels: NDArray[np.int32]
    values: NDArray[np.float16]
    count: int

    def logits(self, columns: NDArray[np.int32], amounts: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `WordingWeights`."""
        starts = self.starts[columns]
        lengths = self.starts[columns + 1] - starts
        total = int(lengths.sum())
        # Where each column's stretch begins in what is gathered, against where it begins in the whole.
        shift = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        at = np.arange(total) + shift
        weighted = self.values[at] * np.repeat(amounts, lengths)
        return np.bincount(self.labels[at], weights=weighted, minlength=self.count).astype(np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `WordingWeights`."""
        return {"lexical_starts": self.starts, "lexical_labels": self.labels, "lexical_values": self.values}


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was fitted, and what its examples say of it when it has not seen them.

    `semantic` and `in_context` are dimensions × labels (the latter may have no rows), with an intercept a label each.

    `tried` numbers the examples that had a turn; `held_out` are the summed logits (tried × labels) and `likeness`
    the cosines with the nearest example (tried) that they got from what was fitted without them.
    """

    semantic: NDArray[np.float32]
    lexical: WordingWeights
    intercepts: NDArray[np.float32]
    in_context: NDArray[np.float32]
    context_intercepts: NDArray[np.float32]
    tried: NDArray[np.int64]
    held_out: NDArray[np.float32]
    likeness: NDArray[np.float32]


def weights_from_arrays(arrays: Mapping[str, NDArray[Any]], labels: int) -> WordingWeights:
    """The weights that were kept as `arrays`; raises `KeyError` where some are missing."""
    if "lexical" in arrays:
        return DenseWeights(arrays["lexical"], arrays["lexical_scales"])
    return SparseWeights(arrays["lexical_starts"], arrays["lexical_labels"], arrays["lexical_values"], labels)


def quantise(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """`rows` as signed bytes and one scale a row, so that bytes × scale is the row to within half a step."""
    scales = np.abs(rows).max(axis=1) / 127 if rows.size else np.zeros(len(rows), np.float32)
    scales = np.where(scales > 0, scales, 1.0).astype(np.float32)
    return np.rint(rows / scales[:, None]).astype(np.int8), scales


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The probabilities (labels,) that logits (labels,) stand for."""
    shares: NDArray[np.float32] = np.exp(logits - np.maximum.reduce(logits))
    shares /= np.add.reduce(shares)
    return shares
