"""What a portfolio looks like: table, board, flow, timelines, pictures."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.plots import PlotError, history_plot, history_png, where_from
from bot.results import Timeline
from bot.services.flow import Flow, flow
from bot.services.portfolio_table import board, rows
from bot.services.stays import as_of, stays
from bot.services.timeline import timeline
from bot.store.records import Event, Product
from tests.bot.services.desk import FACTS, Desk
from tests.sample_packs import ai_product, make_pack

P = "churn-model"
PACK = ai_product()


@pytest.fixture
def worked(churn: Desk) -> Desk:
    """Churn goes to data preparation after 5 days, on after 10, back, on (taken back), and waits."""
    churn.done(f"/role assign @ben as data-engineer on {P}")
    churn.later(5)
    churn.done(f"/stage decide {P} make {FACTS}")
    churn.done(f"/stage advance {P}")
    churn.later(10)
    churn.done(f"/stage advance {P}")
    churn.later(2)
    churn.done(f"/stage back {P} to data-preparation because the feed broke")
    churn.later(1)
    churn.done(f"/stage advance {P}")
    churn.done(f"/stage undo {P}")
    churn.done("/product new Other")
    churn.done(f"/stage decide other buy {FACTS}")
    churn.later(4)
    return churn


def read(desk: Desk, product: str = P) -> tuple[Product, list[Event]]:
    with desk.store.read() as reader:
        found = reader.product("T1", product)
        assert found
        return found, reader.events("T1", product)


def drawn(desk: Desk) -> Timeline:
    product, events = read(desk)
    return timeline(product, events, PACK, desk.now)


def test_stays(worked: Desk) -> None:
    _, events = read(worked)
    found = stays(events)
    assert [(s.stage, s.returned) for s in found] == [
        ("feasibility", False),
        ("data-preparation", False),
        ("prototyping-testing", False),
        ("data-preparation", True),
    ]
    assert [(s.left - s.entered).days if s.left else None for s in found] == [5, 10, 2, None]


def test_as_of(worked: Desk) -> None:
    _, events = read(worked)
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert as_of(events, start) is None
    then = as_of(events, start + timedelta(days=6))
    assert then
    assert then.state.stages == ("data-preparation",)


def test_the_table(worked: Desk) -> None:
    with worked.store.read() as reader:
        found = rows(reader.products("T1"), PACK, worked.now, "UTC", str.title)
    assert [row.product for row in found] == ["churn-model", "other"]
    churn, other = found
    assert [(s.stage, s.days, s.stuck) for s in churn.stages] == [("data-preparation", 5, False)]
    assert churn.people == (("Data engineer", ("Ben",)),)
    assert "Data analyst" in churn.gaps
    assert (other.status, other.stages, other.gaps) == ("bought", (), ())


def test_the_board(worked: Desk) -> None:
    with worked.store.read() as reader:
        columns = board(reader.products("T1"), PACK, worked.now, "UTC")
    assert [column.stage for column in columns] == [*(s.id for s in PACK.stages), "bought"]
    held = {column.stage: column.products for column in columns}
    assert held["data-preparation"] == (("Churn model", 5, False),)
    assert held["bought"] == (("Other", None, False),)


def test_a_stage_of_another_pack_is_shown_and_flagged(worked: Desk) -> None:
    other = make_pack([{"id": "alpha"}, {"id": "omega"}])
    with worked.store.read() as reader:
        products = reader.products("T1")
    assert not rows(products, other, worked.now, "UTC", str.title)[0].stages[0].known
    assert board(products, other, worked.now, "UTC")[2].name == "data-preparation (not in this framework)"


def test_flow(worked: Desk) -> None:
    with worked.store.read() as reader:
        histories = [reader.events("T1", each.id) for each in reader.products("T1")]
    figures = flow(histories, PACK, "UTC")
    medians = {each.stage: each.median_days for each in figures.stages}
    assert (medians["data-preparation"], medians["prototyping-testing"], medians["deployment"]) == (10, 2, None)
    assert (figures.moves, figures.moves_back) == (3, 1)
    assert figures.share_back == pytest.approx(1 / 3)
    assert (figures.begun, figures.finished) == ((("2026-03", 2),), (("2026-03", 1),))
    assert flow([], PACK, "UTC").share_back is None
    assert isinstance(figures, Flow)


def test_a_timeline_has_its_loops(worked: Desk) -> None:
    found = drawn(worked)
    assert [stage for stage, _ in found.stages] == ["feasibility", "data-preparation", "prototyping-testing"]
    assert [(loop.origin, loop.target, loop.reason) for loop in found.loops] == [
        ("prototyping-testing", "data-preparation", "the feed broke")
    ]
    assert [mark.text for mark in found.marks] == ["Make"]
    assert [(bar.days, bar.present) for bar in found.bars] == [(5, False), (10, False), (2, False), (5, True)]


def test_a_picture_is_written(worked: Desk, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    history_plot(drawn(worked), tmp_path / "churn.png")
    assert (tmp_path / "churn.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(PlotError, match="cannot be written"):
        history_plot(drawn(worked), tmp_path / "no" / "folder.png")
    with pytest.raises(PlotError, match="cannot be written"):
        history_plot(drawn(worked), tmp_path / "churn.doc")


@pytest.mark.parametrize("name", ["a$b", "\ud800", "日本\x00🎉", "\n", "x" * 5000, "\\frac{"])
def test_any_name_can_be_drawn(worked: Desk, name: str) -> None:
    pytest.importorskip("matplotlib")
    found = drawn(worked)
    odd = replace(found, title=name, stages=tuple((stage, name) for stage, _ in found.stages))
    assert history_png(odd).startswith(b"\x89PNG")


def test_what_was_bought_comes_back_from_where_it_was_closed(worked: Desk) -> None:
    worked.done("/stage back other to feasibility because the vendor left")
    product, events = read(worked, "other")
    found = timeline(product, events, PACK, worked.now)
    [loop] = found.loops
    assert loop.origin == "" and where_from(found, loop) == ("feasibility", found.bars[0].end)


def test_without_matplotlib_it_says_how_to_get_it(
    worked: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(PlotError, match=r"pip install 'rolecall\[plots\]'"):
        history_plot(drawn(worked), tmp_path / "churn.png")
