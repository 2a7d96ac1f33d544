"""Words in a row. Imports nothing, since a question is answered without loading what only commands need."""

from __future__ import annotations

from collections.abc import Iterable


def listed(words: Iterable[str], last: str = "and") -> str:
    """Such as "a", "a and b", "a, b and c"; with "or" as the last: "a, b or c"."""
    every = list(words)
    return "".join(every) if len(every) < 2 else f"{', '.join(every[:-1])} {last} {every[-1]}"
