"""Pictures beside answers: drawn and uploaded in a thread of their own, after the words and without holding them up.

A file cannot be ephemeral. So that a look-up fills nobody's channel, its picture goes to our direct messages with the
person who asked.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Full, Queue

from bot.plots import can_draw, history_png
from bot.results import Timeline
from bot.slack.errors import error_id
from bot.slack.posting import File, Refused, TryLater, Voice
from bot.slack.task import Address
from bot.slack.text import cut, legible

log = logging.getLogger(__name__)

SCOPE = "files:write"
# Slack's limit for what stands in for a picture is 1,000 characters.
LONGEST_ALT = 1_000
LONGEST_TITLE = 150
LONGEST_NAME = 80
# Who asks for more at once has the words; pictures take half a second each.
MOST_WAITING = 20
HERE = "A picture of it follows."
DIRECT = "A picture of it follows in our direct messages."
LOST = "The picture could not be sent; the history above is whole without it."

Job = Callable[[], None]


class Pictures:
    """Draws and shares pictures, one after the other. Safe to use from many threads.

    `possible`: matplotlib is installed and the app may upload files. Where it is not, nobody is told but the log.
    """

    def __init__(self, voice: Voice, scopes: frozenset[str]) -> None:
        self._voice = voice
        self._jobs: Queue[Job] = Queue(MOST_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        missing = [f"the scope {SCOPE}"] if SCOPE not in scopes else []
        missing += [] if can_draw() else ["matplotlib (the extra “plots”)"]
        self.possible = not missing
        if missing:
            log.info("Histories are shown without a picture: that needs %s", " and ".join(missing))

    def note(self, timeline: Timeline | None, address: Address) -> str:
        """What the words say of a picture that is about to be sent; empty where none is."""
        if timeline is None or not timeline.bars or not self.possible or self._jobs.full():
            return ""
        return HERE if _among_us(address) else DIRECT

    def send(self, timeline: Timeline, product: str, address: Address, excuse: Callable[[str], None]) -> None:
        """Draw and share a product's timeline, later. Raises nothing; `excuse` tells the person where it fails."""

        def job() -> None:
            try:
                self._share(timeline, product, address)
            except (Refused, TryLater) as trouble:
                log.warning("The picture of %s was not sent, Slack does not take it: %s", product, trouble)
            except Exception:
                log.exception("%s: the picture of %s could not be drawn", error_id(), product)
            else:
                return
            excuse(LOST)

        try:
            self._jobs.put_nowait(job)
        except Full:
            log.warning("The picture of %s was not drawn: %d others are waiting", product, MOST_WAITING)
            return
        self._start()

    def _share(self, timeline: Timeline, product: str, address: Address) -> None:
        title = cut(f"History of {legible(timeline.title)}", LONGEST_TITLE)
        file = File(f"{product[:LONGEST_NAME]}-history.png", title, _alt(timeline), history_png(timeline))
        if address.channel and _among_us(address):
            self._voice.share_file(address.channel, address.thread, file)
        else:
            self._voice.share_file(self._voice.open_direct(address.user), None, file)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                # A picture that is lost when the program ends is asked for again: nothing waits for this thread.
                self._thread = threading.Thread(target=self._run, name="pictures", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception as error:
                log.warning("Nobody was told of a lost picture: %s", type(error).__name__)


def _among_us(address: Address) -> bool:
    """Whether it was said in our own direct messages. A slash command may come from those of two other people."""
    return address.direct and address.response_url is None


def _alt(timeline: Timeline) -> str:
    """The picture in words, for whoever cannot see it."""
    names = dict(timeline.stages)
    stays = "; ".join(f"{names[bar.stage]} {bar.days} d{' again' if bar.returned else ''}" for bar in timeline.bars)
    return cut(legible(f"Timeline of {timeline.title}. Stays: {stays}. Sent back: {len(timeline.loops)}."), LONGEST_ALT)
