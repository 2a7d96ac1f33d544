"""The digests' clock as a job of the server's: from what is set up in the database to what is posted in Slack."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from bot.scheduler import LOOK_SECONDS, DigestScheduler, make_owner
from bot.services.digest_posting import DigestPosting
from bot.serving import BackgroundMaker
from bot.slack.app import SlackApp
from bot.slack.digest_poster import DigestPoster
from bot.store.base import Store
from knowledge.queries import Knowledge

NAMES_KEPT = timedelta(seconds=30)


class StoredNames:
    """The names of a team's people as the store has them, read together and kept for a moment."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, tuple[datetime, dict[str, str]]] = {}

    def of(self, team: str) -> Callable[[str], str]:
        """What turns an id into the name to show: the id itself for somebody who is not known."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get(team)
            if kept is None or not timedelta() <= now - kept[0] < NAMES_KEPT:
                with self._store.read() as reader:
                    kept = self._kept[team] = (now, {person.user: person.name for person in reader.people(team)})
        names = kept[1]
        return lambda user: names.get(user, user)


def digest_background(
    knowledge: Callable[[], Knowledge],
    *,
    prefix: str = "",
    maintainers_channel: str | None = None,
    look_seconds: float = LOOK_SECONDS,
) -> BackgroundMaker:
    """What makes the job once the app is there, for `bot.serving.serve`."""

    def make(app: SlackApp) -> DigestScheduler:
        desk = app.desk
        client = desk.voice.reading
        posting = DigestPosting(
            store=desk.store,
            knowledge=knowledge,
            names=StoredNames(desk.store, desk.clock).of,
            poster=DigestPoster(client.token or "", client.base_url),
            clock=desk.clock,
            owner=make_owner(platform.node(), os.getpid(), desk.clock()),
            team=desk.team,
            prefix=prefix,
            maintainers_channel=maintainers_channel,
        )
        return DigestScheduler(posting, look_seconds=look_seconds)

    return make
