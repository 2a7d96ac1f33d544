"""Meaning in context: a small network that reads the word vectors of a text together.

The mean of word vectors (`intents.semantic`) gives every word of a text the same say, also those of the story around
a question. One layer of attention (Vaswani et al., 2017), with the words' places, learns which words bear on which,
and four weighted means with learnt weights say what the text as a whole is about. `scripts/build_network.py` says how
it is trained. It runs on numpy; a text of fifteen words takes a tenth of a millisecond.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.artefact import read_artefact
from intents.errors import ModelError, TableError
from intents.semantic import TokenTable, default_table

__all__ = ["HEADS", "LONGEST", "NETWORK_FILE", "ContextNetwork", "default_network"]

NETWORK_FILE = Path(__file__).parent / "data" / "network.model"

HEADS = 4
LONGEST = 48
"""Of a text with more word pieces, the last ones are read: questions come at the end."""
_EPSILON = np.float32(1e-5)

_ARRAYS = (
    *("places", "places_from_end", "attend", "attend_constant", "attended", "attended_constant", "widen"),
    *("widen_constant", "narrow", "narrow_constant", "weigh", "gather", "gather_constant", "words"),
)

_Array = NDArray[np.float32]


class ContextNetwork:
    """The network over the vectors of one table. Never changed after it is made; safe to use from many threads.

    The arrays, with `d` for the table's dimensions: `places` and `places_from_end` (LONGEST × d), `attend`
    (d × 3d: queries, keys, values), `attended` (d × d), `widen` (d × w), `narrow` (w × d), `weigh` (d × HEADS),
    `gather` ((HEADS + 1)d × d), `words` (d × d); what is added after a matrix is named after it with `_constant`.
    Every normalisation's own scale and constant are part of the matrix after it, and the rows of what is added to the
    state (places, `attended`, `narrow` and their constants) have the mean 0, which saves taking it away again.
    """

    def __init__(self, table: TokenTable, arrays: Mapping[str, NDArray[Any]], identity: str = "") -> None:
        """`identity` tells this network, and its table, from others."""
        self.table = table
        self.identity = identity
        self._arrays = {name: np.asarray(values, np.float32) for name, values in arrays.items()}
        dimensions = table.dimensions
        for name in _ARRAYS:
            if name not in self._arrays:
                raise ModelError(f"the network lacks the array {name!r}")
        if self._arrays["places"].shape != (LONGEST, dimensions):
            raise ModelError(f"the network is not one for vectors of {dimensions} dimensions")
        self._share = np.float32(1.0 / dimensions)
        self._mean = np.full(dimensions, self._share)

    @classmethod
    def load(cls, path: Path = NETWORK_FILE, table: TokenTable | None = None) -> ContextNetwork:
        """Open the network in a file. Raises `ModelError` where it is damaged or was trained on another table."""
        table = table or default_table()
        header, arrays = read_artefact(path)
        if header.get("table") != table.identity:
            raise ModelError(f"{path}: was trained on another table of word vectors")
        try:
            return cls(table, arrays, f"{table.identity}.{header['identity']}")
        except (KeyError, ModelError) as error:
            raise ModelError(f"{path}: {error}") from error

    def embed(self, text: str, static: _Array) -> _Array:
        """The vector (d,) of a normalised text, of length 1. `static`: the same text's vector from the table."""
        pieces = self.table.rows_of(text, LONGEST)
        count = len(pieces)
        if not count:
            return static
        part = self._arrays
        state = pieces - (pieces @ self._mean)[:, None]
        state += part["places"][:count]
        state += part["places_from_end"][:count][::-1]
        state += self._attention(self._levelled(state))
        wide = self._levelled(state) @ part["widen"]
        wide += part["widen_constant"]
        np.maximum(wide, 0, out=wide)
        state += wide @ part["narrow"]
        state += part["narrow_constant"]
        state = self._levelled(state)
        weights = state @ part["weigh"]
        weights -= np.maximum.reduce(weights)
        np.exp(weights, out=weights)
        weights /= np.add.reduce(weights)
        mean = np.add.reduce(state)
        mean /= count
        views = np.concatenate(((weights.T @ state).ravel(), mean))
        vector: _Array = views @ part["gather"]
        vector += part["gather_constant"]
        vector += static @ part["words"]
        vector /= np.sqrt(vector.dot(vector))
        return vector

    def embed_many(self, texts: Sequence[str], static: _Array) -> _Array:
        """The vectors (texts × d) of normalised texts; `static` likewise."""
        if not texts:
            return np.empty((0, self.table.dimensions), np.float32)
        return np.stack([self.embed(text, vector) for text, vector in zip(texts, static, strict=True)])

    def _attention(self, state: _Array) -> _Array:
        """What each piece takes from the others."""
        count = len(state)
        part = self._arrays
        # Heads first: queries, keys and values, each HEADS × pieces × (d / HEADS).
        mixed = (state @ part["attend"] + part["attend_constant"]).reshape(count, 3, HEADS, -1).transpose(1, 2, 0, 3)
        shares = mixed[0] @ mixed[1].transpose(0, 2, 1)
        shares -= np.maximum.reduce(shares, axis=2, keepdims=True)
        np.exp(shares, out=shares)
        shares /= np.add.reduce(shares, axis=2, keepdims=True)
        taken: _Array = (shares @ mixed[2]).transpose(1, 0, 2).reshape(count, -1) @ part["attended"]
        taken += part["attended_constant"]
        return taken

    def _levelled(self, state: _Array) -> _Array:
        """Each row with variance 1; its mean is 0, since that of all that is added to it is."""
        variance = np.einsum("ij,ij->i", state, state)
        variance *= self._share
        variance += _EPSILON
        levelled: _Array = state / np.sqrt(variance)[:, None]
        return levelled


_lock = threading.Lock()


@cache
def _shared_network() -> ContextNetwork:
    try:
        return ContextNetwork.load()
    except ModelError as error:
        raise TableError(f"the network that reads questions cannot be used: {error}") from error


def default_network() -> ContextNetwork:
    """The network that ships, opened once a process however many classifiers use it."""
    with _lock:
        return _shared_network()
