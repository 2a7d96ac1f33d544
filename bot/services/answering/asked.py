"""What an answer about the portfolio is made from: the record at one moment, who asks, and which product is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.results import Reference, Speaker
from bot.services.answering.draft import Draft, Question
from bot.services.answering.product_names import ProductIndex
from bot.services.moments import day_in_words, days_between, days_in_words
from bot.services.staffing import role_name
from bot.services.wording import stage_names, stay
from bot.services.words import listed
from bot.store.base import Reader
from bot.store.records import Product
from intents.readings import Reading
from knowledge import lifecycle
from knowledge.lifecycle import ACTIVE
from knowledge.schema import Pack

RECORD = "Rolecall's record"
"""The source of what is recorded about products; the section names the product, and what it says is stated there."""

_HERE = re.compile(
    r"\b(?:here|we|us|our|ours|this (?:product|project|one|channel|thing|model)"
    r"|(?:of|on|for|about|owns|with|is|at) this)\b"
)
_ME = re.compile(r"\b(?:i|me|my|mine|myself|i'm)\b")


@dataclass(frozen=True)
class Portfolio:
    """The record of products as one question sees it: one moment of the store, who asks, and when.

    `names` and `channels` turn ids into what people read. `index` is kept from one question to the next: one for each
    store. `prefix` stands before the names of slash commands.
    """

    reader: Reader
    speaker: Speaker
    now: datetime
    names: Callable[[str], str]
    index: ProductIndex = field(default_factory=ProductIndex)
    channels: Callable[[str], str] = field(default=lambda channel: f"#{channel}")
    prefix: str = ""

    @property
    def team(self) -> str:
        """The team whose products are asked about."""
        return self.speaker.team

    def every(self, *, archived: bool = False) -> list[Product]:
        """The team's products by name; archived ones only where asked for."""
        return [p for p in self.index.products(self.reader, self.team) if archived or not p.archived]

    def product(self, product: str) -> Product | None:
        """The product with this id."""
        return self.reader.product(self.team, product)

    def linked(self) -> list[Product]:
        """The products that the channel is linked to."""
        channel = self.speaker.channel
        return self.reader.products(self.team, channel=channel) if channel else []

    def slash(self, command: str) -> str:
        """A command as people type it here."""
        return f"/{self.prefix}{command}"


@dataclass(frozen=True)
class Asked:
    """A question about the portfolio: as understood, with the record to answer it from."""

    question: Question
    portfolio: Portfolio

    @property
    def reading(self) -> Reading:
        """The question as understood."""
        return self.question.reading

    @property
    def plain(self) -> str:
        """The question, normalised."""
        return self.reading.plain

    @property
    def pack(self) -> Pack:
        """The framework."""
        return self.question.knowledge.pack

    @property
    def zone(self) -> str:
        """The zone of whoever asks."""
        return self.portfolio.speaker.zone

    def slot(self, kind: str) -> tuple[str, ...]:
        """The ids of a kind that the question is about."""
        return self.reading.slots.get(kind, ())

    def says(self, pattern: str) -> bool:
        """Whether the question has these words."""
        return re.search(rf"\b(?:{pattern})\b", self.plain) is not None

    def persons(self) -> tuple[str, ...]:
        """The people that the question names; "I" is whoever asks."""
        if self.names_any("person"):
            return self.slot("person")
        if _ME.search(self.plain):
            return (self.portfolio.speaker.user,)
        return self.slot("person")

    def names_any(self, kind: str) -> bool:
        """Whether what the question is about, of this kind, is named in the message, and not known from before."""
        return any(
            entity.kind == kind and set(entity.ids(kind)) & set(self.slot(kind)) for entity in self.reading.entities
        )

    def shown(self, users: Iterable[str], last: str = "and") -> str:
        """People by the names to show."""
        return listed([self.portfolio.names(user) for user in users], last)

    def stages(self, stages: Iterable[str], last: str = "and") -> str:
        """Stages by name."""
        return stage_names(self.pack, stages, last)

    def roles(self, roles: Iterable[str], last: str = "and") -> str:
        """Roles by name."""
        return listed([role_name(self.pack, role) for role in roles], last)

    def day(self, moment: datetime) -> str:
        """A moment's date."""
        return day_in_words(moment, self.zone)

    def days(self, since: datetime, until: datetime | None = None) -> int:
        """Days by the calendar of whoever asks."""
        return days_between(since, until or self.portfolio.now, self.zone)

    def where(self, product: Product) -> str:
        """Where a product is: "Churn is in Design since 1 March 2026 (21 days)."."""
        state = product.state
        archived = " It is archived." if product.archived else ""
        if state.status != ACTIVE:
            return f"{product.name} is {state.status}: no stage is open.{archived}"
        if not state.open:
            return f"{product.name} is in no stage.{archived}"
        stays = [stay(self.pack, each, self.portfolio.now, self.zone) for each in state.open]
        return f"{product.name} is in {listed(stays)}.{archived}{self.flag(product)}"

    def short_where(self, product: Product) -> str:
        """Where a product is, for lists: "Design, 21 days"."""
        state = product.state
        place = state.status
        if state.status == ACTIVE:
            place = " and ".join(
                f"{self.stages([each.stage])}, {days_in_words(self.days(each.since))}" for each in state.open
            )
        return f"{place} (archived)" if product.archived else place

    def flag(self, product: Product) -> str:
        """The warning about a product that is in a stage of another framework; nothing for others."""
        foreign = lifecycle.unknown_stages(self.pack, product.state)
        if not foreign:
            return ""
        return (
            f" {self.pack.framework.name} has no stage {listed(foreign)}: the product was begun under another"
            f" framework. Map it with `{self.portfolio.slash('stage')} advance {product.id} to STAGE`."
        )

    def cite(self, draft: Draft, product: Product | None = None) -> None:
        """Note that something comes from the record: of a product, or of all of them."""
        reference = Reference(RECORD, product.name if product else "All products", "stated")
        if reference not in draft.references:
            draft.references.append(reference)

    def name_people(self, draft: Draft, users: Iterable[str]) -> None:
        """People who are the answer."""
        draft.people += [user for user in users if user not in draft.people]

    # -- which product is meant ---------------------------------------------------------------------------------

    def products(self) -> list[Product] | Draft:
        """The products that the question is about, or an answer that asks which.

        Those it names; failing that the channel's where it says "here" or "we", the one the conversation was about,
        or the channel's.
        """
        about = set(self.slot("product"))
        named = [e for e in self.reading.entities if e.kind == "product" and about & set(e.ids("product"))]
        for entity in named:
            ids = entity.ids("product")
            if len(ids) > 1:
                return self.which(ids, f"“{entity.text}” may be one of several products. Which one do you mean:")
        if named:
            return self._known(dict.fromkeys(entity.id for entity in named))
        before = self._known(self.slot("product"))
        here = _HERE.search(self.plain) is not None
        if before and not here:
            return before
        linked = self.portfolio.linked()
        if len(linked) == 1:
            return linked
        if before:
            return before
        if linked:
            return self.which([p.id for p in linked], "This channel has several products. Which one do you mean:")
        draft = Draft(answered=False)
        return draft.say(
            "I don't know which product you mean: name it. In a channel that is linked to one product you need not."
        )

    def which(self, ids: Sequence[str], opening: str) -> Draft:
        """An answer that asks which product is meant."""
        found = self._known(ids)
        draft = Draft(answered=False)
        draft.say(f"{opening} {listed([_named(product) for product in found[:6]], 'or')}?")
        draft.suggestions = [self.again(product) for product in found[:3]]
        return draft

    def again(self, product: Product) -> str:
        """The question once more, about this product."""
        role = self.roles(self.slot("role")) or "person"
        day = " ".join(self.slot("date")[:1]) or "1 March"
        return again(self.reading.intent, product.name, role, day)

    def _known(self, ids: Iterable[str]) -> list[Product]:
        return [product for product in map(self.portfolio.product, ids) if product]


_AGAIN = {
    "product_status": "Where is {product}?",
    "product_owner": "Who owns {product}?",
    "product_role": "Who is the {role} on {product}?",
    "product_people": "Who works on {product}?",
    "product_history": "What happened to {product}?",
    "product_as_of": "Where was {product} on {day}?",
    "product_durations": "How long was {product} in each stage?",
    "product_returns": "How often did {product} go back?",
    "product_decision": "What did we decide on {product}?",
    "product_next": "What is next for {product}?",
    "products_stuck": "Is {product} stuck?",
}


def again(intent: str, product: str, role: str = "person", day: str = "1 March") -> str:
    """A question of this intent about a product, to suggest."""
    form = _AGAIN.get(intent, _AGAIN["product_status"])
    return form.replace("{role}", role).replace("{day}", day).replace("{product}", product)


def _named(product: Product) -> str:
    return product.name if product.name.casefold() == product.id else f"{product.name} ({product.id})"
