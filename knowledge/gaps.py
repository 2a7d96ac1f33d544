"""What a maintainer should look at, though the pack can be served. Pure functions over a `Pack`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from knowledge.checks import Finding, following, models
from knowledge.names import Named, Thing, folded, shared_names
from knowledge.schema import Pack, Sourced


def warnings(pack: Pack, today: date) -> list[Finding]:
    """Everything that a maintainer should look at, though the pack can be served."""
    found = [*_gaps(pack), *_unreachable(pack), *_sources(pack), *_reviews(pack, today), *_names(pack)]
    return [Finding(finding.location, finding.message, "warning", finding.at_key) for finding in found]


def _gaps(pack: Pack) -> Iterator[Finding]:
    owning = {level.id for level in pack.framework.levels if level.owner}
    taking_part = {level.id for level in pack.framework.levels if level.takes_part}
    driven = {item.stage for item in pack.involvements if item.level in owning}
    active = {item.role for item in pack.involvements if item.level in taking_part}
    for i, stage in enumerate(pack.stages):
        if stage.id not in driven and not stage.unspecified:
            levels = " or ".join(sorted(owning)) or "one with owner: true"
            message = f"no role drives “{stage.id}”: expected an involvement of level {levels}"
            yield Finding(("stages", i), f"{message}, or unspecified: true")
        if stage.unspecified and stage.id in driven:
            yield Finding(("stages", i, "unspecified"), f"“{stage.id}” is unspecified, yet a role drives it")
    for i, role in enumerate(pack.roles):
        if role.scope == "project" and role.id not in active and not role.unspecified:
            yield Finding(
                ("roles", i), f"“{role.id}” takes part in no stage: expected an involvement, or another scope"
            )
    for i, topic in enumerate(pack.responsibilities):
        if not topic.owners and not topic.unspecified:
            message = f"nobody owns “{topic.id}”: name owners, or say unspecified: true if the source names none"
            yield Finding(("responsibilities", i), message)


def _unreachable(pack: Pack) -> Iterator[Finding]:
    after = following(pack)
    reached: set[str] = set()
    ahead = [pack.stages[0].id]
    while ahead:
        stage = ahead.pop()
        if stage not in reached:
            reached.add(stage)
            ahead += [other for other in after.get(stage, ()) if other in after]
    for i, item in enumerate(pack.stages):
        if item.id not in reached:
            yield Finding(("stages", i), f"no way leads to “{item.id}”: name it in the next of a stage before it")
    if pack.framework.ordered and not any(stage.terminal for stage in pack.stages):
        yield Finding(("stages", len(pack.stages) - 1), "no stage is the last: say terminal: true where it all ends")


def _sources(pack: Pack) -> Iterator[Finding]:
    for location, model in models(pack):
        if isinstance(model, Sourced) and not model.section and model.basis != "organisation":
            yield Finding(location, "this fact has no section: say where in the source it stands")


def _reviews(pack: Pack, today: date) -> Iterator[Finding]:
    limit = timedelta(days=pack.framework.review_days)
    for location, model in models(pack):
        if not isinstance(model, Sourced) or model.reviewed is None:
            continue
        if model.reviewed > today:
            yield Finding((*location, "reviewed"), f"reviewed on {model.reviewed}, which is still to come")
        elif model.reviewed + limit < today:
            due = model.reviewed + limit
            message = f"last reviewed on {model.reviewed}, due again since {due}: check the fact and set a new date"
            yield Finding((*location, "reviewed"), message)


def _names(pack: Pack) -> Iterator[Finding]:
    things: list[Thing] = []
    # Requirements are left out: they are the items of one list, and never looked up by name.
    for kind, label in _SINGULAR.items():
        for i, item in enumerate(getattr(pack, kind)):
            names: list[Named] = [Named(item.name, (kind, i, "name"))]
            names += [Named(name, (kind, i, "aliases", j)) for j, name in enumerate(item.aliases)]
            names += [Named(name, (kind, i, "includes", j)) for j, name in enumerate(getattr(item, "includes", ()))]
            makes = getattr(item, "artefact", None)
            things.append(Thing(f"{label} “{item.id}”", tuple(names), f"artefact “{makes}”" if makes else ""))
    for clash in shared_names(things):
        how = "is also a name of" if clash.exact else f"is nearly “{clash.other_name}”, a name of"
        yield Finding(clash.location, f"“{clash.name}” {how} the {clash.other}: people may get the wrong one")
    yield from _phrasings(pack)


_SINGULAR = {
    "stages": "stage",
    "roles": "role",
    "responsibilities": "topic",
    "components": "component",
    "artefacts": "artefact",
    "handovers": "handover",
}


def _phrasings(pack: Pack) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for kind in ("responsibilities", "components", "handovers", "entries"):
        for i, item in enumerate(getattr(pack, kind)):
            for j, phrasing in enumerate(item.phrasings):
                key = folded(phrasing)
                if seen.setdefault(key, item.id) != item.id:
                    message = f"this question already stands under “{seen[key]}”: it can lead to one answer only"
                    yield Finding((kind, i, "phrasings", j), message)
