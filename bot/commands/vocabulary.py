"""Finds what a name means: stages, roles and options of the pack, and products; exactly, or nearly.

Nearly means a slip of the fingers or a shorter form, never a neighbour: digits and short words must agree, and where
two things are as near as each other the person is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.commands.parsed import ProductRef
from bot.commands.values import slug
from bot.errors import CommandError
from knowledge.schema import Decision, Pack

_FILLERS = {"the"}
_SUFFIXES = {"stage", "phase", "step", "role"}
_SHOWN = 6


class ProductNames(Protocol):
    """What products are called."""

    def known(self, product: str) -> bool:
        """Whether there is a product with this id: must be quick."""

    def index(self) -> Mapping[str, Sequence[str]]:
        """The ids that each name stands for, as `name_index` makes it: may be slow, is asked only where needed."""


def name_index(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Products by folded name, from (name, id) for every present and former name and every id."""
    found: dict[str, list[str]] = {}
    for name, product in names:
        ids = found.setdefault(folded(name), [])
        if product not in ids:
            ids.append(product)
    return found


def folded(text: str) -> str:
    """A name as it is compared: case, accents, hyphens and spacing do not count."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("&", " and ")
    words = re.sub(r"[\W_]+", " ", text).split()
    return " ".join(word for word in words if word not in _FILLERS) or " ".join(words)


def near(typed: str, name: str, *, short_forms: bool = True) -> bool:
    """Whether `typed` is a slip of `name`, or a shorter form of it; both folded."""
    if re.findall(r"\d+", typed) != re.findall(r"\d+", name) or not typed:
        return False
    one, other = typed.split(), name.split()
    if len(one) == len(other) and all(_near_word(a, b, short_forms) for a, b in zip(one, other, strict=True)):
        return True
    shorter = short_forms and len(one) < len(other) and len(one[0]) >= 3
    if shorter and all(_near_word(a, b, False) for a, b in zip(one, other, strict=False)):
        return True
    joined, whole = typed.replace(" ", ""), name.replace(" ", "")
    return len(one) != len(other) and len(whole) >= 6 and OSA.distance(joined, whole, score_cutoff=1) <= 1


def _near_word(typed: str, word: str, short_forms: bool) -> bool:
    if typed == word:
        return True
    if min(len(typed), len(word)) < 4:
        return False
    if len(typed) == len(word) < 6 and sorted(typed) != sorted(word):
        return False  # another letter makes another word of a short one: "most" is no slip of "cost"
    allowed = 1 if len(word) < 8 else 2
    if OSA.distance(typed, word, score_cutoff=allowed) <= allowed:
        return True
    if not short_forms:
        return False
    shared = next((n for n, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    return word.startswith(typed) or (shared >= 6 and shared >= 0.85 * len(typed))


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the pack, with all its names, the one to show first."""

    id: str
    names: tuple[str, ...]


class Terms:
    """The names of one kind of thing in the pack."""

    def __init__(self, kind: str, code: str, things: Iterable[Named]) -> None:
        self.kind = kind
        self.code = code
        self.things = tuple(things)
        self._exact: dict[str, list[str]] = {}
        for thing in self.things:
            for name in (thing.id, *thing.names):
                ids = self._exact.setdefault(folded(name), [])
                if thing.id not in ids:
                    ids.append(thing.id)

    def name(self, id_: str) -> str:
        """The name to show."""
        return next((t.names[0] for t in self.things if t.id == id_ and t.names), id_)

    def exact(self, text: str) -> list[str]:
        """The ids that have this very name."""
        key = folded(text)
        if key in self._exact:
            return self._exact[key]
        head, _, last = key.rpartition(" ")
        if head and last in _SUFFIXES and head in self._exact:
            return self._exact[head]
        # "designers": the plural is the same name.
        return self._exact.get(key.removesuffix("s"), []) if len(key) > 3 else []

    def candidates(self, text: str) -> list[str]:
        """The ids that have this name, else those that have one near to it."""
        exact = self.exact(text)
        if exact:
            return exact
        typed = folded(text)
        found = [id_ for name, ids in self._exact.items() if near(typed, name) for id_ in ids]
        return list(dict.fromkeys(found))

    def matches(self, text: str) -> bool:
        """Whether the text names exactly one thing, or nearly does."""
        return len(self.candidates(text)) == 1

    def resolve(self, text: str) -> str:
        """The id that is meant; refused where there is none, or more than one."""
        found = self.candidates(text)
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(self.name(id_) for id_ in found)
            raise CommandError("ambiguous", f"“{_short(text)}” may be {names}: which {self.kind} is meant?")
        shown = ", ".join(f"{self.name(t.id)}" for t in self.things)
        known = f"There are: {shown}." if shown else f"This framework names no {self.kind}s."
        raise CommandError(self.code, f"There is no {self.kind} “{_short(text)}”. {known}")


class Vocabulary:
    """Everything that the words of a command can name: a pack's terms. Made once a pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.stages = Terms("stage", "unknown_stage", (Named(s.id, (s.name, *s.aliases)) for s in pack.stages))
        self.roles = Terms(
            "role",
            "unknown_role",
            (Named(r.id, (r.name, r.names, *r.aliases, *r.includes)) for r in pack.roles),
        )

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision of the pack."""
        return tuple(s.gate.decision for s in self.pack.stages if s.gate and s.gate.decision)

    @cached_property
    def options(self) -> Terms:
        """The options of all decisions."""
        things: dict[str, list[str]] = {}
        for decision in self.decisions:
            for option in decision.options:
                things.setdefault(option.id, []).extend((option.name, *option.aliases))
        return Terms("option", "usage", (Named(id_, tuple(names)) for id_, names in things.items()))

    @cached_property
    def fields(self) -> Terms:
        """The fields of all decisions."""
        things = {f.id: f.name for decision in self.decisions for f in decision.fields}
        return Terms("field", "usage", (Named(id_, (name,)) for id_, name in things.items()))


class ProductFinder:
    """Finds products by what people call them."""

    def __init__(self, names: ProductNames) -> None:
        self._names = names

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[str]]:
        return self._names.index()

    def has_slug(self, text: str) -> bool:
        """Whether the text is or makes a product's id; needs no list of names."""
        made = slug(text)
        return bool(made) and self._names.known(made)

    def by_slug(self, text: str) -> ProductRef | None:
        """The product whose id the text is or makes; `ambiguous` where another is called so. An id written as it is
        needs no list of names, and is never ambiguous."""
        if not self.has_slug(text):
            return None
        made = slug(text)
        if text != made:
            # An id never changes, a name does: another product may have been given the name that makes this id.
            ids = list(dict.fromkeys([made, *self._by_name.get(folded(text), [])]))
            if len(ids) > 1:
                raise self._ambiguous(text, ids)
        return ProductRef(made)

    def exact(self, text: str) -> ProductRef | None:
        """The product with this very name or id; `ambiguous` where two have it."""
        found = self.by_slug(text)
        if found:
            return found
        ids = self._by_name.get(folded(text), [])
        if len(ids) > 1:
            raise self._ambiguous(text, ids)
        return ProductRef(ids[0]) if ids else None

    def nearly(self, text: str) -> ProductRef | None:
        """The one product with a name near to the text; `ambiguous` where there are more."""
        typed = folded(text)
        # A slip keeps one of the first two letters among them: most names need no closer look.
        begin = set(typed[:2])
        close = [(name, ids) for name, ids in self._by_name.items() if begin & set(name[:2]) and near(typed, name)]
        ids = list(dict.fromkeys(id_ for _, ids in close for id_ in ids))
        if len(ids) > 1:
            # A slip is nearer than a shorter form.
            slips = [i for n, ids_ in close if near(typed, n, short_forms=False) for i in ids_]
            ids = list(dict.fromkeys(slips)) or ids
        if len(ids) > 1:
            raise self._ambiguous(text, ids)
        return ProductRef(ids[0], guessed=text) if ids else None

    def resolve(self, text: str) -> ProductRef:
        """The product that is meant; refused where there is none, or more than one."""
        found = self.exact(text) or self.nearly(text)
        if not found:
            raise self.unknown(text)
        return found

    def unknown(self, text: str) -> CommandError:
        """Why the text names no product, with those that come nearest."""
        typed = folded(text)
        hits = (
            process.extract(typed, list(self._by_name), scorer=fuzz.WRatio, limit=3, score_cutoff=65) if typed else []
        )
        ids = list(dict.fromkeys(id_ for name, *_ in hits for id_ in self._by_name[name]))
        more = f" Did you mean {' or '.join(ids)}?" if ids else ""
        return CommandError("unknown_product", f"There is no product “{_short(text)}”.{more}")

    def _ambiguous(self, text: str, ids: Sequence[str]) -> CommandError:
        shown = ", ".join(sorted(ids)[:_SHOWN]) + (" …" if len(ids) > _SHOWN else "")
        return CommandError("ambiguous", f"“{_short(text)}” may be one of these: {shown}. Which is meant?")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
