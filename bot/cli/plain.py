"""`rolecall ask QUESTION` without options: the answer as text, with nothing imported that it does not need."""

from __future__ import annotations

import sys

from bot.bootstrap import load_answering
from bot.terminal.render import answer_text

__all__ = ["print_answer"]


def print_answer(question: str) -> None:
    """Answer a question from the default pack, as `rolecall ask` does."""
    answer, _ = load_answering().answer(question)
    sys.stdout.write(answer_text(answer) + "\n")
    sys.stdout.flush()
