"""What speaks for answering a question and against it, and how that adds up to a confidence.

The weights are fitted by `scripts/fit_signals.py` on labelled questions that no example was made from, and kept in
`data/signals.json`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from pathlib import Path

from intents.forms import bare_span
from intents.message import THINGS, Message
from intents.wordlore import WordEvidence, heads_pair
from intents.words import BEFORE_NOUN, CONNECTORS, base_form

__all__ = ["WEIGHTS", "Signals", "Words"]

WEIGHTS = Path(__file__).parent / "data" / "signals.json"

_NO_MODIFIERS = BEFORE_NOUN | CONNECTORS
_PARTS = frozenset({"stages", "phases", "steps"})
_STAGE_NOUNS = _PARTS | {"stage", "phase", "step", "role", "roles", "owner", "lead", "team", "people", "guy", "guys"}


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a reading and against it.

    `lead`: log of its weight against that of a refusal. `foreign`: how many words no answerable question is made of.
    `all_known`: 1 where there is no such word. `attached`: such words right before a name or "stage", which they make
    another one. `worst`: the word that most speaks for a refusal, as log odds. `evidence`: the mean of all words.
    `meaning`: how sure it is what the question is about, 0 where its intent and names settle that. `agrees`: the same,
    where the reading is about just that. `likeness`: cosine with the nearest example of the intent. `margin`: the same
    less the cosine with the nearest refusal. `nothing`: log odds that it means no thing of the pack. `stranger`: what
    is foreign in the sentences around that a pronoun refers to. `named`: 1 where it names a stage or a role.
    """

    lead: float
    foreign: float
    all_known: float
    attached: float
    worst: float
    evidence: float
    meaning: float
    agrees: float
    likeness: float
    margin: float
    nothing: float
    stranger: float
    named: float

    def values(self) -> tuple[float, ...]:
        """The signals in their order."""
        return _of(self)

    def confidence(self) -> float:
        """The probability, 0 to 1, that the reading is what was asked, rather than something not answered here."""
        constant, weights = _weights()
        evidence = constant + sum(weight * value for weight, value in zip(weights, self.values(), strict=True))
        return 1.0 / (1.0 + math.exp(-max(min(evidence, 50.0), -50.0)))


_of = attrgetter(*(field.name for field in fields(Signals)))


@cache
def _weights() -> tuple[float, tuple[float, ...]]:
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return float(data["constant"]), tuple(float(data["weights"][field.name]) for field in fields(Signals))


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a question say by themselves, names left out."""

    foreign: tuple[str, ...] = ()
    attached: int = 0
    worst: float = 0.0
    evidence: float = 0.0

    @classmethod
    def of(cls, message: Message, span: tuple[int, int], known: WordEvidence) -> Words:
        """Look at the words in a span of a message."""
        foreign: list[str] = []
        attached = 0
        odds = []
        start, end = bare_span(message.normalized.text[span[0] : span[1]])
        words = message.words_within((span[0] + start, span[0] + end))
        last = len(words) - 1
        for at, (word, entity) in enumerate(words):
            after = words[at + 1] if at < last else None
            if entity:
                # "The steps of" a thing that has none here.
                attached += entity.kind in THINGS and after is not None and after[0].text in _PARTS
                if not entity.loose:
                    continue
            if word.text.isdigit():
                continue
            before, named_before = words[at - 1] if at else (None, None)
            if before and not named_before and before.text not in _NO_MODIFIERS:
                pair = heads_pair(before.text, word.text)
                attached += pair is not None and not known.knows(pair)
            base = base_form(word.text)
            odds.append(known.odds(base))
            if known.knows(base):
                continue
            foreign.append(word.text)
            if after and after[0].start == word.end + 1 and (after[1] or after[0].text in _STAGE_NOUNS):
                attached += 1
        return cls(tuple(foreign), attached, min(odds, default=0.0), sum(odds) / max(len(odds), 1))
