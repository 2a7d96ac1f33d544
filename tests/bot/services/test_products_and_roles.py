"""Products as such, and the people on them."""

from __future__ import annotations

import pytest

from bot.results import Reply
from bot.store.base import Store
from tests.bot.fakes import FakeStore
from tests.bot.services.desk import FACTS, Desk

P = "churn-model"


def test_a_new_product_says_where_it_is_and_who_is_on_it(desk: Desk) -> None:
    reply = desk.done('/product new "Churn model" sponsor @ben about "who leaves" in #churn')
    assert reply.text.splitlines() == [
        "Ana created Churn model in Feasibility. Next: Data Preparation. "
        "Missing for it: Buy or make (Make or Buy, cost, KPI).",
        "Sponsor: Ben.",
    ]
    assert reply.announcement
    assert reply.announcement.channel == "churn"
    assert reply.product
    assert (reply.product.id, reply.product.version) == (P, 1)


def test_only_an_equal_slug_exists_already(churn: Desk) -> None:
    reply = churn.refused("exists", "/product new churn MODEL!")
    assert "churn-model already" in reply.text
    churn.done("/product new Churn models")


def test_a_product_without_a_name_is_asked_for_it(desk: Desk) -> None:
    reply = desk.refused("usage", "/product new")
    assert reply.form
    assert (reply.form.verb, reply.form.missing) == ("product new", ("name",))


def test_a_renamed_product_keeps_its_id_and_is_found_by_old_names(churn: Desk) -> None:
    reply = churn.done(f'/product rename {P} to "Retention radar"')
    assert reply.product
    assert (reply.product.id, reply.product.name) == (P, "Retention radar")
    for name in ("Retention radar", "retention-radar", "Churn model", P, "retention radr"):
        found = churn.done(f"/product show {name}").product
        assert found
        assert found.id == P
    churn.refused("exists", '/product new "Churn model"')
    churn.done("/product new Other")
    churn.refused("exists", f"/product rename {P} to Other")
    assert "already" in churn.done(f'/product rename {P} to "Retention radar"').text


def test_no_product_is_changed_by_a_name_that_another_was_given_too(churn: Desk) -> None:
    churn.done('/product rename churn-model to "Leaver model"')
    churn.done('/product new "Leaver Model"')
    for line in ('/product archive "Leaver model"', "/stage decide leaver model make", "/stage undo Leaver Model"):
        assert "churn-model, leaver-model. Which is meant?" in churn.refused("ambiguous", line).text
    assert "archived Leaver Model" in churn.done("/product archive leaver-model").text


def test_linking_speaks_in_the_channel_that_was_linked(churn: Desk) -> None:
    reply = churn.done(f"/product link {P} #churn")
    assert reply.visibility == "ephemeral"
    assert reply.announcement
    assert churn.done(f"/product link {P} #other", channel="other").visibility == "in_channel"


def test_lists(churn: Desk) -> None:
    churn.done("/product new Alpha at deployment", by="ben")
    churn.done("/product new Old", by="ben")
    churn.done("/product archive old", by="ben")
    churn.later(2)
    assert churn.done("/product list").text.splitlines() == [
        "2 products:",
        "Alpha (alpha): Architecting (Deploying), 2 days",
        "Churn model (churn-model): Feasibility, 2 days",
    ]
    ids = lambda line: [x["id"] for x in churn.done(line).extra["products"]]  # noqa: E731
    assert ids("/product list mine") == [P]
    assert ids("/product list deploying") == ["alpha"]
    assert ids("/product list all") == ["alpha", P, "old"]
    assert "no product in Productization" in churn.done("/product list productization").text


def test_status_says_where_since_when_who_and_what_is_next(churn: Desk) -> None:
    churn.done(f"/role assign @ben as data analyst on {P}")
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P}")
    churn.later(21)
    reply = churn.done(f"/stage status {P}", by="eve")
    assert reply.text.splitlines() == [
        "Churn model is in Data Preparation since 1 March 2026 (21 days).",
        "Driving Data Preparation: Data analyst: Ben; Data engineer: nobody.",
        "Gaps: nobody holds Data engineer.",
        "Next: Prototyping and Testing. Prototyping and Testing may be opened beside it.",
    ]
    assert reply.visibility == "ephemeral"
    assert reply.product
    assert reply.product.stages == ("data-preparation",)


def test_status_of_a_stuck_product_and_of_a_gate(churn: Desk) -> None:
    churn.later(31)
    text = churn.done(f"/stage status {P}").text
    assert "Stuck: 31 days in Feasibility, where the limit is 30 days." in text
    assert "Missing for it: Buy or make (Make or Buy, cost, KPI)." in text
    churn.done(f"/stage decide {P} make {FACTS}")
    assert "Decided: Make (cost 120k EUR; KPI recall above 0.8)." in churn.done(f"/stage status {P}").text


@pytest.mark.parametrize(("days", "words"), [(0, "(today)"), (1, "(1 day)"), (21, "(21 days)")])
def test_how_long_is_said_in_words(churn: Desk, days: int, words: str) -> None:
    churn.later(days)
    assert words in churn.done(f"/stage status {P}").text


def test_status_without_a_product_is_of_the_channel_or_of_all(churn: Desk) -> None:
    churn.done("/product new Alpha in #alpha")
    assert "Alpha is in" in churn.done("/stage status", channel="alpha").text
    assert churn.done("/stage status").text.splitlines()[:3] == [
        "2 products:",
        "Alpha (alpha): Feasibility, today",
        "Churn model (churn-model): Feasibility, today",
    ]


def test_status_of_nothing(desk: Desk) -> None:
    assert desk.done("/stage status").text == "There is no product yet. `/product new NAME` begins one."


def test_history_tells_who_when_what_and_why_in_the_readers_zone(churn: Desk) -> None:
    churn.done(f"/stage decide {P} make {FACTS} because no vendor fits")
    churn.later(1)
    churn.done(f"/stage advance {P}")
    churn.done(f"/stage undo {P}")
    churn.done(f"/role assign @ben as sponsor on {P}")
    churn.done(f"/role remove @ben as sponsor on {P}")
    churn.done(f"/product rename {P} to Radar")
    assert churn.done("/stage history radar", zone="Europe/Madrid").text.splitlines() == [
        "History of Radar (7 events; times in Europe/Madrid):",
        "2026-03-01 10:00 Ana created it in Feasibility",
        "2026-03-01 10:00 Ana decided Make (cost 120k EUR; KPI recall above 0.8) because no vendor fits",
        "2026-03-02 10:00 Ana moved it from Feasibility to Data Preparation (taken back)",
        "2026-03-02 10:00 Ana took back: moved it from Feasibility to Data Preparation",
        "2026-03-02 10:00 Ana made Ben Sponsor",
        "2026-03-02 10:00 Ana removed Ben as Sponsor",
        "2026-03-02 10:00 Ana renamed it from Churn model to Radar",
    ]


def test_roles_are_given_and_taken(churn: Desk) -> None:
    assert churn.done(f"/role assign @ben as sponsor on {P}").text == "Ana made Ben Sponsor on Churn model."
    assert "already" in churn.done(f"/role assign @Ben as sponsor on {P}").text
    reply = churn.done(f"/role remove @ben as sponsor on {P}")
    assert reply.text.splitlines()[-1] == "Nobody holds Sponsor now."
    assert "nobody is" in churn.refused("usage", f"/role remove @ben as sponsor on {P}").text
    churn.refused("unknown_role", f"/role remove @ben as king on {P}")


def test_a_person_is_replaced_on_one_product_or_everywhere(churn: Desk) -> None:
    churn.done("/product new Alpha DE @ben DS @ben")
    churn.done(f"/role assign @ben as sponsor on {P}")
    reply = churn.done("/role replace @ben with @cleo on alpha")
    assert reply.text == "Ana replaced Ben with Cleo as Data engineer and Data scientist on Alpha."
    churn.done("/role replace @cleo with @ben on alpha")
    reply = churn.done("/role replace @ben with @dan")
    assert len(reply.text.splitlines()) == 2
    assert churn.done("/role list @dan").text.splitlines() == [
        "Dan has these roles:",
        "Alpha: Data engineer and Data scientist",
        "Churn model: Sponsor",
    ]
    churn.refused("usage", "/role replace @ben with @dan")


def test_replacing_everywhere_is_all_or_nothing(churn: Desk) -> None:
    churn.done(f"/role assign @ben as sponsor on {P}")
    churn.done("/product new Alpha sponsor @ben", by="eve")
    churn.refused("not_allowed", "/role replace @ben with @dan")
    assert "no role" in churn.done("/role list @dan").text


def test_role_lists(churn: Desk) -> None:
    churn.done(f"/role assign @ben as data engineer on {P}")
    assert churn.done(f"/role list {P}").text == "Churn model: Data engineer: Ben. Gaps: Sponsor."
    assert "Churn model" in churn.done("/role list").text


def test_who_is_involved_may_change_and_a_refusal_says_who(churn: Desk) -> None:
    churn.done(f"/role assign @ben as sponsor on {P}")
    reply = churn.refused("not_allowed", f"/stage undo {P}", by="eve")
    assert reply.text == ("You may not change Churn model. Those who may: Ana (created it), Ben (Sponsor).")
    churn.done(f"/product link {P} #x", by="ben")
    churn.done(f"/role remove @ben as sponsor on {P}", by="ben")
    churn.refused("not_allowed", f"/product link {P} #y", by="ben")


def test_looking_is_free(churn: Desk) -> None:
    for line in (f"/stage status {P}", f"/stage history {P}", f"/product show {P}", "/product list", "/role list"):
        churn.done(line, by="eve")


def test_every_refusal_is_recorded(desk: Desk) -> None:
    desk.done('/product new "Churn model"')
    desk.refused("not_allowed", f"/stage undo {P}", by="eve")
    desk.refused("illegal_move", f"/stage undo {P}")
    if isinstance(desk.store, FakeStore):
        recorded = desk.store.refused
    else:
        with desk.store.read() as reader:
            recorded = [(r.actor, r.product, r.error) for r in reversed(reader.refusals("T1", since=desk.now))]
    assert recorded == [("eve", P, "not_allowed"), ("ana", P, "illegal_move")]


@pytest.mark.parametrize(
    ("policy", "user", "allowed"),
    [
        ("involved", "ana", True),
        ("involved", "eve", False),
        ("involved", "root", True),
        ("open", "eve", True),
        ("admins", "ana", False),
        ("admins", "root", True),
    ],
)
def test_policies(store: Store, policy: str, user: str, allowed: bool) -> None:
    desk = Desk(store, policy=policy, admins=frozenset({"root"}))
    desk.done('/product new "Churn model"')
    reply = desk.say(f"/product link {P} #x", by=user)
    assert reply.ok == allowed
    if policy == "admins" and not allowed:
        assert "Root (admin)" in reply.text


def test_questions_and_digests_go_where_they_belong(desk: Desk) -> None:
    reply = desk.done("/ask who owns it?")
    assert reply.as_json()["answered"] is True
    assert desk.done("/digest me on 08:30").command == "/digest me on 08:30"
    assert desk.digests[0].personal


def test_help_is_fine_and_a_wrong_verb_is_not(desk: Desk) -> None:
    assert desk.done("/stage").text.startswith("/stage:")
    assert desk.done("/role help").visibility == "ephemeral"
    reply = desk.refused("usage", "/stage advnce churn")
    assert "`/stage advance`" in reply.text
    desk.done('/product new "Churn model"')
    reply = desk.refused("usage", f"/stage decide {P} make cost lots")
    assert "Usage: `/stage decide P OPTION [FIELD VALUE]… [because REASON]`" in reply.text


def test_commands_may_have_a_prefix(store: Store) -> None:
    desk = Desk(store, prefix="rc-")
    reply = desk.say("/rc-product list")
    assert (reply.command, reply.ok) == ("/rc-product list", True)
    assert "/rc-product new" in reply.text


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "\x00\x01", "🎉", '"', "“", "<@", "<@U1|", "a" * 5000, "to", "because", "@", "# #", "new \x00"],
)
@pytest.mark.parametrize(
    "command", ["/stage", "/product", "/role", "/digest", "/ask", "/", "/stage advance", "/product new"]
)
def test_nothing_that_is_typed_raises(churn: Desk, command: str, text: str) -> None:
    reply: Reply = churn.say(f"{command} {text}")
    assert reply.text
    assert reply.error in {None, "usage", "unknown_product", "unknown_person"}
    assert len(reply.text) < 4000


def test_words_of_a_name_that_look_like_a_clause_are_said(churn: Desk) -> None:
    reply = churn.done("/product new Other at nowhere")
    assert reply.product and reply.product.name == "Other at nowhere"
    assert "I took “at nowhere” for a part of the name: no stage is called that. There are: Feasibility," in reply.text
    reply = churn.done("/product new Radar sponsor ana")
    assert "I took “sponsor ana” for a part of the name: a person is written as @USER." in reply.text
    for line in ('/product new "Look at me"', "/product new Plain thing", "/product new Sign at data prep"):
        assert "part of the name" not in churn.done(line).text


def test_a_comma_before_a_clause_is_no_part_of_the_name(churn: Desk) -> None:
    reply = churn.done("/product new Radar, sponsor @ana at data prep")
    assert reply.product and (reply.product.name, reply.product.stages) == ("Radar", ("data-preparation",))
    other = churn.done('/product new "Radar, Ltd."').product
    assert other and other.name == "Radar, Ltd."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/stge status", "There is no command “stge”. Did you mean /stage?"),
        ("/product delete churn-model", "Did you mean `/product archive`?"),
        ("/stage move churn-model to data-preparation", "Did you mean `/stage advance`?"),
        ("/stage revert churn-model", "Did you mean `/stage undo`?"),
        ("/stage advnce churn-model", "Did you mean `/stage advance`?"),
        ("/role add @x as sponsor on churn-model", "Did you mean `/role assign`?"),
        ("/help", "/digest; each explains itself with `help`, as in `/stage help`."),
    ],
)
def test_an_unknown_command_says_which_there_are(churn: Desk, line: str, said: str) -> None:
    assert said in churn.refused("usage", line).text
