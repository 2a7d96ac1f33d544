"""The names of products, ready to be found in questions, and kept until the portfolio changes.

Made for ten thousand products: building takes some milliseconds, and after a change only what differs is worked out
again. A slip of the fingers is repaired word by word towards the words of the names; digits must agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.commands.vocabulary import folded, name_index, near
from bot.services.answering.dates import MORE_DATES
from bot.store.base import Reader
from bot.store.records import Product
from intents.entities import EntityName, Gazetteer, _Match
from intents.normalize import Normalized, normalize, normalize_with_offsets
from intents.words import CONNECTORS, Word, base_form, closed, split_words

_WORD = re.compile(r"[^\W_]+(?:'[a-z]{1,2}\b)?")
_SIMPLE = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*")
_TRIPLE = re.compile(r"([a-z])\1\1")
_LONGEST_NAME = 12
_SHORTEST_SLIP = 4
_SHORTEST_JOINED = 8
_JOINED_SCORE = 86.0
_SLIP_SCORE = 0.9
_SURE = 1.0 + 1e-9
"""The score of a name written just as it is recorded: it wins over a term of the framework that has the same words."""
_TAKEN = 5.0
_GENERIC = re.compile(r"(?:^| )(?:thing|product|project|one|stuff)$")
_MOST_FORMS = 4
_DIGITS = re.compile(r"\d+")

# A product may be called "Next"; in a question the word nearly always means something else.
_COMMON_TEXT = (
    "who whom whose what which when where why how is are was were be been am do does did has have had can"
    " could may might must shall should will would i me my mine we us our you your it its this that these"
    " those he she they them here there now then next last first new old all any some every each no not yes on"
    " in at of for to from by with about as and or but if so status stage stages role roles product products"
    " portfolio history people team owner decision stuck list show tell give help today yesterday missing"
)
COMMON = frozenset(_COMMON_TEXT.split())


class ProductNames:
    """Products by every name they have or had, and by id. Never changed after it is made."""

    def __init__(self, names: Sequence[tuple[str, str]], before: ProductNames | None = None) -> None:
        """`names`: (name, product id), as the store gives them; `before`: the names at an earlier moment."""
        self.listed = names
        self.pairs = frozenset(names)
        self._by_key: dict[str, tuple[tuple[str, str], ...]] = dict(before._by_key) if before else {}
        self._longest: int = before._longest if before else 1
        gone = before.pairs - self.pairs if before else frozenset()
        come = self.pairs - before.pairs if before else self.pairs
        # An id is made from the product's first name, which finds it as well: it needs no key of its own.
        told = {(name.lower().replace(" ", "-"), product) for name, product in come if name != product}
        come -= {(product, product) for slug, product in told if slug == product}
        for name, product in gone:
            key, _ = _key(name)
            left = tuple(pair for pair in self._by_key.get(key, ()) if pair != (name, product))
            if left:
                self._by_key[key] = left
            else:
                self._by_key.pop(key, None)
        for pair in come:
            key, length = _key(pair[0])
            if key:
                self._by_key[key] = (*self._by_key.get(key, ()), pair)
                if length > self._longest:
                    self._longest = min(length, _LONGEST_NAME)
        self._starts = frozenset(key[:2] for key in self._by_key)

    def in_message(self, message: str, taken: tuple[int, int, Sequence[str]] | None = None) -> Gazetteer:
        """The names as the matcher wants them, for one message.

        `taken`: a part of it, as a half-open span, that is to be taken for the products with these ids.
        """
        return _InMessage(self, message, taken)

    def ids(self, key: str, surface: str = "") -> tuple[tuple[str, str], ...]:
        """The (name, product id) that a key stands for, each product once; those written like `surface` alone if any.

        "churn-models" is another product than "churn-model", though they share a key.
        """
        pairs = self._by_key.get(key, ())
        if len(pairs) > 1 and surface:
            alike = folded(surface)
            pairs = tuple(pair for pair in pairs if folded(pair[0]) == alike) or pairs
        return tuple({product: (name, product) for name, product in pairs}.values())

    @cached_property
    def _words(self) -> dict[int, list[str]]:
        """The words of all names by their length, without numbers."""
        found = {word for name, _ in self.pairs for word in _WORD.findall(normalize(name.lower())) if word.isalpha()}
        by_length: dict[int, list[str]] = {}
        for word in found:
            by_length.setdefault(len(word), []).append(word)
        return by_length

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        return name_index(self.pairs)

    @cached_property
    def _keys(self) -> list[str]:
        return list(self._by_key)

    def slips(self, word: str) -> list[str]:
        """The words of names that `word` may be a slip of, the nearest first; the word itself, where it is one."""
        if len(word) < _SHORTEST_SLIP or not word.isalpha():
            return []
        allowed = 1 if len(word) < 6 else 2
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        choices = [each for length in lengths for each in self._words.get(length, ())]
        hits = process.extract(word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=_MOST_FORMS)
        best = min((distance for _, distance, _ in hits), default=0)
        return [each for each, distance, _ in hits if distance == best]

    def joined(self, word: str) -> list[str]:
        """The keys that a word written without spaces, and with a slip, comes near to."""
        if len(word) < _SHORTEST_JOINED or not word.isalpha():
            return []
        hits = process.extract(word, self._keys, scorer=fuzz.ratio, score_cutoff=_JOINED_SCORE, limit=2)
        return [key for key, score, _ in hits if score == hits[0][1]]

    def called(self, phrase: str) -> list[str]:
        """The ids that somebody may mean who calls a product this: by name, by a slip of it, or by a shorter form."""
        exact = self._index.get(folded(phrase))
        if exact:
            return list(exact)
        typed = _GENERIC.sub("", folded(phrase))
        if not typed:
            return []
        begin = set(typed[:2])
        close = [(name, ids) for name, ids in self._index.items() if begin & set(name[:2]) and near(typed, name)]
        slips = [id_ for name, ids in close if near(typed, name, short_forms=False) for id_ in ids]
        return list(dict.fromkeys(slips or [id_ for _, ids in close for id_ in ids]))

    def nearly(self, phrase: str) -> bool:
        """Whether some product is called this, but for a slip of the fingers."""
        typed = folded(phrase)
        return typed in self._index or any(near(typed, name, short_forms=False) for name in self._index)

    def like(self, phrase: str) -> list[str]:
        """The ids of up to three products whose names are most like a phrase."""
        typed = folded(phrase)
        hits = process.extract(typed, list(self._index), scorer=fuzz.WRatio, limit=3, score_cutoff=80) if typed else []
        return list(dict.fromkeys(id_ for name, *_ in hits for id_ in self._index[name]))[:3]


class _InMessage(Gazetteer):
    """The names of products (and more ways to write a date), to be found in one message as it was written.

    The matcher repairs spelling towards the words of the framework before it looks for names; a product's name need
    not be made of those, so it is looked for in the words as they stand, too.
    """

    def __init__(self, names: ProductNames, message: str, taken: tuple[int, int, Sequence[str]] | None = None) -> None:
        super().__init__(())
        self._products = names
        self._message = message
        self._taken = taken

    def __len__(self) -> int:
        return len(self._products.pairs) + 1

    def matches(self, words: Sequence[Word], unknown: frozenset[int] = frozenset()) -> list[_Match]:
        """Every run of words that is a product's name, or a date."""
        text = normalize_with_offsets(self._message)
        found = [*self._dates(text, words), *self._taken_words(text, words)]
        starts = {word.start: index for index, word in reversed(list(enumerate(words)))}
        ends = {word.end: index for index, word in enumerate(words)}
        read = [self._forms(word, starts, ends, words, unknown) for word in split_words(text.text)]
        own = split_words(text.text)
        for first, last, key, exact in self._runs(own, read):
            begin, finish = starts.get(own[first].start), ends.get(own[last].end)
            if begin is None or finish is None:
                continue
            a, b = text.original_span(own[first].start, own[last].end)
            shown = self._message[a:b]
            pairs = self._products.ids(key, shown)
            if first == last and own[first].text in COMMON and not self._set_off(a, b):
                continue
            if pairs:
                score = _SLIP_SCORE if not exact else _SURE if self._as_recorded(a, b, pairs) else 1.0
                found.append(_Match(begin, finish, tuple(EntityName("product", p, n) for n, p in pairs), score))
        return found

    def _runs(self, own: Sequence[Word], read: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, str, bool]]:
        """(first, last, key, whether nothing was repaired) of every run of words that is a key."""
        known, starts, longest = self._products._by_key, self._products._starts, self._products._longest + 2
        for first, forms in enumerate(read):
            if not forms or not any(form[:2] in starts or len(form) < 2 for form in forms):
                continue
            keys = [(form, index == 0) for index, form in enumerate(forms)]
            for last in range(first, min(first + longest, len(read))):
                if last > first:
                    if not read[last]:
                        continue
                    keys = [
                        (key + form, exact and index == 0)
                        for key, exact in keys[: 2 * _MOST_FORMS]
                        for index, form in enumerate(read[last])
                    ]
                hit = next(((key, exact) for key, exact in keys if closed(key) in known), None)
                if hit:
                    yield first, last, closed(hit[0]), hit[1]
            for form in forms[:1]:
                if len(form) >= _SHORTEST_JOINED and len(forms) > 1:
                    for key in self._products.joined(form):
                        yield first, first, key, False

    def _forms(
        self,
        word: Word,
        starts: dict[int, int],
        ends: dict[int, int],
        words: Sequence[Word],
        unknown: frozenset[int],
    ) -> list[str]:
        """The base forms that a word may stand for, its own first; none for words such as "the"."""
        if word.text in CONNECTORS:
            return []
        forms = [base_form(word.text)]
        index = starts.get(word.start)
        repaired = index is not None and words[index].repaired
        # "radar5" is repaired to "radar" by whoever knows no products, and is another product all the same.
        same_number = index is not None and _DIGITS.findall(words[index].text) == _DIGITS.findall(word.text)
        if index is not None and repaired and same_number and words[index].end == word.end:
            forms.append(base_form(words[index].text))
        if repaired or index in unknown:
            slips = [base_form(each) for each in self._products.slips(word.text)]
            forms += [each for each in slips if each not in forms]
            if len(forms) == 1:
                forms.append(forms[0])  # marks it as one that may be written without its spaces
        return forms

    def _dates(self, text: Normalized, words: Sequence[Word]) -> Iterator[_Match]:
        for match in MORE_DATES.finditer(text.text):
            inside = [i for i, word in enumerate(words) if word.start >= match.start() and word.end <= match.end()]
            if inside:
                yield _Match(inside[0], inside[-1], (EntityName("date", match.group(), match.group()),), _SURE)

    def _taken_words(self, text: Normalized, words: Sequence[Word]) -> Iterator[_Match]:
        if self._taken is None:
            return
        start, end, ids = self._taken
        spans = [text.original_span(word.start, word.end) for word in words]
        inside = [index for index, (a, b) in enumerate(spans) if a >= start and b <= end]
        if inside:
            names = tuple(EntityName("product", id_, self._message[start:end]) for id_ in ids)
            yield _Match(inside[0], inside[-1], names, _TAKEN)

    def _set_off(self, start: int, end: int) -> bool:
        """Whether a word is in quotes, or has a capital though no sentence begins with it."""
        before = self._message[:start].rstrip()
        quoted = before[-1:] in {'"', "“", "„", "‘", "'", "«"}
        return quoted or (bool(before) and before[-1] not in ".?!" and self._message[start:end][:1].isupper())

    def _as_recorded(self, start: int, end: int, pairs: Iterable[tuple[str, str]]) -> bool:
        shown = self._message[start:end]
        if not (self._set_off(start, end) or "-" in shown):
            return False
        return any(shown in {name, product} for name, product in pairs)


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    names: ProductNames


class ProductIndex:
    """The names and products of every team of one store, each kept until the team's portfolio changes.

    Safe to use from many threads: what is kept is replaced, never changed.
    """

    def __init__(self) -> None:
        self._names: dict[str, _Known] = {}
        self._products: dict[str, tuple[int, tuple[Product, ...]]] = {}

    def names(self, reader: Reader, team: str) -> ProductNames:
        """The names of a team's products."""
        version = reader.portfolio_version(team)
        known = self._names.get(team)
        if known is None or known.version != version:
            pairs = reader.product_names(team)
            if known is None or known.names.listed != pairs:
                known = _Known(version, ProductNames(pairs, known.names if known else None))
            else:
                known = _Known(version, known.names)
            self._names[team] = known
        return known.names

    def products(self, reader: Reader, team: str) -> tuple[Product, ...]:
        """All products of a team by name, archived ones too."""
        version = reader.portfolio_version(team)
        kept = self._products.get(team)
        if kept is None or kept[0] != version:
            kept = self._products[team] = (version, tuple(reader.products(team, archived=True)))
        return kept[1]


def product_gazetteer(reader: Reader, team: str, index: ProductIndex, message: str) -> Gazetteer:
    """The names of a team's products, ready to be found in a message."""
    return index.names(reader, team).in_message(message)


def _key(name: str) -> tuple[str, int]:
    """The key that a name is found by (see `intents.words.name_key`), and its number of words."""
    text = name.lower()
    if not _SIMPLE.fullmatch(text) or _TRIPLE.search(text):
        text = normalize(text)
    words = _WORD.findall(text)
    parts = [word if word.isdigit() else base_form(word) for word in words if word not in CONNECTORS]
    return closed("".join(parts)), len(words)
