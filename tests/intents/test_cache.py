"""The cache of compiled models: found, shipped, rebuilt, and safe when two processes compile at once."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from intents.cache import cache_folder, compiled, content_key
from intents.classify import Classifier
from tests.intents.questions import LABELS, TEXTS


def _fit() -> Classifier:
    return Classifier.fit(TEXTS, LABELS)


def _never() -> Classifier:
    raise AssertionError("built although there was one")


def test_the_second_time_nothing_is_built(tmp_path: Path) -> None:
    first = compiled("k", _fit, Classifier.load, shipped=tmp_path / "none", folder=tmp_path)
    second = compiled("k", _never, Classifier.load, shipped=tmp_path / "none", folder=tmp_path)
    assert second.classify("who owns it") == first.classify("who owns it")


def test_a_model_that_ships_comes_first(tmp_path: Path) -> None:
    _fit().save(tmp_path / "shipped" / "k.model")
    compiled("k", _never, Classifier.load, shipped=tmp_path / "shipped", folder=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"RolecallModel\n\0\0" + bytes(500)])
def test_a_damaged_file_is_built_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "k.model").write_bytes(content)
    compiled("k", _fit, Classifier.load, shipped=tmp_path / "none", folder=tmp_path)
    compiled("k", _never, Classifier.load, shipped=tmp_path / "none", folder=tmp_path)


def test_other_content_has_another_name() -> None:
    examples = {"owner": ["who owns it"]}
    assert content_key(examples, 1) == content_key({"owner": ["who owns it"]}, 1)
    assert content_key(examples, 1) != content_key(examples, 2)
    assert content_key(examples, 1) != content_key({"owner": ["who owns this"]}, 1)


def test_a_folder_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    model = compiled("k", _fit, Classifier.load, shipped=tmp_path / "none", folder=tmp_path / "file" / "cache")
    assert model.classify("who owns it").label == "owner"


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "rolecall"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "rolecall"


def _compile_and_classify(folder: Path, start: object, answers: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    model = compiled("k", _fit, Classifier.load, shipped=folder / "none", folder=folder)
    answers.put(model.classify("who owns deployment").label)  # type: ignore[attr-defined]


def test_two_processes_that_compile_at_once_both_get_a_model(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_compile_and_classify, args=(tmp_path, start, answers)) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert [answers.get(timeout=60) for _ in workers] == ["owner", "owner"]
    for worker in workers:
        worker.join(60)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["k.model"]
