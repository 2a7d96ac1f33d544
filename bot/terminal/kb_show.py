"""One thing of the knowledge base with everything that is said about it, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from knowledge.names import folded
from knowledge.queries import Knowledge, walk

WIDTH = 80
KINDS = ("stage", "activity", "role", "topic", "component", "artefact", "handover", "requirement", "entry")


def find(knowledge: Knowledge, name: str) -> list[tuple[str, str]]:
    """The things that go by this name, whatever their kind: (kind, id), those with that very id first."""
    wanted = folded(name)
    found = [(kind, id_) for kind, id_, other in _names(knowledge) if folded(other) == wanted]
    by_id = [(kind, id_) for kind, id_ in found if id_ == name.strip().lower()]
    return list(dict.fromkeys([*by_id, *found]))


def near(knowledge: Knowledge, name: str) -> list[str]:
    """Up to three names that are much like this one."""
    from rapidfuzz import fuzz, process

    names = {folded(other): other for _, _, other in _names(knowledge)}
    close = process.extract(name, list(names.values()), scorer=fuzz.WRatio, processor=folded, score_cutoff=70, limit=3)
    return [other for other, _, _ in close]


def _names(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    for name in knowledge.names():
        yield name.kind, name.id, name.name
    pack = knowledge.pack
    for kind, things in (
        ("handover", pack.handovers),
        ("requirement", pack.requirements),
        ("entry", pack.entries),
    ):
        for thing in things:
            yield from ((kind, thing.id, text) for text in (thing.name, thing.id.replace("-", " "), *thing.aliases))


def show(knowledge: Knowledge, kind: str, id_: str) -> str:
    """Everything that the knowledge base says about a thing."""
    lines = _SHOW[kind](knowledge, _thing(knowledge, kind, id_))
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def _thing(knowledge: Knowledge, kind: str, id_: str) -> Any:
    pack = knowledge.pack
    if kind == "activity":
        return next(part for stage in pack.stages for part in walk(stage.activities) if part.id == id_)
    lists: dict[str, Sequence[Any]] = {
        "stage": pack.stages,
        "role": pack.roles,
        "topic": pack.responsibilities,
        "component": pack.components,
        "artefact": pack.artefacts,
        "handover": pack.handovers,
        "requirement": pack.requirements,
        "entry": pack.entries,
    }
    return next(thing for thing in lists[kind] if thing.id == id_)


def _stage(knowledge: Knowledge, stage: Any) -> Iterator[str]:
    place = f"{knowledge.position(stage.id) + 1} of {len(knowledge.pack.stages)}"
    yield from _head(knowledge, f"stage {stage.id}, {place}", stage)
    yield from _statements(knowledge, "", stage.details, stage)
    for level in knowledge.pack.framework.levels:
        rows = [row for row in knowledge.involvements(stage=stage.id) if row.level == level.id]
        yield from _involvements(knowledge, f"{level.name}:", rows, lambda row: knowledge.roles[row.role].name)
    if stage.unspecified:
        yield "The source names nobody who owns this stage."
    elif knowledge.pack.roles:
        named = {row.role for row in knowledge.involvements(stage=stage.id)}
        yield from _list("no part:", [role.name for role in knowledge.pack.roles if role.id not in named])
    yield from _list("parts:", [part.name for part in walk(stage.activities)])
    yield from _list("next:", [after.name for after in knowledge.following(stage.id)] or ["nothing, it is the last"])
    yield from _list("beside it:", [other.name for other in knowledge.parallel(stage.id)])
    if knowledge.before(stage.id):
        back = stage.returns if stage.returns != "any_earlier" else ()
        names = [knowledge.stages[earlier].name for earlier in back]
        yield from _list("back to:", names or ["any earlier stage" if stage.returns == "any_earlier" else "none"])
    yield from _statements(knowledge, "ends with:", stage.outcome, stage)
    if stage.gate:
        yield from _statements(knowledge, "before it is left:", stage.gate.criteria, stage)
        yield from _decision(knowledge, stage.gate.decision)
    if stage.stall_days:
        yield f"stuck after: {stage.stall_days} days"
    topics = [t.name for t in knowledge.pack.responsibilities if stage.id in (t.stage, *t.also_stages)]
    yield from _list("topics:", topics)
    yield from _tail(knowledge, stage)


def _decision(knowledge: Knowledge, decision: Any) -> Iterator[str]:
    if decision is None:
        return
    yield f"decision: {decision.name}. {decision.what}".rstrip()
    for option in decision.options:
        effect = f", closes the product as {option.closes}" if option.closes else ""
        effect += ", the product stays in the stage" if option.stays else ""
        yield f"  - {option.id}{effect}"
    fields = [f"{field.id} ({field.type}{', required' if field.required else ''})" for field in decision.fields]
    yield from _list("recorded with it:", fields)
    yield from _list("decided by:", [knowledge.roles[role].name for role in decision.decided_by])


def _activity(knowledge: Knowledge, activity: Any) -> Iterator[str]:
    stage = knowledge.activity_stage(activity.id)
    yield from _head(knowledge, f"activity {activity.id}", activity)
    if stage:
        yield f"part of: {stage.name}"
        rows = [row for row in knowledge.involvements(stage=stage.id) if row.activity == activity.id]
        for level in knowledge.pack.framework.levels:
            here = [row for row in rows if row.level == level.id]
            yield from _involvements(knowledge, f"{level.name}:", here, lambda row: knowledge.roles[row.role].name)
    yield from _list("parts:", [part.name for part in walk(activity.activities)])
    yield from _tail(knowledge, activity)


def _role(knowledge: Knowledge, role: Any) -> Iterator[str]:
    scope = "" if role.scope == "project" else f", of the {role.scope}"
    yield from _head(knowledge, f"role {role.id}{scope}", role)
    yield from _list("includes:", role.includes)
    yield from _statements(knowledge, "kinds:", role.kinds, role)
    yield from _statements(knowledge, "details:" if role.kinds else "", role.details, role)
    for level in knowledge.pack.framework.levels:
        rows = [row for row in knowledge.involvements(role=role.id) if row.level == level.id]
        yield from _involvements(knowledge, f"{level.name}:", rows, lambda row: knowledge.stages[row.stage].name)
    yield from _list("owns:", [topic.name for topic in knowledge.owned_by(role.id)])
    yield from _list("people:", role.people)
    if role.user_group:
        yield f"Slack user group: {role.user_group}"
    yield from _tail(knowledge, role)


def _topic(knowledge: Knowledge, topic: Any) -> Iterator[str]:
    yield from _head(knowledge, f"topic {topic.id}", topic, topic.what)
    yield from _owners(knowledge, "owned by:", topic.owners)
    yield from _list("stage:", [knowledge.stages[s].name for s in (topic.stage, *topic.also_stages) if s])
    if topic.component:
        yield f"component: {knowledge.components[topic.component].name}"
    if topic.artefact:
        yield f"makes: {knowledge.artefacts[topic.artefact].name}"
    yield from _statements(knowledge, "notes:", topic.notes, topic)
    yield from _list("asked as:", [f"“{text}”" for text in topic.phrasings])
    yield from _tail(knowledge, topic)


def _component(knowledge: Knowledge, component: Any) -> Iterator[str]:
    yield from _head(knowledge, f"component {component.id}", component)
    yield from _owners(knowledge, "owned by:", component.owners)
    topics = [topic.name for topic in knowledge.pack.responsibilities if topic.component == component.id]
    yield from _list("topics:", topics)
    yield from _tail(knowledge, component)


def _artefact(knowledge: Knowledge, artefact: Any) -> Iterator[str]:
    yield from _head(knowledge, f"artefact {artefact.id}", artefact)
    yield from _list("produced in:", [knowledge.stages[stage].name for stage in artefact.produced_in])
    yield from _list("updated in:", [knowledge.stages[stage].name for stage in artefact.updated_in])
    yield from _list("by:", [knowledge.roles[role].name for role in artefact.by] or ["nobody named"])
    if artefact.template:
        yield f"template: {artefact.template}"
    yield from _tail(knowledge, artefact)


def _handover(knowledge: Knowledge, handover: Any) -> Iterator[str]:
    yield from _head(knowledge, f"handover {handover.id}", handover, handover.what)
    yield from _owners(knowledge, "given by:", handover.givers)
    yield from _owners(knowledge, "received by:", handover.receivers)
    if handover.stage:
        yield f"stage: {knowledge.stages[handover.stage].name}"
    yield from _tail(knowledge, handover)


def _requirement(knowledge: Knowledge, requirement: Any) -> Iterator[str]:
    yield from _head(knowledge, f"requirement {requirement.id}", requirement, requirement.what)
    if requirement.stage:
        yield f"stage: {knowledge.stages[requirement.stage].name}"
    yield from _tail(knowledge, requirement)


def _entry(knowledge: Knowledge, entry: Any) -> Iterator[str]:
    yield from _head(knowledge, f"entry {entry.id}", entry, entry.answer)
    yield from _list("asked as:", [f"“{text}”" for text in entry.phrasings])
    yield from _tail(knowledge, entry)


_SHOW: dict[str, Callable[[Knowledge, Any], Iterator[str]]] = {
    "stage": _stage,
    "activity": _activity,
    "role": _role,
    "topic": _topic,
    "component": _component,
    "artefact": _artefact,
    "handover": _handover,
    "requirement": _requirement,
    "entry": _entry,
}


def _head(knowledge: Knowledge, what: str, thing: Any, text: str | None = None) -> Iterator[str]:
    yield f"{thing.name} ({what})"
    yield thing.summary if text is None else text
    yield ""
    yield from _list("also called:", thing.aliases)


def _tail(knowledge: Knowledge, thing: Any) -> Iterator[str]:
    cited = knowledge.cite(thing)
    section = f", {cited.section}" if cited.section else ""
    reviewed = f", reviewed {thing.reviewed}" if thing.reviewed else ""
    yield f"source: {cited.source}{section} ({cited.basis}{reviewed})"


def _statements(knowledge: Knowledge, label: str, statements: Sequence[Any], around: Any) -> Iterator[str]:
    if statements and label:
        yield label
    for statement in statements:
        # Only what differs from the thing around it is worth a word on every line.
        basis = "" if statement.basis == around.basis else f" ({statement.basis})"
        yield f"  - {statement.text}{basis}"


def _involvements(knowledge: Knowledge, label: str, rows: Sequence[Any], name: Callable[[Any], str]) -> Iterator[str]:
    if not rows:
        return
    yield label
    for row in rows:
        condition = f" ({row.condition})" if row.condition else ""
        basis = "" if row.basis == "stated" else f" ({row.basis})"
        yield f"  - {name(row)}{f': {row.what}' if row.what else ''}{condition}{basis}"


def _owners(knowledge: Knowledge, label: str, owners: Sequence[Any]) -> Iterator[str]:
    if not owners:
        yield f"{label} the source names no role"
        return
    yield label
    for owner in owners:
        basis = "" if owner.basis == "stated" else f" ({owner.basis})"
        yield f"  - {knowledge.roles[owner.role].name}{f': {owner.what}' if owner.what else ''}{basis}"


def _list(label: str, items: Iterable[str]) -> Iterator[str]:
    words = ", ".join(items)
    if words:
        yield f"{label} {words}"


def _wrapped(line: str) -> str:
    indent = "    " if line.startswith("  - ") else "  "
    return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False)) if line else ""
