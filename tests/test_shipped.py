"""What ships compiled is what would be compiled now."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bootstrap import load_answering


def test_the_default_pack_ships_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load_answering()
    made = [str(path) for path in tmp_path.rglob("*")]
    assert made == [], "what ships is stale: run `make compile`, and commit what it wrote"
