"""Names that two things of a pack share, or nearly share, so that a person could get the wrong one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from knowledge.yaml_file import Location

# Short names differ by one letter all the time (ETL, ELT); longer ones that do are slips waiting to happen.
_NEAR_FROM = 6


@dataclass(frozen=True, slots=True)
class Named:
    """A name and where it stands."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with names; `label` is how messages call it. `kin`: what may go by the same names."""

    label: str
    names: tuple[Named, ...]
    kin: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """A name that (nearly) belongs to something else too."""

    name: str
    location: Location
    other_name: str
    other: str
    exact: bool


def folded(name: str) -> str:
    """The name as people may type it: no case, no punctuation, no plural, one spelling of -ise and -ize."""
    words = re.findall(r"[^\W_]+", name.casefold())
    return " ".join(_stem(word) for word in words)


def _stem(word: str) -> str:
    word = re.sub(r"(?<=[a-z]{3})is(?=(e|ed|er|ing|ation)s?$)", "iz", word)
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def shared_names(things: Iterable[Thing]) -> list[Clash]:
    """Each pair of things once, with the first name they share."""
    owner: dict[str, tuple[Thing, Named]] = {}
    clashes: list[Clash] = []
    pairs: set[tuple[str, str]] = set()
    for thing in things:
        for named in thing.names:
            key = folded(named.name)
            holder, first = owner.setdefault(key, (thing, named))
            if not _same(holder, thing) and (holder.label, thing.label) not in pairs:
                pairs.add((holder.label, thing.label))
                clashes.append(Clash(named.name, named.location, first.name, holder.label, exact=True))
    for (holder, first), (thing, named) in _near(owner):
        if not _same(holder, thing) and (holder.label, thing.label) not in pairs:
            pairs.add((holder.label, thing.label))
            clashes.append(Clash(named.name, named.location, first.name, holder.label, exact=False))
    return clashes


def _same(one: Thing, other: Thing) -> bool:
    return one is other or one.kin == other.label or other.kin == one.label


def _near(
    owner: dict[str, tuple[Thing, Named]],
) -> Iterator[tuple[tuple[Thing, Named], tuple[Thing, Named]]]:
    """Pairs of names one slip apart.

    Comparing all with all is too slow, but names one slip apart are equal once the right letter is left out.
    """
    buckets: defaultdict[str, list[str]] = defaultdict(list)
    for key, holder in owner.items():
        if len(key) < _NEAR_FROM:
            continue
        candidates: dict[str, None] = {}
        for shorter in {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))}:
            candidates.update(dict.fromkeys(buckets[shorter]))
            buckets[shorter].append(key)
        for other in candidates:
            if OSA.distance(key, other) == 1 and _digits(key) == _digits(other):
                yield owner[other], holder


def _digits(name: str) -> str:
    """Names that differ only in a number are numbered on purpose."""
    return "".join(letter for letter in name if letter.isdigit())
