"""The pieces that surfaces are made of. Whatever goes in, what comes out is within Slack's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.text import cut, fit, legible, split

Block = dict[str, Any]

MESSAGE_TEXT = 4_000
SECTION = 3_000
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
OPTION_TEXT = 75
OPTION_VALUE = 150
HEADER = 150
TITLE = 24
# Room that a message keeps for what stands below its main text, so that `text` can say it too.
BODY = 3_200


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: `text` says all that the blocks say, for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The arguments of a call that posts it."""
        return {"text": self.text, "blocks": list(self.blocks)} if self.blocks else {"text": self.text}


def plain(text: str, limit: int) -> Block:
    """A text object that shows no formatting; never empty, which Slack refuses."""
    # Nothing is escaped in here, and nothing that merely looks like a mass mention shall ever be one.
    shown = " ".join(legible(text).replace("<!", "< !").split())
    return {"type": "plain_text", "text": cut(shown or "…", limit), "emoji": False}


def section(escaped: str) -> Block:
    """A paragraph of text that is escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": escaped, "verbatim": True}}


def sections(text: str, limit: int = BODY) -> list[Block]:
    """Plain text, as many sections as it needs."""
    return [section(piece) for piece in split(fit(text, limit), SECTION)]


def context(escaped: str) -> Block:
    """Small print of text that is escaped already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": escaped, "verbatim": True}]}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, HEADER)}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(action: str, label: str, value: str, *, primary: bool = False) -> Block:
    """A button; `value` comes back when it is pressed."""
    made: Block = {"type": "button", "action_id": action, "text": plain(label, BUTTON_TEXT), "value": value}
    return made | {"style": "primary"} if primary else made


def actions(*elements: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def suggestion_buttons(questions: Sequence[str], most: int = 5) -> list[Block]:
    """A button for each question that can be asked instead; none for one too long to come back whole."""
    fitting = [question for question in dict.fromkeys(questions) if question.strip() and len(question) <= BUTTON_VALUE]
    return [button(f"suggest:{number}", question, question) for number, question in enumerate(fitting[:most])]


def bold(text: str, limit: int = 300) -> str:
    """A name in bold, escaped. What would end the bold early is left out."""
    name = fit(" ".join(legible(text).replace("*", "").split()), limit)
    return f"*{name}*" if name else ""


def listed(items: Sequence[str], most: int, joiner: str = ", ") -> str:
    """Plain items one after the other, with how many were left out."""
    shown = joiner.join(items[:most])
    return f"{shown}{joiner}… and {len(items) - most} more" if len(items) > most else shown
