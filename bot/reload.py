"""A knowledge folder that changes while the server runs: taken over as a whole, or refused with the reason."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from knowledge.errors import KnowledgeError

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_EVERY = 1.0
SHOWN = 3

Look = tuple[tuple[str, int, int, int], ...]


class KnowledgeWatcher(Generic[T]):
    """Looks at the files of a pack every second, in a thread of its own, and brings in what has changed.

    `load` makes what is served from the files and raises KnowledgeError where they are broken; `swap` is given the
    result and puts it in place with one assignment, so that a request uses the old or the new, never both.
    `fingerprint` is a hash of the files' contents, `in_use` that of what is served now. What is broken stays out: the
    old knowledge goes on being served, and `problems` says why.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        load: Callable[[], T],
        swap: Callable[[T], None],
        fingerprint: Callable[[], str],
        in_use: str,
        *,
        every: float = LOOK_EVERY,
    ) -> None:
        self._paths = tuple(paths)
        self._load = load
        self._swap = swap
        self._fingerprint = fingerprint
        self._in_use = in_use
        self._refused: str | None = None
        self._every = every
        self._seen: Look | None = None
        self._settled: Look | None = None
        self._problems: tuple[str, ...] = ()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="knowledge", daemon=True)

    def start(self) -> None:
        """Begin to look, without waiting for it to end."""
        self._thread.start()

    def stop(self) -> None:
        """End; a load in hand is finished first, and not put in place any more."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def problems(self) -> list[str]:
        """What is wrong with the files as they are now, each with file and line; none where they are in use."""
        return list(self._problems)

    def problem(self) -> str | None:
        """The problems in one line, for `/readyz`."""
        found = self._problems
        if not found:
            return None
        more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        return "; ".join(found[:SHOWN]) + more

    def look(self) -> None:
        """Look once; what `start` does again and again."""
        now = self._glance()
        # Half-written files are left alone: two looks must see the same.
        if now == self._settled or now != self._seen:
            self._seen = now
            return
        found = self._fingerprint()
        if found == self._in_use:
            if self._problems:
                log.info("The knowledge is again what it was")
            self._problems, self._refused = (), None
        elif found != self._refused:
            self._take(found)
        # Only now: had the attempt been cut short, the next look must make it again.
        self._settled = now

    def _take(self, found: str) -> None:
        try:
            loaded = self._load()
        except KnowledgeError as error:
            self._problems, self._refused = tuple(map(str, error.problems)), found
            for problem in self._problems:
                log.error("Changed knowledge is refused, the old stays: %s", problem)
            return
        if self._stop.is_set():
            return
        self._swap(loaded)
        self._in_use, self._refused, self._problems = found, None, ()
        log.info("Changed knowledge is in use")

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.look()
            except Exception as error:
                # The old knowledge serves on, whatever happened; a change of the files is looked at anew.
                if not self._problems:
                    log.exception("The knowledge cannot be looked at")
                self._problems = (f"the knowledge cannot be loaded: {type(error).__name__}",)

    def _glance(self) -> Look:
        """Names, times and sizes of the files: cheap, and enough to see that something was written."""
        found: list[tuple[str, int, int, int]] = []
        for path in self._paths:
            inside = sorted(path.iterdir()) if path.is_dir() else [path]
            for file in inside:
                try:
                    about = file.stat()
                except OSError:
                    found.append((str(file), 0, 0, 0))
                else:
                    found.append((str(file), about.st_mtime_ns, about.st_size, about.st_ino))
        return tuple(found)
