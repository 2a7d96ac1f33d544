"""`/digest`: see it now, set it up, stop it, ask when it comes. For a channel, or for oneself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.commands.parsed import DigestCommand
from bot.errors import CommandError
from bot.results import Reply, Speaker
from bot.schedule import days_in_words, due_day, find_zone, local_date, next_run
from bot.services.digest import Digest, build, digest_text, first_window
from bot.services.digest_posting import missed_days
from bot.services.digest_words import date_words, moment_words, typed
from bot.services.request import Rules, Within
from bot.store.base import Reader, Store
from bot.store.records import DigestSchedule
from knowledge.lifecycle import stage_name
from knowledge.queries import Knowledge

# Moments are kept to the millisecond, and a window does not include its end: what was recorded just now counts too.
_JUST_NOW = timedelta(milliseconds=1)
_DIRECT = re.compile(r"D[A-Z0-9]{7,}")


@dataclass(frozen=True, slots=True)
class DigestCommands:
    """Carries out `/digest`. Safe to use from many threads.

    `names` turns a team and a person's id into the name to show. `maintainers_channel`: see `DigestPosting`.
    """

    store: Store
    knowledge: Callable[[], Knowledge]
    rules: Rules
    names: Callable[[str, str], str]
    maintainers_channel: str | None = None

    def run(self, command: DigestCommand, speaker: Speaker, now: datetime, within: Within | None = None) -> Reply:
        """Do what the command says. `within` runs in the transaction of a change; raises CommandError."""
        if command.verb == "now":
            return self._preview(command, speaker, now)
        personal = command.personal or not _in_channel(speaker)
        target = speaker.user if personal else speaker.channel or ""
        if command.verb == "status":
            with self.store.read() as reader:
                return self._status(reader, reader.digest_schedule(speaker.team, target), speaker, now, personal)
        if command.verb == "on":
            return self._on(command, speaker, now, personal, within)
        return self._off(speaker, target, personal, within)

    # -- looking ------------------------------------------------------------------------------------------------

    def preview(self, speaker: Speaker, now: datetime, *, personal: bool = False) -> Digest:
        """The digest of the speaker's channel, or their own, as it would be now. It does not count as the day's."""
        target = speaker.user if personal else speaker.channel or ""
        with self.store.read() as reader:
            set_up = reader.digest_schedule(speaker.team, target)
            if set_up is None or not set_up.enabled:
                set_up = unscheduled(speaker, now, personal=personal)
            return self._build(reader, set_up, now)

    def _preview(self, command: DigestCommand, speaker: Speaker, now: datetime) -> Reply:
        digest = self.preview(speaker, now, personal=command.personal)
        return Reply("", ok=True, text=digest_text(digest), extra={"digest": digest.as_json()})

    def _build(self, reader: Reader, schedule: DigestSchedule, now: datetime) -> Digest:
        end, day = now + _JUST_NOW, local_date(now, schedule.zone)
        return build(
            reader,
            self.knowledge(),
            schedule,
            day=day,
            start=first_window(reader, schedule, end),
            end=end,
            names=lambda user: self.names(schedule.team, user),
            missed=missed_days(reader, schedule, day, now),
            for_maintainers=schedule.target == self.maintainers_channel,
            now=now,
        )

    def _status(
        self, reader: Reader, schedule: DigestSchedule | None, speaker: Speaker, now: datetime, personal: bool
    ) -> Reply:
        again = f"`{self._slash(personal)} on 08:30` sets it up."
        if schedule is None:
            lacking = "You have no digest of your own." if personal else "This channel has no daily digest."
            return Reply("", ok=True, text=f"{lacking} {again}")
        extra = {"schedule": schedule_json(reader, schedule, now)}
        if not schedule.enabled:
            what = "Your digest" if personal else "The digest of this channel"
            again = f"`{self._slash(personal)} on {typed(schedule)}` starts it again."
            return Reply("", ok=True, text=f"{what} is switched off.{_failing_words(schedule)} {again}", extra=extra)
        text = f"{self._in_words(schedule)}{self._next_words(reader, schedule, now)}{_failing_words(schedule)}"
        return Reply("", ok=True, text=text, extra=extra)

    # -- changing -----------------------------------------------------------------------------------------------

    def _on(
        self, command: DigestCommand, speaker: Speaker, now: datetime, personal: bool, within: Within | None
    ) -> Reply:
        if personal and command.scope == "linked":
            raise CommandError(
                "usage", "A digest of your own has no channel to be linked to: leave `for linked` out.", ("scope",)
            )
        schedule = DigestSchedule(
            team=speaker.team,
            target=speaker.user if personal else speaker.channel or "",
            kind="person" if personal else "channel",
            time=command.time,
            days=command.days,
            zone=self._zone(command, speaker),
            set_by=speaker.user,
            set_at=now,
            scope=command.scope,
            quiet=command.quiet,
        )
        with self.store.write() as writer:
            writer.save_digest_schedule(schedule)
            where = ""
            if personal and not command.personal:
                where = " There is no channel here, so it is your own."
            text = f"{self._in_words(schedule)}{self._next_words(writer, schedule, now)}{where}"
            reply = Reply(
                "",
                ok=True,
                text=text,
                visibility="ephemeral" if personal else "in_channel",
                extra={"schedule": schedule_json(writer, schedule, now)},
            )
            if within:
                within(writer, reply)
        return reply

    def _zone(self, command: DigestCommand, speaker: Speaker) -> str:
        if not command.zone:
            return find_zone(speaker.zone) or "UTC"
        zone = find_zone(command.zone)
        if zone is None:
            raise CommandError("usage", f"“{command.zone[:40]}” is no place's time zone: write one as Europe/Madrid.")
        return zone

    def _off(self, speaker: Speaker, target: str, personal: bool, within: Within | None) -> Reply:
        what = "your digest" if personal else "the daily digest of this channel"
        who = "I" if personal else self.names(speaker.team, speaker.user)
        with self.store.write() as writer:
            schedule = writer.digest_schedule(speaker.team, target)
            if schedule is None or not schedule.enabled:
                reply = Reply("", ok=True, text=f"There is nothing to stop: {what} is not switched on.")
            else:
                writer.save_digest_schedule(replace(schedule, enabled=False))
                again = f"`{self._slash(personal)} on {typed(schedule)}` starts it again."
                reply = Reply(
                    "",
                    ok=True,
                    text=f"{who} stopped {what}. {again}",
                    visibility="ephemeral" if personal else "in_channel",
                )
            if within:
                within(writer, reply)
        return reply

    # -- words --------------------------------------------------------------------------------------------------

    def _slash(self, personal: bool) -> str:
        return self.rules.slash("digest") + (" me" if personal else "")

    def _in_words(self, schedule: DigestSchedule) -> str:
        personal = schedule.kind == "person"
        what = "Your digest comes by direct message" if personal else "The digest of this channel comes"
        quiet = ", when something is new" if schedule.quiet else ""
        when = f"{days_in_words(schedule.days)} at {schedule.time} ({schedule.zone}){quiet}"
        by = "" if personal else f" Set up by {self.names(schedule.team, schedule.set_by)}."
        return f"{what} {when}, about {self._scope_words(schedule)}.{by}"

    def _scope_words(self, schedule: DigestSchedule) -> str:
        scope = schedule.scope
        if scope.startswith("stage:"):
            return f"products in {stage_name(self.knowledge().pack, scope.removeprefix('stage:'))}"
        if scope.startswith("user:"):
            return f"the products of {self.names(schedule.team, scope.removeprefix('user:'))}"
        if scope == "all":
            return "all products"
        if schedule.kind == "person":
            return "the products you have a role on"
        only = "the products linked to it"
        return only if scope == "linked" else f"{only}, or all while there are none"

    def _next_words(self, reader: Reader, schedule: DigestSchedule, now: datetime) -> str:
        coming = next_of(reader, schedule, now)
        return f" Next: {moment_words(coming, schedule.zone)}." if coming else ""


def next_digest(reader: Reader, team: str, user: str, now: datetime) -> datetime | None:
    """When the next digest comes that somebody reads: their own, else the first of those they set up."""
    own = reader.digest_schedule(team, user)
    set_up = [own] if own is not None and own.enabled else []
    if not set_up:
        set_up = [each for each in reader.digest_schedules(team=team) if each.set_by == user]
    return min((coming for each in set_up if (coming := next_of(reader, each, now))), default=None)


def next_of(reader: Reader, schedule: DigestSchedule, now: datetime) -> datetime | None:
    """When a digest comes next; now, where it is late and about to be posted. None where it is off."""
    if not schedule.enabled:
        return None
    due = due_day(schedule, now)
    if due is not None and not _done(reader, schedule, due):
        return now
    last = reader.last_posted(schedule.team, schedule.target)
    coming = next_run(schedule, now, last.day if last else None)
    if coming is not None and _done(reader, schedule, day := local_date(coming, schedule.zone)):
        # Today's was skipped already, at another time than the one that is set by now.
        return next_run(schedule, now, day)
    return coming


def _done(reader: Reader, schedule: DigestSchedule, day: date) -> bool:
    run = reader.digest_run(schedule.team, schedule.target, day)
    return run is not None and run.state != "claimed"


def _failing_words(schedule: DigestSchedule) -> str:
    since = schedule.failing_since
    return f" It could not be posted since {date_words(since)}." if since else ""


def unscheduled(speaker: Speaker, now: datetime, *, personal: bool) -> DigestSchedule:
    """What a digest would be where none is set up."""
    return DigestSchedule(
        team=speaker.team,
        target=speaker.user if personal else speaker.channel or "",
        kind="person" if personal else "channel",
        time="00:00",
        days=tuple(range(7)),
        zone=find_zone(speaker.zone) or "UTC",
        set_by=speaker.user,
        set_at=now,
    )


def schedule_json(reader: Reader, schedule: DigestSchedule, now: datetime) -> dict[str, Any]:
    """A digest's set-up as plain data, for scripts."""
    coming = next_of(reader, schedule, now)
    return {
        "target": schedule.target,
        "kind": schedule.kind,
        "time": schedule.time,
        "days": list(schedule.days),
        "zone": schedule.zone,
        "scope": schedule.scope,
        "quiet": schedule.quiet,
        "enabled": schedule.enabled,
        "next": coming.isoformat() if coming else None,
    }


def _in_channel(speaker: Speaker) -> bool:
    """Whether there is a channel to post to: a direct message, with the app or with others, is none."""
    return bool(speaker.channel) and not _DIRECT.fullmatch(speaker.channel or "")
