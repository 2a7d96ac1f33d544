"""Questions to a pack: who holds which involvement where, what comes before what, which names find a thing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a compiled pack is asked without importing pydantic (see knowledge.compiled)
    from knowledge.schema import (
        Activity,
        Artefact,
        Component,
        Entry,
        Handover,
        Involvement,
        Level,
        Named,
        Pack,
        Responsibility,
        Role,
        Sourced,
        Stage,
    )


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a fact comes from, ready to show: the source's title, the section, the basis."""

    source: str
    section: str
    basis: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name that finds a thing. `title`: it is a job title that the role includes, not the role's own name."""

    kind: str
    id: str
    name: str
    title: bool = False


class Knowledge:
    """A pack with its indexes. Ids that the pack does not have raise KeyError: callers get ids from names."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.stages: dict[str, Stage] = {stage.id: stage for stage in pack.stages}
        self.roles: dict[str, Role] = {role.id: role for role in pack.roles}
        self.levels: dict[str, Level] = {level.id: level for level in pack.framework.levels}
        self.responsibilities: dict[str, Responsibility] = {r.id: r for r in pack.responsibilities}
        self.components: dict[str, Component] = {c.id: c for c in pack.components}
        self.handovers: dict[str, Handover] = {h.id: h for h in pack.handovers}
        self.artefacts: dict[str, Artefact] = {artefact.id: artefact for artefact in pack.artefacts}
        self.entries: dict[str, Entry] = {entry.id: entry for entry in pack.entries}
        self._titles = {source.id: source.title for source in pack.framework.sources}
        self._order = {stage.id: index for index, stage in enumerate(pack.stages)}

    # -- sources ------------------------------------------------------------------------------------------------

    def cite(self, fact: Sourced) -> Citation:
        """Where the fact comes from."""
        source = fact.source or self.pack.framework.sources[0].id
        return Citation(self._titles.get(source, source), fact.section, fact.basis)

    # -- stages and their order ---------------------------------------------------------------------------------

    def position(self, stage: str) -> int:
        """The stage's place in the pack's order, from 0."""
        return self._order[stage]

    def following(self, stage: str) -> list[Stage]:
        """The stages that come next by the rules: the listed ones, else the one after it."""
        here = self.stages[stage]
        if here.terminal:
            return []
        if here.next is not None:
            return [self.stages[after] for after in here.next]
        place = self._order[stage] + 1
        return list(self.pack.stages[place : place + 1])

    def preceding(self, stage: str) -> list[Stage]:
        """The stages from which this one is next."""
        return [before for before in self.pack.stages if any(s.id == stage for s in self.following(before.id))]

    def before(self, stage: str) -> list[Stage]:
        """All stages earlier in the pack's order."""
        return list(self.pack.stages[: self._order[stage]])

    def after(self, stage: str) -> list[Stage]:
        """All stages later in the pack's order."""
        return list(self.pack.stages[self._order[stage] + 1 :])

    def parallel(self, stage: str) -> list[Stage]:
        """The stages that may be open at the same time; stated on either side, it holds for both."""
        return [
            other
            for other in self.pack.stages
            if other.id != stage and (other.id in self.stages[stage].parallel_with or stage in other.parallel_with)
        ]

    # -- involvement --------------------------------------------------------------------------------------------

    @cached_property
    def _by_stage(self) -> dict[str, list[Involvement]]:
        found: dict[str, list[Involvement]] = {stage: [] for stage in self.stages}
        for involvement in self.pack.involvements:
            found[involvement.stage].append(involvement)
        return found

    def involvements(self, *, stage: str | None = None, role: str | None = None) -> list[Involvement]:
        """Who does what where, in the pack's order; of one stage, of one role, or of both."""
        rows = self._by_stage[stage] if stage is not None else self.pack.involvements
        return [row for row in rows if role is None or row.role == role]

    def owners(self, stage: str) -> list[Involvement]:
        """The involvements of a stage whose level owns it, such as "drives"."""
        return [row for row in self._by_stage[stage] if self.levels[row.level].owner]

    def participants(self, stage: str) -> list[Involvement]:
        """The involvements of a stage that take part without owning it."""
        return [
            row
            for row in self._by_stage[stage]
            if self.levels[row.level].takes_part and not self.levels[row.level].owner
        ]

    def uninvolved(self, stage: str) -> list[Role]:
        """The roles that the pack gives no part in the stage: from its silence, or because it says so."""
        taking = {row.role for row in self._by_stage[stage] if self.levels[row.level].takes_part}
        return [role for role in self.pack.roles if role.id not in taking]

    def stages_of(self, role: str) -> list[tuple[Stage, list[Involvement]]]:
        """The stages in which a role takes part, with how, in the pack's order."""
        found = []
        for stage in self.pack.stages:
            rows = [r for r in self._by_stage[stage.id] if r.role == role and self.levels[r.level].takes_part]
            if rows:
                found.append((stage, rows))
        return found

    def owned_by(self, role: str) -> list[Responsibility]:
        """The responsibilities that a role owns, alone or with others."""
        return [r for r in self.pack.responsibilities if any(owner.role == role for owner in r.owners)]

    # -- names --------------------------------------------------------------------------------------------------

    def names(self) -> Iterator[Name]:
        """Every name that finds a thing, as plain data for the matcher; entries and handovers are found by meaning."""
        for stage in self.pack.stages:
            yield from _names("stage", stage)
        for role in self.pack.roles:
            yield from _names("role", role)
            if role.plural:
                yield Name("role", role.id, role.plural)
            for title in role.includes:
                yield Name("role", role.id, title, title=True)
        for kind, things in (
            ("topic", self.pack.responsibilities),
            ("component", self.pack.components),
            ("artefact", self.pack.artefacts),
        ):
            for thing in things:
                yield from _names(kind, thing)
        for stage in self.pack.stages:
            for activity in walk(stage.activities):
                yield from _names("activity", activity)

    def activity_stage(self, activity: str) -> Stage | None:
        """The stage that an activity belongs to."""
        for stage in self.pack.stages:
            if any(part.id == activity for part in walk(stage.activities)):
                return stage
        return None


def walk(activities: tuple[Activity, ...]) -> Iterator[Activity]:
    """Activities and the activities within them, outermost first."""
    for activity in activities:
        yield activity
        yield from walk(activity.activities)


def _names(kind: str, thing: Named) -> Iterator[Name]:
    yield Name(kind, thing.id, thing.name)
    yield Name(kind, thing.id, thing.id.replace("-", " "))
    for alias in thing.aliases:
        yield Name(kind, thing.id, alias)
