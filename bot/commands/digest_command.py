"""The verbs of `/digest`."""

from __future__ import annotations

import re
from typing import Literal

from bot.commands import parsed as p
from bot.commands.line import Line
from bot.commands.values import is_mention
from bot.errors import CommandError
from bot.schedule import EVERY_DAY, find_zone, nearest_zones, parse_days

_TIME = re.compile(r"([0-9]{1,2})[:.h]([0-9]{2})")


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
        elif line.skip("on", "and", "every", "in"):
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
    return parse_days(text.strip(",;"))


def zone_named(text: str) -> str:
    """The IANA zone of this name, in its own spelling."""
    zone = find_zone(text)
    if zone is not None:
        return zone
    near = nearest_zones(text, 2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise CommandError(
        "usage", f"“{text[:40]}” is neither a day nor a time zone: zones are written as Europe/Madrid.{hint}"
    )
