"""Questions for the products in a stage that the framework does not have.

What is looked for there must not be answered by all products. A product that was begun under another framework may
well be in such a stage: it is named, with how to map it.
"""

from __future__ import annotations

import re

from bot.commands.vocabulary import folded
from bot.services.answering.asked import Asked
from bot.services.answering.draft import Draft
from bot.services.words import listed
from knowledge import lifecycle

_MOST = 30
_IN = re.compile(
    r"\b(?:products?|projects?)"
    r"(?: (?:that|which|do|we|have|is|are|were|was|currently|now|right|still|all|there|not|stuck|already))*"
    r" (?:in|at|inside) (?:the |our )?(?P<name>[^,;.?!]{1,60}?)(?: (?:stage|phase|step))?"
    r"(?:,? (?:now|right now|currently|at the moment|today|already|please))*\W*$"
)
_NO_STAGES_TEXT = (
    "all archive archived channel company danger database delay department detail flight general here list moment"
    " order organisation organization pipeline place play portfolio progress record records risk rolecall slack"
    " system team this time total trouble use work workspace"
)
_NO_STAGES = frozenset(_NO_STAGES_TEXT.split())
"""Words for where or how products are that name no stage: "in total", "in this channel"."""


def elsewhere(asked: Asked) -> Draft | None:
    """What to say of products "in X" where X is no stage of the framework; None for any other question."""
    if asked.slot("stage") or asked.slot("date"):
        return None
    match = _IN.search(asked.plain)
    if not match or _NO_STAGES & set(match["name"].split()):
        return None
    name = match["name"]
    draft = Draft().say(f"{asked.pack.framework.name} has no stage “{name}”.")
    meant = folded(name)
    found = [
        product
        for product in asked.portfolio.every()
        if any(folded(stage) == meant for stage in lifecycle.unknown_stages(asked.pack, product.state))
    ]
    if not found:
        draft.answered = False
        return draft.say(f"Its stages are {asked.stages(stage.id for stage in asked.pack.stages)}.")
    asked.cite(draft)
    draft.say(f"Recorded there under another framework: {listed([product.name for product in found[:_MOST]])}.")
    if len(found) > _MOST:
        draft.say(f"… and {len(found) - _MOST} more.")
    draft.say(f"To map one: `{asked.portfolio.slash('stage')} advance {found[0].id} to STAGE`.")
    draft.products += [product.id for product in found]
    return draft
