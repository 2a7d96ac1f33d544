"""Results as plain text for a terminal: what is printed can be read without colour and piped anywhere."""

from __future__ import annotations

import textwrap

from bot.results import Answer, Explanation

_WIDTH = 100


def answer_text(answer: Answer, *, explain: bool = False) -> str:
    """An answer as a person reads it: the text, the sources below, and the why where it is asked for."""
    parts = [wrapped(answer.text)]
    if answer.sources:
        by_title: dict[str, list[str]] = {}
        for reference in answer.sources:
            sections = by_title.setdefault(reference.source, [])
            if reference.section and reference.section not in sections:
                sections.append(reference.section)
        parts.append(wrapped("Source: " + "; ".join(_source(title, secs) for title, secs in by_title.items())))
    if explain:
        parts.append(explanation_text(answer.explanation, answer))
    return "\n\n".join(parts)


def explanation_text(explanation: Explanation, answer: Answer) -> str:
    """Why this answer: what was found, the nearest example, how sure, where from."""
    lines = ["Why this answer:"]
    for entity in answer.entities:
        lines.append(f"  found “{entity.text}”: {entity.type} {entity.id} (score {entity.score:.2f})")
    lines.append(f"  intent: {answer.intent or 'none'}, confidence {answer.confidence:.2f}")
    for label, probability in explanation.readings[:3]:
        lines.append(f"    {label}: {probability:.2f}")
    if explanation.nearest_example:
        lines.append(f"  nearest example: {explanation.nearest_example}")
    lines.append(f"  threshold: {explanation.threshold:.2f}")
    lines += [f"  {note}" for note in explanation.notes]
    lines += [f"  source: {s.source}, {s.section or 'no section'} ({s.basis})" for s in answer.sources]
    return "\n".join(lines)


def _source(title: str, sections: list[str]) -> str:
    return f"{title} ({', '.join(sections)})" if sections else title


def wrapped(text: str) -> str:
    """Text in lines that fit a terminal; bullets hang."""
    lines = []
    for line in text.split("\n"):
        indent = "  " if line.startswith("• ") else ""
        lines += textwrap.wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False) or [""]
    return "\n".join(lines)
