"""Forgets what is old: questions after the days that are set, finished deliveries and conversations after a month."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.slack.errors import error_id
from bot.store.base import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 6 * 3600.0
DELIVERIES = timedelta(days=30)


class Tidying:
    """A background job that forgets a few times a day, and once at the start."""

    def __init__(self, store: Store, clock: Callable[[], datetime], question_days: int) -> None:
        self._store = store
        self._clock = clock
        self._questions = timedelta(days=question_days)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tidying", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(5)

    def tidy(self) -> None:
        """Forget once."""
        now = self._clock()
        with self._store.write() as writer:
            writer.forget(questions_before=now - self._questions, deliveries_before=now - DELIVERIES)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.tidy()
            except Exception:
                log.exception("%s: old questions and deliveries could not be forgotten", error_id())
            self._stop.wait(EVERY_SECONDS)
