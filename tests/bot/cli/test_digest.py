"""`rolecall digest preview`: what a digest would say, at any moment, with nothing posted or recorded."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.program import cli
from bot.store.sqlite import SqliteStore
from tests.bot.services.digest_world import CHANNEL, MONDAY, World, schedule

NOW = MONDAY.isoformat()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "portfolio.db"
    store = SqliteStore(path)
    world = World(store)
    world.create("churn", MONDAY - timedelta(days=3), channel=CHANNEL, sponsor="U2")
    world.create("vision", MONDAY - timedelta(days=3))
    world.move("churn", "advanced", MONDAY - timedelta(hours=1), "data-preparation", reason="the data is there")
    store.close()
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["digest", "preview", *arguments])


def test_a_channels_digest_is_shown_in_lines_that_fit_a_terminal(db: Path) -> None:
    result = run("--db", str(db), "--channel", CHANNEL, "--now", NOW, "--zone", "Europe/Madrid")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert text.startswith("Daily digest, Mon 23 Nov: what moved since Mon 16 Nov, 08:30")
    assert "churn: new, in Feasibility" in text
    assert "→ Data Preparation, by U1: “the data is there”" in text
    assert "vision" not in text
    assert max(map(len, result.output.splitlines())) <= 100


def test_a_persons_digest_and_that_of_all_products(db: Path) -> None:
    own = run("--db", str(db), "--user", "@U2", "--now", NOW).output
    assert own.startswith("Your digest")
    assert "vision" not in own
    assert "vision" in run("--db", str(db), "--now", NOW).output


def test_what_is_set_up_says_zone_and_scope(db: Path) -> None:
    store = SqliteStore(db)
    with store.write() as writer:
        writer.save_digest_schedule(schedule(zone="Asia/Tokyo", scope="all"))
    store.close()
    result = run("--db", str(db), "--channel", f"#{CHANNEL}", "--now", NOW, "--json")
    found = json.loads(result.output)
    assert "16:30" in found["parent"][0]["said"]
    assert "vision" in result.output


def test_nothing_is_recorded_by_a_preview(db: Path) -> None:
    before = run("--db", str(db), "--channel", CHANNEL, "--now", NOW).output
    assert run("--db", str(db), "--channel", CHANNEL, "--now", NOW).output == before
    store = SqliteStore(db)
    with store.read() as reader:
        assert reader.digest_schedules(enabled=False) == []
        assert reader.digest_run("T1", CHANNEL, MONDAY.date()) is None
    store.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--now", "yesterday"], "is no moment"),
        (["--channel", "C1", "--user", "U1"], "not both"),
        (["--zone", "Mars/Phobos"], "time zone"),
        (["--db", "/nowhere/at/all.db"], "There is no database"),
    ],
)
def test_what_is_wrong_is_said(db: Path, arguments: list[str], words: str) -> None:
    result = run("--db", str(db), *arguments)
    assert result.exit_code != 0
    assert words in result.output + str(result.exception)
