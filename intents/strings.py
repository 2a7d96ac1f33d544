"""Many strings in mapped memory: read one by one where they are needed, and found without a dictionary of them.

To make tens of thousands of strings, and a dictionary of them, takes longer than to answer a question. So strings are
kept end to end as UTF-8, and the numbers of those that are looked up in a hash table with open addressing: an array of
which one question touches a few entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, overload
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

__all__ = ["Index", "Strings", "table_of"]

_REMEMBERED = 16_384
_SEPARATOR = "\n"
"""Between two strings, for whoever opens the file; they may have it in them, too."""


class Strings(Sequence[str]):
    """Strings that are made when they are asked for."""

    def __init__(self, text: NDArray[np.uint8], starts: NDArray[np.int32]) -> None:
        """`text`: the strings in UTF-8, with one byte between two. `starts`: where each begins, and one after the last
        would."""
        self.text, self.starts = text, starts
        self._text, self._starts = text.data, starts.data  # quicker to take single numbers from

    @classmethod
    def of(cls, strings: Iterable[str]) -> Strings:
        """These strings."""
        encoded = [_encoded(string) for string in strings]
        text = _SEPARATOR.encode().join(encoded)
        starts = np.cumsum([0, *(len(each) + 1 for each in encoded)], dtype=np.int32)
        return cls(np.frombuffer(text, np.uint8), starts)

    @classmethod
    def lines(cls, text: NDArray[np.uint8]) -> Strings:
        """The lines of a text."""
        ends = np.flatnonzero(text == ord(_SEPARATOR))
        return cls(text, np.concatenate([[0], ends + 1, [len(text) + 1]]).astype(np.int32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Strings:
        """What was kept as `arrays(name)`; raises `KeyError` where some are missing."""
        return cls(arrays[name], arrays[f"{name}_starts"])

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """All of it as named arrays, for `from_arrays`."""
        return {name: self.text, f"{name}_starts": self.starts}

    def all(self) -> list[str]:
        """All of them, where none has a line feed: quicker than one by one."""
        return str(self._text, "utf-8", "surrogatepass").split(_SEPARATOR) if len(self) else []

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return str(self._text[self._starts[at] : self._starts[at + 1] - 1], "utf-8", "surrogatepass")


class Index:
    """The numbers of strings, all different, by the strings. Safe to use from many threads."""

    def __init__(self, strings: Strings, table: NDArray[np.int32]) -> None:
        """`table`: as `table_of` makes it of the strings; raises `ValueError` where it cannot be."""
        if len(table) <= len(strings) or len(table) & (len(table) - 1):
            raise ValueError(f"a table of {len(table)} places for {len(strings)} strings")
        self.strings, self.table = strings, table
        self._text = strings.text.tobytes()  # quicker to take slices from
        self._starts = strings.starts.data
        self._table = table.data
        self._mask = len(table) - 1
        self.get: Callable[[str], int | None] = lru_cache(_REMEMBERED)(self._find)
        """The number of a string; None where there is no such."""

    @classmethod
    def of(cls, strings: Iterable[str]) -> Index:
        """An index of these strings."""
        kept = Strings.of(strings)
        return cls(kept, table_of(kept))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Index:
        """What was kept as `arrays(name)`; raises `KeyError` and `ValueError` where that is not right."""
        return cls(Strings.from_arrays(arrays, name), arrays[f"{name}_table"])

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """All of it as named arrays, for `from_arrays`."""
        return {**self.strings.arrays(name), f"{name}_table": self.table}

    def __len__(self) -> int:
        return len(self.strings)

    def _find(self, string: str) -> int | None:
        wanted = _encoded(string)
        table, starts, mask = self._table, self._starts, self._mask
        place = crc32(wanted) & mask
        while (number := table[place]) >= 0:
            if self._text[starts[number] : starts[number + 1] - 1] == wanted:
                return int(number)
            place = (place + 1) & mask
        return None


def table_of(strings: Strings) -> NDArray[np.int32]:
    """Where each string's number is kept: in the place that its checksum says, or the next that is free.

    A place that nothing is kept in has -1; at least half of them have.
    """
    table = np.full(1 << (2 * len(strings)).bit_length(), -1, np.int32)
    mask = len(table) - 1
    for number, string in enumerate(strings):
        place = crc32(_encoded(string)) & mask
        while table[place] >= 0:
            place = (place + 1) & mask
        table[place] = number
    return table


def _encoded(string: str) -> bytes:
    return string.encode("utf-8", "surrogatepass")
