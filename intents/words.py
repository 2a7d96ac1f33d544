"""Words of a normalised text, and the base form under which two forms of one word count as the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = ["BEFORE_NOUN", "CONNECTORS", "Word", "base_form", "name_key", "split_words"]

_WORD = re.compile(r"[^\W_]+(?:'[a-z]{1,2}\b)?")

CONNECTORS = frozenset(
    {"and", "the", "of", "a", "an", "our", "your", "their", "its", "his", "her", "this", "that", "ur"}
)
"""Words that may stand inside a name, or be left out of it, without making it another name."""

_VOWELS = frozenset("aeiouy")
_DOUBLED = re.compile(r"([bdfgklmnprt])\1$")
_DOUBLED_L = re.compile(r"ll(?=er|or)")


BEFORE_NOUN = frozenset(
    """
    is are do does did have has can could should would will may must my any some all both these those which what no
    no only just than then who when where why for with without by to from as in at on need needs involve involves if
    whether or nor but as aren't isn't don't doesn't about between vs versus up out off into onto over under against
    among like than because while after before during since until besides except per via instead including ask asks
    tell let give get make help helps want wants lend hire i'm we're
    """.split()
)
"""Words after which a noun begins, so that it has nothing before it that makes it mean something else."""


class Word(NamedTuple):
    """A word of a text, as half-open span of the text. `repaired`: its spelling was not as written."""

    text: str
    start: int
    end: int
    repaired: bool = False


@lru_cache(maxsize=16384)
def base_form(word: str) -> str:
    """The form that plural, -ing, -ed, -ment and British or American spelling have in common.

    It need not be a word: "prototyping", "prototyped" and "prototype" all give "prototyp". Words that differ in
    meaning stay apart: "organist" and "organ", "product" and "production".
    """
    word = word.partition("'")[0]
    if len(word) <= 3:
        return word
    word = word.replace("isation", "ization").replace("ising", "izing").replace("ised", "ized")
    if word.endswith("ise") and len(word) > 6:
        word = word[:-3] + "ize"
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ment", "ing", "ed"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= (5 if ending == "ment" else 4) and not _VOWELS.isdisjoint(stem):
            stem = _DOUBLED.sub(r"\1", stem)
            # "settings" is not "sets", and "training" is no train.
            if len(stem) >= 4:
                word = stem
            break
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    return _DOUBLED_L.sub("l", word)


def split_words(text: str) -> list[Word]:
    """The words of a normalised text, in order."""
    return [Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


def name_key(words: Sequence[str]) -> str:
    """The key under which a name is found: base forms without connectors, joined, so that spaces do not matter."""
    return closed("".join(base_form(word) for word in words if word not in CONNECTORS))


def closed(key: str) -> str:
    """A joined key without its last "e": "go live" and "golive" differ in nothing else. Short ones stay as they are."""
    return key.rstrip("e") if len(key) > 4 else key
