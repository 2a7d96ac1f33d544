"""Understand questions about products: their names, short follow-ups, and names that no product has.

The matcher reads a question with the team's product names at hand. What it cannot know is settled here: "and on
fraud-radar?" asks again what was asked before; "who drives design on churn-model" is about people, not about the
framework; and where the question would be about a product if a word in it were one, that word is looked up as a slip
or a short form of a name, and said to be unknown where it is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.services.answering.asked import Portfolio, again
from bot.services.answering.portfolio_whole import of_the_whole
from bot.services.answering.product_names import COMMON, ProductNames
from intents.message import Context
from intents.readings import Fallback, Reading
from intents.recognize import LONGEST, Recognizer

if TYPE_CHECKING:
    from knowledge.schema import Pack

__all__ = ["UnknownProduct", "understand"]

_SURE = 0.8
_FOLLOWED = 0.9
_NOBODY = "?"

_OF_THE_PRODUCT = {
    "component_owner": "product_owner",
    "decision_owner": "product_next",
    "role_alias": "product_role",
    "role_in_stage": "product_role",
    "role_stages": "product_role",
    "role_what": "product_role",
    "roles_list": "product_people",
    "stage_gate": "product_next",
    "stage_order": "product_next",
    "stage_outcome": "product_next",
    "stage_owner": "product_owner",
    "stage_participants": "product_people",
    "stage_what": "product_status",
    "stages_list": "product_status",
    "topic_owner": "product_owner",
    "transition": "product_next",
}
"""What a question about the framework asks where it names a product: about that one's people and stages."""

_OF_A_PERSON = frozenset(
    {"role_in_stage", "role_stages", "role_what", "stage_owner", "stage_participants", "topic_owner"}
)
_OF_ONE = frozenset(
    f"product_{what}"
    for what in (
        "as_of", "decision", "durations", "history", "next", "owner", "people", "returns", "role", "status"
    )
)  # fmt: skip
_OF_MANY = frozenset({"person_work", "products_in_stage", "products_list", "products_stuck"})
_WHO = frozenset({"product_owner", "product_people", "product_role"})
_ABOUT_HERE = re.compile(r"\b(?:here|this (?:product|project))\b")
_OUR_ROLE = re.compile(r"^(?:and |so )?who(?:'s| is| are)? our (?:therole)(?: here| now)*\W*$")
_HAS_IT = re.compile(
    r"^(?:so |and )?who(?:'s| is| are)? (?:drives?|driving|owns?|leads?|leading|runs?|running|responsible|in charge"
    r"|does?|doing|handles?|takes? care|looks? after|cares?)\b"
)
_READY = re.compile(r"^(?:so |and )?is .*\bready (?:for|to)\b")
_WHO_IS = re.compile(r"\bwho(?:'s| is| are)(?: the| an?| our)? $", re.IGNORECASE)
_FILLERS_TEXT = (
    "and what about how same for on of in at with the then also or now ok okay so but please pls to as by"
    " product stage too well hm again"
)
_FILLERS = frozenset(_FILLERS_TEXT.split())
_CONNECTED = re.compile(r"^(?:(?:ok|okay|so|well|hm)[, ]+)?(?:and|what about|how about|same|or|also|then|but)\b")
_WORD = re.compile(r"[^\W_]+(?:'[a-z]{1,2}\b)?")
_SINCE = re.compile(r"^(?:and )?(?:since when|for how long|how long already)(?: now)?\W*$")
_WHY = re.compile(
    r"^(?:and |but )?(?:why|how come|who|who (?:did|moved|changed|said) (?:it|that|so)|when)(?: (?:was|is) that)?\W*$"
)
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»]{1,80})[\"”»]")
_TIED = re.compile(r"\b(?:on|of|for|about|with|owns|drives|runs|leads|is) (?:the |our )?$", re.IGNORECASE)
_PRONOUNS = frozenset({"it", "its", "they", "them", "this", "that", "these", "those"})
_KINDS = frozenset({"stage", "stages", "phase", "phases", "step", "steps", "role", "roles", "team"})
_OF_SOMETHING = re.compile(r"\s+(?:of|for|in|on|do|does)\b", re.IGNORECASE)
_SLUG = re.compile(r"\b[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+\b")
_END = (
    r"(?: (?:product|project))?"
    r"(?:,? (?:now|today|at the moment|right now|currently|at|stand|please|pls|then))*\s*[?.! ]*$"
)
_ABOUT = re.compile(
    r"(?:where(?:'s| is| are we with| do we stand with| does| was)"
    r"|(?:status|stage|state|history|owner|team|people|kpis?) (?:of|for|on)"
    r"|who (?:owns|owned|runs|drives|leads|works on|is on|is responsible for|is in charge of|is working on)"
    rf"|what about|how about|(?:what(?:'s| is) (?:next|missing)) (?:for|on))\s+(?:the |our |my )?(?P<name>.+?){_END}",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r" (?P<tie>on|of|for|with|about|to|did|was|has|is) (?:the |our |my )?(?P<name>[^\s,?.!]+(?: [^\s,?.!]+){0,4}?)"
    rf"(?: (?:go back|been|get to|reach|stay|decided?|stuck|archived|in|at|on)\b.*)?{_END}",
    re.IGNORECASE,
)

_LAST = re.compile(rf" (?P<tie>on|of|for) (?:the |our |my )?(?P<name>[^\s,?.!]+){_END}", re.IGNORECASE)
"""The last word, where `_TAIL` takes in what stands before it: "is owner of churn"."""


@dataclass(frozen=True, slots=True)
class UnknownProduct(Fallback):
    """A question about a product that there is not. `phrase`: what it calls it, where that can be said again.

    `like`: ids of products with a similar name; `suggestions`: the question again, about those.
    """

    phrase: str = ""
    like: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


def understand(
    recognizer: Recognizer, message: str, context: Context | None, portfolio: Portfolio, pack: Pack
) -> list[Reading | Fallback]:
    """The questions in a message, with the team's products known. Never raises, whatever the message."""
    names = portfolio.index.names(portfolio.reader, portfolio.team)
    text = message[:LONGEST]
    found = recognizer.recognize(message, names.in_message(text), context)
    if len(found) == 1 and (followed := _follow_up(found[0], context)):
        return [followed]
    settled = [_settled(each, portfolio) if isinstance(each, Reading) else _decided(each, pack) for each in found]
    if any(entity.kind == "product" for entity in settled[0].entities):
        return settled
    return _with_unknown(recognizer, text, settled, context, names, portfolio) or settled


def _settled(reading: Reading, portfolio: Portfolio) -> Reading:
    """A reading about the framework as one about a product or a person, where it names one."""
    reading = of_the_whole(reading, here=bool(portfolio.linked()))
    mapped = _OF_THE_PRODUCT.get(reading.intent)
    slots = reading.slots
    if slots.get("product") and (slots.get("stage") or slots.get("topic")) and _HAS_IT.match(reading.plain):
        # "who drives design on churn-model": what somebody has on a product is asked of its people.
        return replace(reading, intent="product_owner")
    if slots.get("role") and _OUR_ROLE.match(_role_masked(reading)) and len(portfolio.linked()) == 1:
        role = tuple(entity.id for entity in reading.entities if entity.kind == "role")
        return replace(reading, intent="product_role", slots={"role": role})
    if mapped and not slots.get("entry"):
        here = _ABOUT_HERE.search(reading.plain)
        if slots.get("product") or (here and len(portfolio.linked()) == 1):
            if mapped == "product_role" and not slots.get("role"):
                mapped = "product_people"
            return replace(reading, intent=mapped)
    if reading.intent in _OF_A_PERSON and slots.get("person") and not reading.form.who:
        return replace(reading, intent="person_work")
    return reading


def _role_masked(reading: Reading) -> str:
    text = reading.text
    for entity in reading.entities:
        if entity.kind == "role":
            text = text.replace(entity.text, "therole")
    return text.casefold()


def _decided(found: Fallback, pack: Pack) -> Reading | Fallback:
    """What is no detail that is never recorded, but one of a decision's fields, such as its cost."""
    if found.intent != "product_unknown_detail" or not any(e.kind == "product" for e in found.entities):
        return found
    if _READY.match(found.plain):
        slots = {
            kind: tuple(dict.fromkeys(e.id for e in found.entities if e.kind == kind)) for kind in ("product", "stage")
        }
        return _repeated(found, "product_next", slots)
    gates = [stage.gate.decision for stage in pack.stages if stage.gate and stage.gate.decision]
    fields = {name.casefold() for gate in gates for field in gate.fields for name in (field.id, field.name)}
    if not any(re.search(rf"\b{re.escape(field)}s?\b", found.plain) for field in fields):
        return found
    slots = {"product": tuple(dict.fromkeys(e.id for e in found.entities if e.kind == "product"))}
    return _repeated(found, "product_decision", slots)


# -- short questions that lean on the one before ----------------------------------------------------------------


def _follow_up(found: Reading | Fallback, context: Context | None) -> Reading | None:  # noqa: PLR0912
    """The question that a short message repeats with something else in it; None where it is a question of its own."""
    plain, before = found.plain, context.intent if context else None
    told = dict(context.slots) if context else {}
    if not plain or len(plain) > 120:
        return None
    if before in _OF_ONE and told.get("product"):
        last = {"product": told["product"]}
        if _SINCE.match(plain):
            return _repeated(found, "product_status", last)
        if _WHY.match(plain):
            form = replace(found.form, who="who" in plain, why="why" in plain or "how come" in plain, yes_no=False)
            why = "product_decision" if before == "product_decision" else "product_history"
            return replace(_repeated(found, why, last), form=form)
    named = [entity for entity in found.entities if entity.kind in {"product", "stage", "role", "date", "person"}]
    if not named or not _only_names(found):
        return None
    kinds = {entity.kind for entity in named}
    connected = _CONNECTED.match(plain) is not None
    intent: str | None = before if before in _OF_ONE or before in _OF_MANY else _OF_THE_PRODUCT.get(before or "")
    tied = {"product", "stage", "role", "date", "person"}
    new = {kind: tuple(dict.fromkeys(e.id for e in named if e.kind == kind)) for kind in kinds}
    slots = {**{kind: ids for kind, ids in told.items() if kind in tied}, **new}
    if intent in _OF_MANY:
        if intent == "person_work" and kinds == {"person"}:
            return _repeated(found, intent, {**new})
        if intent in {"products_in_stage", "products_stuck"} and kinds == {"stage"} and connected:
            return _repeated(found, intent, new)
        intent = None
    if "product" in kinds:
        if intent is None:
            return _repeated(found, "product_status", new)
    elif intent is None or before not in _OF_ONE or not told.get("product") or (not connected and "date" not in kinds):
        return None
    form = replace(found.form, yes_no=False, who=found.form.who or intent in _WHO)
    if "role" in kinds and intent != "product_as_of":
        intent = "product_role"
    elif "date" in kinds and intent in _WHO | {"product_status"}:
        intent = "product_as_of"
    elif "stage" in kinds and intent == "product_role":
        intent = "product_owner"
    if intent is None:
        return None
    return replace(_repeated(found, intent, slots), form=form)


def _only_names(found: Reading | Fallback) -> bool:
    """Whether a message consists of names and of words that only tie it to what was said before."""
    covered = " ".join(entity.text.casefold() for entity in found.entities)
    named = set(_WORD.findall(covered))
    return all(word in _FILLERS or word in named for word in _WORD.findall(found.text.casefold()))


def _repeated(found: Reading | Fallback, intent: str, slots: dict[str, tuple[str, ...]]) -> Reading:
    return Reading(
        intent=intent,
        confidence=max(_FOLLOWED, found.confidence),
        text=found.text,
        plain=found.plain,
        entities=found.entities,
        slots=slots,
        form=replace(found.form, yes_no=False) if _only_names(found) else found.form,
        nearest=found.nearest,
        threshold=found.threshold,
        ranking=found.ranking,
        unknown=found.unknown,
    )


# -- names that the matcher did not find ------------------------------------------------------------------------


def _with_unknown(
    recognizer: Recognizer,
    text: str,
    found: Sequence[Reading | Fallback],
    context: Context | None,
    names: ProductNames,
    portfolio: Portfolio,
) -> list[Reading | Fallback] | None:
    """The message read again with a phrase in it taken for a product's name; None where none is likely to be one."""
    first = found[0]
    about = isinstance(first, Reading) and first.intent in _OF_ONE
    understood = isinstance(first, Reading) and first.intent not in _OF_ONE
    if understood and first.intent in _OF_MANY:
        return None
    for start, end, strange in _phrases(text, first):
        phrase = text[start:end]
        ids = names.called(phrase)
        # A question that is understood without any product is about one only where a name stands out in it.
        if understood:
            named = _SLUG.fullmatch(phrase) and _TIED.search(text[:start])
            tied = strange or (len(ids) == 1 and _TIED.search(text[:start]))
            if not (named or (ids and (tied or names.nearly(phrase)))):
                continue
        elif not (ids or strange):
            continue
        again = recognizer.recognize(text, names.in_message(text, (start, end, ids or [_NOBODY])), context)
        readings = [_settled(each, portfolio) for each in again if isinstance(each, Reading)]
        fitting = [r for r in readings if r.intent in _OF_ONE and r.slots.get("product")]
        if ids and not fitting and any(r.intent == "products_stuck" for r in readings):
            fitting = readings
        if not fitting or (fitting[0].confidence < _SURE and not about):
            detail = next((each for each in again if each.intent == "product_unknown_detail"), None)
            if detail and ids and not understood:
                return [detail]
            continue
        if ids:
            return list(readings)
        return [_unknown(fitting[0], phrase, names, portfolio)]
    return None


def _unknown(reading: Reading, phrase: str, names: ProductNames, portfolio: Portfolio) -> UnknownProduct:
    like = tuple(names.like(phrase))
    products = [product for product in map(portfolio.product, like) if product]
    # What is said again in the first line of an answer must not look like an answer: no name of a role or a stage.
    plain = not any(e.kind in {"role", "stage"} and e.text in phrase for e in reading.entities) and len(phrase) <= 60
    return UnknownProduct(
        kind="out_of_scope",
        text=reading.text,
        plain=reading.plain,
        entities=tuple(entity for entity in reading.entities if entity.id != _NOBODY),
        form=reading.form,
        confidence=reading.confidence,
        threshold=reading.threshold,
        intent=reading.intent,
        nearest=reading.nearest,
        ranking=reading.ranking,
        unknown=reading.unknown,
        phrase=phrase if plain else "",
        like=like,
        suggestions=tuple(again(reading.intent, product.name) for product in products),
    )


def _phrases(text: str, found: Reading | Fallback) -> Iterator[tuple[int, int, bool]]:
    """Parts of a message that may be meant as a product's name: (start, end, whether it is hardly anything else)."""
    taken = [(e.start, e.end) for e in found.entities if e.kind in {"stage", "role", "date", "person"}]
    unknown = set(found.unknown)
    seen: set[tuple[int, int]] = set()

    def fresh(start: int, end: int) -> bool:
        words = _WORD.findall(text[start:end].casefold())
        if words and words[0] in _PRONOUNS:  # "where was it on 5 March": what was spoken of, and no name
            return False
        if (start, end) in seen or not words or all(word in COMMON or word in _FILLERS for word in words):
            return False
        seen.add((start, end))
        if _WHO_IS.search(text[:start]) or words[-1] in _KINDS:  # a person, a role or a stage, whatever it is
            return False
        return not any(a <= start and end <= b for a, b in taken)

    for match in _QUOTED.finditer(text):
        if fresh(*match.span(1)):
            yield (*match.span(1), True)
    for match in _SLUG.finditer(text):
        if set(_WORD.findall(match.group().casefold())) & unknown and fresh(*match.span()):
            yield (*match.span(), True)
    stretch = [m.span() for m in _WORD.finditer(text) if m.group().casefold() in unknown]
    for pattern in (_ABOUT, _TAIL, _LAST):
        for match in pattern.finditer(text):
            start, end = match.span("name")
            if fresh(start, end):
                tied = pattern is _ABOUT or match["tie"].casefold() in {"on", "of", "for", "with", "about"}
                yield start, end, tied and (pattern is _ABOUT or any(start <= a and b <= end for a, b in stretch))
    if stretch and fresh(stretch[0][0], stretch[-1][1]):
        start, end = stretch[0][0], stretch[-1][1]
        # "The salary of …" is a thing of something else, not a product.
        yield start, end, bool(_TIED.search(text[:start])) and not _OF_SOMETHING.match(text[end:])
