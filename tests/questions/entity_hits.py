"""How many of the labelled mentions of roles and stages are found where they stand."""

from __future__ import annotations

import json
from pathlib import Path

from bot.services.answering.service import Answering


def entity_hits(answering: Answering, path: Path) -> tuple[int, int, int]:
    """For a file of questions with their mentions: how many were found rightly, found at all, and are there."""
    hits = found = wanted = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        want = {(e["type"], e["id"], e["start"], e["end"]) for e in label["entities"]}
        answer, _ = answering.answer(label["q"])
        got = {(e.type, e.id, e.start, e.end) for e in answer.entities if e.type in {"role", "stage"}}
        hits, found, wanted = hits + len(want & got), found + len(got), wanted + len(want)
    return hits, found, wanted
