"""What one pack says otherwise than another, in sentences: to see what an overlay changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from knowledge.schema import Pack, Responsibility, Role, Stage


def diff(pack: Pack, overlaid: Pack) -> list[str]:
    """One sentence a difference, in the order of the pack's files."""
    return [
        *_framework(pack, overlaid),
        *_things("stage", pack.stages, overlaid.stages),
        *_things("role", pack.roles, overlaid.roles),
        *_involvements(pack, overlaid),
        *_things("topic", pack.responsibilities, overlaid.responsibilities),
    ]


def _framework(pack: Pack, overlaid: Pack) -> Iterator[str]:
    before, after = pack.framework, overlaid.framework
    if before.name != after.name:
        yield f"framework: renamed from “{before.name}” to “{after.name}”"
    if before.stuck_roles != after.stuck_roles:
        yield f"framework: told when a product is stuck: {_list(before.stuck_roles)} → {_list(after.stuck_roles)}"
    yield from (f"source {s.id}: added, {s.title}" for s in after.sources if s not in before.sources)


def _things(what: str, before: Iterable[Any], after: Iterable[Any]) -> Iterator[str]:
    old = {item.id: item for item in before}
    new = {item.id: item for item in after}
    for name, item in new.items():
        if name not in old:
            yield f"{what} {name}: added, “{item.name}”"
        elif item != old[name]:
            yield from (f"{what} {name}: {text}" for text in _changes(old[name], item))
    yield from (f"{what} {name}: retired" for name in old if name not in new)


def _changes(old: Any, new: Any) -> Iterator[str]:
    if old.name != new.name:
        yield f"renamed from “{old.name}” to “{new.name}”"
    added = [alias for alias in new.aliases if alias not in old.aliases and alias != old.name]
    if added:
        yield f"also called {_list(added)}"
    if isinstance(new, Stage):
        yield from _fields(old, new, {"summary": "summary", "stall_days": "days until it is stuck"})
        yield from _fields(old, new, {"next": "next stages", "parallel_with": "runs beside", "terminal": "last stage"})
    if isinstance(new, Role):
        added = [title for title in new.includes if title not in old.includes]
        if added:
            yield f"includes {_list(added)}"
        yield from _fields(old, new, {"summary": "summary", "people": "people", "user_group": "user group"})
    if isinstance(new, Responsibility):
        yield from _fields(old, new, {"what": "what it is", "stage": "stage"})
        owners = [
            [f"{owner.role} ({owner.what})" if owner.what else owner.role for owner in t.owners] for t in (old, new)
        ]
        if old.owners != new.owners:
            yield f"owners: {_list(owners[0])} → {_list(owners[1])}"
        more = len(new.phrasings) - len(old.phrasings)
        if more > 0:
            yield f"{more} more phrasing{'s' if more > 1 else ''}"


def _fields(old: Any, new: Any, labels: dict[str, str]) -> Iterator[str]:
    for name, label in labels.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{label}: {_value(before)} → {_value(after)}"


def _involvements(pack: Pack, overlaid: Pack) -> Iterator[str]:
    def levels(which: Pack) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for item in which.involvements:
            found.setdefault((item.role, item.stage), []).append(item.level)
        return found

    before, after = levels(pack), levels(overlaid)
    for role, stage in dict.fromkeys((*before, *after)):
        old, new = before.get((role, stage), []), after.get((role, stage), [])
        if old != new:
            yield f"involvement of {role} in {stage}: {_list(old)} → {_list(new)}"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return _list(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)


def _list(items: Iterable[str]) -> str:
    return ", ".join(items) or "none"
