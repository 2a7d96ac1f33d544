"""The commands on the portfolio, as they are typed in a terminal."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.program import cli
from bot.store.sqlite import SqliteStore
from tests.bot.services.desk import FACTS, Desk

NOW = "2026-04-20T09:00:00Z"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "rolecall.db"
    desk = Desk(SqliteStore(path), policy="open")
    desk.done('/product new "Churn model" sponsor @ana')
    desk.done("/product new [bold]odd[/bold]")
    desk.done("/product new old-thing")
    desk.done("/product archive old-thing")
    desk.later(3)
    desk.done(f"/stage decide churn-model make {FACTS}")
    desk.done("/stage advance churn-model")
    desk.store.close()
    return path


def run(*words: str | Path, status: int = 0) -> Result:
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"ROLECALL_DB": "", "COLUMNS": "80"})
    assert result.exit_code == status, (result.output, result.exception)
    return result


def test_the_table(db: Path) -> None:
    output = run("portfolio", "--db", db, "--now", NOW).output
    assert "Churn model" in output
    assert "[bold]odd[/bold]" in output
    assert "47" in output  # days in Data Preparation
    assert "old-thing" not in output
    assert max(map(len, output.splitlines())) <= 80
    assert "old-thing" in run("portfolio", "--db", db, "--all").output


@pytest.mark.parametrize("what", ["table", "board", "flow"])
def test_as_json(db: Path, what: str) -> None:
    found = json.loads(run("portfolio", what, "--db", db, "--json", "--now", NOW).output)
    if what == "flow":
        assert found["moves"] == 1
    else:
        assert any("churn-model" in str(each) or "Churn model" in str(each) for each in found)


@pytest.mark.parametrize("what", ["board", "flow"])
def test_at_80_columns(db: Path, what: str) -> None:
    output = run("portfolio", what, "--db", db, "--now", NOW).output
    assert max(map(len, output.splitlines())) <= 80
    for word in ("Feasibility", "Preparation", "Prototyping"):
        assert word in output


def test_the_board_cuts_no_heading_however_wide_the_terminal(db: Path) -> None:
    for width in range(40, 200, 3):
        words = ["--pack", "tdsp", "portfolio", "board", "--db", str(db), "--now", NOW]
        output = CliRunner().invoke(cli, words, env={"COLUMNS": str(width)}).output
        assert len(re.findall(r"\(\d+\)", output)) == 7, (width, output)
        assert max(map(len, output.splitlines())) <= width


def test_history(db: Path, tmp_path: Path) -> None:
    output = run("history", "churn", "--db", db).output
    assert "2026-03-04 09:00 ana moved it from Feasibility to Data Preparation" in output
    assert "Wrote" in run("history", "churn-model", "--db", db, "--now", NOW, "--plot", tmp_path / "x.png").output
    assert (tmp_path / "x.png").exists()
    result = run("history", "nothing", "--db", db, status=1)
    assert "no product" in str(result.exception)


def test_doctor_finds_a_log_edited_by_hand(db: Path) -> None:
    assert "All is well." in run("doctor", "--db", db).output
    with sqlite3.connect(db) as connection:
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("UPDATE events SET actor = 'mallory' WHERE sequence = 2")
    connection.close()
    output = run("doctor", "--db", db, status=1).output
    assert "does not fit the chain" in output


def test_doctor_finds_a_stage_of_another_pack(db: Path) -> None:
    output = run("--pack", "tdsp", "doctor", "--db", db, status=1).output
    assert "which the framework does not have" in output


def test_doctor_finds_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("hello, this is no database at all")
    assert "WRONG" in run("doctor", "--db", tmp_path / "x.db", status=1).output
    assert "none was checked" in run("doctor").output


@pytest.mark.parametrize("form", ["json", "csv"])
def test_out_and_in(db: Path, tmp_path: Path, form: str) -> None:
    file, other = tmp_path / f"all.{form}", tmp_path / "other.db"
    run("export", "--db", db, "--format", form, "-o", file)
    assert "Nothing was written yet" in run("import", file, "--db", other, "--team", "T1").output
    assert "Wrote 3 products" in run("import", file, "--db", other, "--team", "T1", "--write").output
    assert run("export", "--db", other, "--format", form).stdout == file.read_text(encoding="utf-8")
    assert "line " in run("import", file, "--db", other, "--write", status=1).stderr


def test_a_list_that_a_person_wrote_is_shown_first_and_written_on_demand(tmp_path: Path) -> None:
    file, db = tmp_path / "products.csv", tmp_path / "new.db"
    # The very example of the README.
    lines = Path("README.md").read_text(encoding="utf-8").splitlines()
    at = lines.index("name,stage,sponsor,data-analyst")
    file.write_text("\ufeff" + "\n".join(lines[at : at + 2]) + "\n", encoding="utf-8")
    output = run("import", file, "--db", db, "--as", "@ana").output
    assert "Churn model (churn-model): prototyping-testing; sponsor ana; data-analyst ben; data-analyst eva" in output
    assert "Nothing was written yet" in output
    assert "Wrote 1 product to team local." in run("import", file, "--db", db, "--as", "@ana", "--write").output
    history = run("history", "churn-model", "--db", db).output
    assert "ana imported it in Prototyping and Testing" in history
    assert "there is a product churn-model already" in run("import", file, "--db", db, status=1).stderr


def test_a_list_without_an_ending_that_tells_is_asked_for_its_format(tmp_path: Path) -> None:
    file, db = tmp_path / "products", tmp_path / "new.db"
    file.write_text("name\nChurn model\n", encoding="utf-8")
    said = str(run("import", file, "--db", db, status=1).exception)
    assert "is not JSON; if it is CSV, say so with --format csv." in said
    assert "all in order" in run("import", file, "--db", db, "--format", "csv").output
    file.write_text('[{"name": "Churn model"}]', encoding="utf-8")
    assert "all in order" in run("import", file, "--db", db).output


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    for words in (["portfolio"], ["export"], ["history", "x"]):
        result = run(*words, "--db", tmp_path / "none.db", status=1)
        assert "There is no database" in str(result.exception)
    assert "Say which database" in str(run("portfolio", status=1).exception)
    assert not (tmp_path / "none.db").exists()
