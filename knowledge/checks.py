"""Rules that no single file can check: what makes a pack contradict itself. Pure functions over a `Pack`.

What is merely left open is in `knowledge.gaps`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from knowledge.schema import Activity, Decision, Pack, Stage
from knowledge.sourcing import nested_fields
from knowledge.validation import suggestion
from knowledge.yaml_file import Location

LISTS = (
    "stages",
    "roles",
    "involvements",
    "responsibilities",
    "components",
    "artefacts",
    "handovers",
    "requirements",
    "entries",
)
_STATUSES = ("active", "archived")
_INTENT = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a pack. `location`: the pack's field, then keys and indexes.

    `at_key`: it is the key there that is wrong, not its value.
    """

    location: Location
    message: str
    severity: Literal["error", "warning"] = "error"
    at_key: bool = False


def errors(pack: Pack) -> list[Finding]:
    """Everything that makes the pack contradict itself."""
    return [
        *_duplicates(pack),
        *unknown_ids(models(pack), known_ids(pack)),
        *_activity_references(pack),
        *_order(pack),
        *_decisions(pack),
        *_others(pack),
    ]


def _duplicates(pack: Pack) -> Iterator[Finding]:
    for kind in LISTS:
        if kind != "involvements":
            yield from _twice(((kind, i), item.id) for i, item in enumerate(getattr(pack, kind)))
    yield from _twice((("framework", "sources", i), item.id) for i, item in enumerate(pack.framework.sources))
    yield from _twice((("framework", "levels", i), item.id) for i, item in enumerate(pack.framework.levels))
    yield from _twice((location, activity.id) for location, _, activity in _activities(pack))
    for location, decision in _all_decisions(pack):
        yield from _twice(((*location, "options", i), item.id) for i, item in enumerate(decision.options))
        yield from _twice(((*location, "fields", i), item.id) for i, item in enumerate(decision.fields))
    parts: dict[tuple[str, str, str | None, str], int] = {}
    for i, item in enumerate(pack.involvements):
        part = (item.role, item.stage, item.activity, item.condition)
        if part in parts:
            message = f"“{item.role}” already has a part in “{item.stage}” (item {parts[part] + 1} of this file)"
            yield Finding(("involvements", i), f"{message}: keep one, or tell them apart by activity or condition")
        parts.setdefault(part, i)


def _twice(places: Iterable[tuple[Location, str]]) -> Iterator[Finding]:
    first: dict[str, Location] = {}
    for location, name in places:
        if name in first:
            yield Finding((*location, "id"), f"the id “{name}” is already that of item {_number(first[name])}")
        first.setdefault(name, location)


def _number(location: Location) -> int:
    index = location[-1]
    return index + 1 if isinstance(index, int) else 0


# Which ids a field holds: the same key means the same thing wherever it stands.
_REFERS = {
    "role": "roles",
    "roles": "roles",
    "by": "roles",
    "decided_by": "roles",
    "stuck_roles": "roles",
    "stage": "stages",
    "stages": "stages",
    "after": "stages",
    "also_stages": "stages",
    "next": "stages",
    "returns": "stages",
    "parallel_with": "stages",
    "produced_in": "stages",
    "updated_in": "stages",
    "component": "components",
    "artefact": "artefacts",
    "level": "levels",
    "source": "sources",
}
_KIND = {
    "roles": "role",
    "stages": "stage",
    "components": "component",
    "artefacts": "artefact",
    "levels": "level",
    "sources": "source",
}


@dataclass(frozen=True)
class _Shape:
    """The fields of a kind of model that need a look; asking pydantic each time is slow."""

    nested: tuple[str, ...]
    references: tuple[tuple[str, str], ...]


@cache
def _shape(kind: type[BaseModel]) -> _Shape:
    references = tuple((name, target) for name, target in _REFERS.items() if name in kind.model_fields)
    return _Shape(nested_fields(kind), references)


def known_ids(pack: Pack) -> dict[str, list[str]]:
    """The ids that other facts may refer to, a list a kind."""
    return {
        "roles": [role.id for role in pack.roles],
        "stages": [stage.id for stage in pack.stages],
        "components": [component.id for component in pack.components],
        "artefacts": [artefact.id for artefact in pack.artefacts],
        "levels": [level.id for level in pack.framework.levels],
        "sources": [source.id for source in pack.framework.sources],
    }


def unknown_ids(facts: Iterable[tuple[Location, BaseModel]], known: Mapping[str, Iterable[str]]) -> Iterator[Finding]:
    """A finding for each id in these facts that nothing has."""
    sets = {kind: frozenset(ids) for kind, ids in known.items()}
    for location, model in facts:
        for name, target in _shape(type(model)).references:
            value = getattr(model, name)
            if value is None or value == "any_earlier":
                continue
            values = (
                [((*location, name), value)]
                if isinstance(value, str)
                else [((*location, name, i), item) for i, item in enumerate(value)]
            )
            for place, wanted in values:
                if wanted not in sets[target]:
                    kind = _KIND[target]
                    hint = suggestion(wanted, known[target], kind)
                    yield Finding(place, f"no {kind} has the id “{wanted}”: {hint}")


def _activity_references(pack: Pack) -> Iterator[Finding]:
    activities = {stage.id: list(_within(stage.activities)) for stage in pack.stages}
    for kind in ("involvements", "responsibilities"):
        for i, item in enumerate(getattr(pack, kind)):
            if item.activity is None:
                continue
            stages = [item.stage] if item.stage else []
            stages += getattr(item, "also_stages", ())
            if not stages:
                yield Finding((kind, i, "activity"), "found an activity without a stage: say which stage it is part of")
                continue
            known = [activity for stage in stages for activity in activities.get(stage, [])]
            if item.activity not in known:
                hint = suggestion(item.activity, known, "activity there")
                message = f"“{item.activity}” is no activity of {_quoted(stages)}: {hint}"
                yield Finding((kind, i, "activity"), message)


def _within(activities: Iterable[Activity]) -> Iterator[str]:
    for activity in activities:
        yield activity.id
        yield from _within(activity.activities)


def _activities(pack: Pack) -> Iterator[tuple[Location, Stage, Activity]]:
    for i, stage in enumerate(pack.stages):
        stack: list[tuple[Location, Activity]] = [
            (("stages", i, "activities", j), activity) for j, activity in enumerate(stage.activities)
        ]
        while stack:
            location, activity = stack.pop(0)
            yield location, stage, activity
            stack += [((*location, "activities", j), part) for j, part in enumerate(activity.activities)]


def models(pack: Pack) -> Iterator[tuple[Location, BaseModel]]:
    """Every model within the pack, with its place."""
    yield from models_within((("framework",), pack.framework))
    yield from models_within(*(((kind, i), item) for kind in LISTS for i, item in enumerate(getattr(pack, kind))))


def models_within(*start: tuple[Location, BaseModel]) -> Iterator[tuple[Location, BaseModel]]:
    """These models and every model inside them, each with its place."""
    stack = list(reversed(start))
    while stack:
        location, model = stack.pop()
        yield location, model
        for name in _shape(type(model)).nested:
            value: Any = getattr(model, name)
            if isinstance(value, BaseModel):
                stack.append(((*location, name), value))
            elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
                stack += [((*location, name, i), item) for i, item in enumerate(value)]


def following(pack: Pack) -> dict[str, tuple[str, ...]]:
    """The stages that may follow each stage, with what a pack leaves out filled in."""
    after: dict[str, tuple[str, ...]] = {}
    for i, stage in enumerate(pack.stages):
        if stage.terminal:
            after[stage.id] = ()
        elif stage.next is not None:
            after[stage.id] = stage.next
        else:
            after[stage.id] = (pack.stages[i + 1].id,) if i + 1 < len(pack.stages) else ()
    return after


def _order(pack: Pack) -> Iterator[Finding]:
    position = {stage.id: i for i, stage in enumerate(pack.stages)}
    for i, stage in enumerate(pack.stages):
        if stage.terminal and stage.next:
            message = f"“{stage.id}” is terminal, so nothing comes after it: leave out next, or terminal"
            yield Finding(("stages", i, "next"), message)
        for name in ("next", "parallel_with", "returns"):
            values = getattr(stage, name)
            if not isinstance(values, tuple):
                continue
            for j, other in enumerate(values):
                place: Location = ("stages", i, name, j)
                if other == stage.id:
                    yield Finding(place, f"“{stage.id}” names itself in {name}: expected another stage")
                elif name == "returns" and pack.framework.ordered and position.get(other, -1) > i:
                    message = f"“{other}” comes later than “{stage.id}”: returns lists the stages one may go back to"
                    yield Finding(place, message)
                elif other in values[:j]:
                    yield Finding(place, f"“{other}” stands in {name} twice: keep one")
    if pack.framework.ordered:
        yield from _circle(pack)


def _circle(pack: Pack) -> Iterator[Finding]:
    """One finding for the first circle, since its other stages would only repeat it."""
    after = following(pack)
    done: set[str] = set()
    for start in after:
        path: list[str] = []
        # Depth first without recursion: a pack may have very many stages in a row.
        stack: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            stack = [(start, iter(after[start]))]
            path = [start]
        while stack:
            stage, rest = stack[-1]
            following_stage = next((other for other in rest if other in after and other not in done), None)
            if following_stage is None:
                done.add(stage)
                stack.pop()
                path.pop()
            elif following_stage in path:
                circle = [*path[path.index(following_stage) :], following_stage]
                index = next(i for i, item in enumerate(pack.stages) if item.id == stage)
                route = " → ".join(circle)
                message = f"the stages go in a circle ({route}), but the framework is ordered: take one step out"
                yield Finding(("stages", index, "next"), f"{message}, use returns, or say ordered: false")
                return
            elif following_stage != stage:
                stack.append((following_stage, iter(after[following_stage])))
                path.append(following_stage)


def _all_decisions(pack: Pack) -> Iterator[tuple[Location, Decision]]:
    for i, stage in enumerate(pack.stages):
        if stage.gate and stage.gate.decision:
            yield ("stages", i, "gate", "decision"), stage.gate.decision


def _decisions(pack: Pack) -> Iterator[Finding]:
    for location, decision in _all_decisions(pack):
        for i, option in enumerate(decision.options):
            if option.closes in _STATUSES:
                message = (
                    f"“{option.closes}” is a status every product can have: expected a word of its own, like “bought”"
                )
                yield Finding((*location, "options", i, "closes"), message)
            if option.closes and option.stays:
                message = "closes ends the lifecycle and stays keeps the product in its stage: expected one of the two"
                yield Finding((*location, "options", i, "stays"), message)
        names: dict[str, str] = {}
        for i, option in enumerate(decision.options):
            for name in dict.fromkeys(word.casefold() for word in (option.id, option.name, *option.aliases)):
                if names.setdefault(name, option.id) != option.id:
                    message = f"“{name}” means two options, “{names[name]}” and “{option.id}”: expected different words"
                    yield Finding((*location, "options", i), message)


def _others(pack: Pack) -> Iterator[Finding]:
    for i, topic in enumerate(pack.responsibilities):
        if topic.unspecified and topic.owners:
            message = "unspecified says that the source names nobody, yet there are owners: keep one of the two"
            yield Finding(("responsibilities", i, "unspecified"), message)
        yield from _same_role(("responsibilities", i, "owners"), topic.owners)
    for i, component in enumerate(pack.components):
        yield from _same_role(("components", i, "owners"), component.owners)
    for intent in pack.questions:
        if not _INTENT.match(intent):
            message = f"found the intent “{intent}”: expected small letters, digits and _, like stage_owner"
            yield Finding(("questions", intent), message, at_key=True)


def _same_role(location: Location, owners: Iterable[Any]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for i, owner in enumerate(owners):
        if (owner.role, owner.what) in seen:
            yield Finding((*location, i), f"“{owner.role}” is already an owner here: keep one, or say what each owns")
        seen.add((owner.role, owner.what))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
