"""Who takes which part in which stage, as a table: for a terminal, as Markdown, as CSV."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.queries import Knowledge, walk

WIDTH = 80
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table as plain data: `cells` has a row a role, a column a stage, and the levels in each."""

    stages: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    cells: tuple[tuple[tuple[str, ...], ...], ...]


def matrix(knowledge: Knowledge, *, ids: bool = False) -> Matrix:
    """The matrix of a pack. `ids`: levels by id, for programs; else by name, with conditions, for people."""
    activities = {part.id: part.name for stage in knowledge.pack.stages for part in walk(stage.activities)}

    def words(level: str, activity: str | None, condition: str) -> str:
        if ids:
            return level
        where = f" in {activities.get(activity, activity)}" if activity else ""
        return knowledge.levels[level].name + where + (f" ({condition})" if condition else "")

    roles = knowledge.pack.roles
    cells = tuple(
        tuple(
            tuple(
                dict.fromkeys(
                    words(item.level, item.activity, item.condition)
                    for item in knowledge.involvements(stage=stage.id, role=role.id)
                )
            )
            for stage in knowledge.pack.stages
        )
        for role in roles
    )
    stages = tuple((stage.id, stage.name) for stage in knowledge.pack.stages)
    return Matrix(stages, tuple((role.id, role.name) for role in roles), cells)


def as_csv(table: Matrix) -> str:
    """Ids, for spreadsheets and programs; several levels in a cell are separated by "; "."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["role", *(stage for stage, _ in table.stages)])
    for (role, _), row in zip(table.roles, table.cells, strict=True):
        writer.writerow([role, *("; ".join(cell) for cell in row)])
    return out.getvalue()


def as_markdown(table: Matrix) -> str:
    """Names, as a Markdown table."""
    rows = [["Role", *(name for _, name in table.stages)], ["---"] * (len(table.stages) + 1)]
    for (_, role), row in zip(table.roles, table.cells, strict=True):
        rows.append([role, *("; ".join(cell) for cell in row)])
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows) + "\n"


def as_text(table: Matrix, width: int = WIDTH) -> str:
    """Names, in columns that fit the width; stages that do not fit beside the others follow in a table below."""
    columns = [
        [name, *("; ".join(row[index]) or _NOTHING for row in table.cells)]
        for index, (_, name) in enumerate(table.stages)
    ]
    first = ["", *(name for _, name in table.roles)]
    left = min(max(map(len, first)), 20)
    tables = []
    while columns:
        taken, gap = _fitting(columns, width - left)
        widths = _widened(columns[:taken], width - left, gap)
        tables.append(_table([first, *columns[:taken]], [left, *widths], gap))
        columns = columns[taken:]
    return "\n\n".join(tables) + "\n"


def _narrowest(column: Sequence[str]) -> int:
    return max(len(word) for cell in column for word in cell.split() or [""])


def _fitting(columns: Sequence[Sequence[str]], space: int) -> tuple[int, int]:
    """How many columns fit, at least one, and the gap between them: two, or one where that lets all of them fit."""
    if sum(_narrowest(column) + 1 for column in columns) <= space < sum(_narrowest(column) + 2 for column in columns):
        return len(columns), 1
    used = 0
    for taken, column in enumerate(columns):
        used += _narrowest(column) + 2
        if used > space:
            return max(1, taken), 2
    return len(columns), 2


def _widened(columns: Sequence[Sequence[str]], space: int, gap: int) -> list[int]:
    """The widths of columns: as wide as their longest cell, as far as there is room for it."""
    widths = [_narrowest(column) for column in columns]
    spare = space - sum(widths) - gap * len(widths)
    for index, column in enumerate(columns):
        more = max(0, min(spare, max(map(len, column)) - widths[index]))
        widths[index] += more
        spare -= more
    return widths


def _table(columns: Sequence[Sequence[str]], widths: Sequence[int], gap: int) -> str:
    lines = []
    for index, row in enumerate(zip(*columns, strict=True)):
        lines += _row(row, widths, gap)
        if index == 0:
            lines.append((" " * gap).join("-" * width for width in widths))
    return "\n".join(lines)


def _row(cells: Sequence[str], widths: Sequence[int], gap: int) -> list[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, wrapped))
    return [
        (" " * gap)
        .join(
            (cell[line] if line < len(cell) else "").ljust(width) for cell, width in zip(wrapped, widths, strict=True)
        )
        .rstrip()
        for line in range(height)
    ]
