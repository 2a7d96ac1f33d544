"""Questions about the portfolio, from the message to the answer: what each intent is answered by."""

from __future__ import annotations

from collections.abc import Callable

from bot.services.answering import (
    portfolio_history,
    portfolio_lists,
    portfolio_people,
    portfolio_status,
)
from bot.services.answering.asked import Asked, Portfolio
from bot.services.answering.dates import NoSuchDate, parse_days
from bot.services.answering.draft import Draft, Question
from bot.services.answering.portfolio_reading import UnknownProduct, understand
from bot.store.records import Product
from intents.readings import Fallback

__all__ = ["OF_A_PRODUCT", "PORTFOLIO_INTENTS", "Portfolio", "answer", "refused", "understand"]

ProductAnswerer = Callable[[Asked, Product, Draft], None]

OF_A_PRODUCT: dict[str, ProductAnswerer] = {
    "product_as_of": portfolio_history.at_date,
    "product_decision": portfolio_history.decision,
    "product_durations": portfolio_history.durations,
    "product_history": portfolio_history.history,
    "product_next": portfolio_status.following_step,
    "product_owner": portfolio_people.owner,
    "product_people": portfolio_people.team,
    "product_returns": portfolio_history.returns,
    "product_role": portfolio_people.role,
    "product_status": portfolio_status.status,
}
"""What is added to an answer for each product that a question is about."""

_OF_SEVERAL: dict[str, Callable[[Asked], Draft]] = {
    "person_work": portfolio_people.person_work,
    "products_in_stage": portfolio_lists.in_stage,
    "products_list": portfolio_lists.every,
    "products_stuck": portfolio_lists.stuck,
}

PORTFOLIO_INTENTS = frozenset(OF_A_PRODUCT) | frozenset(_OF_SEVERAL)
"""The intents that are answered from the record of products."""

_DETAIL = "product_unknown_detail"


def answer(question: Question, portfolio: Portfolio) -> Draft | None:
    """The answer to a question about the portfolio; None where it is about something else."""
    asked = Asked(question, portfolio)
    intent = question.reading.intent
    try:
        for written in asked.slot("date"):
            parse_days(written, portfolio.now, portfolio.speaker.zone)
        if several := _OF_SEVERAL.get(intent):
            return several(asked)
        if single := OF_A_PRODUCT.get(intent):
            return _of_products(asked, single)
    except NoSuchDate as error:
        return Draft(answered=False).say(str(error))
    return None


def refused(fallback: Fallback, portfolio: Portfolio) -> Draft | None:
    """What to say about a question that is not answered, where that has to do with a product; else None."""
    if isinstance(fallback, UnknownProduct):
        shown = f" called “{fallback.phrase}”" if fallback.phrase else " of that name"
        draft = Draft(answered=False).say(f"I don't know: there is no product{shown}.")
        like = [p for p in map(portfolio.product, fallback.like) if p]
        if like:
            draft.say(f"Did you mean {' or '.join(product.name for product in like)}?")
        draft.suggestions = list(fallback.suggestions)
        return draft
    if fallback.intent != _DETAIL:
        return None
    ids = dict.fromkeys(entity.id for entity in fallback.entities if entity.kind == "product")
    products = [p for p in map(portfolio.product, ids) if p] or portfolio.linked()[:1]
    if not products:
        return None
    name = products[0].name
    draft = Draft(answered=False).say(f"I don't know: that is not recorded about {name}.")
    draft.say("What is: its stages and since when, its people, its decisions with their figures, and its history.")
    draft.suggestions = [f"Where is {name}?", f"Who owns {name}?", f"What did we decide on {name}?"]
    return draft


def _of_products(asked: Asked, single: ProductAnswerer) -> Draft:
    products = asked.products()
    if isinstance(products, Draft):
        return products
    draft = Draft()
    for product in products:
        asked.cite(draft, product)
        single(asked, product, draft)
        draft.products.append(product.id)
    return draft
