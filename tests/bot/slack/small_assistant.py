"""A small assistant over the real store, for what is tested here: how Slack is served, not what is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.assistant import Alongside, Assistant, Home, HomeProduct
from bot.results import Announcement, Answer, Explanation, Form, ProductView, Reference, Reply, Speaker
from bot.store.base import Conflict, Store
from bot.store.records import Change, Holding, Product
from knowledge.lifecycle import OpenStage, State

STAGES = ("ideation", "data-preparation", "modelling")
CRITERIA = ("Data is good enough", "x" * 100)
DIGEST = {
    "parent": [
        {"label": "Daily digest", "said": "nothing moved & nobody waits.", "item": False},
        {"label": "", "said": "Details are in the thread.", "item": False},
    ],
    "details": [{"title": "Open now (1)", "items": ["churn: Ideation <since today>"]}],
}
SOURCE = Reference("The article", "Roles & stages", "derived")


def view_of(product: Product) -> ProductView:
    stages = tuple(one.stage for one in product.state.open)
    return ProductView(product.id, product.name, product.state.status, stages, product.version)


class SmallAssistant(Assistant):
    """Knows one answer, and enough of each command to have an effect that can be counted."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(self, question: str, speaker: Speaker, now: datetime) -> Answer:
        if "explode" in question:
            raise RuntimeError(f"a bug with {question}")
        with self._store.write() as writer:
            before = writer.conversation(speaker.team, speaker.conversation, since=now.replace(year=2000))
            writer.remember(speaker.team, speaker.conversation, {"question": question}, at=now)
        if "data prep" not in question:
            said = f"I do not know “{question[:200]}”."
            return Answer(question, False, said, suggestions=("who owns data prep?",))
        said = f"Data analysts & data engineers <own> it. Zone {speaker.zone}."
        if before:
            said += f" Before, you asked: {before['question'][:100]}"
        return Answer(
            question,
            True,
            said,
            "who_owns_stage",
            0.93,
            roles=("data-analyst", "data-engineer"),
            stages=("data-preparation",),
            sources=(SOURCE,),
            explanation=Explanation("who owns data preparation?", 0.5, (("who_owns_stage", 0.93), ("stage_next", 0.1))),
        )

    def command(
        self,
        name: str,
        text: str,
        speaker: Speaker,
        now: datetime,
        *,
        ticked: tuple[str, ...] | None = None,
        expected_version: int | None = None,
        alongside: Alongside | None = None,
    ) -> Reply:
        typed = f"/{name} {text}".rstrip()
        verb, _, rest = text.partition(" ")
        if name == "ask":
            answer = self.ask(text, speaker, now)
            return Reply(typed, True, answer.text, answer=answer)
        if (name, verb) == ("digest", "now"):
            return Reply(typed, True, "Nothing moved & nobody waits.", extra={"digest": DIGEST})
        if (name, verb) == ("product", "new"):
            return self._new(typed, rest, speaker, now, alongside)
        if (name, verb) == ("stage", "advance"):
            return self._advance(typed, rest, speaker, now, ticked, expected_version, alongside)
        if (name, verb) == ("role", "assign"):
            user = rest.partition(" ")[0]
            with self._store.read() as reader:
                known = {person.user: person.name for person in reader.people(speaker.team)}
            return Reply(typed, True, f"{known.get(user.strip('<@>').partition('|')[0], user)} is assigned.")
        return Reply(typed, False, f"Usage of {name}: <verb> & more.", "usage")

    def _new(self, typed: str, name: str, speaker: Speaker, now: datetime, alongside: Alongside | None) -> Reply:
        if not name:
            form = Form("product new", None, {}, ("name",))
            return Reply(typed, False, "What is its name?", "usage", form=form)
        slug = name.lower().replace(" ", "-")
        state = State(open=(OpenStage(STAGES[0], now),), entered=frozenset({STAGES[0]}))
        product = Product(
            speaker.team,
            slug,
            name,
            speaker.user,
            now,
            state,
            channel=speaker.channel,
            holders=(Holding("sponsor", speaker.user),),
        )
        with self._store.write() as writer:
            try:
                writer.append(Change(product, 0, now, "created", speaker.user, speaker.channel))
            except Conflict:
                return Reply(typed, False, f"{slug} exists.", "exists")
            made = writer.product(speaker.team, slug)
            assert made is not None
            reply = Reply(typed, True, f"{name} is in {STAGES[0]}.", None, "in_channel", view_of(made))
            if alongside:
                alongside(writer, reply)
        return reply

    def _advance(
        self,
        typed: str,
        rest: str,
        speaker: Speaker,
        now: datetime,
        ticked: tuple[str, ...] | None,
        expected_version: int | None,
        alongside: Alongside | None,
    ) -> Reply:
        slug, _, reason = rest.partition(" because ")
        with self._store.write() as writer:
            product = writer.product(speaker.team, slug)
            if product is None:
                return Reply(typed, False, f"There is no product “{slug}”.", "unknown_product")
            if expected_version is not None and product.version != expected_version:
                return Reply(typed, False, "It was changed meanwhile.", "conflict")
            if not reason:
                values = {
                    "current": product.state.open[0].stage,
                    "proposed": "the next",
                    "criteria": [[str(number), one] for number, one in enumerate(CRITERIA)],
                    "choices": {"to": [[one, one.capitalize()] for one in STAGES]},
                }
                form = Form("stage advance", slug, values, ("reason",), product.version)
                return Reply(typed, False, "Why? A reason is missing.", "reason_required", form=form)
            at = STAGES.index(product.state.open[0].stage)
            if at + 1 == len(STAGES):
                return Reply(typed, False, "It is in the last stage.", "illegal_move")
            moved = replace(product, state=State(open=(OpenStage(STAGES[at + 1], now),)))
            details = {"ticked": [CRITERIA[int(one)] for one in ticked]} if ticked is not None else {}
            writer.append(
                Change(
                    moved,
                    product.version,
                    now,
                    "advanced",
                    speaker.user,
                    speaker.channel,
                    reason=reason,
                    details=details,
                )
            )
            moved = writer.product(speaker.team, slug) or moved
            said = f"{product.name}: {STAGES[at]} → {STAGES[at + 1]} because {reason}"
            here = speaker.channel == product.channel
            reply = Reply(
                typed,
                True,
                said,
                None,
                "in_channel" if here else "ephemeral",
                view_of(moved),
                announcement=None if here or not product.channel else Announcement(product.channel, said),
            )
            if alongside:
                alongside(writer, reply)
        return reply

    def command_from_form(self, form: Form) -> tuple[str, str]:
        name, _, verb = form.verb.partition(" ")
        if form.verb == "product new":
            return name, f"{verb} {form.values.get('name', '')}"
        return name, f"{verb} {form.product} because {form.values.get('reason', '')}"

    def home(self, speaker: Speaker, now: datetime) -> Home:
        with self._store.read() as reader:
            products = reader.products(speaker.team)
        mine = tuple(
            HomeProduct(view_of(one), ("Sponsor",), one.state.open[0].stage, "go on")
            for one in products
            if any(holding.user == speaker.user for holding in one.holders)
        )
        names = tuple(one.name for one in products)
        return Home(mine, (("Ideation & start", names),), now, self.examples())

    def examples(self) -> tuple[str, ...]:
        return ("who owns data prep?", "what is next?", "who does <what>?")
