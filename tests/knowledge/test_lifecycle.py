"""The rules of moving through stages: each rule by example."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge import lifecycle
from knowledge.lifecycle import Move, MoveRefused, OpenStage, Outcome, State
from tests.sample_packs import ai_product, make_pack

PACK = ai_product()
T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)
T1, T2, T3 = (T0 + timedelta(days=n) for n in (10, 20, 30))
FACTS = {"cost": ("120k EUR",), "kpi": ("recall above 0.8",)}


def in_stage(*stages: str) -> State:
    return State(open=tuple(OpenStage(s, T0) for s in stages), entered=frozenset(stages))


def refusal(move: object, *args: object) -> MoveRefused:
    with pytest.raises(MoveRefused) as caught:
        move(PACK, *args)  # type: ignore[operator]
    return caught.value


def test_a_product_starts_in_the_first_stage() -> None:
    assert lifecycle.start(PACK, T0) == in_stage("feasibility")


def test_a_gates_stage_is_left_only_with_its_decision() -> None:
    refused = refusal(lifecycle.advance, lifecycle.start(PACK, T0), None, T1)
    assert refused.code == "decision_required"
    assert str(refused) == "Feasibility is left only with a decision. Buy or make: Make or Buy, with cost and KPI."


def test_a_decision_opens_the_way_and_is_spent_by_leaving() -> None:
    state = lifecycle.decide(PACK, lifecycle.start(PACK, T0), "make", FACTS)
    assert state.decided == (Outcome("feasibility", "make", FACTS),)
    state = lifecycle.advance(PACK, state, None, T1)
    assert state.open == (OpenStage("data-preparation", T1),)
    assert state.decided == ()
    again = lifecycle.back(PACK, state, "feasibility", "the data does not exist", T2)
    assert refusal(lifecycle.advance, again, None, T3).code == "decision_required"


def test_an_adopted_product_owes_the_decision_of_its_own_stage_only() -> None:
    state = lifecycle.adopt(PACK, "data-preparation", T0)
    assert lifecycle.advance(PACK, state, None, T1).stages == ("prototyping-testing",)
    assert refusal(lifecycle.advance, lifecycle.adopt(PACK, "feasibility", T0), None, T1).code == "decision_required"


def test_deciding_again_replaces() -> None:
    state = lifecycle.decide(PACK, lifecycle.start(PACK, T0), "make", FACTS)
    state = lifecycle.decide(PACK, state, "make", {**FACTS, "cost": ("90k EUR",)})
    assert [o.values["cost"] for o in state.decided] == [("90k EUR",)]


def test_an_option_may_close_the_product_until_it_is_sent_back_to_a_stage_it_was_in() -> None:
    state = lifecycle.decide(PACK, lifecycle.start(PACK, T0), "buy", FACTS)
    assert (state.status, state.open) == ("bought", ())
    assert refusal(lifecycle.advance, state, None, T1).code == "illegal_move"
    assert refusal(lifecycle.back, state, "data-preparation", "why not", T1).code == "illegal_move"
    state = lifecycle.back(PACK, state, "feasibility", "the vendor is gone", T1)
    assert (state.status, state.open) == ("active", (OpenStage("feasibility", T1),))


def test_a_decision_lacking_required_fields_names_them() -> None:
    refused = refusal(lifecycle.decide, lifecycle.start(PACK, T0), "make", {"cost": ("1",)})
    assert (refused.code, refused.missing) == ("usage", ("kpi",))
    assert str(refused) == "Buy or make also needs KPI."


def test_a_single_field_is_given_once() -> None:
    refused = refusal(lifecycle.decide, lifecycle.start(PACK, T0), "make", {**FACTS, "cost": ("1", "2")})
    assert refused.code == "usage"


def test_a_decision_is_taken_only_in_its_stage() -> None:
    refused = refusal(lifecycle.decide, in_stage("productization"), "make", FACTS)
    assert refused.code == "illegal_move"
    assert str(refused) == "That is decided in Feasibility (Buy or make); it is in Productization."


def test_skipping_ahead_is_refused_with_what_comes_next() -> None:
    refused = refusal(lifecycle.advance, in_stage("data-preparation"), "productization", T1)
    assert refused.code == "illegal_move"
    assert str(refused) == (
        "Productization comes after Prototyping and Testing; open is Data Preparation, "
        "and next comes Prototyping and Testing: go there first."
    )


def test_advancing_to_an_earlier_stage_is_refused_as_a_step_back() -> None:
    assert "step back" in str(refusal(lifecycle.advance, in_stage("productization"), "feasibility", T1))


def test_the_last_stage_has_nothing_after_it_but_goes_back() -> None:
    state = in_stage("deployment")
    assert refusal(lifecycle.advance, state, None, T1).code == "illegal_move"
    assert lifecycle.back(PACK, state, "prototyping-testing", "retrain", T1).stages == ("prototyping-testing",)


def test_the_next_stage_opens_beside_the_present_where_the_pack_allows() -> None:
    state = lifecycle.open_parallel(PACK, in_stage("data-preparation"), "prototyping-testing", T1)
    assert state.open == (OpenStage("data-preparation", T0), OpenStage("prototyping-testing", T1))
    assert refusal(lifecycle.open_parallel, state, "productization", T2).code == "illegal_move"
    assert refusal(lifecycle.open_parallel, state, "prototyping-testing", T2).code == "illegal_move"


def test_advance_closes_all_that_is_open() -> None:
    both = lifecycle.open_parallel(PACK, in_stage("data-preparation"), "prototyping-testing", T1)
    assert lifecycle.advance(PACK, both, None, T2).open == (OpenStage("productization", T2),)


def test_advance_to_an_open_later_stage_closes_the_earlier_and_keeps_since() -> None:
    both = lifecycle.open_parallel(PACK, in_stage("data-preparation"), "prototyping-testing", T1)
    assert lifecycle.advance(PACK, both, "prototyping-testing", T2).open == (OpenStage("prototyping-testing", T1),)
    assert refusal(lifecycle.advance, both, "data-preparation", T2).code == "illegal_move"


def test_advance_to_the_only_open_stage_is_refused() -> None:
    assert "already" in str(refusal(lifecycle.advance, in_stage("productization"), "productization", T1))


def test_back_closes_what_is_open_and_begins_a_new_stay() -> None:
    both = lifecycle.open_parallel(PACK, in_stage("data-preparation"), "prototyping-testing", T1)
    assert lifecycle.back(PACK, both, "data-preparation", "new feed", T2).open == (OpenStage("data-preparation", T2),)


@pytest.mark.parametrize("stage", ["productization", "deployment"])
def test_back_is_only_to_an_earlier_stage(stage: str) -> None:
    assert refusal(lifecycle.back, in_stage("productization"), stage, "because", T1).code == "illegal_move"


@pytest.mark.parametrize("reason", ["", "   "])
def test_back_needs_a_reason(reason: str) -> None:
    refused = refusal(lifecycle.back, in_stage("productization"), "feasibility", reason, T1)
    assert (refused.code, refused.missing) == ("reason_required", ("reason",))


def test_where_several_stages_may_follow_one_must_be_named() -> None:
    pack = make_pack([{"id": "a", "next": ["b", "c"]}, {"id": "b"}, {"id": "c", "next": ["a"]}])
    state = lifecycle.start(pack, T0)
    with pytest.raises(MoveRefused) as caught:
        lifecycle.advance(pack, state, None, T1)
    assert (caught.value.code, caught.value.missing) == ("usage", ("to",))
    state = lifecycle.advance(pack, state, "c", T1)
    assert lifecycle.advance(pack, state, None, T2).stages == ("a",)


def test_returns_may_be_listed_by_the_pack() -> None:
    pack = make_pack([{"id": "a"}, {"id": "b"}, {"id": "c", "returns": ["b"]}])
    state = lifecycle.adopt(pack, "c", T0)
    assert lifecycle.return_stages(pack, state) == ("b",)


def test_in_an_unordered_pack_any_stage_may_follow() -> None:
    pack = make_pack([{"id": "a"}, {"id": "b"}, {"id": "c"}], ordered=False)
    state = lifecycle.advance(pack, lifecycle.adopt(pack, "c", T0), "a", T1)
    assert lifecycle.return_stages(pack, state) == ("c",)


def test_a_product_of_another_pack_must_be_mapped_first() -> None:
    state = State(open=(OpenStage("modeling", T0),), entered=frozenset({"modeling"}))
    assert lifecycle.unknown_stages(PACK, state) == ("modeling",)
    assert "map it" in str(refusal(lifecycle.advance, state, None, T1))
    assert lifecycle.legal_moves(PACK, state) == ()
    mapped = lifecycle.remap(PACK, state, "prototyping-testing", T1)
    assert mapped.stages == ("prototyping-testing",)
    assert mapped.entered == {"modeling", "prototyping-testing"}


def test_legal_moves_say_what_they_need() -> None:
    assert lifecycle.legal_moves(PACK, lifecycle.start(PACK, T0)) == (
        Move("advance", "data-preparation", ("decision",)),
        Move("decide", "make", ("cost", "kpi")),
        Move("decide", "buy", ("cost", "kpi")),
    )
    assert lifecycle.legal_moves(PACK, in_stage("data-preparation", "prototyping-testing")) == (
        Move("advance", "productization"),
        Move("advance", "prototyping-testing"),
        Move("back", "feasibility", ("reason",)),
        Move("back", "data-preparation", ("reason",)),
    )


def test_exit_criteria_have_keys() -> None:
    criteria = lifecycle.exit_criteria(PACK, ("feasibility", "data-preparation"))
    assert [(c.key, c.text) for c in criteria] == [
        ("feasibility/1", "Costs are known"),
        ("feasibility/2", "KPIs are agreed"),
    ]


def test_a_state_survives_as_plain_data() -> None:
    state = lifecycle.decide(PACK, lifecycle.start(PACK, T0), "make", FACTS)
    assert State.from_json(state.as_json()) == state


def test_an_option_that_stays_leaves_the_gate_shut() -> None:
    options = [{"id": "go", "name": "Go"}, {"id": "more", "name": "Gather more", "stays": True}]
    decision = {"id": "d", "name": "Checkpoint", "options": options}
    pack = make_pack([{"id": "one", "gate": {"decision": decision}}, {"id": "two", "terminal": True}])
    at = datetime(2026, 3, 1, tzinfo=UTC)
    state = lifecycle.State(open=(lifecycle.OpenStage("one", at),), entered=frozenset({"one"}))
    state = lifecycle.decide(pack, state, "more", {})
    assert [stage.id for stage, _ in lifecycle.due_decisions(pack, state)] == ["one"]
    state = lifecycle.decide(pack, state, "go", {})
    assert lifecycle.due_decisions(pack, state) == ()
