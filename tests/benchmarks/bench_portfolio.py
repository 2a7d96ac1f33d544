"""A large portfolio, measured: `python -m tests.benchmarks.bench_portfolio [PRODUCTS EVENTS_EACH]`.

Prints the size of the database, and how long it takes to advance a product by `/stage advance`, to show the portfolio,
and to answer questions about it. Questions are asked after a change, too, when all that is kept of names is stale.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from bot.bootstrap import load_answering
from bot.cli.program import cli
from bot.results import Answer, Reply, Speaker
from bot.services.answering.asked import Portfolio
from bot.services.answering.product_names import ProductIndex
from bot.services.command_service import CommandService
from bot.services.request import Rules
from bot.store import history
from bot.store.base import Store
from bot.store.records import Event, Product
from bot.store.sqlite import SqliteStore
from knowledge.lifecycle import OpenStage, State
from tests.benchmarks.bench_store import START, TEAM, life, show

STAGES = ("feasibility", "data-preparation", "prototyping-testing", "productization", "deployment")
ROLES = {
    "product_owner": "sponsor",
    "business_sponsor": "sponsor",
    "data_scientist": "data-scientist",
    "data_engineer": "data-engineer",
    "ml_engineer": "ai-engineer",
}
_WORDS_TEXT = (
    "churn fraud price demand basket risk claim route stock energy traffic credit review ticket lead image"
    " voice text sensor weather crop patient invoice contract"
)
WORDS = tuple(_WORDS_TEXT.split())
KINDS = ("model", "radar", "scout", "forecast", "engine", "advisor", "detector", "ranker", "planner", "monitor")
QUESTIONS = (
    "where is {name}?",
    "who owns {id}?",
    "who is the data scientist on {name}",
    "what happened to {id}",
    "where was {name} on 3 March?",
    "how long was {name} in feasibility?",
    "how often did {id} go back?",
    "what is next for {name}",
    "who works on {typo}?",
    "what am I responsible for?",
)


def build(store: Store, products: int, events_each: int, *, seed: int = 1) -> list[Product]:
    """Fill a store with products of the default pack's stages, with names that people might give them."""
    chance, found = random.Random(seed), []
    for first in range(0, products, 1000):
        with store.write() as writer:
            for number in range(first, min(first + 1000, products)):
                product, events = in_this_pack(*life(chance, number, events_each), number)
                writer.restore(product, events)
                found.append(product)
    return found


def in_this_pack(product: Product, events: list[Event], number: int) -> tuple[Product, list[Event]]:
    """A product of the store's benchmark under another name, in the stages of the default pack."""
    name = f"{WORDS[number % len(WORDS)]} {KINDS[number // len(WORDS) % len(KINDS)]} {number:05d}".capitalize()
    told: list[Event] = []
    now, old, written = product, None, {}
    for event in events:
        written = history.replay(written, event)
        seen = history.product_from(event.team, event.product, event.sequence, written)
        stage = STAGES[max(event.sequence - 4, 0) % 4]
        state = State(open=(OpenStage(stage, event.at),), entered=frozenset(STAGES[: STAGES.index(stage) + 1]))
        held = tuple(replace(each, role=ROLES[each.role]) for each in seen.holders)
        now = replace(seen, id=name.casefold().replace(" ", "-"), name=name, state=state, holders=held)
        new = history.fields(now)
        before, after = history.difference(old, new)
        told.append(replace(event, product=now.id, before=before, after=after))
        old = new
    return now, told


def main(products: int = 10_000, events_each: int = 10, times: int = 300) -> None:
    """Build a portfolio, measure, print."""
    answering = load_answering()
    pack = answering.knowledge.pack
    chance = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        store = SqliteStore(path)
        made = build(store, products, events_each)
        store.close()
        print(f"{products} products, {products * events_each} events: database {path.stat().st_size / 1e6:.1f} MB")
        store = SqliteStore(path)
        now = START + timedelta(days=400)
        service = CommandService(
            store, pack, Rules(policy="open"), names=lambda team, user: user,
            ask=lambda question, who, at: Answer(question, True, ""),
            digest=lambda command, who, at, within: Reply("", True, ""),
        )  # fmt: skip
        speaker = Speaker(TEAM, made[0].creator)
        index = ProductIndex()

        def advance(_: int) -> None:
            product = chance.choice(made)
            service.run("stage", f"advance {product.id} because it is ready", speaker, now)

        def ask(number: int) -> None:
            product = chance.choice(made)
            typo = product.name[:2] + product.name[3] + product.name[2] + product.name[4:]
            question = QUESTIONS[number % len(QUESTIONS)].format(name=product.name, id=product.id, typo=typo)
            with store.read() as reader:
                answering.answer(question, None, Portfolio(reader, speaker, now, str, index))

        def ask_after_a_change(number: int) -> None:
            advance(number)
            started = time.perf_counter()
            ask(number)
            after_change.append((time.perf_counter() - started) * 1e3)

        def table(_: int) -> None:
            options = ["portfolio", "--db", str(path), "--now", now.isoformat()]
            assert CliRunner().invoke(cli, options).exit_code == 0

        after_change: list[float] = []
        started = time.perf_counter()
        with store.read() as reader:
            index.names(reader, TEAM)
        print(f"names, first time: {(time.perf_counter() - started) * 1e3:.0f} ms")
        show("/stage advance", advance, times)
        ask(0)
        show("a portfolio question", ask, times)
        for question in (
            "which products are in deployment?",
            "which products are stuck?",
            "how many products are there",
        ):

            def ask_all(_: int, question: str = question) -> None:
                with store.read() as reader:
                    answering.answer(question, None, Portfolio(reader, speaker, now, str, index))

            show(question, ask_all, 10)
        for number in range(30):
            ask_after_a_change(number)
        after_change.sort()
        print(f"a portfolio question after a change: p50 {after_change[len(after_change) // 2]:.1f} ms")
        show("rolecall portfolio", table, 5)
        store.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
