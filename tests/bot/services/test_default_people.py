"""Who holds a role where nobody is assigned to it: the people that the organisation named for it. One truth."""

from __future__ import annotations

import pytest

from bot.services import portfolio_table
from bot.services.digest import digest_text
from bot.store.base import Store
from knowledge.queries import Knowledge
from knowledge.schema import Pack
from tests.bot.services.desk import Desk
from tests.bot.services.digest_world import MONDAY, World, schedule
from tests.sample_packs import ai_product


def with_default(pack: Pack, **sponsor: object) -> Pack:
    """The pack with a sponsor for all products."""
    roles = tuple(role.model_copy(update=sponsor) if role.id == "sponsor" else role for role in pack.roles)
    return pack.model_copy(update={"roles": roles})


CAROL = {"people": ("@carol",), "user_group": "S0123ABC"}


@pytest.fixture
def carols(store: Store) -> Desk:
    """A desk where Carol is sponsor by default."""
    desk = Desk(store, with_default(ai_product(), **CAROL))
    desk.done("/product new Churn")
    return desk


def test_commands_say_who_holds_a_role_by_default_and_no_gap(store: Store) -> None:
    desk = Desk(store, with_default(ai_product(), **CAROL))
    told = [desk.done(line).text for line in ("/product new Churn", "/stage status churn", "/product show churn")]
    told += [desk.done(line).text for line in ("/role list churn", "/stage status", "/role list")]
    assert ["Sponsor: @Carol, by default." in text for text in told] == [True] * 6
    assert not [text for text in told if "obody" in text or "Gaps" in text]
    assert desk.done("/role list @carol").text == "Carol has these roles:\nChurn: Sponsor"


def test_a_user_group_holds_a_role_by_default_where_no_people_do(store: Store) -> None:
    desk = Desk(store, with_default(ai_product(), user_group="S0123ABC"))
    assert "Sponsor: The User Group S0123Abc, by default." in desk.done("/product new Churn").text
    assert "Gaps" not in desk.done("/stage status churn").text


def test_who_is_assigned_takes_the_place_of_who_holds_it_by_default(carols: Desk) -> None:
    carols.done("/role assign @dave as sponsor on churn")
    assert "Sponsor: Dave." in carols.done("/role list churn").text
    assert carols.done("/role list @carol").text == "Carol has no role on any product."
    removed = carols.done("/role remove @dave as sponsor on churn").text
    assert "Sponsor is now: @Carol, by default." in removed


def test_who_holds_a_role_by_default_may_change_the_product(carols: Desk) -> None:
    refusal = carols.refused("not_allowed", "/role assign @dave as sponsor on churn", by="dave")
    assert "@Carol (Sponsor by default)" in refusal.text
    carols.done("/role assign @dave as sponsor on churn", by="carol")


def test_the_digest_says_who_holds_a_role_by_default(store: Store) -> None:
    world = World(store)
    known = Knowledge(with_default(ai_product(), **CAROL))
    world.create("churn", MONDAY)
    text = digest_text(world.digest(known=known))
    assert "to be decided by @carol (Sponsor, by default)" in text
    assert "(Sponsor @carol, by default)" in text
    assert "Held by nobody" not in text
    own = digest_text(world.digest(set_up=schedule("carol", kind="person"), known=known))
    assert "churn: Buy or make" in own


def test_the_table_says_who_holds_a_role_by_default(carols: Desk) -> None:
    with carols.store.read() as reader:
        products = reader.products("T1")
    pack = with_default(ai_product(), **CAROL)
    row = portfolio_table.rows(products, pack, carols.now, "UTC", str)[0]
    assert (row.people, row.gaps) == ((("Sponsor", ("@carol (by default)",)),), ())
