"""The rules by which a product moves through the stages of a pack: pure functions, no clock, no database.

A move takes the state that a product is in and gives the state after it, or refuses with the reason and what would
be legal instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OpenStage:
    """A stage that a product is in, and since when (UTC)."""

    stage: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision taken for a stage: the option's id and the values of its fields, each a list of what was written."""

    stage: str
    option: str
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Where a product is in its lifecycle.

    `status`: "active", or what the option that closed it says (such as "bought"). `open`: the stages it is in, in the
    pack's order. `entered`: every stage it was ever in. `decided`: the decisions that stand for the present stay in
    their stage; leaving the stage spends them, so that each stay needs its own.
    """

    status: str = "active"
    open: tuple[OpenStage, ...] = ()
    entered: frozenset[str] = frozenset()
    decided: tuple[Outcome, ...] = ()
