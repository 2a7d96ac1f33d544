"""Help is made from the grammar and the pack, and its examples are commands that work."""

from __future__ import annotations

import pytest

from bot.commands import parsed as p
from bot.commands.grammar import COMMANDS
from bot.commands.parse import parse
from bot.commands.usage import usage
from bot.commands.vocabulary import Vocabulary
from tests.bot.commands.test_parse import NAMES
from tests.sample_packs import ai_product, make_pack

PACKS = {"default": ai_product(), "bare": make_pack([{"id": "one"}, {"id": "two"}])}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_every_example_is_understood(pack: str, command: str) -> None:
    vocabulary = Vocabulary(PACKS[pack])
    names = [None, *(v.name for c in COMMANDS if c.name == command for v in c.verbs)]
    for verb in names:
        for line in usage(PACKS[pack], command, verb).splitlines():
            if line.startswith("    /"):
                typed, _, text = line.strip().partition(" ")
                if pack == "bare" and command == "role" and verb not in {None, "list"}:
                    continue
                assert not isinstance(parse(typed, text, vocabulary, NAMES), p.Help), line


def test_help_speaks_the_packs_words() -> None:
    text = usage(PACKS["default"], "stage")
    assert 'decide churn-model make cost 120k EUR kpi "recall above 0.8"' in text
    assert "Data Preparation (data-preparation)" in text
    bare = usage(PACKS["bare"], "stage")
    assert "decide" not in bare


def test_a_workspace_may_prefix_its_commands() -> None:
    assert usage(PACKS["default"], "stage", prefix="rc-").startswith("/rc-stage")


def test_slacks_limits() -> None:
    for command in COMMANDS:
        assert len(command.summary) <= 100
        assert len(usage(PACKS["default"], command.name)) < 3500
