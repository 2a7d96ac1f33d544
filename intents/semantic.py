"""Meaning without a neural network at question time: a table with one vector for each word piece.

The table was distilled from a sentence encoder (`scripts/build_table.py` says how, `NOTICE` from which): the
mean of the vectors of a text's word pieces comes close to what the encoder makes of the whole text. One row
is `dimensions` signed bytes and one scale. The files are mapped into memory, so that a process reads from
disk only the rows that its questions touch.
"""

from __future__ import annotations

import hashlib
import math
import re
import threading
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents.errors import TableError
from intents.strings import Index, Strings

__all__ = ["TABLE_FOLDER", "TokenTable", "default_table", "parts_of", "table_hash"]

TABLE_FOLDER = Path(__file__).parent / "data" / "table"

_LONGEST_WORD = 64
_REMEMBERED = 8192
_PART = re.compile(r"\w+|[^\w\s]")
_CONTINUED = "##"


@cache
def table_hash(folder: Path = TABLE_FOLDER) -> str:
    """What tells one build of the table from another: part of the name of everything compiled with it."""
    try:
        facts = (folder / "BUILD.json").read_bytes()  # has the checksums of the other files
    except OSError as error:
        raise TableError(f"{folder}: BUILD.json is missing: {error}") from error
    return hashlib.sha256(facts).hexdigest()[:16]


def parts_of(text: str) -> list[str]:
    """The words and punctuation marks of a normalised text, in order; each is looked up on its own."""
    return _PART.findall(text)


class TokenTable:
    """The static table: word pieces and their vectors."""

    def __init__(self, pieces: Index, rows: NDArray[np.int8], scales: NDArray[np.float32], identity: str = "") -> None:
        """`rows` is pieces × dimensions; row `i` times `scales[i]` is the vector of `pieces[i]`.

        `identity` tells this table from others, for models that only work with the one they were fitted with.
        """
        if not len(pieces) == len(rows) == len(scales):
            raise TableError(f"{len(pieces)} word pieces, {len(rows)} rows and {len(scales)} scales")
        self.identity = identity
        self.dimensions = int(rows.shape[1])
        self._pieces = pieces
        self._rows = rows
        self._scales = scales
        self._numbers: Callable[[str], list[int]] = lru_cache(_REMEMBERED)(self.pieces_of)

    @classmethod
    def load(cls, folder: Path = TABLE_FOLDER) -> TokenTable:
        """Open the table in `folder`; raises `TableError` where it is missing or damaged."""
        try:
            text = np.fromfile(folder / "pieces.txt", np.uint8)
            pieces = Index(Strings.lines(text), np.load(folder / "places.npy", "r", allow_pickle=False))
            rows = np.load(folder / "rows.npy", "r", allow_pickle=False).view(np.ndarray)
            scales = np.load(folder / "scales.npy", "r", allow_pickle=False).view(np.ndarray)
        except (OSError, ValueError) as error:
            raise TableError(f"{folder}: the table of word vectors cannot be read: {error}") from error
        if rows.ndim != 2 or rows.dtype != np.int8:
            raise TableError(f"{folder}: rows.npy holds {rows.dtype} of {rows.ndim} dimensions, not bytes of 2")
        return cls(pieces, rows, scales, table_hash(folder))

    def rows(self) -> NDArray[np.float32]:
        """All vectors (pieces × dimensions)."""
        return self._rows.astype(np.float32) * self._scales[:, None]

    def knows(self, word: str) -> bool:
        """Whether `word`, normalised, is one piece of its own."""
        return self._pieces.get(word) is not None

    def pieces_of(self, word: str) -> list[int]:
        """Row numbers of the pieces of one word: the longest known beginning, then of what is left."""
        number_of = self._pieces.get
        word = word[:_LONGEST_WORD]
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = _CONTINUED if start else ""
            for end in range(len(word), start, -1):
                piece = number_of(prefix + word[start:end])
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                return []  # a script that the table does not know
        return found

    def embed(self, text: str) -> NDArray[np.float32]:
        """The vector (dimensions,) of a normalised text, of length 1; all zero where no piece is known."""
        numbers = self._numbers_of(text)
        if not numbers:
            return np.zeros(self.dimensions, np.float32)
        total: NDArray[np.float32] = self._scales.take(numbers) @ self._rows.take(numbers, axis=0).astype(np.float32)
        norm = math.sqrt(total.dot(total))
        return total / np.float32(norm) if norm > 0 else total

    def rows_of(self, text: str, most: int) -> NDArray[np.float32]:
        """The vectors (pieces × dimensions) of the pieces of a normalised text, in order; of many, the last `most`."""
        numbers = self._numbers_of(text)[-most:]
        rows = self._rows.take(numbers, axis=0).astype(np.float32)
        rows *= self._scales.take(numbers)[:, None]
        return rows

    def _numbers_of(self, text: str) -> list[int]:
        """Row numbers of the pieces of a normalised text, in order."""
        return [number for part in parts_of(text) for number in self._numbers(part)]

    def embed_many(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors (texts × dimensions) of normalised texts."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return np.stack([self.embed(text) for text in texts])


_lock = threading.Lock()


@cache
def _shared_table() -> TokenTable:
    return TokenTable.load()


def default_table() -> TokenTable:
    """The table that ships, opened once a process however many classifiers use it."""
    with _lock:
        return _shared_table()
