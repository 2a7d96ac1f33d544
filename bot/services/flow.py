"""How products flow through the stages: median days a stage, the share of moves back, throughput a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from bot.services.stays import standing, stays
from bot.store.records import Event
from bot.zones import zone_of
from knowledge.lifecycle import ACTIVE
from knowledge.schema import Pack

_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class StageFlow:
    """A stage: the median length in days of the stays there that ended, how many these were, and how many are open."""

    stage: str
    name: str
    median_days: float | None
    ended: int
    open: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The figures. `finished`: by month, how many products came to the last stage for the first time, or were closed.

    `begun`: by month, how many products were begun. A change that was taken back does not count.
    """

    stages: tuple[StageFlow, ...]
    moves: int
    moves_back: int
    begun: tuple[tuple[str, int], ...]
    finished: tuple[tuple[str, int], ...]

    @property
    def share_back(self) -> float | None:
        """The share of moves that went back; None where nothing moved."""
        return self.moves_back / self.moves if self.moves else None

    def as_json(self) -> dict[str, Any]:
        """The figures as plain data."""
        return {
            "stages": [
                {"stage": s.stage, "median_days": s.median_days, "ended": s.ended, "open": s.open} for s in self.stages
            ],
            "moves": self.moves,
            "moves_back": self.moves_back,
            "share_back": self.share_back,
            "begun": dict(self.begun),
            "finished": dict(self.finished),
        }


def flow(histories: Iterable[Sequence[Event]], pack: Pack, zone: str) -> Flow:
    """The figures of products, from the events of each."""
    place = zone_of(zone)

    def month(moment: datetime) -> str:
        return moment.astimezone(place).strftime("%Y-%m")

    lengths: dict[str, list[float]] = {stage.id: [] for stage in pack.stages}
    present: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    finished: Counter[str] = Counter()
    moves = moves_back = 0
    last = {stage.id for stage in pack.stages if stage.terminal} or {pack.stages[-1].id}
    for events in histories:
        stood = standing(events)
        if stood:
            begun[month(stood[0].at)] += 1
        moves += sum(event.kind in {"advanced", "opened", "returned"} for event in stood)
        moves_back += sum(event.kind == "returned" for event in stood)
        for stay in stays(events):
            if stay.left is None:
                present[stay.stage] += 1
            else:
                days = (stay.left - stay.entered).total_seconds() / _SECONDS_A_DAY
                lengths.setdefault(stay.stage, []).append(days)
        ended = next((event.at for event in stood if _ends(event, last)), None)
        if ended is not None:
            finished[month(ended)] += 1
    names = {stage.id: stage.name for stage in pack.stages}
    stages = tuple(
        StageFlow(
            stage, names.get(stage, stage), round(median(found), 1) if found else None, len(found), present[stage]
        )
        for stage, found in lengths.items()
    )
    return Flow(stages, moves, moves_back, tuple(sorted(begun.items())), tuple(sorted(finished.items())))


def _ends(event: Event, last: set[str]) -> bool:
    closed = event.after.get("status", ACTIVE) != ACTIVE
    return closed or any(stage in last for stage, _ in event.after.get("open", ()))
