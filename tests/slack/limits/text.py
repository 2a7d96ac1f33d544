"""What people read: escaping, mentions, links, and the two text objects of Block Kit."""

import re
from collections.abc import Iterator
from typing import Any

from tests.slack.limits.violation import Violation, check_keys, check_length

MASS_MENTION = re.compile(r"<!(channel|here|everyone)(\|[^>]*)?>", re.IGNORECASE)
BROKEN_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
ESCAPED_TWICE = re.compile(r"&amp;(amp|lt|gt);")
SEQUENCE = re.compile(r"<([^<>]*)>")
QUOTE_MARKS = re.compile(r"^(>{3}|>)", re.MULTILINE)
LEGAL_SEQUENCES = (
    re.compile(r"@[UW][A-Z0-9]+(\|[^|]+)?"),
    re.compile(r"#[CGD][A-Z0-9]+(\|[^|]*)?"),
    re.compile(r"!date\^\d+\^[^|]*\{[a-z_]+\}[^|]*(\^https?://[^|]+)?\|.+", re.DOTALL),
    re.compile(r"!subteam\^S[A-Z0-9]+(\|[^|]+)?"),
    re.compile(r"https?://[^|\s]+(\|[^|]+)?", re.DOTALL),
    re.compile(r"mailto:[^|\s@]+@[^|\s]+(\|[^|]+)?"),
)


def check_no_mass_mention(text: str, where: str) -> Iterator[Violation]:
    """Nothing Rolecall sends may ping a whole channel."""
    for found in MASS_MENTION.finditer(text):
        yield Violation(where, f"holds the mass mention {found.group()}", error=None)


def check_mrkdwn(text: str, where: str) -> Iterator[Violation]:
    """Text that Slack reads as mrkdwn: everything escaped once, and only sequences Slack knows.

    Slack accepts broken ones and shows something else than was meant, hence no error of Slack's.
    """
    yield from check_no_mass_mention(text, where)
    for found in BROKEN_ENTITY.finditer(text):
        around = text[max(0, found.start() - 10) : found.start() + 10]
        yield Violation(where, f"holds an unescaped & in {around!r}", error=None)
    for found in ESCAPED_TWICE.finditer(text):
        yield Violation(where, f"is escaped twice: {found.group()}", error=None)
    for found in SEQUENCE.finditer(text):
        if MASS_MENTION.fullmatch(found.group()):
            continue
        if not any(form.fullmatch(found.group(1)) for form in LEGAL_SEQUENCES):
            yield Violation(where, f"holds {found.group()}, no form that Slack knows", error=None)
    # A > at the start of a line is mrkdwn's own mark of a quotation.
    rest = QUOTE_MARKS.sub("", SEQUENCE.sub("", text))
    for character in "<>":
        if character in rest:
            position = rest.index(character)
            around = rest[max(0, position - 10) : position + 10]
            yield Violation(where, f"holds an unescaped {character} in {around!r}", error=None)


def check_text_object(
    value: Any, where: str, maximum: int, *, plain: bool = False, minimum: int = 1
) -> Iterator[Violation]:
    """A `plain_text` or `mrkdwn` object; `plain` where Slack takes only the first."""
    if not isinstance(value, dict):
        yield Violation(where, f"must be a text object, not {type(value).__name__}")
        return
    kind = value.get("type")
    if kind not in ("plain_text", "mrkdwn"):
        yield Violation(where, f"must be of type plain_text or mrkdwn, not {kind!r}")
        return
    if plain and kind != "plain_text":
        yield Violation(where, "must be plain_text")
    extra = ("emoji",) if kind == "plain_text" else ("verbatim",)
    yield from check_keys(value, where, required=("type", "text"), optional=extra)
    text = value.get("text")
    if text is None:
        return
    yield from check_length(text, where, maximum, minimum=minimum)
    if isinstance(text, str):
        # Slack shows plain_text as it is, so only mrkdwn can be escaped wrongly.
        yield from (check_mrkdwn if kind == "mrkdwn" else check_no_mass_mention)(text, where)
