"""How quick and how small the store is with many products: `python -m tests.benchmarks.bench_store [PRODUCTS EVENTS]`.

The portfolio is built by the store's own `restore`, then changed and read as services do.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.store import history
from bot.store.base import Store
from bot.store.records import Change, Event, Holding, Product
from bot.store.sqlite import SqliteStore
from knowledge.lifecycle import OpenStage, Outcome, State

TEAM = "T024BE7LD"
STAGES = (
    "ideation",
    "feasibility",
    "data_preparation",
    "prototyping",
    "productization",
    "deployment",
    "monitoring",
    "retraining",
    "operation",
)
ROLES = ("product_owner", "data_scientist", "data_engineer", "ml_engineer", "business_sponsor")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def build(store: Store, products: int, events_each: int, *, seed: int = 1) -> None:
    """Fill a store with products of `events_each` events, through `restore`, a thousand to a transaction."""
    chance = random.Random(seed)
    for first in range(0, products, 1000):
        with store.write() as writer:
            for number in range(first, min(first + 1000, products)):
                writer.restore(*life(chance, number, events_each))


def life(chance: random.Random, number: int, length: int) -> tuple[Product, list[Event]]:
    """A product and the events it went through: made, staffed, then moved from stage to stage."""
    at = START + timedelta(minutes=chance.randrange(200_000), milliseconds=chance.randrange(1000))
    product = Product(
        team=TEAM,
        id=f"customer-product-{number:05d}",
        name=f"Customer Product {number:05d}",
        creator=f"U0{chance.randrange(500):07d}",
        created_at=at,
        state=State(open=(OpenStage(STAGES[0], at),), entered=frozenset(STAGES[:1])),
        about="Tells which customers are about to leave",
        channel=f"C0{number % 500:07d}" if number % 2 else None,
        pack="ai-product",
    )
    events: list[Event] = []
    old = None
    for sequence in range(1, length + 1):
        kind, details = "created", {}
        if 1 < sequence <= 4:
            kind = "assigned"
            held = Holding(ROLES[sequence % len(ROLES)], f"U0{chance.randrange(500):07d}")
            product = replace(product, holders=(*product.holders, held))
        elif sequence > 4:
            kind, details = "advanced", {"unmet": ["The data is there and may be used"]} if sequence % 3 == 0 else {}
            product = advanced(product, at)
        product = replace(product, version=sequence)
        new = history.fields(product)
        before, after = history.difference(old, new)
        reason = "the pilot customers asked for it" if sequence % 2 else ""
        actor = f"U0{chance.randrange(500):07d}"
        events.append(
            Event(TEAM, product.id, sequence, at, kind, actor, product.channel, before, after, reason, details)
        )
        old, at = new, at + timedelta(minutes=chance.randrange(1, 20_000), milliseconds=chance.randrange(1000))
    return product, events


def advanced(product: Product, at: datetime) -> Product:
    """The product in the stage after its present one, with a decision now and then."""
    stage = STAGES[(STAGES.index(product.state.open[0].stage) + 1) % len(STAGES)]
    decided = (
        (Outcome(stage, "make", {"cost": ("120k EUR",), "kpi": ("recall above 0.8",)}),) if stage[0] == "f" else ()
    )
    entered = product.state.entered | {stage}
    return replace(product, state=State(open=(OpenStage(stage, at),), entered=entered, decided=decided))


def main(products: int = 10_000, events_each: int = 10, appends: int = 2000) -> None:
    """Build a portfolio of `products` with `events_each`, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        store = SqliteStore(path)
        started = time.perf_counter()
        build(store, products, events_each)
        print(f"restore: {products} products, {products * events_each} events in {time.perf_counter() - started:.1f} s")
        store.close()
        print(f"file: {path.stat().st_size / 1e6:.1f} MB")

        started = time.perf_counter()
        store = SqliteStore(path)
        print(f"open: {(time.perf_counter() - started) * 1e3:.1f} ms")
        chance = random.Random(2)
        ids = [f"customer-product-{chance.randrange(products):05d}" for _ in range(appends)]
        now = START + timedelta(days=400)

        def append(number: int) -> None:
            with store.write() as writer:
                product = writer.product(TEAM, ids[number])
                assert product is not None
                at = now + timedelta(seconds=number)
                writer.append(
                    Change(advanced(product, at), product.version, at, "advanced", "U1", "C1", reason="ready")
                )

        def read(number: int) -> None:
            with store.read() as reader:
                reader.product(TEAM, ids[number])

        def last_day(_: int) -> None:
            with store.read() as reader:
                reader.events(TEAM, since=START + timedelta(days=100), until=START + timedelta(days=101))

        def every(_: int) -> None:
            with store.read() as reader:
                assert len(reader.products(TEAM)) == products

        def by(**what: str) -> Callable[[int], None]:
            def look(_: int) -> None:
                with store.read() as reader:
                    reader.products(TEAM, **what)  # type: ignore[arg-type]

            return look

        def names(_: int) -> None:
            with store.read() as reader:
                reader.product_names(TEAM)

        def version(_: int) -> None:
            with store.read() as reader:
                reader.portfolio_version(TEAM)

        show("append (read, write, sync)", append, appends)
        show("product(id)", read, appends)
        show("portfolio_version()", version, appends)
        show("events() of one day", last_day, 50)
        show("products()", every, 5)
        show("products(channel=)", by(channel="C00000007"), 50)
        show("products(stage=)", by(stage="monitoring"), 10)
        show("products(holder=)", by(holder="U00000007"), 50)
        show("product_names()", names, 5)
        started = time.perf_counter()
        wrong = store.verify()
        print(f"verify(): {time.perf_counter() - started:.1f} s, {len(wrong)} findings")
        store.close()
        print(f"file afterwards: {path.stat().st_size / 1e6:.1f} MB")


def show(what: str, measured: Callable[[int], None], times: int) -> None:
    """Run something a number of times and print how long it took."""
    taken = []
    for number in range(times):
        started = time.perf_counter()
        measured(number)
        taken.append((time.perf_counter() - started) * 1e3)
    taken.sort()
    parts = (f"p{part} {taken[int(len(taken) * part / 100)]:.2f} ms" for part in (50, 95, 99))
    print(f"{what}: {', '.join(parts)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
