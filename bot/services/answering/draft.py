"""An answer in the making, and the small words of which answers are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.results import Reference
from bot.services.words import listed
from intents.readings import Reading
from knowledge.queries import Knowledge

if TYPE_CHECKING:
    from knowledge.schema import Role, Sourced, Stage

__all__ = ["Draft", "Question", "capitalised", "named_stages", "plural", "sentence", "verdict", "within"]


@dataclass
class Draft:
    """What an answer says so far. `answered` false: it says that it does not know."""

    lines: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    answered: bool = True
    suggestions: list[str] = field(default_factory=list)

    def say(self, line: str) -> Draft:
        """Add a line."""
        self.lines.append(line)
        return self

    def name_roles(self, roles: Iterable[str]) -> Draft:
        """Roles that are the answer."""
        self.roles += [role for role in roles if role not in self.roles]
        return self

    def name_stages(self, stages: Iterable[str]) -> Draft:
        """Stages that are the answer."""
        self.stages += [stage for stage in stages if stage not in self.stages]
        return self


@dataclass(frozen=True)
class Question:
    """What an answer is made from: the knowledge and the question as understood."""

    knowledge: Knowledge
    reading: Reading

    def roles(self) -> list[Role]:
        """The roles that the question names."""
        return [self.knowledge.roles[role] for role in self.reading.slots.get("role", ())]

    def stages(self) -> list[Stage]:
        """The stages that the question names; failing that, those of the activities and topics that it names."""
        found = [self.knowledge.stages[stage] for stage in self.reading.slots.get("stage", ())]
        for activity in self.reading.slots.get("activity", ()):
            stage = self.knowledge.activity_stage(activity)
            if stage and stage not in found:
                found.append(stage)
        if not found:
            for topic in self.reading.slots.get("topic", ()):
                home = self.knowledge.responsibilities[topic].stage
                if home and self.knowledge.stages[home] not in found:
                    found.append(self.knowledge.stages[home])
        return found

    def cite(self, draft: Draft, facts: Iterable[Sourced]) -> None:
        """Note where facts come from, each place once."""
        for fact in facts:
            place = self.knowledge.cite(fact)
            basis = place.basis if place.basis in {"stated", "derived", "organisation"} else "stated"
            reference = Reference(place.source, place.section, basis)  # type: ignore[arg-type]
            if reference not in draft.references:
                draft.references.append(reference)


Answerer = Callable[[Question], Draft | None]
"""Makes the answer to one intent; None where the question does not name what it would need."""


def plural(roles: Iterable[Role], last: str = "and") -> str:
    """The roles in a sentence: "designers and builders"."""
    return listed([role.names for role in roles], last)


def named_stages(stages: Iterable[Stage]) -> str:
    """The stages in a sentence."""
    return listed([stage.name for stage in stages])


def capitalised(text: str) -> str:
    """The text with a capital at its start; the rest as it is."""
    return text[:1].upper() + text[1:]


def within(name: str) -> str:
    """A thing's name inside a sentence: without the capital of its first word, unless that is an abbreviation."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def sentence(text: str) -> str:
    """The text as a sentence: a capital at its start, a full stop at its end."""
    text = text.strip()
    return capitalised(text) + ("" if text.endswith((".", "!", "?")) else ".")


def verdict(reading: Reading, holds: bool | None) -> str:
    """ "Yes: " or "No: " before the answer to a yes/no question; nothing before other answers."""
    if not reading.form.yes_no or holds is None:
        return ""
    return "Yes: " if holds else "No: "
