"""Pictures, where matplotlib is installed: an extra, since most installations never draw one."""

from __future__ import annotations

import warnings
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import RolecallError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bot.results import Loop, Timeline

_BAR, _RETURNED, _LOOP, _MARK = "#4477aa", "#88bbdd", "#cc3311", "#555555"
_BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
_DPI = 130
# More labels than this stand on top of each other, and take seconds to place.
_MOST_LABELLED = 60
_HOW_TO = "Pictures need matplotlib, which is not installed: pip install 'rolecall[plots]'"


class PlotError(RolecallError):
    """A picture cannot be drawn or written."""


def can_draw() -> bool:
    """Whether matplotlib is installed; it is not imported for that."""
    return find_spec("matplotlib") is not None


def history_plot(timeline: Timeline, path: Path) -> None:
    """Draw a product's way through the stages into a file, whose ending says the format (PNG, SVG, PDF).

    Raises PlotError where matplotlib is not installed, or the file cannot be written.
    """
    figure = _figure(timeline)
    try:
        figure.savefig(path, dpi=_DPI)
    except (OSError, ValueError) as error:
        raise PlotError(f"The picture {path} cannot be written: {error}.") from error


def history_png(timeline: Timeline) -> bytes:
    """The same picture as the bytes of a PNG file. Raises PlotError where matplotlib is not installed."""
    figure = _figure(timeline)
    png = BytesIO()
    figure.savefig(png, format="png", dpi=_DPI)
    return png.getvalue()


def _figure(timeline: Timeline) -> Figure:
    """A row a stage, a bar a stay (light where sent back to), a red arrow a move back, a dotted line a decision."""
    try:
        from matplotlib import dates
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError as error:
        raise PlotError(_HOW_TO) from error
    # Names may be in a script that the font lacks: boxes tell that something stands there.
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    moments: Any = dates  # the library's own annotations are incomplete
    rows = {stage: row for row, (stage, _) in enumerate(timeline.stages)}
    # A figure of its own, without pyplot: that one keeps every figure, and wants a display on some machines.
    figure = Figure(figsize=(10, 1.6 + 0.7 * max(len(rows), 1)), layout="constrained")
    axes: Any = figure.add_subplot()
    for bar in timeline.bars:
        start, end = (float(moments.date2num(moment)) for moment in (bar.start, bar.end))
        colour = _RETURNED if bar.returned else _BAR
        axes.barh(rows[bar.stage], max(end - start, 0.02), left=start, height=0.5, color=colour, edgecolor="white")
        if len(timeline.bars) > _MOST_LABELLED:
            continue
        label = f"{bar.days} d" + (" so far" if bar.present else "")
        axes.annotate(
            label, ((start + end) / 2, rows[bar.stage] - 0.3), ha="center", va="bottom", fontsize=8, bbox=_BEHIND
        )
    for loop in timeline.loops:
        origin, since = where_from(timeline, loop)
        if origin in rows and loop.target in rows:
            axes.annotate(
                "",
                xy=(float(moments.date2num(loop.at)), rows[loop.target]),
                xytext=(float(moments.date2num(since)), rows[origin]),
                arrowprops={"arrowstyle": "-|>", "color": _LOOP, "lw": 1.6, "connectionstyle": "arc3,rad=0.3"},
            )
    for mark in timeline.marks:
        at = float(moments.date2num(mark.at))
        axes.axvline(at, color=_MARK, linestyle=":", linewidth=1)
        if len(timeline.marks) > _MOST_LABELLED:
            continue
        axes.annotate(_plain(_short(mark.text)), (at, -0.72), fontsize=8, color=_MARK, ha="left", va="top")
    axes.set_yticks(list(rows.values()), [_plain(_short(name, 40)) for _, name in timeline.stages])
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.8)
    axes.xaxis_date()
    locator = moments.AutoDateLocator(minticks=2, maxticks=9)
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
    return figure


def where_from(timeline: Timeline, loop: Loop) -> tuple[str, datetime]:
    """Stage and moment at which a loop's arrow begins: a closed product comes back from where it was closed."""
    before = [bar for bar in timeline.bars if bar.start < loop.at and bar.end <= loop.at]
    if loop.origin or not before:
        return loop.origin, loop.at
    last = max(before, key=lambda bar: bar.end)
    return last.stage, last.end


def _times(count: int) -> str:
    return "never sent back" if not count else "sent back once" if count == 1 else f"sent back {count} times"


def _short(text: str, limit: int = 24) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _plain(text: str) -> str:
    """Text that matplotlib takes as it is, and does not read as a formula."""
    printable = "".join(each if each.isprintable() else "\ufffd" for each in text)
    return printable.replace("$", r"\$")
