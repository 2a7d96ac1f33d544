"""A simulated week of real processes that post digests to the local Slack, and are killed in the middle of it.

The Slack server kills whoever calls it: before it took the message, after it took it and before it answers, or a moment
later, wherever the process is by then. Nothing here waits for a length of time: the clock moves once every process has
nothing left to do at that moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from bot.schedule import due_day, moment, next_run
from bot.store.base import Reader
from bot.store.records import DigestSchedule
from bot.store.sqlite import SqliteStore
from tests.bot.digest_process import Orders, SharedClock, post_digests
from tests.bot.services.digest_world import TEAM, World, schedules_in_many_zones
from tests.slack.http_endpoint import HttpAnswer
from tests.slack.server import SlackServer

DAYS = 7
CHANNELS = 12
# So many products make a thread of one message; of several, in the first two channels.
PRODUCTS, MANY_PRODUCTS = 14, 90
PROCESSES = 2
# A process that does nothing for so long hangs; a machine that is busy otherwise is given time.
PATIENCE = 60.0

Call = Literal["parent", "page", "look-up", "other"]
Death = Literal["before", "after", "soon", "asked"]
# In turn, for each kind of call, so that it does not depend on a machine's speed how many there are of each.
DEATHS: tuple[Death, ...] = ("after", "before", "after", "asked", "soon")
# The share of all kills.
SHARE: dict[Call, float] = {"parent": 0.25, "page": 0.25, "look-up": 0.5, "other": 0.0}
PROBABILITY = 0.8

# Forked from one process that has imported everything: a start costs a few milliseconds.
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.bot.digest_process"])


class DeadlySlack(SlackServer):
    """A Slack that kills processes in the middle of their calls: up to `kills_by_now()` of them.

    `hit` counts the calls at which one died, and how: before the call had its effect, after it and before its answer,
    soon after the answer, or asked to stop (SIGTERM) before the answer.
    """

    def __init__(self, clock: SharedClock, chance: random.Random) -> None:
        super().__init__()
        self.hit: Counter[tuple[Call, Death]] = Counter()
        self.kills_by_now: Callable[[], float] = lambda: 0.0
        self.processes: dict[int, BaseProcess] = {}
        self._clock = clock
        self._chance = chance
        self._last_ts = 0
        self._doomed: set[int] = set()
        self._deaths = {call: itertools.cycle(DEATHS) for call in SHARE}
        self.workspace.new_ts = self._simulated_ts

    @property
    def kills(self) -> int:
        """How many processes died so far; those that were asked to do not count."""
        return sum(map(self._kills_at, SHARE))

    def _kills_at(self, call: Call) -> int:
        return sum(self.hit[call, death] for death in ("before", "after", "soon"))

    def answer_call(self, method: str, token: str | None, arguments: dict[str, Any]) -> HttpAnswer:
        """One call; the end of the token says whose."""
        token, _, number = (token or "").rpartition(".")
        if not number:
            return super().answer_call(method, None, arguments)
        process = self.processes.get(int(number))
        if process is None or process.pid is None:  # it died meanwhile, and this is what it left behind
            return super().answer_call(method, token, arguments)
        death = self._death(_call(method, arguments), process.pid)
        if death == "before":
            _send(signal.SIGKILL, process)
            return HttpAnswer(drop=True)
        answer = super().answer_call(method, token, arguments)
        if death == "after":
            _send(signal.SIGKILL, process)
            return HttpAnswer(drop=True)
        if death == "soon":
            threading.Timer(self._chance.uniform(0, 0.008), _send, (signal.SIGKILL, process)).start()
        elif death == "asked":
            _send(signal.SIGTERM, process)
        return answer

    def _death(self, call: Call, pid: int) -> Death | None:
        with self.changed:
            allowed = int(SHARE[call] * self.kills_by_now())
            if pid in self._doomed or self._kills_at(call) >= allowed or self._chance.random() > PROBABILITY:
                return None
            death = next(self._deaths[call])
            self.hit[call, death] += 1
            self._doomed.add(pid)
            return death

    def _simulated_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(self._clock.seconds() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"


def _call(method: str, arguments: dict[str, Any]) -> Call:
    if method == "chat.postMessage":
        return "page" if arguments.get("thread_ts") else "parent"
    return "look-up" if method.startswith("conversations.") else "other"


def _send(number: signal.Signals, process: BaseProcess) -> None:
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


class ProcessWeek:
    """A dozen channels in four zones over a change of clocks, and processes that die again and again."""

    def __init__(self, folder: Path, begin: date, kills: int, seed: int = 7) -> None:
        folder.mkdir(exist_ok=True)
        self.begin = begin
        self.kills = kills
        self.start = datetime(begin.year, begin.month, begin.day, tzinfo=UTC) - timedelta(days=1)
        self.end = self.start + timedelta(days=DAYS + 1)
        self.chance = random.Random(seed)
        self.database = folder / "week.db"
        self.clock_file = folder / "clock"
        self.clock = SharedClock(self.clock_file)
        self.clock.set(self.start.timestamp())
        self.slack = DeadlySlack(self.clock, random.Random(seed + 1))
        self.slack.kills_by_now = self._kills_by_now
        self.store = SqliteStore(self.database)
        self.targets = schedules_in_many_zones((f"C0WEEK{number:04}" for number in range(CHANNELS)), self.start)
        self._fill()
        self._back_at = dict.fromkeys(range(PROCESSES), self.start.timestamp())
        self._settled_kills = 0

    def _fill(self) -> None:
        world = World(self.store)
        for number, (target, each) in enumerate(self.targets.items()):
            self.slack.workspace.add_channel(target)
            for product in range(self.products(target)):
                world.create(f"product-{number}-{product:02}", self.start, channel=target, sponsor="U2")
            with self.store.write() as writer:
                writer.save_digest_schedule(each)

    def products(self, target: str) -> int:
        """How many products a channel has."""
        return MANY_PRODUCTS if target in list(self.targets)[:2] else PRODUCTS

    # -- life ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Live through the week."""
        with self.slack:
            try:
                while self.clock.now() < self.end:
                    self._start_those_who_are_back()
                    self._move_the_clock()
            finally:
                for process in self.slack.processes.values():
                    _send(signal.SIGKILL, process)
                    process.join()
        self.slack.faults = [fault for fault in self.slack.faults if "settle" not in fault]

    def _kills_by_now(self) -> float:
        """Kills are spread over the week."""
        lived = (self.clock.now() - self.start) / (self.end - self.start)
        return self.kills * min(1.0, lived * 1.3 + 0.1)

    def _start_those_who_are_back(self) -> None:
        now = self.clock.seconds()
        for number, back_at in self._back_at.items():
            if number in self.slack.processes or back_at > now:
                continue
            self.clock.say(number, 0.0, 0)
            orders = Orders(number, self.database, self.clock_file, self.slack.api_url, self.slack.bot_token)
            process = FORKING.Process(target=post_digests, args=(orders,), daemon=True)
            process.start()
            self.slack.processes[number] = process

    def _move_the_clock(self) -> None:
        """Move on, once nobody has anything left to do at this moment and nothing is on its way to Slack."""
        deadline = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < deadline, f"nothing happens at {self.clock.now()}: {self.slack.processes}"
            self._bury()
            if self._all_idle():
                try:
                    with self.clock.locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                        if self._settled_kills != self.slack.kills:
                            self._settled_kills = self.slack.kills
                            self.slack.settle()
                        self.clock.set(self._next_moment())
                        return
                except BlockingIOError:
                    pass  # somebody is in the middle of a step
            time.sleep(0.001)

    def _bury(self) -> None:
        for number, process in list(self.slack.processes.items()):
            if process.exitcode is not None:
                assert process.exitcode in (0, -signal.SIGKILL), f"a process ended by itself: {process.exitcode}"
                del self.slack.processes[number]
                self._back_at[number] = self.clock.seconds() + self.chance.uniform(0, 300)

    def _all_idle(self) -> bool:
        now = self.clock.seconds()
        return all(self.clock.said(number)[0] == now for number in self.slack.processes)

    def _next_moment(self) -> float:
        now = self.clock.seconds()
        if not self.slack.processes:
            return max(min(self._back_at.values()), now + 0.001)
        if any(self.clock.said(number)[1] for number in self.slack.processes):
            return now + self.chance.uniform(0.5, 5)
        with self.store.read() as reader:
            if any(self._unfinished(reader, each) for each in self.targets.values()):
                return now + self.chance.uniform(20, 130)
        due = [next_run(each, self.clock.now()) for each in self.targets.values()]
        return min(each for each in due if each).timestamp() + self.chance.uniform(0, 30)

    def _unfinished(self, reader: Reader, each: DigestSchedule) -> bool:
        day = due_day(each, self.clock.now())
        run = reader.digest_run(TEAM, each.target, day) if day else None
        return day is not None and (run is None or run.state == "claimed")

    # -- what came of it ----------------------------------------------------------------------------------------

    def expected(self, target: str) -> list[date]:
        """The local dates on which a target is due; without the last hours, in which not all may have recovered."""
        each = self.targets[target]
        days = [self.begin + timedelta(days=n) for n in range(-2, DAYS + 1)]
        due = [(day, moment(each.time, each.zone, day)) for day in days]
        end = self.end - timedelta(hours=3)
        return [day for day, at in due if at is not None and self.start <= at < end]

    def parents(self, target: str) -> list[tuple[date, dict[str, Any]]]:
        """The digests that a target got on those days, in the order they were posted."""
        found = [
            (date.fromisoformat(message["metadata"]["event_payload"]["day"]), message)
            for message in self.slack.messages(target)
            if "thread_ts" not in message
        ]
        return [(day, message) for day, message in found if day <= self.expected(target)[-1]]

    def counts(self) -> tuple[int, int]:
        """How many digests are missing, and how many dates have more than one."""
        missing = twice = 0
        for target in self.targets:
            posted = Counter(day for day, _ in self.parents(target))
            missing += sum(day not in posted for day in self.expected(target))
            twice += sum(count > 1 for count in posted.values())
        return missing, twice

    def broken(self) -> list[str]:
        """What is not as it should be, a sentence each; nothing where every digest is there once, and whole."""
        said = list(self.slack.faults)
        for target in self.targets:
            parents = self.parents(target)
            days = [day for day, _ in parents]
            if days != self.expected(target):
                said.append(f"{target} has {days}, not {self.expected(target)}")
            for day, parent in parents:
                said += [f"{target} on {day}: {what}" for what in self._wrong(target, day, parent)]
            sent = [float(message["ts"]) for message in self.slack.messages(target)]
            if any(later - earlier < 1 for earlier, later in itertools.pairwise(sent)):
                said.append(f"{target} got two messages within a second")
        return said

    def _wrong(self, target: str, day: date, parent: dict[str, Any]) -> list[str]:
        wrong = []
        thread = self.slack.thread(target, parent["ts"])
        pages = [page["metadata"]["event_payload"]["page"] for page in thread]
        if not pages or pages != list(range(len(pages))):
            wrong.append(f"the thread has the pages {pages}")
        text = json.dumps([page["blocks"] for page in thread])
        number = list(self.targets).index(target)
        lacking = [n for n in range(self.products(target)) if f"product-{number}-{n:02}" not in text]
        if lacking:
            wrong.append(f"the thread lacks {len(lacking)} products")
        if "could not be posted" in parent["text"]:
            wrong.append("it says that one before is missing")
        with self.store.read() as reader:
            run = reader.digest_run(TEAM, target, day)
        if run is None or (run.state, run.message) != ("posted", parent["ts"]):
            wrong.append(f"the database says {run}")
        return wrong
