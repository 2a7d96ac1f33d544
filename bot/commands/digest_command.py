"""The verbs of `/digest`."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process

from bot.commands import parsed as p
from bot.commands.line import Line
from bot.commands.values import is_mention
from bot.errors import CommandError

DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_DAY = tuple(range(7))
_GROUPS = {"daily": EVERY_DAY, "everyday": EVERY_DAY, "weekdays": EVERY_DAY[:5], "weekends": EVERY_DAY[5:]}
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})")


def parse_digest(verb: str, line: Line) -> p.ParsedCommand:
    """What `/digest VERB …` says."""
    if verb == "me":
        return _personal(line)
    if verb == "on":
        return _on(line, personal=False)
    line.end()
    return p.DigestCommand(_plain_verb(verb))


def _plain_verb(verb: str) -> Literal["now", "off", "status"]:
    return "now" if verb == "now" else "off" if verb == "off" else "status"


def _personal(line: Line) -> p.ParsedCommand:
    if not line.tokens:
        return p.Help("digest", "me")
    verb = line.pop()
    if verb.is_word("on"):
        return _on(line, personal=True)
    if not verb.is_word("now", "off", "status"):
        raise CommandError("usage", f"/digest me does not know “{verb.text[:40]}”: it is `me on HH:MM` or `me off`.")
    line.end()
    return p.DigestCommand(_plain_verb(verb.text.casefold()), personal=True)


def _on(line: Line, *, personal: bool) -> p.DigestCommand:
    if not line.tokens:
        raise CommandError("usage", "At what time? Write it as 08:30.", ("time",))
    line.skip("at")
    time = clock_time(line.pop().text if line.tokens else "")
    days: tuple[int, ...] = ()
    zone = scope = ""
    quiet = False
    while line.tokens:
        if line.skip("quiet", "quietly"):
            quiet = True
        elif line.skip("for"):
            scope = _scope(line)
        elif named_days(line.tokens[0].text) is not None:
            days = tuple(sorted({*days, *(named_days(line.pop().text) or ())}))
        elif line.skip("on", "and"):
            continue
        else:
            zone = zone_named(line.pop().text)
    return p.DigestCommand("on", personal, time, days or EVERY_DAY, zone, scope, quiet)


def _scope(line: Line) -> str:
    if not line.tokens:
        raise CommandError("usage", "For what? linked, all, a stage, or a person.", ("scope",))
    if line.skip("linked"):
        return "linked"
    if line.skip("all"):
        return "all"
    if is_mention(line.tokens[0].text):
        return f"user:{line.mentioned(line.pop())}"
    return f"stage:{line.term(line.vocabulary.stages, 'quiet')}"


def clock_time(text: str) -> str:
    """A time of day as "HH:MM"."""
    found = _TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise CommandError(
            "usage", f"“{text[:40]}” is not a time of day: write it as 08:30 (00:00 to 23:59).", ("time",)
        )
    return f"{int(found[1]):02}:{found[2]}"


def named_days(text: str) -> tuple[int, ...] | None:
    """The days that a word such as "weekdays", "mon,thu" or "mon-fri" names; None where it names none."""
    text = text.casefold().strip(",;")
    if text in _GROUPS:
        return _GROUPS[text]
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = _day(first), _day(last or first)
        if begin is None or end is None:
            return None
        days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    return tuple(sorted(days))


def _day(text: str) -> int | None:
    if len(text) < 3:
        return None
    return next((n for n, name in enumerate(DAY_NAMES) if name.startswith(text.removesuffix("s"))), None)


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def zone_named(text: str) -> str:
    """The IANA zone of this name, in its own spelling."""
    zones = _zones()
    key = text.casefold().replace(" ", "_")
    if key in zones:
        return zones[key]
    nearest = process.extract(key, list(zones), scorer=fuzz.WRatio, limit=2, score_cutoff=75)
    hint = f" Did you mean {' or '.join(zones[name] for name, *_ in nearest)}?" if nearest else ""
    raise CommandError(
        "usage", f"“{text[:40]}” is neither a day nor a time zone: zones are written as Europe/Madrid.{hint}"
    )
