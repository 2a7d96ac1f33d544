"""An organisation's own words and rules on top of a pack: one YAML file that changes, adds and retires.

    organisation: Acme
    stages:
      change: {design: {name: Drafting, stall_days: 10}}
    roles:
      change: {builder: {aliases: [crafts people], user_group: S0123, people: ["@ana"]}}
    responsibilities:
      change: {paint: {owners: [{role: builder}]}}

What the organisation says gets the basis "organisation" and the organisation as its source; what it leaves alone keeps
its own. A name that is replaced goes on being understood, as an alias.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from knowledge import checks, gaps
from knowledge.differences import diff
from knowledge.errors import KnowledgeError, KnowledgeInvalid, KnowledgeUnreadable, Problem
from knowledge.merging import Merger
from knowledge.schema import Id, Involvement, Model, Owner, Pack, Responsibility, Role, Stage, Text
from knowledge.validation import suggestion, validate
from knowledge.yaml_file import Location, Unreadable, YamlFile, read

__all__ = ["Overlay", "apply", "check", "diff"]


class StageChange(Model):
    """What an organisation says about a stage of the pack; `aliases` are added to those there are."""

    name: Text | None = None
    aliases: tuple[Text, ...] = ()
    summary: Text | None = None
    stall_days: int | None = Field(default=None, gt=0)


class NewStage(Stage):
    """A stage of the organisation's own; `after`: the stage it follows, or else it becomes the first."""

    after: Id | None = None


class RoleChange(Model):
    """What an organisation says about a role of the pack; `aliases` and `includes` are added."""

    name: Text | None = None
    plural: Text | None = None
    aliases: tuple[Text, ...] = ()
    includes: tuple[Text, ...] = ()
    summary: Text | None = None
    people: tuple[Text, ...] = ()
    user_group: Text | None = None


class TopicChange(Model):
    """What an organisation says about a topic of the pack; `owners` take the place of those there are."""

    name: Text | None = None
    aliases: tuple[Text, ...] = ()
    what: Text | None = None
    stage: Id | None = None
    owners: tuple[Owner, ...] | None = Field(default=None, min_length=1)
    phrasings: tuple[Text, ...] = ()


class StageSection(Model):
    """Changes to stages."""

    change: dict[str, StageChange] = Field(default_factory=dict)
    add: tuple[NewStage, ...] = ()
    retire: tuple[Id, ...] = ()


class RoleSection(Model):
    """Changes to roles."""

    change: dict[str, RoleChange] = Field(default_factory=dict)
    add: tuple[Role, ...] = ()
    retire: tuple[Id, ...] = ()


class TopicSection(Model):
    """Changes to responsibilities."""

    change: dict[str, TopicChange] = Field(default_factory=dict)
    add: tuple[Responsibility, ...] = ()
    retire: tuple[Id, ...] = ()


class Part(Model):
    """A role in a stage."""

    role: Id
    stage: Id


class InvolvementSection(Model):
    """Who takes part where: `set` replaces the role's part in that stage, or gives it one; `remove` takes it away."""

    set: tuple[Involvement, ...] = ()
    remove: tuple[Part, ...] = ()


class FrameworkChange(Model):
    """Changes to the framework as a whole."""

    name: Text | None = None
    stuck_roles: tuple[Id, ...] | None = None


class Overlay(Model):
    """The organisation's file."""

    organisation: Text
    url: str | None = None
    framework: FrameworkChange = FrameworkChange()
    stages: StageSection = StageSection()
    roles: RoleSection = RoleSection()
    involvements: InvolvementSection = InvolvementSection()
    responsibilities: TopicSection = TopicSection()

    @property
    def id(self) -> str:
        """The organisation's name as the id of a source."""
        return re.sub(r"[^a-z0-9]+", "-", self.organisation.lower()).strip("-")[:80] or "organisation"


def apply(pack: Pack, file: Path) -> Pack:
    """The pack as the organisation's file has it. Raises what `loader.load` raises, with places in that file."""
    try:
        read_file = read(file)
    except Unreadable as error:
        raise KnowledgeUnreadable([error.problem]) from None
    if read_file.empty:
        raise KnowledgeInvalid([Problem(file.name, 0, 0, "the file is empty: expected at least “organisation: NAME”")])
    overlay, problems = validate(_adapter(), read_file)
    problems = read_file.problems + problems
    if overlay is None or problems:
        raise KnowledgeInvalid(problems)
    wrong = [_problem(read_file, finding) for finding in _targets(pack, overlay)]
    if wrong:
        raise KnowledgeInvalid(wrong)
    merged = Merger(pack, overlay.id, overlay.organisation, overlay.url).merge(overlay)
    # First the ids that the file itself gets wrong, at their place; then what only shows in the whole.
    own = list(checks.unknown_ids(checks.models_within(*_facts(overlay)), checks.known_ids(merged)))
    wrong = [_problem(read_file, finding) for finding in own]
    if not wrong:
        wrong = [Problem(file.name, 0, 0, f"with this file, {finding.message}") for finding in checks.errors(merged)]
    if wrong:
        raise KnowledgeInvalid(sorted(wrong, key=lambda problem: (problem.line, problem.column)))
    digest = hashlib.sha256(f"{pack.checksum}:".encode() + read_file.raw).hexdigest()
    return merged.model_copy(update={"checksum": digest})


def check(pack: Pack, file: Path, today: date) -> list[Problem]:
    """Errors in the organisation's file, or the warnings that it brings. Raises `KnowledgeUnreadable`."""
    try:
        merged = apply(pack, file)
    except KnowledgeUnreadable:
        raise
    except KnowledgeError as error:
        return error.problems
    known = {finding.message for finding in gaps.warnings(pack, today)}
    return [
        Problem(file.name, 0, 0, f"with this file, {finding.message}", "warning")
        for finding in gaps.warnings(merged, today)
        if finding.message not in known
    ]


@cache
def _adapter() -> TypeAdapter[Overlay]:
    return TypeAdapter(Overlay)


def _problem(file: YamlFile, finding: checks.Finding) -> Problem:
    line, column = (file.key_place if finding.at_key else file.place)(finding.location)
    return Problem(file.name, line, column, finding.message)


def _targets(pack: Pack, overlay: Overlay) -> Iterator[checks.Finding]:
    """What is to be changed or retired must be there; what is added must not."""
    for kind, what in (("stages", "stage"), ("roles", "role"), ("responsibilities", "topic")):
        section = getattr(overlay, kind)
        known = [item.id for item in getattr(pack, kind)]
        for name in section.change:
            if name not in known:
                message = f"no {what} has the id “{name}”: {suggestion(name, known, what)}"
                yield checks.Finding((kind, "change", name), message, at_key=True)
            elif name in section.retire:
                message = f"“{name}” is changed here and retired below: keep one of the two"
                yield checks.Finding((kind, "change", name), message, at_key=True)
        for i, name in enumerate(section.retire):
            if name not in known:
                message = f"no {what} has the id “{name}”: {suggestion(name, known, what)}"
                yield checks.Finding((kind, "retire", i), message)
        for i, item in enumerate(section.add):
            if item.id in known:
                message = f"the pack has a {what} “{item.id}” already: use change, or another id"
                yield checks.Finding((kind, "add", i, "id"), message)
            elif item.id in [other.id for other in section.add[:i]]:
                yield checks.Finding((kind, "add", i, "id"), f"“{item.id}” is added twice: keep one")
    yield from _places(pack, overlay)


def _places(pack: Pack, overlay: Overlay) -> Iterator[checks.Finding]:
    """What merging relies on: a stage is left, new ones know their place, parts to be removed are there."""
    if len(overlay.stages.retire) >= len(pack.stages) + len(overlay.stages.add):
        yield checks.Finding(("stages", "retire"), "this retires every stage: expected at least one to stay")
    ids = [stage.id for stage in pack.stages]
    for i, stage in enumerate(overlay.stages.add):
        if stage.after is not None and stage.after not in ids:
            message = f"no stage has the id “{stage.after}”: {suggestion(stage.after, ids, 'stage')}"
            yield checks.Finding(("stages", "add", i, "after"), message)
        ids.append(stage.id)
    parts = {(item.role, item.stage) for item in pack.involvements}
    for i, part in enumerate(overlay.involvements.remove):
        if (part.role, part.stage) not in parts:
            message = f"“{part.role}” has no part in “{part.stage}” that could be removed"
            yield checks.Finding(("involvements", "remove", i), message)


def _facts(overlay: Overlay) -> Iterator[tuple[Location, BaseModel]]:
    """The facts in the file that may refer to ids."""
    yield ("framework",), overlay.framework if overlay.framework.stuck_roles else FrameworkChange(stuck_roles=())
    for kind in ("stages", "roles", "responsibilities"):
        section: Any = getattr(overlay, kind)
        yield from (((kind, "change", name), change) for name, change in section.change.items())
        yield from (((kind, "add", i), item.model_copy(update={"source": None})) for i, item in enumerate(section.add))
    yield from ((("involvements", "set", i), item) for i, item in enumerate(overlay.involvements.set))
