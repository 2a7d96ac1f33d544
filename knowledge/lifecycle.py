"""The rules by which a product moves through the stages of a pack: pure functions, no clock, no database.

A move takes the state that a product is in and gives the state after it, or refuses (`MoveRefused`) with the reason;
`legal_moves` says what would be legal instead. Taking a move back needs no rule: it is the state from before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from knowledge.schema import Decision, Pack, Stage

ACTIVE = "active"
RefusalCode = Literal["illegal_move", "decision_required", "reason_required", "usage"]
MoveKind = Literal["advance", "open", "back", "decide"]


@dataclass(frozen=True, slots=True)
class OpenStage:
    """A stage that a product is in, and since when (UTC)."""

    stage: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision taken for a stage: the option's id and the values of its fields, each a list of what was written."""

    stage: str
    option: str
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Where a product is in its lifecycle.

    `status`: "active", or what the option that closed it says (such as "bought"). `open`: the stages it is in, in the
    pack's order. `entered`: every stage it was ever in. `decided`: the decisions that stand for the present stay in
    their stage; leaving the stage spends them, so that each stay needs its own.
    """

    status: str = ACTIVE
    open: tuple[OpenStage, ...] = ()
    entered: frozenset[str] = frozenset()
    decided: tuple[Outcome, ...] = ()

    @property
    def stages(self) -> tuple[str, ...]:
        """The ids of the open stages."""
        return tuple(stay.stage for stay in self.open)

    def as_json(self) -> dict[str, Any]:
        """The state as plain data, as events record it."""
        return {
            "status": self.status,
            "open": [{"stage": stay.stage, "since": stay.since.isoformat()} for stay in self.open],
            "entered": sorted(self.entered),
            "decided": [
                {"stage": o.stage, "option": o.option, "values": {k: list(v) for k, v in o.values.items()}}
                for o in self.decided
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        """The state that `as_json` gave."""
        return cls(
            status=data["status"],
            open=tuple(OpenStage(o["stage"], datetime.fromisoformat(o["since"])) for o in data["open"]),
            entered=frozenset(data["entered"]),
            decided=tuple(
                Outcome(o["stage"], o["option"], {k: tuple(v) for k, v in o["values"].items()}) for o in data["decided"]
            ),
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A move that is legal now; `target` is a stage, or the option of a decision.

    `needs`: what must come with it: "decision", "reason", or the ids of a decision's fields.
    """

    kind: MoveKind
    target: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to be true before a stage is left; `key` tells it from the others of the same move."""

    key: str
    stage: str
    text: str


class MoveRefused(Exception):
    """A move that the rules forbid, or that lacks something; its text is a sentence for the person."""

    def __init__(self, code: RefusalCode, message: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code: RefusalCode = code
        self.missing = missing


# What the pack says about its stages


def stage_of(pack: Pack, stage: str) -> Stage | None:
    """The stage with this id, if the pack has one."""
    return next((s for s in pack.stages if s.id == stage), None)


def stage_name(pack: Pack, stage: str) -> str:
    """The name of a stage; the id itself where the pack does not have it."""
    found = stage_of(pack, stage)
    return found.name if found else stage


def next_stages(pack: Pack, stage: str) -> tuple[str, ...]:
    """The stages that may follow a stage: what it says, or the one listed after it; in an unordered pack any other."""
    found = stage_of(pack, stage)
    if found is None or found.terminal:
        return ()
    if found.next is not None:
        return found.next
    if not pack.framework.ordered:
        return tuple(s.id for s in pack.stages if s.id != stage)
    position = _position(pack, stage)
    return tuple(s.id for s in pack.stages[position + 1 : position + 2])


def may_be_parallel(pack: Pack, one: str, other: str) -> bool:
    """Whether two stages may be open together: it is enough that either of them says so."""
    first, second = stage_of(pack, one), stage_of(pack, other)
    return bool(first and second and (other in first.parallel_with or one in second.parallel_with))


def unknown_stages(pack: Pack, state: State) -> tuple[str, ...]:
    """Open stages that the pack does not have: the product was begun under another pack and must be mapped."""
    return tuple(stage for stage in state.stages if stage_of(pack, stage) is None)


def due_decisions(pack: Pack, state: State) -> tuple[tuple[Stage, Decision], ...]:
    """The decisions that the open stages still need before they are left forward.

    One that went for an option that `stays` is still due: the gate stays shut until it goes otherwise.
    """
    taken = {(outcome.stage, outcome.option) for outcome in state.decided}
    return tuple(
        (s, d)
        for s, d in _open_decisions(pack, state)
        if not any((s.id, option.id) in taken and not option.stays for option in d.options)
    )


def exit_criteria(pack: Pack, stages: Iterable[str]) -> tuple[Criterion, ...]:
    """The criteria for leaving these stages."""
    found = []
    for stage in stages:
        known = stage_of(pack, stage)
        if known and known.gate:
            found += [Criterion(f"{stage}/{n}", stage, c.text) for n, c in enumerate(known.gate.criteria, start=1)]
    return tuple(found)


# The moves


def start(pack: Pack, at: datetime) -> State:
    """The state of a new product: in the first stage."""
    return adopt(pack, pack.stages[0].id, at)


def adopt(pack: Pack, stage: str, at: datetime) -> State:
    """The state of a product that is already under way: in `stage`, owing nothing of the stages before it."""
    if stage_of(pack, stage) is None:
        raise MoveRefused("illegal_move", f"{stage} is not a stage here.")
    return State(open=(OpenStage(stage, at),), entered=frozenset({stage}))


def remap(pack: Pack, state: State, stage: str, at: datetime) -> State:
    """Put a product that was begun under another pack into a stage of this one; what it went through is kept."""
    adopted = adopt(pack, stage, at)
    return State(open=adopted.open, entered=state.entered | {stage})


def advance(pack: Pack, state: State, to: str | None, at: datetime) -> State:
    """Close the open stages and enter the next.

    `to` may be left out where only one stage comes next. Where `to` is open already, beside earlier stages, these are
    closed and it stays open, with the moment it was entered.
    """
    latest = _latest(pack, state)
    following = next_stages(pack, latest)
    if to is None:
        if not following:
            raise MoveRefused(
                "illegal_move",
                f"{stage_name(pack, latest)} is the last stage, so there is nothing to advance to; "
                "from there it can only go back, with a reason.",
            )
        if len(following) > 1:
            raise MoveRefused(
                "usage",
                f"After {stage_name(pack, latest)} comes {_names(pack, following, 'or')}: say to which.",
                ("to",),
            )
        to = following[0]
    if to in state.stages:
        _refuse_closing_forward(pack, state, to)
        left = tuple(stage for stage in state.stages if stage != to)
    else:
        if to not in following:
            raise MoveRefused("illegal_move", _why_not_next(pack, latest, to))
        left = state.stages
    _require_decisions(pack, state, left)
    stay = next((stay for stay in state.open if stay.stage == to), OpenStage(to, at))
    return _with_open(pack, state, (stay,))


def open_parallel(pack: Pack, state: State, stage: str, at: datetime) -> State:
    """Enter the next stage while the present ones stay open, where the pack lets them run in parallel."""
    latest = _latest(pack, state)
    if stage in state.stages:
        raise MoveRefused("illegal_move", f"{stage_name(pack, stage)} is open already.")
    if stage not in next_stages(pack, latest):
        raise MoveRefused("illegal_move", _why_not_next(pack, latest, stage))
    alone = [present for present in state.stages if not may_be_parallel(pack, present, stage)]
    if alone:
        raise MoveRefused(
            "illegal_move",
            f"{stage_name(pack, stage)} cannot run beside {_names(pack, alone, 'and')}; "
            "advancing closes what is open and enters it.",
        )
    _require_decisions(pack, state, state.stages)
    return _with_open(pack, state, (*state.open, OpenStage(stage, at)))


def back(pack: Pack, state: State, stage: str, reason: str, at: datetime) -> State:
    """Return to an earlier stage: what is open is closed, and the stay there is a new one. Needs a reason."""
    allowed = return_stages(pack, state)
    if stage not in allowed:
        raise MoveRefused("illegal_move", _why_not_back(pack, state, stage, allowed))
    if not reason.strip():
        raise MoveRefused(
            "reason_required", f"Going back to {stage_name(pack, stage)} needs a reason: because …", ("reason",)
        )
    return State(open=(OpenStage(stage, at),), entered=state.entered | {stage})


def decide(pack: Pack, state: State, option: str, values: Mapping[str, Sequence[str]]) -> State:
    """Take the decision that an open stage asks for; deciding again before the stage is left replaces it."""
    stage, decision = decision_for(pack, state, option)
    chosen = next(o for o in decision.options if o.id == option)
    known = {f.id: f for f in decision.fields}
    for name, given in values.items():
        if name not in known:
            raise MoveRefused("usage", f"{decision.name} records {_listed(list(known), 'and')}, not {name}.")
        if len(given) > 1 and not known[name].many:
            raise MoveRefused("usage", f"{known[name].name} is recorded once, but was given {len(given)} times.")
    missing = tuple(f.id for f in decision.fields if f.required and not values.get(f.id))
    if missing:
        words = _listed([known[name].name for name in missing], "and")
        raise MoveRefused("usage", f"{decision.name} also needs {words}.", missing)
    if chosen.closes:
        return State(status=chosen.closes, entered=state.entered)
    outcome = Outcome(stage.id, option, {name: tuple(given) for name, given in values.items() if given})
    others = tuple(o for o in state.decided if o.stage != stage.id)
    return State(state.status, state.open, state.entered, (*others, outcome))


def decision_for(pack: Pack, state: State, option: str | None) -> tuple[Stage, Decision]:
    """The open stage whose decision has this option (any option, if None), an undecided one first."""
    candidates = [*due_decisions(pack, state), *_open_decisions(pack, state)]
    for stage, decision in candidates:
        if option is None or any(o.id == option for o in decision.options):
            return stage, decision
    if option is not None and candidates:
        stage, decision = candidates[0]
        names = _listed([o.name for o in decision.options], "or")
        raise MoveRefused("illegal_move", f"What is to be decided in {stage.name} is {decision.name}: {names}.")
    where = f"it is in {_names(pack, state.stages, 'and')}" if state.open else f"it is {state.status}"
    gates = [
        s
        for s in pack.stages
        if s.gate and s.gate.decision and (option is None or any(o.id == option for o in s.gate.decision.options))
    ]
    if not gates:
        raise MoveRefused("illegal_move", f"No stage asks for such a decision; {where}.")
    names = _listed([f"{s.name} ({s.gate.decision.name})" for s in gates if s.gate and s.gate.decision], "or")
    raise MoveRefused("illegal_move", f"That is decided in {names}; {where}.")


def return_stages(pack: Pack, state: State) -> tuple[str, ...]:
    """The stages a product may be sent back to."""
    known = tuple(s.id for s in pack.stages)
    if state.status != ACTIVE:
        return tuple(s for s in known if s in state.entered) or known
    present = [stage for stage in state.stages if stage in known]
    if not present:
        return ()
    latest = stage_of(pack, present[-1])
    if latest is None:
        return ()
    if latest.returns != "any_earlier":
        return tuple(s for s in known if s in latest.returns and s != latest.id)
    if not pack.framework.ordered:
        return tuple(s for s in known if s in state.entered and s != latest.id)
    return known[: known.index(latest.id)]


def legal_moves(pack: Pack, state: State) -> tuple[Move, ...]:
    """Every move that is legal from here, with what it needs."""
    moves: list[Move] = []
    if state.status == ACTIVE and state.open and not unknown_stages(pack, state):
        latest = state.stages[-1]
        owed = ("decision",) if due_decisions(pack, state) else ()
        for stage in next_stages(pack, latest):
            if stage in state.stages:
                continue
            moves.append(Move("advance", stage, owed))
            if all(may_be_parallel(pack, present, stage) for present in state.stages):
                moves.append(Move("open", stage, owed))
        if len(state.open) > 1:
            due = {stage.id for stage, _ in due_decisions(pack, state)}
            ahead = state.stages if not pack.framework.ordered else (latest,)
            for stage in ahead:
                left = {other for other in state.stages if other != stage}
                moves.append(Move("advance", stage, ("decision",) if left & due else ()))
        for stage_, decision in _open_decisions(pack, state):
            needs = tuple(f.id for f in decision.fields if f.required)
            for option in decision.options:
                if decision_for(pack, state, option.id)[0].id == stage_.id:
                    moves.append(Move("decide", option.id, needs))
    moves += [Move("back", stage, ("reason",)) for stage in return_stages(pack, state)]
    return tuple(moves)


# Why not, and the steps that moves share


def _position(pack: Pack, stage: str) -> int:
    return next(n for n, s in enumerate(pack.stages) if s.id == stage)


def _open_decisions(pack: Pack, state: State) -> list[tuple[Stage, Decision]]:
    found = [stage_of(pack, stage) for stage in state.stages]
    return [(s, s.gate.decision) for s in found if s and s.gate and s.gate.decision]


def _latest(pack: Pack, state: State) -> str:
    if state.status != ACTIVE:
        names = _names(pack, return_stages(pack, state), "or")
        raise MoveRefused(
            "illegal_move",
            f"It is {state.status}, so it is in no stage; it can only go back, with a reason, to {names}.",
        )
    foreign = unknown_stages(pack, state)
    if foreign or not state.open:
        raise MoveRefused(
            "illegal_move",
            f"It is in {_listed(list(foreign), 'and') or 'no stage'}, which {pack.framework.name} does not have: "
            "map it to a stage of this framework first.",
        )
    return state.stages[-1]


def _require_decisions(pack: Pack, state: State, left: Sequence[str]) -> None:
    for stage, decision in due_decisions(pack, state):
        if stage.id in left:
            options = _listed([o.name for o in decision.options], "or")
            fields = [f.name for f in decision.fields if f.required]
            with_what = f", with {_listed(fields, 'and')}" if fields else ""
            raise MoveRefused(
                "decision_required",
                f"{stage.name} is left only with a decision. {decision.name}: {options}{with_what}.",
                ("decision",),
            )


def _refuse_closing_forward(pack: Pack, state: State, to: str) -> None:
    others = [stage for stage in state.stages if stage != to]
    if not others:
        following = next_stages(pack, to)
        more = f"; next comes {_names(pack, following, 'or')}" if following else ""
        raise MoveRefused("illegal_move", f"It is in {stage_name(pack, to)} already{more}.")
    later = [stage for stage in others if _position(pack, stage) > _position(pack, to)]
    if later and pack.framework.ordered:
        raise MoveRefused(
            "illegal_move",
            f"{stage_name(pack, to)} comes before {_names(pack, later, 'and')}, which is open: "
            "closing that is a step back, and needs a reason.",
        )


def _why_not_next(pack: Pack, latest: str, to: str) -> str:
    here, there = stage_name(pack, latest), stage_name(pack, to)
    if stage_of(pack, to) is None:
        return f"{to} is not a stage here."
    following = next_stages(pack, latest)
    if pack.framework.ordered and _position(pack, to) < _position(pack, latest):
        return f"{there} comes before {here}, which is open: that is a step back, and needs a reason."
    before = [s.id for s in pack.stages if to in next_stages(pack, s.id)]
    after = f"{there} comes after {_names(pack, before, 'or')}; " if before else f"{there} follows no stage; "
    if not following:
        return f"{after}{here}, which is open, is the last stage."
    return f"{after}open is {here}, and next comes {_names(pack, following, 'or')}: go there first."


def _why_not_back(pack: Pack, state: State, stage: str, allowed: Sequence[str]) -> str:
    there = stage_name(pack, stage)
    if state.status != ACTIVE:
        return f"It was never in {there}: it is {state.status}, and can go back to {_names(pack, allowed, 'or')}."
    where = _names(pack, state.stages, "and")
    if not allowed:
        return f"From {where} there is no stage to go back to."
    return f"{there} is not a stage to go back to from {where}; those are {_names(pack, allowed, 'and')}."


def _with_open(pack: Pack, state: State, stays: Sequence[OpenStage]) -> State:
    ordered = tuple(sorted(stays, key=lambda stay: _position(pack, stay.stage)))
    present = {stay.stage for stay in ordered}
    return State(state.status, ordered, state.entered | present, tuple(o for o in state.decided if o.stage in present))


def _names(pack: Pack, stages: Iterable[str], last: str) -> str:
    return _listed([stage_name(pack, stage) for stage in stages], last)


def _listed(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
