"""What every use case is given: who asks for what, when, under which settings. Nothing is read from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.commands.parsed import ParsedCommand
from bot.results import Reply, Speaker
from bot.store.base import Store, Writer
from knowledge.schema import Pack

Policy = Literal["involved", "open", "admins"]
Gates = Literal["record", "enforce"]

# Runs in the transaction of a change, before it ends, with the reply that will be given: there a caller records that
# a delivery has had its effect, and what is still to be said if the process dies before saying it.
Within = Callable[[Writer, Reply], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may change products, whether exit criteria bind, and what stands before the names of commands."""

    policy: Policy = "involved"
    gates: Gates = "record"
    admins: frozenset[str] = frozenset()
    prefix: str = ""

    def slash(self, command: str) -> str:
        """A command as people type it here: "/stage"."""
        return f"/{self.prefix}{command}"


@dataclass(frozen=True, slots=True)
class Request:
    """One command of one person at one moment.

    `names` and `channels` turn ids into what people read. `seen_version`: the product's version when a form was made.
    `ticked`: the keys of the exit criteria that were ticked; None where nobody was asked. `guessed`: what was typed
    for the product, where it was only near to its name.
    """

    store: Store
    pack: Pack
    rules: Rules
    speaker: Speaker
    now: datetime
    names: Callable[[str], str]
    command: ParsedCommand
    typed: str = ""
    channels: Callable[[str], str] = field(default=lambda channel: f"#{channel}")
    seen_version: int | None = None
    ticked: tuple[str, ...] | None = None
    guessed: str = ""
    within: Within | None = None

    @property
    def who(self) -> str:
        """The speaker's name."""
        return self.names(self.speaker.user)
