"""What single words say about whether a question is answered here, learnt from the examples of both sorts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["WordEvidence", "heads_pair"]

_STAGES = frozenset({"stage", "stages", "phase", "phases", "step", "steps"})
_REVIEWS = frozenset({"review", "reviews", "workshop", "workshops", "meeting", "meetings", "sprint", "sprints", "test"})
_PERSONS = frozenset(
    {
        *("manager", "engineer", "owner", "lead", "leader", "officer", "analyst", "scientist", "designer", "architect"),
        *("developer", "master", "tester", "steward", "consultant", "coach", "director", "head", "specialist"),
        *("administrator", "admin", "researcher", "commander", "translator", "writer", "auditor", "accountant"),
        *("lawyer", "counsel", "trainer", "planner", "controller", "coordinator", "advocate", "evangelist", "expert"),
        *("supervisor", "operator", "editor", "reviewer", "annotator", "statistician", "strategist", "technician"),
        *("assistant", "representative", "buyer", "seller", "rep", "chief", "guy", "person", "team", "department"),
        *("board", "committee", "council", "role"),
    }
)
"""The last words of what people, groups and parts of a work are called in English, whatever comes before."""
_HEADS = _STAGES | _REVIEWS | _PERSONS | {f"{person}s" for person in _PERSONS}


def heads_pair(before: str, word: str) -> str | None:
    """What a compound is counted under that ends as names of stages or persons do: "night guard"; None for others."""
    if word not in _HEADS:
        return None
    if word in _STAGES:
        return f"{before} stage"
    return f"{before} {word.removesuffix('s')}"


_COMMON = 0.0045
"""A word in more of the answered questions than this share says nothing by itself: "who", "next", "responsible"."""
_MOST = 3.0
_UNSEEN = 0.5
"""A word that no example has counts as much as half an example."""


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """How many example questions have each word: those that are answered, and those that are refused."""

    answered: dict[str, int]
    refused: dict[str, int]
    answered_total: int
    refused_total: int
    _found: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def knows(self, base: str) -> bool:
        """Whether an answerable question has this word."""
        return base in self.answered

    def tells(self, base: str) -> bool:
        """Whether a word says something about what is meant: few questions have it."""
        return self.answered.get(base, 0) < _COMMON * self.answered_total

    def odds(self, base: str) -> float:
        """The log odds that a question with this word is answered, were there as many of one sort as of the other.

        Not beyond those of 20 to 1.
        """
        try:
            return self._found[base]
        except KeyError:
            pass
        answered = (self.answered.get(base, 0) + _UNSEEN) / (self.answered_total + 1)
        refused = (self.refused.get(base, 0) + _UNSEEN) / (self.refused_total + 1)
        found = max(-_MOST, min(math.log(answered / refused), _MOST))
        if base in self.answered or base in self.refused:  # of other words there is no end
            self._found[base] = found
        return found
