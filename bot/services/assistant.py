"""The assistant itself: questions, commands and one's own page, over one store and one pack that may be exchanged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.assistant import Alongside, Assistant, Home, HomeProduct
from bot.commands.forms import filled_in
from bot.errors import CommandError
from bot.results import Answer, Form, Reply, Speaker
from bot.services.answering.asked import Portfolio
from bot.services.answering.conversation import examples
from bot.services.answering.product_names import ProductIndex
from bot.services.answering.service import Answering
from bot.services.change import view
from bot.services.command_service import CommandService
from bot.services.digest_commands import DigestCommands, next_digest
from bot.services.form_choices import with_choices
from bot.services.request import Rules
from bot.services.staffing import role_name, roles_of
from bot.services.wording import following
from bot.store.base import Store, StoreError
from bot.store.records import LoggedQuestion, Product
from intents.message import Context
from knowledge import lifecycle
from knowledge.queries import Knowledge

__all__ = ["KEPT", "RolecallAssistant"]

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
"""How long a conversation is remembered."""


@dataclass(frozen=True)
class _Mind:
    """What depends on the pack, so that it is exchanged in one go."""

    answering: Answering
    commands: CommandService


class RolecallAssistant(Assistant):
    """Answers and commands over a store. `names`: (team, user) to the name to show.

    `plain_people`: "@ana" and "#churn" are a person and a channel, as in the terminal.
    """

    def __init__(
        self,
        store: Store,
        answering: Answering,
        rules: Rules,
        *,
        names: Callable[[str, str], str] | None = None,
        maintainers_channel: str | None = None,
        plain_people: bool = False,
    ) -> None:
        self._store = store
        self._rules = rules
        self._maintainers_channel = maintainers_channel
        self._names = names or self._known_name
        self._plain = plain_people
        self._index = ProductIndex()
        self._mind = self._made(answering)

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge in use."""
        return self._mind.answering.knowledge

    @property
    def pack_id(self) -> str:
        """The id of the pack in use."""
        return self._mind.answering.knowledge.pack.framework.id

    @property
    def pack_checksum(self) -> str:
        """The checksum of the pack in use."""
        return self._mind.answering.knowledge.pack.checksum

    def exchange(self, answering: Answering) -> None:
        """Use another pack from the next message on; those under way finish with the one they began with."""
        self._mind = self._made(answering)

    def ask(self, question: str, speaker: Speaker, now: datetime) -> Answer:
        """The answer to a message; logs the question and remembers what it was about."""
        key = speaker.conversation or f"{speaker.channel}:{speaker.user}"
        with self._store.read() as reader:
            kept = reader.conversation(speaker.team, key, since=now - KEPT)
            record = Portfolio(
                reader,
                speaker,
                now,
                names=lambda user: self._names(speaker.team, user),
                index=self._index,
                prefix=self._rules.prefix,
            )
            answer, context = self._mind.answering.answer(question, Context.from_json(kept), record)
        logged = LoggedQuestion(
            speaker.team,
            now,
            speaker.user,
            speaker.channel,
            question[:2000],
            answer.answered,
            answer.intent,
            answer.confidence,
        )
        try:
            with self._store.write() as writer:
                writer.log_question(logged)
                if context.intent is not None:
                    writer.remember(speaker.team, key, context.to_json(), at=now)
        except StoreError:
            # An answer is worth more than its entry in the log.
            log.exception("A question could not be logged")
        return answer

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
        """Carry out a slash command: `name` without the slash, `text` as typed."""
        reply = self._mind.commands.run(name, text, speaker, now, within=alongside)
        return replace(reply, form=self._with_choices(reply.form, speaker.team)) if reply.form else reply

    def command_from_form(self, form: Form) -> tuple[str, str]:
        """The command name and verb of a form; what it was filled in with is carried out by `submit`."""
        name, _, verb = form.verb.partition(" ")
        return name, f"{verb} {form.product or ''}".strip()

    def submit(
        self,
        form: Form,
        speaker: Speaker,
        now: datetime,
        *,
        ticked: tuple[str, ...] | None = None,
        alongside: Alongside | None = None,
    ) -> Reply:
        """Carry out a completed form, if the product is as it was when the form was made."""
        commands = self._mind.commands
        typed = f"{self._rules.slash(form.verb)} {form.product or ''}".strip()
        try:
            made = filled_in(form.verb, form.product, form.values, commands.vocabulary)
        except CommandError as error:
            return Reply(typed, ok=False, text=str(error), error=error.code)
        return commands.apply(
            made, speaker, now, typed=typed, seen_version=form.version, ticked=ticked, within=alongside
        )

    def home(self, speaker: Speaker, now: datetime) -> Home:
        """Somebody's own page: their products first, then the portfolio by stage."""
        pack = self._mind.answering.knowledge.pack
        with self._store.read() as reader:
            products = reader.products(speaker.team)
            coming = next_digest(reader, speaker.team, speaker.user, now)
        mine = [product for product in products if roles_of(pack, product, speaker.user)]
        shown = []
        for product in mine:
            roles = tuple(role_name(pack, role) for role in roles_of(pack, product, speaker.user))
            stages = " and ".join(lifecycle.stage_name(pack, each.stage) for each in product.state.open)
            shown.append(
                HomeProduct(view(product), roles, stages or product.state.status, following(pack, product.state))
            )
        by_stage = tuple((stage.name, _names_in(products, stage.id)) for stage in pack.stages)
        return Home(tuple(shown), by_stage, coming, self.examples())

    def examples(self) -> tuple[str, ...]:
        """Three questions that the present pack answers."""
        return examples(self._mind.answering.knowledge)

    def _made(self, answering: Answering) -> _Mind:
        knowledge = answering.knowledge
        return _Mind(
            answering,
            CommandService(
                self._store,
                knowledge.pack,
                self._rules,
                names=self._names,
                ask=self.ask,
                digest=DigestCommands(
                    self._store,
                    lambda: knowledge,
                    self._rules,
                    self._names,
                    maintainers_channel=self._maintainers_channel,
                ).run,
                plain_people=self._plain,
            ),
        )

    def _with_choices(self, form: Form, team: str) -> Form:
        with self._store.read() as reader:
            product = reader.product(team, form.product) if form.product else None
            products = [] if product else reader.products(team)
        return with_choices(form, self._mind.answering.knowledge.pack, product, products)

    def _known_name(self, team: str, user: str) -> str:
        with self._store.read() as reader:
            person = reader.person(team, user)
        return person.name if person else user


def _names_in(products: list[Product], stage: str) -> tuple[str, ...]:
    return tuple(product.name for product in products if any(each.stage == stage for each in product.state.open))
