"""docs/packs.md, followed to the letter: its files are written, its commands run, their output compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "packs.md"
_BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(300)
def test_a_newcomer_can_follow_the_page(tmp_path: Path) -> None:
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) > 10
    environment = _environment(tmp_path)
    place = tmp_path / "work"
    place.mkdir()
    ran = 0
    for kind, text in blocks:
        if kind == "yaml":
            name = re.match(r"# (\S+)\n", text)
            assert name, f"a YAML block without its file: {text}"
            path = place / name.group(1)
            assert path.parent.is_dir()
            path.write_text(text.split("\n", 1)[1], encoding="utf-8")
            continue
        for command, expected in _commands(text):
            if command.startswith("export "):
                name_, _, value = command.removeprefix("export ").partition("=")
                environment[name_] = value
                continue
            done = subprocess.run(
                ["sh", "-c", command], cwd=place, env=environment, capture_output=True, text=True, check=False
            )
            _compare(command, expected, done.stdout + done.stderr)
            ran += 1
    assert ran >= 15


def _environment(tmp_path: Path) -> dict[str, str]:
    """That of a newcomer: the program in the path, no settings, a cache of its own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "rolecall"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROLECALL_", "SLACK_"))}
    kept |= {"PATH": f"{programs}{os.pathsep}{kept.get('PATH', '')}", "PYTHONPATH": str(ROOT)}
    return kept | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}


def _commands(text: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def _compare(command: str, expected: list[str], printed: str) -> None:
    lines = [line.rstrip() for line in printed.splitlines()]
    if expected and expected[-1] == "…":
        expected = expected[:-1]
        lines = lines[: len(expected)]
    assert lines == expected, f"{command} printed:\n{printed}"
