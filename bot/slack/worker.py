"""Works off the inbox: claims a delivery, has its listener do it, and records that it is done.

A claim is a lease of a few seconds that is extended as long as this process lives. After a crash the lease runs out and
any process takes over, finds in the progress what was done, and looks up what may have been posted.
"""

from __future__ import annotations

import logging
import os
import platform
import threading
import time
from datetime import timedelta

from bot.errors import RolecallError
from bot.slack.errors import error_id
from bot.slack.posting import Refused, TryLater
from bot.slack.routes import Routes
from bot.slack.task import Desk, Task, address_of
from bot.store.base import LeaseLost
from bot.store.records import Delivery

log = logging.getLogger(__name__)

THREADS = 4
LEASE_SECONDS = 10.0
EXTEND_EVERY = 3.0
# A delivery that another process left behind is found by looking; one of this process wakes a thread at once.
LOOK_EVERY = 1.0
ATTEMPTS = 15
PREDECESSOR_SECONDS = 20.0
STOP_SECONDS = 8.0


class Worker:
    """Threads that work off the inbox of one database, together with those of any other process."""

    def __init__(self, desk: Desk, routes: Routes, *, threads: int = THREADS) -> None:
        self._desk = desk
        self._routes = routes
        self._name = f"{platform.node()}:{os.getpid()}"
        self._changed = threading.Condition()
        self._hints = 0
        self._stopping = False
        self._claiming = threading.Lock()
        self._in_hand: dict[str, Delivery] = {}
        self._last: dict[str, threading.Event] = {}
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run, name=f"inbox-{n}", daemon=True) for n in range(threads)]
        self._extender = threading.Thread(target=self._extend, name="inbox-lease", daemon=True)

    @property
    def started(self) -> bool:
        """Whether it works, or has worked."""
        return self._extender.ident is not None

    def start(self) -> None:
        """Begin to work, with what a crash may have left behind."""
        for thread in (*self._threads, self._extender):
            thread.start()

    def wake(self) -> None:
        """Something new is in the inbox."""
        with self._changed:
            self._hints += 1
            self._changed.notify()

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Work off what is in the inbox, as far as the time allows; True where nothing is left in hand.

        What is left stays in the inbox, and is done after the next start.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._done.set()
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while True:
            try:
                if self._work_one():
                    continue
            except Exception:
                # The database, most likely: what is claimed stays in the inbox and is tried again.
                log.exception("%s: the inbox could not be worked on", error_id())
                self._desk.figures.count("rolecall_errors_total", kind="inbox")
                if not self._stopping:
                    time.sleep(LOOK_EVERY)
            with self._changed:
                if self._stopping:
                    return
                if not self._hints:
                    self._changed.wait(LOOK_EVERY)
                self._hints = max(0, self._hints - 1)

    def _work_one(self) -> bool:
        claimed = self._claim()
        if claimed is None:
            return False
        delivery, before, mine = claimed
        try:
            if before is not None:
                before.wait(PREDECESSOR_SECONDS)
            self._work(delivery)
        finally:
            with self._claiming:
                self._in_hand.pop(delivery.key, None)
                turn = _turn(delivery)
                if self._last.get(turn) is mine:
                    del self._last[turn]
            mine.set()
        return True

    def _claim(self) -> tuple[Delivery, threading.Event | None, threading.Event] | None:
        """The oldest free delivery, and what to wait for: what somebody says is answered in the order it was said."""
        mine = threading.Event()
        with self._claiming:
            with self._desk.store.write() as writer:
                delivery = writer.claim_delivery(by=self._name, now=self._desk.clock(), lease_seconds=LEASE_SECONDS)
            if delivery is None:
                return None
            self._in_hand[delivery.key] = delivery
            turn = _turn(delivery)
            before, self._last[turn] = self._last.get(turn), mine
        return delivery, before, mine

    def _work(self, delivery: Delivery) -> None:
        kind = delivery.kind.partition(":")[0]
        listener = self._routes.listener(delivery.kind)
        if listener is None or delivery.attempts > ATTEMPTS:
            # A listener that is gone, or a delivery that takes the process down with it each time.
            log.error("%s is given up after %d attempts", delivery.kind, delivery.attempts)
            self._finish(delivery, "given up")
            return
        task = Task(self._desk, delivery, address_of(delivery.kind, delivery.payload))
        with self._desk.store.write() as writer:
            task.progress = writer.progress(delivery) if delivery.attempts > 1 or kind == "view" else {}
        try:
            listener(task)
        except TryLater as trouble:
            log.warning("%s waits, Slack does not take it: %s", delivery.kind, trouble)
            return
        except LeaseLost:
            log.warning("%s was taken over by another worker", delivery.kind)
            return
        except Refused as refusal:
            log.warning("%s: Slack refused the reply: %s", delivery.kind, refusal.code)
            self._desk.figures.count("rolecall_given_up_total", kind=kind)
            self._finish(delivery, f"Slack: {refusal.code}")
            return
        except RolecallError as error:
            self._excuse(task, error, "")
            return
        except Exception as error:
            found = error_id()
            log.exception("%s: %s could not be done", found, delivery.kind)
            self._desk.figures.count("rolecall_errors_total", kind=kind)
            self._excuse(task, error, found)
            return
        self._finish(delivery, "")

    def _excuse(self, task: Task, error: Exception, found: str) -> None:
        """After the acknowledgement nobody may be left without a word."""
        try:
            if isinstance(error, RolecallError):
                task.say_privately(str(error))
            elif task.delivery.kind != "event:app_home_opened":
                task.apologize(found)
        except TryLater:
            return
        except Refused as refusal:
            log.warning("%s: Slack refused even the apology: %s", task.delivery.kind, refusal.code)
        self._finish(task.delivery, found or type(error).__name__)

    def _finish(self, delivery: Delivery, error: str) -> None:
        now = self._desk.clock()
        try:
            with self._desk.store.write() as writer:
                writer.finish_delivery(delivery, at=now, error=error)
        except LeaseLost:
            log.warning("%s was taken over by another worker", delivery.kind)
            return
        self._desk.figures.took(max(0.0, (now - delivery.received_at).total_seconds()))

    def _extend(self) -> None:
        """Keep what is in hand, however long Slack makes us wait."""
        while not self._done.wait(EXTEND_EVERY):
            with self._claiming:
                held = list(self._in_hand.values())
            for delivery in held:
                until = self._desk.clock() + timedelta(seconds=LEASE_SECONDS)
                try:
                    with self._desk.store.write() as writer:
                        writer.extend_delivery(delivery, until=until)
                except LeaseLost:
                    continue
                except Exception:
                    log.exception("%s: a lease could not be extended", error_id())


def _turn(delivery: Delivery) -> str:
    address = address_of(delivery.kind, delivery.payload)
    return f"{delivery.team}:{address.channel}:{address.user}"
