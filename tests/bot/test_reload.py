"""Knowledge that changes while it is served, with real files."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.bootstrap import knowledge_fingerprint, read_pack
from bot.reload import KnowledgeWatcher
from knowledge.schema import Pack
from tests.knowledge.generate import write_pack


class Served:
    """A folder, an overlay, what is served from them, and the watcher."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = write_pack(tmp_path / "pack", stages=3, roles=2, responsibilities=2)
        self.overlay = tmp_path / "ours.yaml"
        self.overlay.write_text("organisation: Acme\n")
        self.pack = self.load()
        self.swaps = 0
        paths = [self.folder, self.overlay]
        self.watcher: KnowledgeWatcher[Pack] = KnowledgeWatcher(
            paths, self.load, self.swap, self.fingerprint, self.fingerprint(), every=0.02
        )

    def load(self) -> Pack:
        return read_pack(self.folder, self.overlay)

    def fingerprint(self) -> str:
        return knowledge_fingerprint(self.folder, self.overlay)

    def swap(self, pack: Pack) -> None:
        self.pack, self.swaps = pack, self.swaps + 1

    def edit(self, old: str, new: str, file: str = "roles.yaml") -> None:
        text = (self.folder / file).read_text()
        assert old in text
        (self.folder / file).write_text(text.replace(old, new, 1))

    def settle(self) -> None:
        self.watcher.look()
        self.watcher.look()


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_change_is_taken_while_it_runs(served: Served) -> None:
    served.watcher.start()
    try:
        served.edit("name: Role 0", "name: Carpenter")
        eventually(lambda: served.pack.roles[0].name == "Carpenter")
        served.overlay.write_text("organisation: Acme\nroles: {change: {role-1: {name: Joiner}}}\n")
        eventually(lambda: served.pack.roles[1].name == "Joiner")
        assert served.watcher.problems() == [] and served.watcher.problem() is None
    finally:
        served.watcher.stop()
    served.edit("name: Carpenter", "name: Nobody")
    time.sleep(0.1)
    assert served.pack.roles[0].name == "Carpenter"


def test_nothing_changed(served: Served) -> None:
    served.settle()
    os.utime(served.folder / "roles.yaml")
    served.settle()
    assert served.swaps == 0


def test_broken_knowledge_is_refused_and_the_old_stays(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    served.settle()
    served.edit("name: Role 0", "nmae: Role 0")
    with caplog.at_level(logging.ERROR):
        served.settle()
        served.settle()
    assert served.pack.roles[0].name == "Role 0"
    found = served.watcher.problem()
    assert found is not None
    assert f"{served.folder}/roles.yaml:2:3: error: found the key “nmae”" in found
    assert len(served.watcher.problems()) == 2
    logged = [record.message for record in caplog.records]
    assert len(logged) == 2 and "roles.yaml:2:3" in "".join(logged)
    # Put right, with something new.
    served.edit("nmae: Role 0", "name: Role zero")
    served.settle()
    assert served.pack.roles[0].name == "Role zero"
    assert served.watcher.problems() == []


def test_undoing_the_damage_clears_the_problem(served: Served) -> None:
    served.settle()
    served.edit("name: Role 0", "nmae: Role 0")
    served.settle()
    assert served.watcher.problems()
    served.edit("nmae: Role 0", "name: Role 0")
    served.settle()
    assert served.watcher.problems() == []
    assert served.swaps == 0


def test_a_broken_overlay_and_a_folder_that_is_gone(served: Served) -> None:
    served.settle()
    served.overlay.write_text("organisation: Acme\nroles: {retire: [rolle-1]}\n")
    served.settle()
    (problem,) = served.watcher.problems()
    assert problem.startswith(f"{served.overlay}:2:18: error: no role has the id “rolle-1”")
    served.folder.rename(served.folder.with_name("elsewhere"))
    served.settle()
    assert served.watcher.problems() == [f"{served.folder}: error: there is no such folder"]
    assert served.swaps == 0


def test_a_file_that_is_still_being_written_is_waited_for(served: Served) -> None:
    served.settle()
    served.edit("name: Role 0", "nmae: Role 0")
    served.watcher.look()
    served.edit("nmae: Role 0", "name: Whole")
    served.watcher.look()
    assert served.watcher.problems() == [] and served.swaps == 0
    served.watcher.look()
    assert served.pack.roles[0].name == "Whole"


def test_a_failure_of_another_kind_does_not_end_it(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Pack:
        raise MemoryError

    monkeypatch.setattr(served.watcher, "_load", fail)
    served.watcher.start()
    try:
        served.edit("name: Role 0", "name: Carpenter")
        eventually(lambda: served.watcher.problems() == ["the knowledge cannot be loaded: MemoryError"])
        monkeypatch.setattr(served.watcher, "_load", served.load)
        eventually(lambda: served.pack.roles[0].name == "Carpenter")
        assert served.watcher.problems() == []
    finally:
        served.watcher.stop()
