"""What forms offer, and the way from a command that lacks something through its form to the change."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.forms import filled_in
from bot.results import Form, Reply, Speaker
from bot.services.form_choices import with_choices
from bot.slack.surfaces.forms import Origin, completed, form_view
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
