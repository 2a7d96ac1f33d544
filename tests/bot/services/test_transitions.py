"""Stage changes from what is typed to what is recorded and said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import parsed as p
from bot.commands.forms import filled_in
from bot.errors import CommandError
from bot.results import Reply, Speaker
from bot.store.base import Store, Writer
from bot.store.records import Event
from tests.bot.fakes import FakeStore
from tests.bot.services.desk import FACTS, Desk
from tests.sample_packs import make_pack

P = "churn-model"


def events(desk: Desk) -> list[Event]:
    with desk.store.read() as reader:
        return reader.events("T1", P)


def state(desk: Desk) -> object:
    with desk.store.read() as reader:
        found = reader.product("T1", P)
    assert found
    return found.state


def test_a_product_goes_through_its_stages(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS} because no vendor fits")
    churn.later(5)
    reply = churn.done(f"/stage advance {P} because data is here")
    assert reply.text.splitlines()[0] == (
        "Ana moved Churn model from Feasibility to Data Preparation. Why: data is here. "
        "Next: Prototyping and Testing. Prototyping and Testing may be opened beside it."
    )
    assert reply.as_json()["product"] == {
        "id": P,
        "name": "Churn model",
        "status": "active",
        "stages": ["data-preparation"],
        "version": 3,
    }
    churn.done(f"/stage open {P} prototyping")
    assert churn.stages() == ("data-preparation", "prototyping-testing")
    churn.done(f"/stage advance {P}")
    churn.done(f"/stage advance {P} to deployment")
    assert churn.stages() == ("deployment",)
    churn.refused("illegal_move", f"/stage advance {P}")
    churn.done(f"/stage back {P} to prototyping because it must be retrained")
    assert churn.stages() == ("prototyping-testing",)
    assert [e.kind for e in events(churn)] == [
        "created", "decided", "advanced", "opened", "advanced", "advanced", "returned"
    ]  # fmt: skip


def test_a_gate_asks_for_its_decision_each_time(churn: Desk) -> None:
    reply = churn.refused("decision_required", f"/stage advance {P}")
    assert "Buy or make: Make or Buy, with cost and KPI" in reply.text
    assert "/stage decide churn-model make cost … kpi …" in reply.text
    assert reply.form
    assert (reply.form.verb, reply.form.missing) == ("stage decide", ("option", "cost", "kpi"))
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P}")
    churn.done(f"/stage back {P} to feasibility because law")
    churn.refused("decision_required", f"/stage advance {P}")


def test_closing_one_of_two_parallel_stages_is_said_so(desk: Desk) -> None:
    desk.done('/product new "Churn model" at data prep')
    desk.done(f"/stage open {P} proto")
    said = "closed Data Preparation of Churn model; Prototyping and Testing stays open."
    assert said in desk.done(f"/stage advance {P} to proto").text
    assert "closed Data Preparation; Prototyping and Testing stayed open" in desk.done(f"/stage history {P}").text


def test_a_bare_verb_names_all_that_is_missing(churn: Desk) -> None:
    reply = churn.refused("usage", "/role assign")
    assert "Also missing: person and role." in reply.text
    assert reply.form
    assert reply.form.missing == ("product", "person", "role")
    churn.done("/product new other at data preparation")
    reply = churn.refused("usage", "/stage back other")
    assert reply.form
    assert reply.form.missing == ("to", "reason")


def test_what_a_decision_lacks_is_named_and_asked_for(churn: Desk) -> None:
    reply = churn.refused("usage", f"/stage decide {P} make cost 120k EUR")
    assert "needs KPI" in reply.text
    assert reply.form is not None
    assert (reply.form.verb, reply.form.product, reply.form.missing) == ("stage decide", P, ("kpi",))
    assert reply.form.values == {"option": "make", "values": {"cost": ["120k EUR"]}, "reason": ""}
    assert reply.form.version == 1
    reply = churn.refused("usage", f"/stage decide {P}")
    assert reply.form
    assert reply.form.missing == ("option", "cost", "kpi")


def test_a_decision_records_the_figures_in_it(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make cost €1.5m kpi recall above 0.8 kpi 1% less churn")
    details = events(churn)[-1].details
    assert details["values"] == {"cost": ["€1.5m"], "kpi": ["recall above 0.8", "1% less churn"]}
    assert details["figures"] == {
        "cost": [{"amount": 1_500_000, "currency": "EUR"}],
        "kpi": [{"kpi": "recall above 0.8", "target": 0.8}, {"kpi": "1% less churn", "target": 1.0}],
    }


def test_buying_closes_until_it_is_sent_back(churn: Desk) -> None:
    reply = churn.done(f"/stage decide {P} buy {FACTS}")
    assert reply.product
    assert (reply.product.status, reply.product.stages) == ("bought", ())
    churn.refused("illegal_move", f"/stage advance {P}")
    churn.refused("illegal_move", f"/stage decide {P} make {FACTS}")
    churn.refused("illegal_move", f"/stage back {P} to deployment because x")
    reply = churn.done(f"/stage back {P} to feasibility because the vendor is gone")
    assert reply.text.startswith("Ana sent Churn model back from bought to Feasibility. Why: the vendor is gone.")
    assert reply.product
    assert reply.product.status == "active"


def test_going_back_needs_a_reason(churn: Desk) -> None:
    churn.done("/product new Other at productization")
    for line in ("/stage back other to feasibility", '/stage back other to feasibility because "  "'):
        reply = churn.refused("reason_required", line)
        assert reply.form
        assert reply.form.missing == ("reason",)
        assert reply.form.values["to"] == "feasibility"
    assert churn.refused("usage", "/stage back other").form
    churn.refused("illegal_move", "/stage back other to deployment")


def test_a_refusal_says_what_would_be_legal(desk: Desk) -> None:
    desk.done('/product new "Churn model" at data prep')
    reply = desk.refused("illegal_move", f"/stage advance {P} to productization")
    assert reply.text == (
        "Churn model: Productization comes after Prototyping and Testing; open is Data Preparation, and next comes "
        "Prototyping and Testing: go there first. Possible now: `/stage advance churn-model to prototyping-testing`, "
        "`/stage open churn-model prototyping-testing` or `/stage back churn-model to feasibility because …`."
    )


def test_an_adopted_product_owes_nothing_of_the_stages_it_skipped(desk: Desk) -> None:
    reply = desk.done('/product new "Churn model" at productization')
    assert reply.text.startswith("Ana took over Churn model in Productization. Next: Architecting (Deploying).")
    desk.done(f"/stage advance {P}")
    assert desk.stages() == ("deployment",)
    assert events(desk)[0].kind == "adopted"


def test_undo_restores_exactly_and_again_the_one_before(churn: Desk) -> None:
    seen = [state(churn)]
    for line in (
        f"/stage decide {P} make {FACTS}",
        f"/stage advance {P}",
        f"/stage open {P} proto",
        f"/stage advance {P}",
        f"/stage back {P} to feasibility because x",
        f"/stage decide {P} buy {FACTS}",
    ):
        churn.later(3)
        churn.done(line)
        seen.append(state(churn))
    # A change that is no move is not touched, and does not stand in the way.
    churn.done(f"/role assign @ben as sponsor on {P}")
    for before in reversed(seen[:-1]):
        churn.later(1)
        churn.done(f"/stage undo {P}")
        assert state(churn) == before
    churn.refused("illegal_move", f"/stage undo {P}")
    assert len(events(churn)) == 14


def test_undo_is_not_undone_but_followed_by_new_moves(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P}")
    churn.done(f"/stage undo {P}")
    churn.done(f"/stage advance {P}")
    reply = churn.done(f"/stage undo {P}")
    assert "what Ana did: moved it from Feasibility to Data Preparation" in reply.text
    churn.done(f"/stage undo {P}")
    churn.refused("decision_required", f"/stage advance {P}")


def test_after_undo_a_stage_counts_from_when_it_was_first_entered(desk: Desk) -> None:
    desk.done('/product new "Churn model" at data prep')
    desk.later(20)
    desk.done(f"/stage advance {P}")
    desk.later(1)
    desk.done(f"/stage undo {P}")
    assert "Data Preparation since 1 March 2026 (21 days)" in desk.done(f"/stage status {P}").text


def test_that_it_was_begun_cannot_be_undone(churn: Desk) -> None:
    churn.refused("illegal_move", f"/stage undo {P}")


def test_without_a_product_the_one_of_the_channel_is_meant(desk: Desk) -> None:
    desk.refused("usage", "/stage advance", channel="churn")
    desk.done('/product new "Churn model" in #churn at data prep')
    reply = desk.done("/stage advance", channel="churn")
    assert reply.visibility == "in_channel"
    assert reply.announcement is None
    desk.done("/stage back to data prep because x", channel="churn")
    desk.done("/stage open prototyping", channel="churn")
    desk.done("/product new Other in #churn")
    desk.refused("ambiguous", "/stage advance", channel="churn")
    desk.refused("usage", "/stage advance", channel="elsewhere")


def test_a_change_made_elsewhere_is_told_in_the_products_channel(desk: Desk) -> None:
    desk.done('/product new "Churn model" in #churn at data prep')
    reply = desk.done(f"/stage advance {P} because ready", channel="random")
    assert reply.visibility == "ephemeral"
    assert reply.announcement is not None
    assert reply.announcement.channel == "churn"
    assert reply.announcement.text == (
        "Ana moved Churn model from Data Preparation to Prototyping and Testing. Why: ready. Next: Productization."
    )
    desk.done("/product new Silent at data prep")
    assert desk.done("/stage advance silent", channel="random").announcement is None


def test_a_near_miss_is_taken_and_said(churn: Desk) -> None:
    reply = churn.done("/stage decide chrun model make cost 1 kpi x")
    assert "I took “chrun model” for Churn model." in reply.text


def test_two_candidates_are_never_guessed(churn: Desk) -> None:
    churn.done('/product new "Churn maker"')
    reply = churn.refused("ambiguous", "/stage undo churn")
    assert "churn-maker, churn-model" in reply.text


def test_the_second_of_two_forms_gets_a_conflict_that_says_what_happened(churn: Desk) -> None:
    churn.done(f"/role assign @ben as sponsor on {P}")
    command = p.Decide(p.ProductRef(P), "make", {"cost": ("1",), "kpi": ("x",)})
    churn.done(f"/stage decide {P} make {FACTS}", by="ben")
    reply = churn.service.apply(command, Speaker("T1", "ana"), churn.now, seen_version=2)
    assert reply.error == "conflict"
    assert "Ben decided Make (cost 120k EUR; KPI recall above 0.8)" in reply.text
    assert churn.service.apply(command, Speaker("T1", "ana"), churn.now, seen_version=3).ok


def test_a_clock_set_back_never_dates_an_event_before_the_last(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.later(-3)
    churn.done(f"/stage advance {P}")
    moments = [e.at for e in events(churn)]
    assert moments == sorted(moments)
    assert moments[-1] == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_what_runs_within_a_change_stands_or_falls_with_it(churn: Desk) -> None:
    told: list[Reply] = []

    def fail(writer: Writer, reply: Reply) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        churn.say(f"/stage decide {P} make {FACTS}", within=fail)
    assert len(events(churn)) == 1
    reply = churn.done(f"/stage decide {P} make {FACTS}", within=lambda writer, reply: told.append(reply))
    assert told == [reply]
    refused = churn.say(f"/stage undo {P}", by="eve", within=lambda writer, reply: told.append(reply))
    assert told[-1] == refused


def test_a_form_records_the_criteria_left_unticked(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS}")
    command = p.Advance(p.ProductRef(P))
    reply = churn.service.apply(command, Speaker("T1", "ana"), churn.now, ticked=("feasibility/1",))
    assert reply.ok
    assert "Left open on the way: KPIs are agreed." in reply.text
    assert events(churn)[-1].details == {"unmet": ["KPIs are agreed"]}


def test_a_complete_command_that_was_not_asked_leaves_nothing_unticked(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P}")
    assert events(churn)[-1].details == {}


def test_enforced_criteria_block_until_all_are_ticked(store: Store) -> None:
    desk = Desk(store, gates="enforce")
    desk.done('/product new "Churn model"')
    desk.done(f"/stage decide {P} make {FACTS}")
    reply = desk.refused("illegal_move", f"/stage advance {P}")
    assert "Not ticked: Costs are known; KPIs are agreed." in reply.text
    assert reply.form
    assert (reply.form.verb, reply.form.missing) == ("stage advance", ("criteria",))
    command = p.Advance(p.ProductRef(P))
    ticked = ("feasibility/1", "feasibility/2")
    assert desk.service.apply(command, Speaker("T1", "ana"), desk.now, ticked=ticked).ok
    desk.done(f"/stage advance {P}")  # data preparation has no criteria here


def test_an_enforced_refusal_has_one_full_stop_after_its_criteria(store: Store) -> None:
    stages = [{"id": "one", "gate": {"criteria": [{"text": "It is here."}, {"text": "It is there."}]}}, {"id": "two"}]
    desk = Desk(store, make_pack(stages), gates="enforce")
    desk.done('/product new "Churn model"')
    words = desk.refused("illegal_move", f"/stage advance {P}").text
    assert "Not ticked: It is here; It is there. They are ticked" in words


def test_history_marks_what_was_taken_back(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P} because it is time")
    churn.done(f"/stage undo {P}")
    _, _, decision, move, undo = churn.done(f"/stage history {P}").text.splitlines()
    assert move.endswith("because it is time (taken back)")
    assert "(taken back)" not in decision + undo


def test_a_product_of_another_pack_is_flagged_and_can_be_mapped(churn: Desk) -> None:
    other = Desk(churn.store, make_pack([{"id": "idea"}, {"id": "build"}], id="other"))
    assert "has no stage feasibility" in other.done(f"/stage status {P}").text
    for move in (f"/stage advance {P}", f"/stage back {P} to idea because x"):
        words = other.refused("illegal_move", move).text
        assert f"Possible now: `/stage advance {P} to STAGE`, where STAGE is idea or build." in words
    reply = other.done(f"/stage advance {P} to build because we switched")
    assert reply.text.startswith("Ana mapped Churn model from feasibility to Build.")
    assert other.stages() == ("build",)
    assert events(other)[-1].kind == "mapped"
    words = other.refused("illegal_move", f"/stage undo {P}").text
    assert "that it was mapped to Build is not taken back" in words
    assert "`/stage back churn-model to idea because …`" in words
    other.done(f"/stage back {P} to idea because x")


def test_an_archived_product_must_be_restored_first(churn: Desk) -> None:
    churn.done(f"/product archive {P}")
    for line in (f"/stage advance {P}", f"/stage undo {P}", f"/role assign @ben as sponsor on {P}",
                 f"/product rename {P} to X", f"/product link {P} #x", f"/product archive {P}"):  # fmt: skip
        assert "/product restore churn-model" in churn.refused("illegal_move", line).text
    assert "It is archived." in churn.done(f"/stage status {P}").text
    churn.done(f"/product restore {P}")
    churn.refused("illegal_move", f"/product restore {P}")


def test_many_threads_lose_and_double_nothing(churn: Desk) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def assign(n: int) -> bool:
        reply = churn.say(f"/role assign @user{n} as sponsor on {P}")
        assert reply.ok or reply.error == "conflict"
        return reply.ok

    with ThreadPoolExecutor(8) as pool:
        done = sum(pool.map(assign, range(80)))
    with churn.store.read() as reader:
        product = reader.product("T1", P)
        recorded = reader.events("T1", P)
    assert product
    assert len(product.holders) == done
    assert [e.sequence for e in recorded] == list(range(1, done + 2))


def test_a_form_that_was_filled_in_is_checked_as_if_typed(churn: Desk) -> None:
    words = churn.service.vocabulary
    values = {"option": "make", "values": {"cost": "120k", "kpi": ["recall above 0.8", ""]}, "reason": None}
    command = filled_in("stage decide", P, values, words)
    assert command == p.Decide(p.ProductRef(P), "make", {"cost": ("120k",), "kpi": ("recall above 0.8",)})
    assert churn.service.apply(command, Speaker("T1", "ana"), churn.now, seen_version=1).ok
    for verb, wrong in (
        ("stage decide", {"option": "make", "values": {"cost": "lots"}}),
        ("product new", {"name": "@ana"}),
        ("stage back", {"to": "nowhere"}),
    ):
        with pytest.raises(CommandError):
            filled_in(verb, P, wrong, words)
    assert filled_in("stage back", P, {}, words) == p.Back(p.ProductRef(P), None, "")


TYPED = [
    "advance {p}",
    "advance {p} to prototyping",
    "advance {p} to productization",
    "open {p} proto",
    "back {p} to feasibility because x",
    "back {p} to data prep because x",
    "decide {p} make cost 1 kpi x",
    "decide {p} buy cost 1 kpi x",
    "decide {p} make cost 2 kpi y",
    "undo {p}",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(TYPED), max_size=25))
def test_undo_is_a_stack_whatever_came_before(lines: list[str]) -> None:
    desk = Desk(FakeStore())
    desk.done('/product new "Churn model"')
    standing = [state(desk)]
    for line in lines:
        desk.later(1)
        reply = desk.say(f"/stage {line.format(p=P)}")
        if "undo" in line:
            assert reply.ok == (len(standing) > 1)
            if reply.ok:
                standing.pop()
        elif reply.ok:
            standing.append(state(desk))
        assert state(desk) == standing[-1]
