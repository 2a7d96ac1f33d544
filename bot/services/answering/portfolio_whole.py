"""Questions about the whole portfolio that the matcher reads as being about one product, or about the framework.

"Which products have no ROLE?" names a role that a framework may tell much about; "what moved this week?" looks like
a question about a product that is not named. Their form tells: products in the plural, or none at all.
"""

from __future__ import annotations

import re
from dataclasses import replace

from intents.readings import Reading

# The words stand close together: a question about the framework may have them far apart.
_PRODUCTS = (
    r"(?:which|what|any|how many|list|show)(?: of| me| all| our| the| my| active| open)* (?:products?|projects?)"
    r"(?: \S+){0,3}?"
)
_LACKING = re.compile(rf"\b{_PRODUCTS} (?:no|lack|lacks|lacking|without|missing|miss)\b")
_ANY_IN = re.compile(
    r"^(?:so |and |ok )*(?:is|are|do we have|have we|is there|are there) (?:there )?"
    r"(?:anything|something|any (?:products?|projects?)|products?)(?: \w+)? (?:in|at)\b"
)
_MINE = re.compile(
    r"^(?:so |and |ok |but )*(?:what am i (?:responsible|accountable|on the hook|in charge)"
    r"|(?:which|what)(?: of (?:the|our))? (?:products?|projects?)(?: \w+)? (?:are|is) mine|what do i (?:own|hold)"
    r"|what(?:'s| is| are)(?: on)? my (?:plate|products?|projects?|responsibilit(?:y|ies)|tasks?|roles?))\b"
)
_WERE_IN = re.compile(rf"\b{_PRODUCTS} (?:was|were|stood|had been|have been)\b")
_GAPS = re.compile(rf"\b{_PRODUCTS} gaps?\b")
BACK = r"(?:sent|send|went|gone|go|goes|move|moved|came|come|been|put) back|returned"
_WENT_BACK = re.compile(rf"\b{_PRODUCTS} (?:{BACK})\b")
_STUCK = re.compile(rf"\b{_PRODUCTS} (?:stuck|stalled|too long|overdue)\b")
_MOVED = re.compile(
    r"^(?:so |and |ok |hi |hello )*(?:what(?:'s| has| have)?|which products?|did anything)\b.*\bmoved?\b"
)
_HAPPENED = re.compile(
    r"^(?:so |and |ok |hi |hello )*(?:what(?:'s| has| have)?|did anything)\b.*\b(?:changed?|happened)\b"
)
_NEVER = frozenset({"products_in_stage", "person_work"})
_OF_TIME = frozenset({"product_as_of", "product_history", "products_list", "products_stuck"})


def of_the_whole(reading: Reading, *, here: bool) -> Reading:
    """The reading as one about all products, where its form says so and it names none.

    `here`: the channel is a product's own, so that a question which says "products" nowhere is about that one.
    Products that were spoken of before do not count, but for "what happened since 10 March?", which may well be about
    the one.
    """
    if any(each.kind == "product" for each in reading.entities):
        return reading
    plain, slots = reading.plain, reading.slots
    roles = tuple(dict.fromkeys(each.id for each in reading.entities if each.kind == "role"))
    if _MINE.search(plain):
        return replace(reading, intent="person_work", slots={})
    dates = slots.get("date", ())
    if dates and slots.get("stage") and _WERE_IN.search(plain):
        return replace(reading, intent="products_in_stage", slots={"stage": slots["stage"], "date": dates})
    if roles and _LACKING.search(plain):
        return replace(reading, intent="products_list", slots={"role": roles})
    if reading.intent in _NEVER:
        return reading
    if slots.get("stage") and _ANY_IN.search(plain):
        return replace(reading, intent="products_in_stage", slots={"stage": slots["stage"]})
    if _GAPS.search(plain):
        return replace(reading, intent="products_list", slots={})
    if reading.intent == "products_stuck" and _STUCK.search(plain):
        return replace(reading, slots={kind: ids for kind, ids in slots.items() if kind != "product"})
    one = here or len(slots.get("product", ())) == 1
    if (
        one
        and reading.intent in {"product_as_of", "products_list"}
        and _HAPPENED.match(plain)
        and not _MOVED.match(plain)
    ):
        # Not how it was on that day, but what came after.
        return replace(reading, intent="product_history")
    moved = (_MOVED.match(plain) and not here) or (_HAPPENED.match(plain) and not one)
    if _WENT_BACK.search(plain) or (reading.intent in _OF_TIME and moved):
        dates = tuple(dict.fromkeys(each.id for each in reading.entities if each.kind == "date"))
        return replace(reading, intent="products_list", slots={"date": dates} if dates else {})
    return reading
