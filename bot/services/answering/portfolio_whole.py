"""Questions about the whole portfolio that the matcher reads as being about one product, or about the framework.

"Which products have no ROLE?" names a role that a framework may tell much about; "what moved this week?" looks like
a question about a product that is not named. Their form tells: products in the plural, or none at all.
"""

from __future__ import annotations

import re
from dataclasses import replace

from intents.recognize import Reading

_PRODUCTS = r"(?:which|what|any|how many|list|show|are there|do any|does any)\b.*\b(?:products?|projects?)\b"
_LACKING = re.compile(rf"\b{_PRODUCTS}.*\b(?:no|not|nobody|lack|lacks|lacking|without|missing|miss)\b")
_GAPS = re.compile(rf"\b{_PRODUCTS}.*\bgaps?\b")
BACK = r"(?:sent|send|went|gone|go|goes|move|moved|came|come|been|put) back|returned"
_WENT_BACK = re.compile(rf"\b{_PRODUCTS}.*\b(?:{BACK})\b")
_MOVED = re.compile(
    r"^(?:so |and |ok |hi |hello )*(?:what(?:'s| has| have)?|which products?|did anything|has anything|anything)\b"
    r".*\b(?:moved?|changed?|happened)\b"
)


def of_the_whole(reading: Reading) -> Reading:
    """The reading as one about all products, where its form says so and no product is named."""
    slots = reading.slots
    if slots.get("product") or reading.intent in {"products_in_stage", "person_work"}:
        return reading
    plain = reading.plain
    roles = tuple(dict.fromkeys(each.id for each in reading.entities if each.kind == "role"))
    if roles and _LACKING.search(plain):
        return replace(reading, intent="products_list", slots={"role": roles})
    if _GAPS.search(plain):
        return replace(reading, intent="products_list", slots={})
    dates = {"date": slots["date"]} if slots.get("date") else {}
    if _WENT_BACK.search(plain) or (reading.intent in {"product_as_of", "product_history"} and _MOVED.match(plain)):
        return replace(reading, intent="products_list", slots=dates)
    return reading
