"""Whole messages: `chat.postMessage` and its kin, and what is posted to a response_url."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.slack.limits.blocks import check_blocks
from tests.slack.limits.text import check_mrkdwn
from tests.slack.limits.violation import Violation

PROMISED_TEXT = 4_000
"""Rolecall keeps `text` this short, so that Slack shows it whole wherever it has no room for blocks."""
LONGEST_TEXT = 40_000
LONGEST_METADATA = 16_000
BARE_MASS_MENTION = re.compile(r"(?<!\w)@(channel|here|everyone)\b", re.IGNORECASE)


def check_message(arguments: dict[str, Any]) -> list[Violation]:
    """The arguments of one message that an app posts, updates or schedules."""
    return list(_check_message(arguments))


def _check_message(arguments: dict[str, Any]) -> Iterator[Violation]:
    text = arguments.get("text")
    blocks = arguments.get("blocks")
    if text is not None and not isinstance(text, str):
        yield Violation("text", f"must be a string, not {type(text).__name__}", error="no_text")
        text = None
    if not (text and text.strip()):
        if not blocks and not arguments.get("attachments"):
            yield Violation("text", "is missing, and there are no blocks", error="no_text")
        else:
            yield Violation("text", "is missing or blank beside blocks", error=None)
    else:
        yield from check_top_level_text(text, arguments)
    if blocks is not None:
        if isinstance(blocks, list):
            if blocks:
                yield from check_blocks(blocks)
        else:
            yield Violation("blocks", "must be a list", error="invalid_blocks_format")
    if arguments.get("metadata") is not None:
        yield from check_metadata(arguments["metadata"])


def check_top_level_text(text: str, arguments: dict[str, Any]) -> Iterator[Violation]:
    if len(text) > LONGEST_TEXT:
        yield Violation("text", f"has {len(text)} characters", error="msg_too_long")
    elif len(text) > PROMISED_TEXT:
        yield Violation("text", f"has {len(text)} characters, we promise {PROMISED_TEXT}", error=None)
    yield from check_mrkdwn(text, "text")
    links_names = str(arguments.get("link_names", "")).lower() in ("1", "true")
    if (links_names or arguments.get("parse") == "full") and BARE_MASS_MENTION.search(text):
        yield Violation("text", "names @channel, @here or @everyone while names are linked", error=None)


def check_metadata(metadata: Any) -> Iterator[Violation]:
    """What an app attaches for itself: an event type and an object."""
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not metadata["event_type"]
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        yield Violation("metadata", "needs event_type and event_payload", error="invalid_metadata_format")
    elif len(json.dumps(metadata)) > LONGEST_METADATA:
        yield Violation("metadata", f"exceeds {LONGEST_METADATA} bytes", error="metadata_too_large")
