"""Pictures, where matplotlib is installed: an extra, since most installations never draw one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import RolecallError

if TYPE_CHECKING:
    from bot.services.timeline import Timeline

_BAR, _RETURNED, _LOOP, _MARK = "#4477aa", "#88bbdd", "#cc3311", "#555555"
_BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
_HOW_TO = "Pictures need matplotlib, which is not installed: pip install 'rolecall[plots]'"


class PlotError(RolecallError):
    """A picture cannot be drawn or written."""


def history_plot(timeline: Timeline, path: Path) -> None:
    """Draw a product's way through the stages into a file, whose ending says the format (PNG, SVG, PDF).

    A row a stage, a bar a stay (light where it was sent back to), a red arrow a move back, a dashed line a decision.
    Raises PlotError where matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib import dates
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError as error:
        raise PlotError(_HOW_TO) from error
    moments: Any = dates  # the library's own annotations are incomplete
    rows = {stage: row for row, (stage, _) in enumerate(timeline.stages)}
    # A figure of its own, without pyplot: that one keeps every figure, and wants a display on some machines.
    figure = Figure(figsize=(10, 1.6 + 0.7 * max(len(rows), 1)), layout="constrained")
    axes: Any = figure.add_subplot()
    for bar in timeline.bars:
        start, end = (float(moments.date2num(moment)) for moment in (bar.start, bar.end))
        colour = _RETURNED if bar.returned else _BAR
        axes.barh(rows[bar.stage], max(end - start, 0.02), left=start, height=0.5, color=colour, edgecolor="white")
        label = f"{bar.days} d" + (" so far" if bar.present else "")
        axes.annotate(
            label, ((start + end) / 2, rows[bar.stage] - 0.3), ha="center", va="bottom", fontsize=8, bbox=_BEHIND
        )
    for loop in timeline.loops:
        if loop.origin in rows and loop.target in rows:
            at = float(moments.date2num(loop.at))
            axes.annotate(
                "",
                xy=(at, rows[loop.target]),
                xytext=(at, rows[loop.origin]),
                arrowprops={"arrowstyle": "-|>", "color": _LOOP, "lw": 1.6, "connectionstyle": "arc3,rad=0.3"},
            )
    for mark in timeline.marks:
        at = float(moments.date2num(mark.at))
        axes.axvline(at, color=_MARK, linestyle=":", linewidth=1)
        axes.annotate(_short(mark.text), (at, -0.72), fontsize=8, color=_MARK, ha="left", va="top")
    axes.set_yticks(list(rows.values()), [_plain(name) for _, name in timeline.stages])
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.8)
    axes.xaxis_date()
    locator = moments.AutoDateLocator(maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(moments.ConciseDateFormatter(locator))
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.set_title(_plain(f"{_short(timeline.title, 70)}: {_times(len(timeline.loops))}"), loc="left")
    legend = [Patch(color=_BAR, label="in the stage")]
    if any(bar.returned for bar in timeline.bars):
        legend.append(Patch(color=_RETURNED, label="again, after going back"))
    if timeline.loops:
        legend.append(Patch(color=_LOOP, label="sent back"))
    figure.legend(handles=legend, loc="outside lower left", ncols=3, frameon=False, fontsize=8)
    try:
        figure.savefig(path, dpi=130)
    except (OSError, ValueError) as error:
        raise PlotError(f"The picture {path} cannot be written: {error}.") from error


def _times(count: int) -> str:
    return "never sent back" if not count else "sent back once" if count == 1 else f"sent back {count} times"


def _short(text: str, limit: int = 24) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _plain(text: str) -> str:
    """Text that matplotlib takes as it is, and does not read as a formula."""
    return text.replace("$", r"\$")
