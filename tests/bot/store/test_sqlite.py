"""The SQLite store passes the contract, and what is particular to a file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.store import history, migrations
from bot.store.base import Conflict, StoreError
from bot.store.records import Event, Holding, Product
from bot.store.sqlite import SqliteStore
from tests.benchmarks.bench_store import build
from tests.bot.store.contract import StoreContract
from tests.bot.store.contract_processes import ProcessContract
from tests.bot.store.samples import NOW, TEAM, Opener, advance, create, product


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rolecall.db"


@pytest.fixture
def opener(path: Path) -> Opener:
    return partial(SqliteStore, path)


class TestSqliteStore(StoreContract):
    pass


class TestSqliteProcesses(ProcessContract):
    pass


# What cannot be used


def test_missing_folder_is_made(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a" / "b ?#%" / "rolecall.db")
    create(store, product())
    store.close()
    again = SqliteStore(tmp_path / "a" / "b ?#%" / "rolecall.db")
    with again.read() as reader:
        assert reader.product(TEAM, "churn-model") is not None
    again.close()
    assert [each.name for each in (tmp_path / "a" / "b ?#%").iterdir()] == ["rolecall.db"]


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path, said in (
        (tmp_path / "file" / "rolecall.db", "cannot be made or read"),
        (tmp_path, "is a folder"),
        (Path("/proc/rolecall.db"), "cannot be opened or made"),
        (Path("/proc/none/rolecall.db"), "cannot be made or read"),
    ):
        with pytest.raises(StoreError, match=said) as caught:
            SqliteStore(path)
        assert str(path) in str(caught.value)


@contextmanager
def nobody() -> Iterator[None]:
    """Without the leave that root has to write anywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_path_without_leave_to_write() -> None:
    # Not in tmp_path, whose parents only their owner may enter.
    with tempfile.TemporaryDirectory() as made:
        folder, path = Path(made), Path(made) / "rolecall.db"
        store = SqliteStore(path)
        create(store, product())
        store.close()
        path.chmod(0o444)
        for mode, name, said in (
            (0o777, "rolecall.db", "cannot be written to"),
            (0o555, "rolecall.db", "cannot be written to"),
            (0o555, "new.db", "cannot be opened or made"),
            (0o555, "sub/new.db", "cannot be made or read"),
        ):
            folder.chmod(mode)
            with nobody(), pytest.raises(StoreError, match=said) as caught:
                SqliteStore(folder / name)
            assert str(folder / name) in str(caught.value)
        folder.chmod(0o700)


@pytest.mark.parametrize("content", [b"xy", b"not a database at all, but long enough to look like one" * 100])
def test_not_a_database(path: Path, opener: Opener, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a SQLite database") as caught:
        opener()
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_empty_file_is_a_new_database(path: Path, opener: Opener) -> None:
    path.touch()
    create(opener(), product())


def test_database_of_another_program_is_left_alone(path: Path, opener: Opener) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (id)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="of another program"):
        opener()
    assert path.read_bytes() == before


def test_newer_database_is_left_alone(path: Path, opener: Opener) -> None:
    store = opener()
    create(store, product())
    store.close()
    edit(path, "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('rolecall', 'm099_moons')")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version of Rolecall: it has m099_moons") as caught:
        opener()
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_older_database_is_brought_up_to_date(path: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    def m099_moons(db: object) -> None:
        db.execute("CREATE TABLE moons (name TEXT)")  # type: ignore[attr-defined]

    create(opener(), product())
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, m099_moons))
    with opener().read() as reader:
        assert reader.product(TEAM, "churn-model") is not None
    assert edit(path, "SELECT count(*) FROM moons") == [(0,)]


def test_step_that_fails_leaves_nothing(path: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    def m099_fails(db: object) -> None:
        db.execute("CREATE TABLE moons (name TEXT)")  # type: ignore[attr-defined]
        raise KeyError("broken step")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, m099_fails))
    with pytest.raises(KeyError):
        opener()
    assert edit(path, "SELECT count(*) FROM sqlite_master") == [(0,)]


def test_opening_a_ready_database_does_not_load_sqlite_utils(opener: Opener, path: Path) -> None:
    opener().close()
    code = (
        "import sys; from bot.store.sqlite import SqliteStore; SqliteStore(sys.argv[1]).close();"
        " sys.exit('sqlite_utils' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0


def test_locked_by_another_program(path: Path) -> None:
    store = SqliteStore(path, busy_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"locked by another program for 0\.05 seconds") as caught:
        create(store, product())
    assert str(path) in str(caught.value)
    with pytest.raises(StoreError, match="locked"):
        SqliteStore(path, busy_seconds=0.05)
    with store.read() as reader:
        assert reader.products(TEAM) == []
    other.execute("ROLLBACK")
    other.close()
    create(store, product())
    store.close()


def test_closed_store_says_so(opener: Opener) -> None:
    store = opener()
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"), store.read():
        pass
    with pytest.raises(StoreError, match="closed"), store.write():
        pass


def test_close_while_a_reader_looks(opener: Opener, path: Path) -> None:
    store = opener()
    create(store, product())
    with store.read() as reader:
        store.close()
        assert len(reader.products(TEAM)) == 1
    assert list(path.parent.iterdir()) == [path]  # the last connection took the log files with it


def test_commits_are_synced(opener: Opener) -> None:
    with opener().write() as writer:
        found = [writer.first(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous", "foreign_keys")]  # type: ignore[attr-defined]
    assert found == ["wal", 2, 1]


# What was changed by hand


def edit(path: Path, *statements: str) -> list[object]:
    """Do to the file what the store never does; the rows of the last statement."""
    connection = sqlite3.connect(path)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    rows: list[object] = []
    for statement in statements:
        rows = connection.execute(statement).fetchall()
    for _, sql in triggers:
        connection.execute(sql)
    connection.commit()
    connection.close()
    return rows


@pytest.mark.parametrize("statement", ["UPDATE events SET reason = 'else'", "DELETE FROM events"])
def test_events_are_append_only(path: Path, opener: Opener, statement: str) -> None:
    create(opener(), product())
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="events are never"):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE events SET reason = 'else' WHERE sequence = 2", ["event 2 (advanced by U1"]),
        ("UPDATE events SET at = at + 1 WHERE sequence = 1", ["event 1 (created by U1"]),
        ("UPDATE events SET chain = x'00' WHERE sequence = 1", ["event 1 (", "event 2 ("]),
        ("DELETE FROM events WHERE sequence = 2", ["event 2 is missing"]),
        ("DELETE FROM events WHERE sequence = 3", ["version 3, but its last event is 2", "not the one", "number 3"]),
        ("UPDATE products SET version = 2", ["version 2, but its last event is 3"]),
        ("UPDATE products SET fields = replace(fields, 'Churn', 'Burn')", ["differs from what its events", "names"]),
        ("UPDATE products SET fields = '{'", ["cannot be read"]),
        ("UPDATE events SET after = '[1' WHERE sequence = 2", ["cannot be read"]),
        ("DELETE FROM holders", ["the table holders differs"]),
        ("UPDATE open_stages SET stage = 'x'", ["the table open_stages differs"]),
        ("INSERT INTO holders VALUES ('T1', 'U1', 'ghost', 'r')", ["T1/ghost: the table holders knows it"]),
        ("DELETE FROM products", ["the product is gone, but 3 of its events are there"]),
        ("DROP TRIGGER IF EXISTS x", []),
    ],
)
def test_what_was_changed_by_hand_is_found(path: Path, opener: Opener, statement: str, said: list[str]) -> None:
    store = opener()
    create(store, product(holders=(Holding("sponsor", "U1"),)))
    with store.write() as writer:
        advance(writer, TEAM, "churn-model", "feasibility", at=NOW)
        advance(writer, TEAM, "churn-model", "prototyping", at=NOW)
    assert store.verify() == []
    edit(path, statement)
    found = store.verify()
    assert bool(found) == bool(said)
    for part in said:
        assert any(part in sentence for sentence in found), found
    assert store.verify(TEAM) == found
    assert store.verify("T9") == []
    store.close()


def test_event_that_is_there_already_is_a_conflict(path: Path, opener: Opener) -> None:
    store = opener()
    create(store, product())
    edit(
        path,
        "INSERT INTO events (team, product, at, kind, actor, chain, sequence)"
        " SELECT team, product, at, kind, actor, chain, 2 FROM events",
    )
    with pytest.raises(Conflict), store.write() as writer:
        advance(writer, TEAM, "churn-model", "feasibility")
    with store.read() as reader:
        found = reader.product(TEAM, "churn-model")
        assert found is not None and found.version == 1


def test_trigger_that_is_gone_is_found(path: Path, opener: Opener) -> None:
    store = opener()
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER events_are_not_deleted")
    connection.close()
    assert store.verify() == [
        "The trigger events_are_not_deleted is gone, so events can be changed unnoticed by SQLite."
    ]


def test_damaged_file(path: Path, opener: Opener) -> None:
    store = opener()
    with store.write() as writer:
        for number in range(200):
            writer.restore(*first_version(f"product {number}"))
    store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * (size - 4096 * 3))
    try:
        found = opener().verify()
    except StoreError as error:
        found = [str(error)]
    assert found
    assert all(isinstance(sentence, str) for sentence in found)


def first_version(name: str) -> tuple[Product, list[Event]]:
    """A product and its one event, for `restore`."""
    new = product(name, version=1)
    before, after = history.difference(None, history.fields(new))
    return new, [Event(TEAM, new.id, 1, NOW, "created", "U1", None, before, after)]


def test_size_of_a_portfolio(path: Path, opener: Opener) -> None:
    store = opener()
    build(store, 300, 10)
    store.close()
    assert path.stat().st_size < 300 * 6000  # 60 MB for 10,000 products with ten events each


def run_here(function: Callable[[], None]) -> int:
    """The exit status of a function in a forked process."""
    child = os.fork()
    if child == 0:
        try:
            function()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def test_store_survives_a_fork(opener: Opener) -> None:
    store = opener()
    create(store, product())

    def work() -> None:
        create(store, product("Other"))
        with store.read() as reader:
            assert len(reader.products(TEAM)) == 2

    assert run_here(work) == 0
    create(store, product("Third"))
    with store.read() as reader:
        assert len(reader.products(TEAM)) == 3
