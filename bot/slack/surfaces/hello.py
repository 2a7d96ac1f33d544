"""Saying hello in a channel, helping whoever writes nothing but a mention, prompts in the agent's pane."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.surfaces.blocks import BODY, Block, Message, actions, context, sections, suggestion_buttons
from bot.slack.text import cut, fit

MOST_EXAMPLES = 3
MOST_PROMPTS = 4


def hello_message(examples: Sequence[str], prefix: str) -> Message:
    """A short hello for a channel that the assistant was added to."""
    return _message("Hello, I am Rolecall: ask me who owns what at which stage, by mentioning me.", examples, prefix)


def help_message(examples: Sequence[str], prefix: str, why: str = "") -> Message:
    """What to ask; `why` says first what was missing."""
    first = why or "Ask me who owns what at which stage, and I will say where I know it from."
    return _message(first, examples, prefix)


def prompts(examples: Sequence[str]) -> list[dict[str, str]]:
    """Suggested prompts for the agent's pane."""
    asked = [example for example in examples if example.strip()][:MOST_PROMPTS]
    return [{"title": cut(example, 75), "message": cut(example, 1_000)} for example in asked]


def _message(first: str, examples: Sequence[str], prefix: str) -> Message:
    shown = [cut(" ".join(example.split()), 300) for example in examples if example.strip()][:MOST_EXAMPLES]
    lines = [first, *(f"• {example}" for example in shown)]
    commands = ", ".join(f"/{prefix}{name}" for name in ("ask", "stage", "product", "role", "digest"))
    line = f"Commands: {commands}; each says what it can do when you type it with help."
    said = "\n".join(lines)
    blocks: list[Block] = sections(said)
    buttons = suggestion_buttons(shown, MOST_EXAMPLES)
    if buttons:
        blocks.append(actions(*buttons))
    blocks.append(context(fit(line, 600)))
    return Message(f"{fit(said, BODY)}\n{fit(line, 600)}", tuple(blocks))
