"""What every store must bear: many threads and processes at once, and being killed.

A store passes when a subclass of `ProcessContract` with its own fixture `opener` does. The functions that run in other
processes are given the opener; they report through a pipe.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from bot.store.base import Conflict, Store
from tests.bot.store.samples import NOW, TEAM, advance, create, delivery, later, product

SPAWN = multiprocessing.get_context("spawn")
IDS = ("churn-model", "other", "third")


def start(target: Callable[..., None], *args: Any) -> tuple[Any, Connection]:
    """Run a function in a new process; its last argument is the pipe to report through."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=target, args=(*args, theirs))
    process.start()
    theirs.close()
    return process, ours


def reports(target: Callable[..., None], arguments: Sequence[Sequence[Any]]) -> list[Any]:
    """What the function reports, run with each of the arguments in a process of its own, all at once."""
    running = [start(target, *each) for each in arguments]
    said = [pipe.recv() for _, pipe in running]
    for process, _ in running:
        process.join()
        assert process.exitcode == 0
    return said


def move_about(store: Store, worker: str, times: int) -> list[tuple[str, int]]:
    """Change products that others change too, now and then from a version read before; (product, sequence) of each."""
    chance = random.Random(worker)
    written: list[tuple[str, int]] = []
    while len(written) < times:
        id, stage = chance.choice(IDS), chance.choice("abcd")
        if chance.random() < 0.2:
            with store.read() as reader:
                seen = reader.product(TEAM, id)
            assert seen is not None
            try:
                with store.write() as writer:
                    version = advance(writer, TEAM, id, stage, actor=worker, expected_version=seen.version).version
            except Conflict as conflict:
                assert conflict.product.version > seen.version
                continue
        else:
            with store.write() as writer:
                version = advance(writer, TEAM, id, stage, actor=worker).version
        written.append((id, version))
    return written


def move_in_process(opener: Callable[[], Store], worker: str, times: int, pipe: Connection) -> None:
    store = opener()
    pipe.send(move_about(store, worker, times))
    store.close()


def open_and_create(opener: Callable[[], Store], name: str, pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()
    store = opener()
    create(store, product(name))
    store.close()
    pipe.send("done")


def move_until_killed(opener: Callable[[], Store], pipe: Connection) -> None:
    store = opener()
    while True:
        with store.write() as writer:
            writer.accept(delivery(f"{writer.portfolio_version(TEAM)}"))
            sent = advance(writer, TEAM, "churn-model", random.choice("abcd")).version
            advance(writer, TEAM, "other", random.choice("abcd"))
        pipe.send(sent)


def claim_everything(opener: Callable[[], Store], worker: str, pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()
    store = opener()
    claimed: list[str] = []
    for day in range(20):
        with store.write() as writer:
            if writer.claim_digest(
                TEAM, "C1", (NOW + timedelta(days=day)).date(), by=worker, now=NOW, lease_seconds=60
            ):
                claimed.append(f"day {day}")
        with store.write() as writer:
            found = writer.claim_delivery(by=worker, now=NOW, lease_seconds=60)
        if found:
            claimed.append(found.key)
            with store.write() as writer:
                writer.finish_delivery(found, at=NOW)
    store.close()
    pipe.send(claimed)


class ProcessContract:
    """Threads, processes, crashes."""

    def check_moves(self, store: Store, written: list[tuple[str, int]]) -> None:
        assert max(Counter(written).values()) == 1
        with store.read() as reader:
            there = [(event.product, event.sequence) for event in reader.events(TEAM)]
            assert sorted(there) == sorted([*written, *((id, 1) for id in IDS)])
            for each in reader.products(TEAM):
                assert each.version == 1 + sum(id == each.id for id, _ in written)
        assert store.verify() == []

    def test_threads_lose_and_double_nothing(self, opener: Callable[[], Store]) -> None:
        store = opener()
        create(store, product(), product("Other"), product("Third"))
        written: list[tuple[str, int]] = []
        threads = [
            threading.Thread(target=lambda name=name: written.extend(move_about(store, name, 250)))
            for name in "abcdefgh"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(written) == 2000
        self.check_moves(store, written)
        store.close()

    def test_processes_lose_and_double_nothing(self, opener: Callable[[], Store]) -> None:
        store = opener()
        create(store, product(), product("Other"), product("Third"))
        said = reports(move_in_process, [(opener, name, 250) for name in "abcdefgh"])
        written = [each for one in said for each in one]
        assert len(written) == 2000
        self.check_moves(store, written)
        store.close()

    def test_processes_may_open_a_new_database_at_once(self, opener: Callable[[], Store]) -> None:
        running = [start(open_and_create, opener, name) for name in ("A", "B", "C")]
        for _, pipe in running:
            assert pipe.recv() == "ready"
        for _, pipe in running:
            pipe.send("go")
        for process, pipe in running:
            assert pipe.recv() == "done"
            process.join()
        store = opener()
        with store.read() as reader:
            assert [each.name for each in reader.products(TEAM)] == ["A", "B", "C"]
        assert store.verify() == []
        store.close()

    def test_kill_loses_nothing_committed_and_leaves_nothing_half(self, opener: Callable[[], Store]) -> None:
        store = opener()
        create(store, product(), product("Other"))
        last = 1
        for killed in range(4):
            process, pipe = start(move_until_killed, opener)
            for _ in range(5 + 7 * killed):
                last = pipe.recv()
            process.kill()
            process.join()
            while pipe.poll():
                try:
                    last = pipe.recv()
                except EOFError:
                    break
            with store.read() as reader:
                one, two = reader.product(TEAM, "churn-model"), reader.product(TEAM, "other")
                assert one is not None and two is not None
                assert one.version == two.version >= last
                assert one.version <= last + 1
                assert reader.pending_deliveries() == one.version - 1
        assert store.verify() == []
        store.close()

    def test_claims_are_exclusive(self, opener: Callable[[], Store]) -> None:
        store = opener()
        with store.write() as writer:
            for number in range(30):
                writer.accept(delivery(f"E{number}"))
        running = [start(claim_everything, opener, name) for name in ("a", "b", "c")]
        for _, pipe in running:
            assert pipe.recv() == "ready"
        for _, pipe in running:
            pipe.send("go")
        claimed = [each for _, pipe in running for each in pipe.recv()]
        for process, _ in running:
            process.join()
        assert sorted(claimed) == sorted(
            [*(f"E{number}" for number in range(30)), *(f"day {day}" for day in range(20))]
        )
        with store.write() as writer:
            assert writer.pending_deliveries() == 0
            assert writer.claim_delivery(by="d", now=later(days=9), lease_seconds=60) is None
        store.close()
