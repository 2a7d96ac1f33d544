"""The knowledge changes while the whole program serves it: taken over, or refused; every question is answered."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import knowledge_folder
from tests.bot.slack.conftest import WHOLE, Run, Running
from tests.slack import payloads

QUESTION = "what must be true before we leave data preparation?"
BEFORE = "The processes cope with anomalies, missing values and gaps on the feed."
AFTER = "The processes cope with whatever the feed brings."


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the default pack, to be edited."""
    return Path(shutil.copytree(knowledge_folder(None, None), tmp_path / "pack"))


def rewrite(pack: Path, old: str, new: str) -> int:
    """Change a text in the stages' file; the number of its line."""
    file = pack / "stages.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def ask_until(running: Running, text: str, seen: list[str]) -> None:
    """Ask again and again until an answer holds a text; all answers are added to `seen`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        running.deliver(payloads.app_mention(QUESTION))
        seen.append(running.answers(count=len(seen) + 1)[-1]["text"])
        if text in seen[-1]:
            return
    raise AssertionError(running.app.output)


def ready_until(running: Running, wanted: Callable[[list[str]], bool]) -> tuple[int | None, dict[str, Any]]:
    """Status and page of `/readyz`, once its problems are as wanted."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status, body = running.app.get("/readyz")
        if wanted(json.loads(body)["problems"]):
            return status, json.loads(body)
        time.sleep(0.1)
    raise AssertionError(running.app.output)


def test_a_change_is_served_without_a_restart_and_a_broken_one_is_refused(run: Run, pack: Path) -> None:
    running = run(command=WHOLE, ROLECALL_KNOWLEDGE=str(pack))
    answers: list[str] = []
    ask_until(running, BEFORE, answers)
    rewrite(pack, BEFORE, AFTER)
    ask_until(running, AFTER, answers)
    # Each of the questions in between was answered, from the old knowledge or from the new.
    assert all((BEFORE in text) != (AFTER in text) for text in answers)

    line = rewrite(pack, "id: productization", "id: [productization]")
    status, page = ready_until(running, lambda problems: any("stages.yaml" in problem for problem in problems))
    [problem] = page["problems"]
    assert (status, page["ready"]) == (200, True)
    assert f"stages.yaml:{line}:" in problem
    assert running.logged(f"stages.yaml:{line}:")
    running.deliver(payloads.app_mention(QUESTION))
    assert AFTER in running.answers(count=len(answers) + 1)[-1]["text"]

    rewrite(pack, "id: [productization]", "id: productization")
    ready_until(running, lambda problems: problems == [])
