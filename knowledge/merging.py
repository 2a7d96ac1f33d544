"""Putting an organisation's overlay onto a pack, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from knowledge.schema import Involvement, Named, Pack, Removed, Responsibility, Role, Source, Sourced, Stage, Statement
from knowledge.sourcing import with_sources

if TYPE_CHECKING:
    from knowledge.overlay import Overlay, RoleChange, StageChange, TopicChange

N = TypeVar("N", bound=Named)
S = TypeVar("S", bound=Sourced)


class Merger:
    """One merge of one pack with the file of one organisation."""

    def __init__(self, pack: Pack, source: str, organisation: str, url: str | None) -> None:
        self.pack = pack
        taken = {item.id for item in pack.framework.sources}
        self.source = source if source not in taken else f"{source}-organisation"
        self.organisation = organisation
        self.url = url

    def merge(self, overlay: Overlay) -> Pack:
        """The pack with everything the overlay says."""
        pack = self.pack
        stages = self._stages(overlay)
        gone_stages = frozenset(overlay.stages.retire)
        gone_roles = frozenset(overlay.roles.retire)
        roles = [
            self._role(role, overlay.roles.change.get(role.id)) for role in pack.roles if role.id not in gone_roles
        ]
        roles += [self._ours(role) for role in overlay.roles.add]
        topics = [
            self._topic(topic, overlay.responsibilities.change.get(topic.id))
            for topic in pack.responsibilities
            if topic.id not in overlay.responsibilities.retire
        ]
        topics = [self._without(topic, gone_roles, gone_stages) for topic in topics]
        topics += [self._ours(topic) for topic in overlay.responsibilities.add]
        merged = pack.model_copy(
            update={
                "framework": self._framework(overlay, gone_roles),
                "stages": tuple(
                    _stage_without(self._noted(stage, overlay), gone_roles, gone_stages) for stage in stages
                ),
                "roles": tuple(roles),
                "involvements": self._involvements(overlay, gone_roles, gone_stages),
                "responsibilities": tuple(topics),
            }
        )
        return _rest_without(merged, gone_roles, gone_stages)

    def _ours(self, fact: S) -> S:
        return with_sources(fact, self.source, basis="organisation", force=True)

    def _says(self, text: str) -> Statement:
        return Statement(text=text, source=self.source, basis="organisation")

    def _framework(self, overlay: Overlay, gone: Collection[str]) -> Any:
        framework = self.pack.framework
        own = Source(id=self.source, title=self.organisation, url=self.url)
        stuck = overlay.framework.stuck_roles
        return framework.model_copy(
            update={
                "sources": (*framework.sources, own),
                "name": overlay.framework.name or framework.name,
                "stuck_roles": _kept(framework.stuck_roles, gone) if stuck is None else stuck,
            }
        )

    def _renamed(self, thing: N, name: str | None, aliases: Iterable[str]) -> dict[str, Any]:
        """The thing's names: what it was called stays an alias, so that old questions are still understood."""
        old = (thing.name,) if name and name != thing.name else ()
        return {
            "name": name or thing.name,
            "aliases": tuple(dict.fromkeys((*thing.aliases, *old, *aliases))),
        }

    def _stages(self, overlay: Overlay) -> list[Stage]:
        stages = [self._stage(stage, overlay.stages.change.get(stage.id)) for stage in self.pack.stages]
        for new in overlay.stages.add:
            _insert(stages, self._ours(Stage(**{name: getattr(new, name) for name in Stage.model_fields})), new.after)
        for retired in overlay.stages.retire:
            _take_out(stages, retired)
        return stages

    def _stage(self, stage: Stage, change: StageChange | None) -> Stage:
        if change is None:
            return stage
        update = self._renamed(stage, change.name, change.aliases)
        details = list(stage.details)
        if change.name and change.name != stage.name:
            details.append(self._says(f"{self.organisation} calls {stage.name} “{change.name}”."))
        if change.stall_days:
            update["stall_days"] = change.stall_days
            limit = f"a product that stays in this stage for more than {_days(change.stall_days)} is stuck"
            details.append(self._says(f"At {self.organisation}, {limit}."))
        if change.summary:
            update |= {"summary": change.summary, "source": self.source, "section": "", "basis": "organisation"}
        return stage.model_copy(update=update | {"details": tuple(details)})

    def _role(self, role: Role, change: RoleChange | None) -> Role:
        if change is None:
            return role
        update = self._renamed(role, change.name, change.aliases)
        if change.name and change.name != role.name:
            said = self._says(f"{self.organisation} calls the role {role.name} “{change.name}”.")
            update |= {"plural": change.plural or "", "details": (*role.details, said)}
            update["aliases"] = tuple(dict.fromkeys((*update["aliases"], role.names)))
        elif change.plural:
            update["plural"] = change.plural
        if change.summary:
            update |= {"summary": change.summary, "source": self.source, "section": "", "basis": "organisation"}
        if change.people:
            update["people"] = change.people
        if change.user_group:
            update["user_group"] = change.user_group
        update["includes"] = tuple(dict.fromkeys((*role.includes, *change.includes)))
        return role.model_copy(update=update)

    def _topic(self, topic: Responsibility, change: TopicChange | None) -> Responsibility:
        if change is None:
            return topic
        update = self._renamed(topic, change.name, change.aliases)
        update["phrasings"] = (*topic.phrasings, *change.phrasings)
        if change.owners is not None:
            update |= {"owners": tuple(self._ours(owner) for owner in change.owners), "unspecified": False}
        if change.stage:
            update |= {"stage": change.stage, "activity": None}
        if change.what:
            update["what"] = change.what
        if change.what or change.stage:
            # The place in the lifecycle and the description are the topic's own facts; its owners keep theirs.
            update |= {"source": self.source, "section": "", "basis": "organisation"}
        return topic.model_copy(update=update)

    def _without(self, topic: Responsibility, roles: Collection[str], stages: Collection[str]) -> Responsibility:
        update: dict[str, Any] = {}
        if any(owner.role in roles for owner in topic.owners):
            left = tuple(owner for owner in topic.owners if owner.role not in roles)
            update["owners"] = left
            if not left:
                gone = list(dict.fromkeys(owner.role for owner in topic.owners))
                update["removed"] = (
                    *topic.removed,
                    *(self._retired("role", role, "which owned this") for role in gone),
                )
        if topic.stage in stages or any(stage in stages for stage in topic.also_stages):
            left_stages = [stage for stage in (topic.stage, *topic.also_stages) if stage and stage not in stages]
            update["stage"] = left_stages[0] if left_stages else None
            lost = [stage for stage in (topic.stage, *topic.also_stages) if stage in stages]
            removed = update.get("removed", topic.removed)
            update["removed"] = (*removed, *(self._retired("stage", s or "", "to which this belonged") for s in lost))
            update["also_stages"] = tuple(left_stages[1:])
            update["activity"] = topic.activity if topic.stage not in stages else None
        return topic.model_copy(update=update) if update else topic

    def _retired(self, kind: Literal["role", "stage"], id_: str, relation: str) -> Removed:
        """That the organisation retired something of the pack, with what that was to the thing it is said of."""
        things: Iterable[Named] = self.pack.roles if kind == "role" else self.pack.stages
        name = next((thing.name for thing in things if thing.id == id_), id_)
        text = f"{self.organisation} has retired the {kind} {name}, {relation}."
        return Removed(text=text, kind=kind, of=id_, source=self.source, basis="organisation")

    def _noted(self, stage: Stage, overlay: Overlay) -> Stage:
        """The stage with what the organisation took away of it, so that its source is not blamed."""
        levels = {level.id: level for level in self.pack.framework.levels}
        taken = {(item.role, item.stage) for item in overlay.involvements.remove}
        given = {(item.role, item.stage) for item in overlay.involvements.set}
        removed: dict[str, Removed] = {}
        for item in self.pack.involvements:
            if item.stage != stage.id or (item.role, item.stage) in given:
                continue
            if item.role in overlay.roles.retire:
                said = self._retired("role", item.role, f"which {levels[item.level].verb} {stage.name} in the source")
            elif (item.role, item.stage) in taken:
                name = next((role.name for role in self.pack.roles if role.id == item.role), item.role)
                text = f"{self.organisation} has taken the role {name} out of {stage.name}."
                said = Removed(text=text, kind="role", of=item.role, source=self.source, basis="organisation")
            else:
                continue
            removed.setdefault(item.role, said)
        return stage.model_copy(update={"removed": tuple(removed.values())}) if removed else stage

    def _involvements(
        self, overlay: Overlay, gone_roles: Collection[str], gone_stages: Collection[str]
    ) -> tuple[Involvement, ...]:
        replaced = {(item.role, item.stage) for item in overlay.involvements.set}
        replaced |= {(item.role, item.stage) for item in overlay.involvements.remove}
        kept = [
            item
            for item in self.pack.involvements
            if item.role not in gone_roles and item.stage not in gone_stages and (item.role, item.stage) not in replaced
        ]
        return (*kept, *(self._ours(item) for item in overlay.involvements.set))


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _kept(ids: Iterable[str], gone: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in ids if name not in gone)


def _insert(stages: list[Stage], new: Stage, after: str | None) -> None:
    """Put a stage behind another, so that the ways through the lifecycle lead over it."""
    if after is None:
        stages.insert(0, new)
        return
    index = next(i for i, stage in enumerate(stages) if stage.id == after)
    before = stages[index]
    if before.terminal:
        stages[index] = before.model_copy(update={"terminal": False, "next": None})
        new = new.model_copy(update={"terminal": True, "next": None})
    elif before.next is not None:
        stages[index] = before.model_copy(update={"next": (new.id,)})
        new = new.model_copy(update={"next": new.next or before.next})
    stages.insert(index + 1, new)


def _take_out(stages: list[Stage], name: str) -> None:
    """Take a stage out, so that what led to it leads to what followed it."""
    index = next(i for i, stage in enumerate(stages) if stage.id == name)
    retired = stages.pop(index)
    if retired.terminal and index and not any(stage.terminal for stage in stages):
        stages[index - 1] = stages[index - 1].model_copy(update={"terminal": True, "next": None})
    behind = retired.next
    if behind is None:
        behind = () if retired.terminal or index >= len(stages) else (stages[index].id,)
    for i, stage in enumerate(stages):
        if stage.next and name in stage.next:
            ways = [other for way in stage.next for other in (behind if way == name else (way,)) if other != stage.id]
            stages[i] = stage.model_copy(update={"next": tuple(dict.fromkeys(ways))})


def _stage_without(stage: Stage, roles: Collection[str], stages: Collection[str]) -> Stage:
    update: dict[str, Any] = {"parallel_with": _kept(stage.parallel_with, stages)}
    if isinstance(stage.returns, tuple):
        update["returns"] = _kept(stage.returns, stages)
    if stage.gate and stage.gate.decision:
        decision = stage.gate.decision
        decision = decision.model_copy(update={"decided_by": _kept(decision.decided_by, roles)})
        update["gate"] = stage.gate.model_copy(update={"decision": decision})
    return stage.model_copy(update=update)


def _rest_without(pack: Pack, roles: Collection[str], stages: Collection[str]) -> Pack:
    """Components, artefacts, handovers, requirements and entries without the roles and stages that are gone."""
    if not roles and not stages:
        return pack
    trims: dict[str, Callable[[Any], Any]] = {
        name: lambda owners: tuple(owner for owner in owners if owner.role not in roles)
        for name in ("owners", "givers", "receivers")
    }
    trims |= {name: lambda ids: _kept(ids, roles) for name in ("by", "roles")}
    trims |= {name: lambda ids: _kept(ids, stages) for name in ("produced_in", "updated_in", "stages")}
    trims["stage"] = lambda stage: None if stage in stages else stage
    lists = {}
    for kind in ("components", "artefacts", "handovers", "requirements", "entries"):
        items: list[Any] = []
        for item in getattr(pack, kind):
            fields = [name for name in trims if name in type(item).model_fields]
            items.append(item.model_copy(update={name: trims[name](getattr(item, name)) for name in fields}))
        lists[kind] = tuple(items)
    return pack.model_copy(update=lists)
