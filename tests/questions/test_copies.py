"""The labelled questions measure the assistant: no example that teaches it may be a near copy of one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SAME = 90
FEW_WORDS = 3
"""Of a question with no more content words than this, everybody finds the same wording."""

SMALL = {
    "a", "an", "the", "is", "are", "was", "be", "do", "does", "did", "of", "in", "on", "at", "to", "for", "with",
    "by", "from", "and", "or", "not", "no", "it", "its", "i", "we", "you", "my", "our", "me", "us", "them", "they",
    "he", "she", "this", "that", "these", "those", "there", "who", "whom", "whose", "what", "which", "when", "where",
    "why", "how", "can", "could", "should", "would", "will", "must", "may", "has", "have", "had", "so", "then",
    "please", "pls", "s", "t", "re", "m", "ll", "as", "if", "any", "all",
}  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a question; a slot is none."""
    return re.findall(r"[a-z0-9]+", re.sub(r"\{\w+\}|'", " ", text.lower()))


def phrasings(data: Any) -> Iterator[str]:
    """Every phrasing in a pack's file."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "phrasings":
                yield from value
            else:
                yield from phrasings(value)
    elif isinstance(data, list):
        for value in data:
            yield from phrasings(value)


def teaching() -> Iterator[tuple[str, str]]:
    """Each file's name with each example or phrasing in it."""
    for path in sorted((ROOT / "intents" / "data").glob("*.yaml")):
        for example in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["examples"]:
            yield path.name, example
    for path in sorted((ROOT / "knowledge" / "packs" / "ai-product").glob("*.yaml")):
        data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        found = (text for texts in data.values() for text in texts) if path.stem == "questions" else phrasings(data)
        yield from ((path.name, text) for text in found)


def test_no_example_copies_a_labelled_question() -> None:
    asked = [
        json.loads(line)["q"]
        for name in ("answerable.jsonl", "unanswerable.jsonl")
        for line in (HERE / name).read_text(encoding="utf-8").splitlines()
    ]
    plain = [" ".join(words(question)) for question in asked]
    copies = []
    for name, example in teaching():
        read = words(example)
        if sum(word not in SMALL for word in read) <= FEW_WORDS:
            continue
        near = process.extractOne(" ".join(read), plain, scorer=fuzz.ratio, score_cutoff=SAME)
        if near:
            copies.append(f"{name}: {example!r} is nearly {asked[near[2]]!r}")
    assert copies == []
