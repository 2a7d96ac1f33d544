"""Whatever people do, in whatever pack: no state that the rules forbid, and no surprise in what is called legal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import lifecycle
from knowledge.lifecycle import MoveRefused, State
from knowledge.schema import Pack
from tests.sample_packs import make_pack

T0 = datetime(2026, 1, 1, tzinfo=UTC)
IDS = ["a", "b", "c", "d", "e", "f"]


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    ids = IDS[: draw(st.integers(1, 6))]
    some = st.lists(st.sampled_from(ids), max_size=3, unique=True)
    stages: list[dict[str, Any]] = []
    for stage in ids:
        others = lambda stage=stage: [s for s in draw(some) if s != stage]  # noqa: E731
        shape: dict[str, Any] = {"id": stage, "parallel_with": others(), "terminal": draw(st.booleans())}
        if draw(st.integers(0, 3)) == 0:
            shape["next"] = others()
        if draw(st.integers(0, 3)) == 0:
            shape["returns"] = others()
        if draw(st.booleans()):
            options = [{"id": "go", "name": "Go"}, {"id": f"stop-{stage}", "name": "Stop", "closes": "stopped"}]
            fields = [{"id": "cost", "name": "cost", "type": "money", "required": draw(st.booleans())}]
            decision = {"id": "d", "name": "D", "options": options, "fields": fields}
            shape["gate"] = {"criteria": [], "decision": decision}
        stages.append(shape)
    return make_pack(stages, ordered=draw(st.integers(0, 3)) > 0)


commands = st.lists(
    st.tuples(
        st.sampled_from(["advance", "advance_to", "open", "back", "back_silently", "decide"]),
        st.sampled_from([*IDS, "nowhere"]),
        st.sampled_from(["go", "stop-a", "stop-b", "stop-c", "other"]),
        st.booleans(),
    ),
    max_size=25,
)


def apply(pack: Pack, state: State, command: tuple[str, str, str, bool], at: datetime) -> State:
    kind, stage, option, with_cost = command
    if kind == "advance":
        return lifecycle.advance(pack, state, None, at)
    if kind == "advance_to":
        return lifecycle.advance(pack, state, stage, at)
    if kind == "open":
        return lifecycle.open_parallel(pack, state, stage, at)
    if kind.startswith("back"):
        return lifecycle.back(pack, state, stage, "a reason" if kind == "back" else " ", at)
    return lifecycle.decide(pack, state, option, {"cost": ("1",)} if with_cost else {})


def assert_allowed(pack: Pack, state: State) -> None:
    order = [s.id for s in pack.stages]
    by_id = {s.id: s for s in pack.stages}
    positions = [order.index(stage) for stage in state.stages]
    assert positions == sorted(set(positions)), "open stages are in the pack's order, each once"
    assert set(state.stages) <= state.entered
    for n, one in enumerate(state.stages):
        for other in state.stages[n + 1 :]:
            assert other in by_id[one].parallel_with or one in by_id[other].parallel_with
    gates = {s.id: s.gate.decision for s in pack.stages if s.gate and s.gate.decision}
    for outcome in state.decided:
        assert outcome.stage in state.stages
        option = next(o for o in gates[outcome.stage].options if o.id == outcome.option)
        assert option.closes is None
        assert all(outcome.values.get(f.id) for f in gates[outcome.stage].fields if f.required)
    if state.status == "active":
        assert state.open
    else:
        assert state.status == "stopped"
        assert not state.open
        assert not state.decided


def assert_step(pack: Pack, before: State, after: State, command: tuple[str, str, str, bool]) -> None:
    """What one accepted command may have changed."""
    assert before.entered <= after.entered
    kept = {stay.stage: stay.since for stay in before.open}
    kind = command[0]
    decided = {o.stage for o in before.decided}
    gated = {s.id for s in pack.stages if s.gate and s.gate.decision}
    left = set(before.stages) - set(after.stages)
    if kind.startswith("advance") or kind == "open":
        assert before.status == after.status == "active"
        for stay in after.open:
            assert kept.get(stay.stage, stay.since) == stay.since
        owed = left if kind != "open" else set(before.stages)
        assert owed & gated <= decided, "a gate's stage is left forward only with its decision"
    if kind in {"advance", "advance_to"}:
        assert len(after.open) == 1
    if kind == "open":
        assert set(before.stages) < set(after.stages)
    if kind == "back":
        assert after.stages == (command[1],)
        assert after.decided == ()
    assert kind != "back_silently"


@settings(max_examples=150, deadline=None)
@given(packs(), st.integers(0, 5), commands)
def test_no_sequence_of_commands_reaches_a_forbidden_state(pack: Pack, first: int, sequence: Any) -> None:
    stage = pack.stages[first % len(pack.stages)].id
    state = lifecycle.adopt(pack, stage, T0)
    assert_allowed(pack, state)
    for n, command in enumerate(sequence, start=1):
        try:
            after = apply(pack, state, command, T0 + timedelta(days=n))
        except MoveRefused as refused:
            assert str(refused)
            continue
        assert_allowed(pack, after)
        assert_step(pack, state, after, command)
        assert State.from_json(after.as_json()) == after
        state = after


@settings(max_examples=150, deadline=None)
@given(packs(), st.integers(0, 5), commands)
def test_what_is_called_legal_is_accepted_and_nothing_else(pack: Pack, first: int, sequence: Any) -> None:
    state = lifecycle.adopt(pack, pack.stages[first % len(pack.stages)].id, T0)
    for command in sequence:
        moves = lifecycle.legal_moves(pack, state)
        for kind in ("advance_to", "open", "back"):
            legal = {m.target for m in moves if m.kind == kind.removesuffix("_to") and "decision" not in m.needs}
            accepted = set()
            for stage in [s.id for s in pack.stages]:
                try:
                    apply(pack, state, (kind, stage, "", True), T0)
                except MoveRefused:
                    continue
                accepted.add(stage)
            assert accepted == legal, kind
        options = {o.id for s in pack.stages if s.gate and s.gate.decision for o in s.gate.decision.options}
        decidable = set()
        for option in options:
            try:
                apply(pack, state, ("decide", "", option, True), T0)
            except MoveRefused:
                continue
            decidable.add(option)
        assert decidable == {m.target for m in moves if m.kind == "decide"}
        try:
            state = apply(pack, state, command, T0)
        except MoveRefused:
            continue
