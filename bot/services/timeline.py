"""A product's way through the stages, as data for a picture: when it was where, and where it went back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.results import Bar, Loop, Mark, Timeline
from bot.services.event_words import open_stages
from bot.services.moments import days_between
from bot.services.stays import standing, stays
from bot.store.records import Event, Product
from knowledge.schema import Pack


def timeline(product: Product, events: Sequence[Event], pack: Pack, now: datetime, zone: str = "UTC") -> Timeline:
    """A product's timeline, from all its events; what was taken back is left out."""
    stood = standing(events)
    latest = max([now, *(event.at for event in events)]) if events else now
    bars = tuple(
        Bar(
            each.stage,
            each.entered,
            each.left or latest,
            days_between(each.entered, each.left or latest, zone),
            each.left is None,
            each.returned,
        )
        for each in stays(events)
    )
    loops = []
    for event in stood:
        if event.kind == "returned":
            origin = [stage for stage in open_stages(event.before) if stage not in open_stages(event.after)]
            for target in open_stages(event.after):
                loops.append(Loop(origin[-1] if origin else "", target, event.at, event.reason))
    options = {o.id: o.name for s in pack.stages if s.gate and s.gate.decision for o in s.gate.decision.options}
    marks = tuple(
        Mark(event.at, options.get(str(event.details.get("option")), str(event.details.get("option", ""))))
        for event in stood
        if event.kind == "decided"
    )
    names = {stage.id: stage.name for stage in pack.stages}
    used = [stage for stage in names if any(bar.stage == stage for bar in bars)]
    foreign = [bar.stage for bar in bars if bar.stage not in names]
    drawn = tuple((stage, names.get(stage, stage)) for stage in dict.fromkeys([*used, *foreign]))
    return Timeline(product.name, drawn, bars, tuple(loops), marks, latest)
