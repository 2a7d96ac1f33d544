"""The store that services are tested on: the real one in a temporary file."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.base import Store
from tests.bot.fakes import FakeStore
from tests.bot.services.desk import Desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    if importlib.util.find_spec("bot.store.sqlite") is None:
        yield FakeStore()
        return
    from bot.store.sqlite import SqliteStore

    real = SqliteStore(tmp_path / "rolecall.db")
    yield real
    real.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture
def churn(desk: Desk) -> Desk:
    """A desk with one product in its first stage, made by ana."""
    desk.done('/product new "Churn model"')
    return desk
