"""The assistant as its faces see it: ask it, give it a command, look at one's own page.

Slack and the terminal hold one of these and know nothing of what is behind it; `bot.bootstrap` builds it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.results import Answer, Form, ProductView, Reply, Speaker
from bot.store.base import Writer

Alongside = Callable[[Writer, Reply], None]


@dataclass(frozen=True, slots=True)
class HomeProduct:
    """A product on somebody's own page: the roles they have on it, and what is open, in words."""

    product: ProductView
    my_roles: tuple[str, ...]
    stages: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's own page: their products and roles, the portfolio by stage, and the next digest, if one is set up.

    `by_stage`: (stage's name, names of the products in it), in the pack's order.
    """

    mine: tuple[HomeProduct, ...]
    by_stage: tuple[tuple[str, tuple[str, ...]], ...]
    next_digest: datetime | None = None
    examples: tuple[str, ...] = ()


class Assistant(ABC):
    """Answers questions and carries out commands. Safe to use from many threads.

    `alongside` is run in the very transaction that writes the change (or its refusal), with the store's writer and the
    reply: the caller records there that a delivery has had its effect, so that it never has it twice, and what is
    still to be said about it.
    """

    @abstractmethod
    def ask(self, question: str, speaker: Speaker, now: datetime) -> Answer:
        """The answer to a message; logs the question and remembers what it was about."""

    @abstractmethod
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
        """Carry out a slash command: `name` without the slash ("stage"), `text` as typed.

        `ticked`: the exit criteria ticked in a form (None: not asked). `expected_version`: the product's version that
        the form was made for; a change since then is a `conflict`.
        """

    @abstractmethod
    def command_from_form(self, form: Form) -> tuple[str, str]:
        """The command name and text that a completed form stands for."""

    def submit(
        self,
        form: Form,
        speaker: Speaker,
        now: datetime,
        *,
        ticked: tuple[str, ...] | None = None,
        alongside: Alongside | None = None,
    ) -> Reply:
        """Carry out a completed form, if the product is as it was when the form was made; `form.version` says which.

        `ticked`: the keys of the exit criteria that were ticked. The way over the text is for assistants that have no
        better one: what people fill in may hold quotes and keywords.
        """
        name, text = self.command_from_form(form)
        return self.command(name, text, speaker, now, ticked=ticked, expected_version=form.version, alongside=alongside)

    @abstractmethod
    def home(self, speaker: Speaker, now: datetime) -> Home:
        """Somebody's own page."""

    @abstractmethod
    def examples(self) -> tuple[str, ...]:
        """Three questions that the present pack answers, for a hello and for help."""
