"""An answer: what it says, where it comes from, and what one can do with it."""

from __future__ import annotations

from bot.results import Answer, Reference
from bot.slack.surfaces.blocks import (
    BODY,
    SECTION,
    Block,
    Message,
    actions,
    button,
    context,
    sections,
    suggestion_buttons,
)
from bot.slack.text import fit, legible

NOTHING_TO_SAY = "I have no words for that. Ask me who owns a stage, or `help`."
MOST_SOURCES = 6
SOURCES = 600
BASIS = {"stated": "", "derived": " (derived)", "organisation": " (your organisation's own)"}


def answer_message(answer: Answer, token: str, *, shareable: bool = False, shared_by: str = "") -> Message:
    """An answer as a message. `token` finds it again when a button is pressed; an empty one leaves buttons out."""
    said = legible(answer.text).strip() or NOTHING_TO_SAY
    if shared_by:
        said = f"{shared_by} asked: {_one_line(answer.question)}\n{said}"
    blocks: list[Block] = sections(said)
    text = fit(said, BODY)
    sources = sources_line(answer.sources)
    if sources:
        line = fit(sources, SOURCES)
        blocks.append(context(line))
        text = f"{text}\n{line}"
    if token:
        blocks += _buttons(answer, token, shareable)
    return Message(text, tuple(blocks))


def sources_line(sources: tuple[Reference, ...]) -> str:
    """The sources in one plain line, with what a fact is based on where it is not simply stated there."""
    named = list(
        dict.fromkeys(
            f"{source.source}{', ' + source.section if source.section else ''}{BASIS[source.basis]}"
            for source in sources
        )
    )
    if not named:
        return ""
    more = f" · … and {len(named) - MOST_SOURCES} more" if len(named) > MOST_SOURCES else ""
    return ("Source: " if len(named) == 1 else "Sources: ") + " · ".join(named[:MOST_SOURCES]) + more


def why_message(answer: Answer) -> Message:
    """Why this answer: how the question was read, and what else it might have meant."""
    explanation = answer.explanation
    lines = [f"“{_one_line(answer.question)}”"]
    if answer.intent:
        lines.append(f"I read it as {answer.intent.replace('_', ' ')}, {answer.confidence:.0%} sure.")
    else:
        lines.append("I could not tell what it asks.")
    if explanation.nearest_example:
        lines.append(f"The nearest question I know: {explanation.nearest_example}")
    for entity in answer.entities[:10]:
        lines.append(f"“{entity.text}”: {entity.type.replace('_', ' ')} {entity.id}")
    others = [reading for reading in explanation.readings if reading[0] != answer.intent][:3]
    if others:
        lines.append("Else: " + ", ".join(f"{name.replace('_', ' ')} ({sure:.0%})" for name, sure in others))
    lines += explanation.notes
    lines.append(sources_line(answer.sources) or "No source: nothing is claimed.")
    said = "\n".join(lines)
    return Message(fit(said, SECTION), tuple(sections(said, SECTION)))


def _buttons(answer: Answer, token: str, shareable: bool) -> list[Block]:
    row = [button("share", "Share in the channel", token, primary=True)] if shareable else []
    row.append(button("why", "Why this answer?", token))
    blocks: list[Block] = []
    suggestions = suggestion_buttons(answer.suggestions) if not answer.answered else []
    if suggestions:
        blocks.append(actions(*suggestions))
    blocks.append(actions(*row))
    if answer.answered and answer.sources:
        blocks.append(feedback(token))
    return blocks


def feedback(token: str) -> Block:
    """Thumbs up and down."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {
                    "text": {"type": "plain_text", "text": "Helpful"},
                    "value": f"good {token}",
                    "accessibility_label": "Say that this answer helped",
                },
                "negative_button": {
                    "text": {"type": "plain_text", "text": "Not helpful"},
                    "value": f"bad {token}",
                    "accessibility_label": "Say that this answer is wrong or does not help",
                },
            }
        ],
    }


def _one_line(question: str) -> str:
    flat = " ".join(question.split())
    return flat if len(flat) <= 300 else flat[:299] + "…"
