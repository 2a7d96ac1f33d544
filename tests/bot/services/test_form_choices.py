"""What forms offer, and the way from a command that lacks something through its form to the change."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.forms import filled_in
from bot.results import Form, Reply, Speaker
from bot.services.form_choices import with_choices
from bot.slack.surfaces.forms import Origin, completed, form_view
from bot.store.base import Store
from tests.bot.services.desk import FACTS, Desk
from tests.sample_packs import ai_product
from tests.slack.limits import check_view

P = "churn-model"
ORIGIN = Origin("form:1", P, 1, "C1", None, None)


def form_for(desk: Desk, line: str) -> Form:
    reply = desk.say(line)
    assert reply.form, reply.text
    with desk.store.read() as reader:
        product = reader.product("T1", reply.form.product) if reply.form.product else None
        return with_choices(reply.form, ai_product(), product, reader.products("T1"))


def submit(desk: Desk, form: Form, **fields: Any) -> Reply:
    """Fill in a form as Slack shows it, and carry out what comes back."""
    view = form_view(form, ORIGIN)
    assert check_view(view) == []
    shown = {block["block_id"]: block["element"]["type"] for block in view["blocks"] if block["type"] == "input"}
    state: dict[str, Any] = {}
    for name, value in fields.items():
        block = name if name.startswith("ticks") else f"field:{name}"
        assert block in shown
        key = {"static_select": "selected_option", "users_select": "selected_user", "checkboxes": "selected_options"}
        given = {"value": value} if shown[block] == "static_select" else value
        state[block] = {"value": {key.get(shown[block], "value"): given}}
    filled, ticked = completed(form, view | {"state": {"values": state}})
    command = filled_in(filled.verb, filled.product, filled.values, desk.service.vocabulary)
    speaker = Speaker("T1", "ana")
    return desk.service.apply(command, speaker, desk.now, seen_version=filled.version, ticked=ticked)


def test_a_decision_offers_its_options_and_fields(churn: Desk) -> None:
    form = form_for(churn, f"/stage decide {P} make")
    assert form.values["current"] == "Feasibility"
    assert {value for value, _ in form.values["choices"]["option"]} == {"buy", "make"}
    reply = submit(churn, form, option="make", cost="120k EUR", kpi="recall above 0.8\n1% less churn", reason='a "b" c')
    assert reply.ok, reply.text
    with churn.store.read() as reader:
        event = reader.events("T1", P)[-1]
    assert event.kind == "decided" and event.reason == 'a "b" c'
    assert len(event.details["values"]["kpi"]) == 2


def test_back_offers_only_where_it_may_go(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P}")
    form = form_for(churn, f"/stage back {P}")
    assert [value for value, _ in form.values["choices"]["to"]] == ["feasibility"]
    assert submit(churn, form, to="feasibility", reason="the feed changed").ok
    assert churn.stages() == ("feasibility",)


def heading(form: Form) -> str:
    return str(form_view(form, ORIGIN)["blocks"][0]["text"]["text"])


def chosen(form: Form, field: str) -> str | None:
    """The option that is chosen already in what Slack shows."""
    block = next(block for block in form_view(form, ORIGIN)["blocks"] if block.get("block_id") == f"field:{field}")
    option = block["element"].get("initial_option")
    return option and str(option["value"])


def test_an_enforced_advance_shows_where_it_goes_and_has_it_chosen(store: Store) -> None:
    desk = Desk(store, gates="enforce")
    desk.done('/product new "Churn model"')
    desk.done(f"/stage decide {P} make {FACTS}")
    form = form_for(desk, f"/stage advance {P}")
    assert heading(form).endswith("Feasibility → Data Preparation")
    assert chosen(form, "to") == "data-preparation"
    ticks = [{"value": "0"}, {"value": "1"}]
    assert submit(desk, form, **{"ticks:0": ticks}).ok
    assert desk.stages() == ("data-preparation",)


def test_an_advance_from_parallel_stages_has_the_next_stage_chosen(store: Store) -> None:
    desk = Desk(store, gates="enforce")
    desk.done('/product new "Churn model" at data preparation')
    desk.done(f"/stage open {P} prototyping")
    with desk.store.read() as reader:
        product = reader.product("T1", P)
    form = with_choices(Form("stage advance", P, {"to": None}, ("criteria",), 2), ai_product(), product)
    assert len(form.values["choices"]["to"]) > 1
    assert chosen(form, "to") == "productization"


def test_of_several_stages_to_go_back_to_none_is_chosen(churn: Desk) -> None:
    churn.done('/product new other at "prototyping"')
    form = form_for(churn, "/stage back other")
    assert len(form.values["choices"]["to"]) == 2
    assert chosen(form, "to") is None
    assert "→" not in heading(form)


def test_the_only_stage_to_go_back_to_or_to_open_is_chosen(churn: Desk) -> None:
    churn.done("/product new other at data preparation")
    form = form_for(churn, "/stage back other")
    assert chosen(form, "to") == "feasibility"
    assert heading(form).endswith("Data Preparation → Feasibility")
    assert chosen(form_for(churn, "/stage open other"), "stage") == "prototyping-testing"


def test_no_form_opens_where_there_is_nothing_to_choose(churn: Desk) -> None:
    reply = churn.refused("illegal_move", f"/stage back {P}")
    assert reply.form is None
    assert "From Feasibility there is no stage to go back to. Possible now:" in reply.text
    reply = churn.refused("illegal_move", f"/stage open {P}")
    assert reply.form is None
    assert "cannot run beside Feasibility" in reply.text
    churn.done("/product new last at deployment")
    reply = churn.refused("illegal_move", "/stage open last")
    assert "so none can be opened beside it" in reply.text


def test_a_change_since_the_form_opened_is_a_conflict(churn: Desk) -> None:
    form = form_for(churn, f"/stage decide {P} make")
    churn.done(f"/product rename {P} to Churn radar")
    assert submit(churn, form, cost="1k EUR", kpi="x > 1").error == "conflict"


def test_a_new_product_and_a_role(desk: Desk) -> None:
    assert submit(desk, form_for(desk, "/product new"), name='The "odd" one').ok
    form = form_for(desk, "/role assign")
    assert [value for value, _ in form.values["choices"]["product"]]
    assert "sponsor" in [value for value, _ in form.values["choices"]["role"]]


@pytest.mark.parametrize("line", ["/stage advance", "/stage back", "/stage decide", "/stage open", "/role remove"])
def test_every_form_is_within_slacks_limits(desk: Desk, line: str) -> None:
    reply = desk.say(line)
    if reply.form:
        assert check_view(form_view(with_choices(reply.form, ai_product(), None), ORIGIN)) == []
