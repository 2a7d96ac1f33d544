"""A talk at a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.bot.cli.test_program import run


@pytest.mark.parametrize("word", ["exit", " Quit "])
def test_a_talk_at_a_terminal_ends_with_a_word(word: str) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{word}\nwho owns feasibility?\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "bot", "chat"], stdin=theirs, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Sponsors" not in done.stdout
    assert "I don't know" not in done.stdout


def test_the_same_word_from_a_file_is_a_question() -> None:
    assert "Sponsors" in run("chat", typed="exit\nwho owns feasibility?\n").stdout
