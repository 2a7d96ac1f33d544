"""Find what a question names: stages, roles, topics, products, people, dates, each with its span and a score.

Names come as plain data (`EntityName`); this module does not know what a stage is. A name is found by its words'
base forms whatever the spacing, so plurals, hyphens and missing spaces find it; misspelt words are repaired before
(`intents.spelling`), and what is still unknown is compared with the names letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from intents.normalize import Normalized, normalize
from intents.spelling import Speller
from intents.words import BEFORE_NOUN, CONNECTORS, Word, base_form, closed, name_key, split_words

__all__ = ["Entity", "EntityName", "Gazetteer", "repaired_words"]

_LONGEST_NAME = 9
_LONGEST_FUZZY = 4
_FUZZY_SCORE = 84.0
_FUZZY_LETTERS = 5
_FUZZY_SHORT = 8
_FUZZY_SHORT_SCORE = 88.0
_REPAIRED_SCORE = 0.9
_LOOSE_SCORE = 0.6
_ABBREVIATION = 2
_LOOSE_KINDS = frozenset({"role"})
_PREFIXES = frozenset({"pre", "post", "non", "ex", "co", "sub", "mid", "re", "semi", "mini", "half"})
_DOER = re.compile(r"(?:er|or)s?$")
_PERSON = re.compile(r"@(?!(?:channel|here|everyone)\b)[\w.\-]+")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\b(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?:,? \d{{4}})?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|yesterday|\d+ (?:days?|weeks?|months?) ago"
    r"|last (?:week|month|year|(?:mon|tues|wednes|thurs|fri|satur|sun)day))"
)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class EntityName:
    """A name that finds a thing. `kind` and `id` are handed back as they are; `title`: a title under another name."""

    kind: str
    id: str
    name: str
    title: bool = False


class Entity(NamedTuple):
    """A thing that a text names. The span counts characters of the text as it was asked; `score` is 0 to 1.

    `alternatives`: other things that the same words name.
    """

    kind: str
    id: str
    text: str
    start: int
    end: int
    score: float
    title: bool = False
    alternatives: tuple[tuple[str, str], ...] = ()
    loose: bool = False
    """Found by its last word alone ("the analysts"): of use in understanding, but not named in full."""
    at: tuple[int, int] = (0, 0)
    """Its span in the normalised text."""

    def ids(self, kind: str) -> list[str]:
        """The ids of this kind that the words may mean."""
        found = [self.id] if self.kind == kind else []
        return found + [other for other_kind, other in self.alternatives if other_kind == kind]


class _Match(NamedTuple):
    first: int
    last: int
    names: tuple[EntityName, ...]
    score: float
    loose: bool = False


class Gazetteer:
    """Names, ready to be found. Kinds given earlier win where the same words name two things."""

    def __init__(self, names: Iterable[EntityName]) -> None:
        self._names: dict[str, list[EntityName]] = {}
        self._spelled: dict[str, str] = {}
        self._longest = 1
        self._first_names: dict[tuple[str, str], tuple[EntityName, list[str]]] = {}
        for name in names:
            words = [word.text for word in split_words(normalize(name.name))]
            key = name_key(words)
            if not key:
                continue
            self._first_names.setdefault((name.kind, name.id), (name, words))
            known = self._names.setdefault(key, [])
            if name not in known:
                known.append(name)
            self._spelled.setdefault(key, " ".join(words))
            self._longest = max(self._longest, min(len(words) + 2, _LONGEST_NAME))
        self._keys = list(self._names)
        self._beginnings = frozenset(key[:end] for key in self._keys for end in range(1, len(key) + 1))
        self._last_words = self._unique_last_words()

    def _unique_last_words(self) -> dict[str, EntityName]:
        """The roles that the last word of their name tells from all others: "the analysts", where there is one kind."""
        found: dict[str, EntityName | None] = {}
        for name, words in self._first_names.values():
            last = base_form(words[-1])
            if name.kind in _LOOSE_KINDS and len(words) > 1 and last not in self._names:
                found[last] = None if last in found else name
        return {last: name for last, name in found.items() if name is not None}

    def __len__(self) -> int:
        return len(self._names)

    def words(self) -> Iterable[str]:
        """Every word of every name: what spelling is repaired towards."""
        return self._spelled.values()

    def matches(self, words: Sequence[Word], unknown: frozenset[int] = frozenset()) -> list[_Match]:
        """Every run of words that is a name; runs around `unknown` words are also compared letter by letter."""
        found = []
        bases = ["" if word.text in CONNECTORS else base_form(word.text) for word in words]
        for first, base in enumerate(bases):
            if closed(base) not in self._beginnings:
                continue
            key = ""
            for last in range(first, min(first + self._longest, len(words))):
                if not bases[last]:
                    continue
                key += bases[last]
                ended = closed(key)
                if ended not in self._beginnings:
                    break
                names = self._names.get(ended)
                if names:
                    names = [name for name in names if _same_word(words[last].text, name.name, first == last)]
                if names:
                    found.append(_Match(first, last, _things(names), _score(words[first : last + 1])))
                if words[last].text.endswith("'s"):
                    break  # "the planner's stage" is no planning stage
        for index in sorted(unknown):
            found += self._near(words, bases, index)
        if self._last_words:
            found += self._loose(words, bases)
        return found

    def _loose(self, words: Sequence[Word], bases: Sequence[str]) -> list[_Match]:
        """Last words of names that stand alone: "business analyst" has a word before it that makes it another."""
        found = []
        for index, base in enumerate(bases):
            name = self._last_words.get(base)
            if name and (index == 0 or words[index - 1].text in BEFORE_NOUN or words[index - 1].text in CONNECTORS):
                found.append(_Match(index, index, (name,), _LOOSE_SCORE, loose=True))
        return found

    def nearest(self, text: str, limit: int = 3, cutoff: float = 70.0) -> list[tuple[EntityName, float]]:
        """The names most like `text`, with scores from 0 to 1, best first."""
        key = name_key([word.text for word in split_words(normalize(text))])
        near = process.extract(key, self._keys, scorer=fuzz.ratio, limit=limit, score_cutoff=cutoff)
        return [(self._names[name][0], score / 100) for name, score, _ in near]

    def _near(self, words: Sequence[Word], bases: Sequence[str], index: int) -> list[_Match]:
        runs = [
            (first, last, key)
            for first in range(max(0, index - _LONGEST_FUZZY + 1), index + 1)
            for last in range(index, min(first + _LONGEST_FUZZY, len(words)))
            if bases[first] and bases[last]
            if len(key := closed("".join(bases[first : last + 1]))) >= _FUZZY_LETTERS
        ]
        if not runs or not self._keys:
            return []
        # All runs at once: one by one they would take four times as long.
        scores = process.cdist(
            [key for *_, key in runs], self._keys, scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE, dtype=np.float64
        )
        best: _Match | None = None
        for (first, last, key), likenesses in zip(runs, scores, strict=True):
            nearest = int(likenesses.argmax())
            score = float(likenesses[nearest])
            cutoff = _FUZZY_SCORE if len(key) > _FUZZY_SHORT else _FUZZY_SHORT_SCORE
            if score >= cutoff and (best is None or score / 100 > best.score):
                best = _Match(first, last, _things(self._names[self._keys[nearest]]), score / 100)
        return [best] if best else []


def _things(names: Iterable[EntityName]) -> tuple[EntityName, ...]:
    """One name for each thing, the first."""
    found: dict[tuple[str, str], EntityName] = {}
    for name in names:
        found.setdefault((name.kind, name.id), name)
    return tuple(found.values())


def _same_word(word: str, name: str, alone: bool) -> bool:
    """Whether a name's last word, or its only one, is more than of the same stem.

    "We test it" names no testing, and "the city planner" is no city planning.
    """
    name = name.casefold()
    if not name.endswith("ing") or word.endswith(("in", "ing", "ings")):
        return True
    return not _DOER.search(word) and (not alone or " " in name)


def _score(words: Sequence[Word]) -> float:
    return _REPAIRED_SCORE if any(word.repaired for word in words) else 1.0


def repaired_words(
    text: Normalized, speller: Speller, changes: Sequence[tuple[int, int, str]] | None = None
) -> list[Word]:
    """The words of a text with their spelling repaired; spans are those of the text as normalised.

    A word that was two ("whodrives") gives two words, which share out its span. `changes`: the speller's, where they
    are known already.
    """
    if changes is None:
        _, changes = speller.repair_with_changes(text.text)
    if not changes:
        return split_words(text.text)
    better = {start: (end, replacement) for start, end, replacement in changes}
    words: list[Word] = []
    for word in split_words(text.text):
        change = better.get(word.start)
        if change is None:
            words.append(word)
            continue
        end, replacement = change
        parts = replacement.split(" ")
        start = word.start
        for part in parts:
            stop = end if part is parts[-1] else min(start + len(part), end)
            words.append(Word(part, start, stop, repaired=True))
            start = stop
    return words


def find_entities(
    text: Normalized, original: str, words: Sequence[Word], gazetteers: Sequence[Gazetteer], speller: Speller
) -> list[Entity]:
    """What the text names, in the order of the text, without overlaps: longer runs win, then better scores."""
    unknown = frozenset(
        index
        for index, word in enumerate(words)
        if not word.repaired
        and len(word.text) >= 3
        and not speller.knows(word.text.partition("'")[0])
        and not word.text.isdigit()
    )
    found: list[tuple[int, int, float, Entity]] = []
    for kind, match in _written_out(text.text):
        at = match.span()
        start, end = text.original_span(*at)
        shown = original[start:end]
        identity = _person_id(shown) if kind == "person" else match.group()
        found.append((*at, 2.0, Entity(kind, identity, shown, start, end, 1.0, at=at)))
    for gazetteer in gazetteers:
        for run in gazetteer.matches(words, unknown):
            if _is_in_a_name(run, words, text, original):
                continue
            begin, finish = words[run.first].start, words[run.last].end
            if "'" in words[run.last].text and not words[run.last].repaired:
                finish = words[run.last].start + words[run.last].text.index("'")  # "the owner's" names the owner
            start, end = text.original_span(begin, finish)
            first, *others = run.names
            found.append(
                (
                    begin,
                    finish,
                    run.score,
                    Entity(
                        first.kind,
                        first.id,
                        original[start:end],
                        start,
                        end,
                        run.score,
                        first.title,
                        tuple((other.kind, other.id) for other in others),
                        run.loose,
                        (begin, finish),
                    ),
                )
            )
    chosen: list[tuple[int, int, Entity]] = []
    for begin, finish, _, entity in sorted(found, key=lambda f: (-(f[1] - f[0]) * f[2], f[0])):
        if all(finish <= start or begin >= end for start, end, _ in chosen):
            chosen.append((begin, finish, entity))
    return [entity for _, _, entity in sorted(chosen, key=lambda c: c[0])]


def _written_out(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The people and dates in a text: what is known by how it is written, not by a name."""
    if "@" in text:
        yield from (("person", match) for match in _PERSON.finditer(text))
    if "last " in text or "yesterday" in text or _DIGIT.search(text):
        yield from (("date", match) for match in _DATE.finditer(text))


def _is_in_a_name(run: _Match, words: Sequence[Word], text: Normalized, original: str) -> bool:
    """Whether a word is part of another name: "Rio de Janeiro", "I live there", "night-guard"."""
    first = words[run.first]
    if run.first and first.start == words[run.first - 1].end + 1 and text.text[first.start - 1] == "-":
        return words[run.first - 1].text not in _PREFIXES
    if run.first != run.last:
        return False
    if run.first and words[run.first - 1].text == "i":
        return True
    if len(first.text) > _ABBREVIATION or run.first + 1 == len(words):
        return False
    after = words[run.first + 1]
    shown = original[slice(*text.original_span(first.start, first.end))]
    following = original[slice(*text.original_span(after.start, after.end))]
    return shown.islower() and following[:1].isupper() and not following.isupper()


def _person_id(shown: str) -> str:
    """The id in a mention: "U123" of "<@U123|ana>", "ana" of "@ana"."""
    return shown.strip("<>@").split("|")[0]
