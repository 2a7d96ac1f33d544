"""The program as people run it: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import PACKS

TOKEN = "xoxb-" + "0" * 12


def run(*arguments: str, typed: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `rolecall` with these arguments, this standard input and these variables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ROLECALL_", "SLACK_"))}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=typed.encode() if isinstance(typed, str) else typed,
        capture_output=True,
        env={**inherited, **environment},
        check=False,
        timeout=60,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_demo_answers_what_is_piped_in() -> None:
    done = run("demo", typed="who owns data prep?\n/stage status churn-model\n")
    assert done.returncode == 0
    assert "Data analysts and data engineers" in done.stdout
    assert "Churn model is in" in done.stdout


def test_ask_prints_the_answer_object_of_the_interface() -> None:
    [answer] = objects(run("ask", "--json", "who ownes productizaton").stdout)
    assert answer["answered"] is True
    assert set(answer["roles"]) == {"data-engineer", "devops"}
    assert answer["sources"][0]["basis"] == "stated"
    [entity] = answer["entities"]
    assert (entity["type"], entity["id"]) == ("stage", "productization")
    assert answer["question"][entity["start"] : entity["end"]] == entity["text"] == "productizaton"
    assert 0 < answer["confidence"] <= 1


def test_a_question_without_options_gets_the_answer_that_it_gets_with_them() -> None:
    plain, parsed = run("ask", "who owns data prep?"), run("--pack", "ai-product", "ask", "who owns data prep?")
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, parsed.stdout, "")
    assert run("ask", "who owns data prep?", ROLECALL_PACK="nope").returncode == 2


def test_ask_says_that_it_does_not_know_and_exits_with_0() -> None:
    done = run("ask", "what is the salary of a data engineer?")
    assert done.returncode == 0
    assert done.stdout.startswith("I don't know")


def test_a_batch_has_an_answer_or_an_error_for_every_line() -> None:
    lines = [
        b'{"question": "who owns data prep?", "id": 1}',
        b"no JSON",
        b"[1, 2]",
        b'{"q": "who"}',
        b"\xff\xfe",
        b'{"question": "and productization?"}',
    ]
    done = run("ask", "--batch", "-", typed=b"\n".join(lines))
    found = objects(done.stdout)
    assert done.returncode == 0
    assert ["error" in each for each in found] == [False, True, True, True, True, False]
    # No question is understood from the one before it.
    assert found[5]["roles"] != found[0]["roles"]


@pytest.mark.parametrize("question", ["", "   ", "🎉🎉", "\x01\x02\x7f", "x" * 10_000])
def test_odd_questions_are_answered_in_words(question: str) -> None:
    done = run("ask", "--json", question)
    [answer] = objects(done.stdout)
    assert done.returncode == 0 and answer["answered"] is False and answer["text"]
    assert ("first 2000" in answer["text"]) == (len(question) > 2000)


def test_talk_goes_on_whatever_is_typed() -> None:
    new = '/product new "Churn & co" sponsor @ana in #churn'
    typed = "\n".join([new, "/stage fly", "/nope", "@ben: /stage advance churn-co", "hi"])
    done = run("chat", "--json", "--as", "ana", "--channel", "churn", typed=typed)
    made, fly, nope, refused, hello = objects(done.stdout)
    assert done.returncode == 0
    assert (made["ok"], made["visibility"], made["product"]["id"]) == (True, "in_channel", "churn-co")
    assert (fly["error"], nope["error"], refused["error"]) == ("usage", "usage", "not_allowed")
    assert hello["answered"] is True


def test_what_is_recorded_is_there_in_the_next_run(tmp_path: Path) -> None:
    database = str(tmp_path / "rolecall.db")
    began = "2026-03-01T09:00:00+00:00"
    run("chat", "--db", database, "--as", "ana", "--now", began, typed="/product new Churn sponsor @ana\n")
    later = ("--db", database, "--as", "ana", "--now", "2026-03-22T09:00:00Z")
    [status] = objects(run("chat", "--json", *later, typed="/stage status churn\n").stdout)
    assert "21 days" in status["text"]
    asked = run("ask", "--json", "--db", database, "where is churn?")
    assert objects(asked.stdout)[0]["stages"] == ["feasibility"]


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "abc"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": TOKEN}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": "abc"}, "SLACK_APP_TOKEN"),
    ],
)
def test_serve_names_the_variable_that_is_wrong(environment: dict[str, str], variable: str) -> None:
    done = run("serve", **environment)
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert variable in line and TOKEN not in line


def test_a_database_that_cannot_be_used_is_said_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("no database")
    for path in (other, Path("/proc/rolecall.db")):
        done = run("chat", "--db", str(path), typed="hi\n")
        assert done.returncode == 2 and str(path) in done.stderr
    assert other.read_text() == "no database"


def test_a_mistake_in_the_knowledge_is_named_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(PACKS / "ai-product", folder)
    roles = folder / "roles.yaml"
    roles.write_text(roles.read_text("utf-8") + "\n- id: pilot\n  nam: Pilot\n", "utf-8")
    line = len(roles.read_text("utf-8").splitlines())
    done = run("--knowledge", str(folder), "ask", "hi")
    assert done.returncode == 2
    assert f"roles.yaml:{line}" in done.stderr and "name" in done.stderr


def test_a_command_that_does_not_exist_gets_the_nearest_one() -> None:
    done = run("aks", "who?")
    assert done.returncode == 2 and "'ask'" in done.stderr


def test_a_question_is_answered_without_importing_what_it_does_not_need() -> None:
    asked = "from bot.bootstrap import load_answering; import sys; load_answering().answer('who owns data prep?')"
    heavy = "{'pydantic', 'yaml', 'scipy', 'slack_sdk', 'slack_bolt', 'sqlite_utils', 'rich'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; print({heavy})"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
