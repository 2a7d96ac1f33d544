"""People's names and time zones, asked of Slack one by one when they are first needed, and kept for a day."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from http.client import HTTPException
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.store.base import Store
from bot.store.records import Person

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
# A message that names more people than this is answered all the same, with ids for the rest.
MOST_AT_ONCE = 20


class People:
    """Who is who in a workspace. Never lists a whole workspace, which runs into rate limits."""

    def __init__(self, store: Store, client: WebClient) -> None:
        self._store = store
        self._client = client

    def zone(self, team: str, user: str) -> str:
        """The zone to show somebody times in, as far as it is known already."""
        with self._store.read() as reader:
            person = reader.person(team, user)
        return person.zone if person else "UTC"

    def name(self, team: str, user: str) -> str:
        """The name to show, as far as it is known already."""
        with self._store.read() as reader:
            person = reader.person(team, user)
        return person.name if person else user

    def learn(self, team: str, users: Iterable[str], now: datetime) -> None:
        """Ask Slack for those who are not known, or not since yesterday. What cannot be asked now stays unknown."""
        wanted = [user for user in dict.fromkeys(users) if user][:MOST_AT_ONCE]
        with self._store.read() as reader:
            known = {user: reader.person(team, user) for user in wanted}
        for user, person in known.items():
            if person is not None and now - person.seen_at < KEPT:
                continue
            found = self._asked(team, user, now)
            if found is not None:
                with self._store.write() as writer:
                    writer.save_person(found)

    def _asked(self, team: str, user: str, now: datetime) -> Person | None:
        try:
            answer = self._client.users_info(user=user)
        except (SlackApiError, OSError, HTTPException) as error:
            log.warning("Slack did not say who %s is: %s", user, type(error).__name__)
            return None
        told = answer.get("user") or {}
        profile = told.get("profile") or {}
        names = (profile.get("display_name"), profile.get("real_name"), told.get("real_name"), told.get("name"))
        name = next((one.strip() for one in names if isinstance(one, str) and one.strip()), user)
        return Person(team, user, " ".join(name.split()), _zone(told.get("tz")), now)


def _zone(name: object) -> str:
    """A zone that this machine knows too."""
    if not isinstance(name, str) or not name:
        return "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return name
