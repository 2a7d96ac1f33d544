"""The digest's measures: built for 500 products, posted to 1,000 channels, once each in a week of kills.

python -m tests.benchmarks.bench_digest
"""

from __future__ import annotations

import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from bot.bootstrap import load_knowledge
from bot.scheduler import DigestScheduler
from bot.services.digest import build
from bot.services.digest_posting import DigestPosting
from bot.slack.digest_poster import DigestPoster
from bot.store.records import Change, Holding, Product
from bot.store.sqlite import SqliteStore
from knowledge.lifecycle import OpenStage, State
from knowledge.queries import Knowledge
from tests.bot.digest_processes import ProcessWeek
from tests.bot.services.digest_world import CHANNEL, MONDAY, TEAM, names, schedule
from tests.bot.test_scheduler_week import KILLS, Week
from tests.slack.server import SlackServer

PRODUCTS = 500
CHANNELS = 1_000
ANSWERS_IN = 0.05
DAY = timedelta(days=1)


def main() -> None:
    """Measure and print all four."""
    # What is killed on purpose says so, a few hundred times.
    logging.disable(logging.WARNING)
    knowledge = load_knowledge()
    with tempfile.TemporaryDirectory() as folder:
        building(Path(folder) / "building.db", knowledge)
        posting(Path(folder) / "posting.db", knowledge)
        week(Path(folder) / "week.db")
        week_of_processes(Path(folder))
    logging.disable(logging.NOTSET)


def building(path: Path, knowledge: Knowledge) -> None:
    """A digest of a channel with 500 products, all of which moved yesterday."""
    store = SqliteStore(path)
    fill(store, knowledge, PRODUCTS, lambda number: CHANNEL)
    taken = []
    for _ in range(20):
        started = time.perf_counter()
        with store.read() as reader:
            build(reader, knowledge, schedule(), day=MONDAY.date(), start=MONDAY - DAY, end=MONDAY, names=names)
        taken.append((time.perf_counter() - started) * 1e3)
    store.close()
    taken.sort()
    print(f"digest of {PRODUCTS} products built: p50 {taken[10]:.0f} ms, worst {taken[-1]:.0f} ms (aim: 200 ms)")


def posting(path: Path, knowledge: Knowledge) -> None:
    """1,000 channels due at once, two products each, over the wire to a Web API that takes 50 ms for a call."""
    store = SqliteStore(path)
    channels = [f"C{number:05}" for number in range(CHANNELS)]
    fill(store, knowledge, 2 * CHANNELS, lambda number: channels[number % CHANNELS])
    with store.write() as writer:
        for channel in channels:
            writer.save_digest_schedule(schedule(channel))
    with SlackServer() as slack:
        for channel in channels:
            slack.workspace.add_channel(channel)
        slack.latency = ANSWERS_IN
        scheduler = DigestScheduler(
            DigestPosting(
                store=store,
                knowledge=lambda: knowledge,
                names=lambda team: names,
                poster=DigestPoster(slack.bot_token, slack.api_url),
                clock=lambda: MONDAY,
                owner="bench",
            )
        )
        started = time.perf_counter()
        scheduler.start()
        while posted_runs(store, channels) < CHANNELS and time.perf_counter() - started < 300:
            time.sleep(0.5)
        seconds = time.perf_counter() - started
        scheduler.stop()
        parents = [[post for post in slack.messages(each) if "thread_ts" not in post] for each in channels]
        messages = sum(len(slack.messages(channel)) for channel in channels)
    store.close()
    right = sum(len(posts) == 1 for posts in parents)
    print(
        f"{CHANNELS} due channels posted: {seconds:.1f} s, {right} of them once, {messages} messages"
        f" ({ANSWERS_IN * 1e3:.0f} ms a call; aim: 60 s)"
    )


def posted_runs(store: SqliteStore, channels: list[str]) -> int:
    """How many of today's digests are posted, thread and all."""
    with store.read() as reader:
        runs = [reader.digest_run(TEAM, channel, MONDAY.date()) for channel in channels]
    return sum(run is not None and run.state == "posted" for run in runs)


def week(path: Path) -> None:
    """A week of two processes, killed two hundred times."""
    started = time.perf_counter()
    lived = Week(path, date(2026, 10, 22))
    lived.run()
    missing = twice = 0
    for target in lived.targets:
        posted = Counter(post.day for post in lived.posts(target))
        missing += sum(day not in posted for day in lived.expected(target))
        twice += sum(count > 1 for count in posted.values())
    lived.store.close()
    print(
        f"a week of two processes, {KILLS - lived.clockwork.kills_left} kills: {missing} digests missing,"
        f" {twice} twice, {time.perf_counter() - started:.1f} s (aim: none, none, 30 s)"
    )


def week_of_processes(folder: Path) -> None:
    """The same with real processes, posting to the local Slack, that get SIGKILL."""
    started = time.perf_counter()
    lived = ProcessWeek(folder / "processes", date(2026, 10, 22), KILLS)
    lived.run()
    missing, twice = lived.counts()
    unheard = sum(times for (_, death), times in lived.slack.hit.items() if death == "after")
    print(
        f"a week of two real processes, {lived.slack.kills} SIGKILLs, {unheard} of them between Slack's taking a call"
        f" and its answer: {missing} digests missing, {twice} twice, {len(lived.broken())} otherwise wrong,"
        f" {time.perf_counter() - started:.1f} s (aim: none)"
    )
    lived.store.close()


def fill(store: SqliteStore, knowledge: Knowledge, count: int, channel: Callable[[int], str]) -> None:
    """Products with three people on each, which all moved to another stage yesterday."""
    chance = random.Random(1)
    stages = [stage.id for stage in knowledge.pack.stages]
    roles = [role.id for role in knowledge.pack.roles]
    with store.write() as writer:
        for number in range(count):
            first, second = chance.sample(stages, 2)
            begun = MONDAY - DAY * chance.randint(2, 90)
            product = Product(
                TEAM,
                f"product-{number}",
                f"Product {number}",
                "U1",
                begun,
                State(open=(OpenStage(first, begun),), entered=frozenset({first})),
                channel=channel(number),
                holders=tuple(Holding(role, f"U{chance.randrange(50)}") for role in sorted(chance.sample(roles, 3))),
            )
            writer.append(Change(product, 0, begun, "created", "U1", None))
            moved = MONDAY - timedelta(minutes=chance.randint(5, 1400))
            state = State(open=(OpenStage(second, moved),), entered=frozenset({first, second}))
            after = Product(
                TEAM, product.id, product.name, "U1", begun, state, channel=product.channel, holders=product.holders
            )
            writer.append(Change(after, 1, moved, "advanced", "U2", None, reason="it is ready"))


if __name__ == "__main__":
    main()
