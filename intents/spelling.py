"""Spelling repair towards the words that matter here.

A word is only touched when nobody knows it: neither the knowledge base (or the examples) nor the dictionary
of the word table. It becomes the nearest word of the knowledge base, at most one edit away, or two from six
letters on; an edit is a letter more, less, changed, or two neighbours swapped (optimal string alignment).
Failing that, a word that was glued together ("whodrives") is split.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

__all__ = ["Speller", "without_typos"]

_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
"""Shorter words are one edit away from too many others."""
_COMMON = 5
"""Words that stand in so many examples are no slips of the hand."""
_TWO_EDITS_FROM = 6
_LONGEST = 32
_MEMO_LIMIT = 8192
_REPAIRS_A_TEXT = 40
"""Of a very long text, only this many unknown words are looked up: each look-up costs some microseconds."""


SHORTHAND = {
    **{
        "u": "you",
        "ur": "your",
        "r": "are",
        "b4": "before",
        "w": "with",
        "wo": "without",
        "bc": "because",
        "cuz": "because",
    },
    **{
        "pls": "please",
        "plz": "please",
        "thx": "thanks",
        "tks": "thanks",
        "ty": "thanks",
        "ppl": "people",
        "abt": "about",
    },
    **{"wht": "what", "wat": "what", "wot": "what", "wots": "what is", "whats": "what is", "whos": "who is"},
    **{
        "wich": "which",
        "wen": "when",
        "teh": "the",
        "dont": "don't",
        "doesnt": "doesn't",
        "isnt": "isn't",
        "arent": "aren't",
    },
    **{
        "diff": "difference",
        "diffs": "differences",
        "reqs": "requirements",
        "resp": "responsible",
        "mgmt": "management",
    },
    **{
        "1st": "first",
        "2nd": "second",
        "3rd": "third",
        "4th": "fourth",
        "5th": "fifth",
        "nxt": "next",
        "nr": "number",
        "hw": "how",
        "prev": "previous",
    },
    **{
        "incl": "including",
        "btw": "by the way",
        "gonna": "going to",
        "wanna": "want to",
        "gotta": "have to",
        "smb": "somebody",
    },
    **{"sb": "somebody", "sth": "something", "hows": "how is", "wheres": "where is", "im": "i am", "sez": "says"},
    **{"oops": "sorry"},
    **{"n": "and", "tho": "though", "thru": "through", "til": "until", "btwn": "between", "coz": "because"},
    **{"shd": "should", "shld": "should", "cld": "could", "wld": "would", "rn": "right now"},
    **{"gimme": "give me", "lemme": "let me", "hafta": "have to", "dunno": "do not know", "wdym": "what do you mean"},
    **{"smth": "something", "sumthing": "something", "any1": "anyone", "some1": "someone", "every1": "everyone"},
    **{"tmrw": "tomorrow", "wk": "week", "wks": "weeks", "yrs": "years", "hrs": "hours", "mtg": "meeting"},
    **{"mgr": "manager", "mngr": "manager", "engr": "engineer", "engrs": "engineers", "cust": "customer"},
    **{"prj": "project", "proj": "project", "projs": "projects", "vals": "values", "msg": "message", "fwd": "forward"},
}
"""What people write for short, whatever they write about."""


_HELD = re.compile(r"(\w)\1+$")


def _is_shortened(word: str, whole: str) -> bool:
    """Whether `whole` has all letters of `word` in their order, and more."""
    letters = iter(whole)
    return len(whole) > len(word) and all(letter in letters for letter in word)


class Speller:
    """Repairs words that are known neither to `vocabulary` nor to `is_word`."""

    def __init__(
        self,
        vocabulary: Mapping[str, int] | Iterable[str],
        is_word: Callable[[str], bool] = lambda word: False,
    ) -> None:
        """`vocabulary` holds normalised words, with how often they occur: the frequent ones win ties.

        `is_word` tells the words of the language at large, which are never repaired.
        """
        entries = vocabulary.items() if isinstance(vocabulary, Mapping) else ((word, 1) for word in vocabulary)
        self._count: dict[str, int] = {}
        for entry, count in entries:
            for word in _WORD.findall(entry):
                self._count[word] = self._count.get(word, 0) + count
        self._is_word = is_word
        self._by_length: dict[int, list[str]] = {}
        for word in self._count:
            if len(word) >= _SHORTEST:
                self._by_length.setdefault(len(word), []).append(word)
        self._near: dict[tuple[int, int], list[str]] = {}
        self._by_start: dict[int, dict[str, list[str]]] = {}
        self._memo: dict[str, str] = {}

    def knows(self, word: str) -> bool:
        """Whether `word`, normalised, needs no repair."""
        return word in self._count or self._is_word(word)

    def repair(self, text: str) -> str:
        """`text`, normalised, with its unknown words repaired where something near is known."""
        return self.repair_with_changes(text)[0]

    def repair_with_changes(self, text: str) -> tuple[str, list[tuple[int, int, str]]]:
        """The repaired text, and each change as `(start, end, replacement)` in the text given."""
        changes: list[tuple[int, int, str]] = []
        tried = 0
        for match in _WORD.finditer(text):
            word = match.group()
            if word not in SHORTHAND and (self.knows(word) or not _SHORTEST <= len(word) <= _LONGEST or word.isdigit()):
                continue  # a number is never a slip for a word
            tried += 1
            if tried > _REPAIRS_A_TEXT:
                break
            better = self.repair_word(word)
            if better != word:
                changes.append((match.start(), match.end(), better))
        if not changes:
            return text, changes
        parts = []
        done = 0
        for start, end, better in changes:
            parts += [text[done:start], better]
            done = end
        return "".join([*parts, text[done:]]), changes

    def repair_word(self, word: str) -> str:
        """The nearest known word, two words where `word` was glued together, or `word` itself."""
        if word in SHORTHAND:
            return SHORTHAND[word]
        repaired = self._memo.get(word)
        if repaired is None:
            repaired = self._nearest(word) or self._split(word) or word
            if len(self._memo) < _MEMO_LIMIT:
                self._memo[word] = repaired
        return repaired

    def _candidates(self, length: int, edits: int) -> list[str]:
        """The vocabulary's words whose length is within `edits` of `length`."""
        key = (length, edits)
        found = self._near.get(key)
        if found is None:
            lengths = range(length - edits, length + edits + 1)
            found = [word for size in lengths for word in self._by_length.get(size, ())]
            self._near[key] = found
        return found

    def _likely(self, word: str) -> list[str]:
        """The vocabulary's words with the same first letter, at most one letter longer or shorter."""
        found: list[str] = []
        for length in range(len(word) - 1, len(word) + 2):
            by_start = self._by_start.get(length)
            if by_start is None:
                by_start = {}
                for known in self._by_length.get(length, ()):
                    by_start.setdefault(known[0], []).append(known)
                self._by_start[length] = by_start
            found += by_start.get(word[0], ())
        return found

    def _nearest(self, word: str) -> str | None:
        # Nothing comes before a word with the same first letter that is one edit away, and few have to be compared.
        near = _within(1, word, self._likely(word))
        if not near:
            edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
            near = _within(edits, word, self._candidates(len(word), edits))
        held = _HELD.sub(r"\1", word)
        if held != word and self.knows(held):
            near = [*near, (held, 1, 0)]
        # The fewest edits; then the same first letter, which people rarely get wrong; then one that only lacks
        # letters ("wht"), then one whose last letter was held down ("hii"); then the commoner.
        best = min(
            near,
            default=None,
            key=lambda found: (
                found[1],
                found[0][0] != word[0],
                not _is_shortened(word, found[0]),
                found[0] != held,
                -self._count.get(found[0], 0),
            ),
        )
        return str(best[0]) if best else None

    def _split(self, word: str) -> str | None:
        """`word` as two words of the vocabulary, the commoner the better; None where there are no such."""
        best: tuple[int, str] | None = None
        for at in range(2, len(word) - 1):
            first, second = word[:at], word[at:]
            if first in self._count and second in self._count:
                score = min(self._count[first], self._count[second])
                if best is None or score > best[0]:
                    best = (score, f"{first} {second}")
        return best[1] if best else None


def _within(edits: int, word: str, candidates: Sequence[str]) -> list[tuple[str, int, int]]:
    """The candidates at most so many edits from a word: (candidate, edits, its place)."""
    return process.extract(word, candidates, scorer=OSA.distance, processor=None, score_cutoff=edits, limit=None)


def without_typos(count: Mapping[str, int], is_word: Callable[[str], bool]) -> Counter[str]:
    """The words of example texts, and how often each occurs, without those that are mistyped there.

    A word that the language does not have, that stands in one example, and is one edit from a word of many, is taken
    for a slip of the hand: were it a word, it would never be repaired.
    """
    common = [word for word, times in count.items() if times >= _COMMON]
    kept = Counter(count)
    for word, times in count.items():
        if times > 1 or len(word) < _SHORTEST or is_word(word):
            continue
        if process.extractOne(word, common, scorer=OSA.distance, processor=None, score_cutoff=1):
            del kept[word]
    return kept
