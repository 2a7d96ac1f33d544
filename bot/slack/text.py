"""Text between Slack and the rest: read once on the way in, escaped once on the way out."""

from __future__ import annotations

import re

# Slack writes everything that is not plain text in angle brackets; a literal one arrives as &lt; or &gt;.
SEQUENCE = re.compile(r"<([^<>]*)>")
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
NAMED = re.compile(r"<@[UW][A-Z0-9]+\|([^<>|]+)>")
SPOKEN = {"here": "@here", "channel": "@channel", "everyone": "@everyone"}
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff]")
SURROGATES = re.compile(r"[\ud800-\udfff]")


def read(text: str) -> str:
    """What a person wrote, from what Slack delivered: unescaped once; mentions stay as `<@U…>` and `<#C…>`."""
    written = SEQUENCE.sub(_spoken, SURROGATES.sub("\ufffd", text))
    # & comes last, or "&amp;lt;" would lose two levels.
    return written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(found: re.Match[str]) -> str:
    inner = found.group(1)
    target, _, label = inner.partition("|")
    if inner[:1] in ("@", "#"):
        return found.group()
    if inner.startswith("!"):
        return label or SPOKEN.get(target[1:], "")
    return label or target.removeprefix("mailto:")


def without_mention(text: str, user: str) -> str:
    """The text without the mention of one person, such as the assistant itself."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^<>]*)?>", " ", text).strip() if user else text.strip()


def mentioned(text: str) -> list[str]:
    """The people whom a text mentions, each once, in order."""
    return list(dict.fromkeys(MENTION.findall(text)))


def escape(text: str) -> str:
    """Text that people or files supplied, so that Slack shows it as it is and pings nobody.

    A mention in it is shown as the name that Slack sent with it.
    """
    plain = NAMED.sub(lambda found: f"@{found.group(1)}", legible(text))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def legible(text: str) -> str:
    """Without what no font shows and no encoding takes."""
    return SURROGATES.sub("\ufffd", UNREADABLE.sub(" ", text))


def cut(text: str, limit: int) -> str:
    """Plain text of at most `limit` characters; the last one tells that some is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def fit(text: str, limit: int) -> str:
    """Plain text, escaped, in at most `limit` characters: cut between lines, and said how many are missing."""
    lines = text.split("\n")
    escaped = [escape(line) for line in lines]
    whole = "\n".join(escaped)
    if len(whole) <= limit:
        return whole
    room = limit - len(f"\n… and {len(lines)} more lines")
    kept: list[str] = []
    for line in escaped:
        if room < len(line) + 1:
            break
        kept.append(line)
        room -= len(line) + 1
    left = len(lines) - len(kept)
    if not kept or left == 1:
        # One line alone is too long: a part of it tells more than a count.
        kept.append(_fit_line(lines[len(kept)], room))
        left -= 1
    more = f"… and {left} more line{'s' if left > 1 else ''}"
    return "\n".join([*kept, more] if left else kept)


def _fit_line(line: str, room: int) -> str:
    kept: list[str] = []
    for letter in line:
        escaped = escape(letter)
        room -= len(escaped)
        if room < 1:
            break
        kept.append(escaped)
    return "".join(kept).rstrip() + "…"


def split(escaped: str, limit: int) -> list[str]:
    """Escaped text in pieces of at most `limit` characters, between lines or words, never inside of an entity."""
    pieces: list[str] = []
    rest = escaped
    while len(rest) > limit:
        at = rest.rfind("\n", 1, limit)
        at = at if at > limit // 2 else rest.rfind(" ", 1, limit)
        if at <= limit // 2:
            at = limit
            entity = rest.rfind("&", limit - 5, limit)
            if entity > 0 and ";" not in rest[entity:limit]:
                at = entity
        pieces.append(rest[:at])
        rest = rest[at:].lstrip("\n ")
    return [piece for piece in [*pieces, rest] if piece.strip()]
