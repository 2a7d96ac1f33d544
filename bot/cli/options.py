"""Options and beginnings that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bot.store.base import Store

_F = TypeVar("_F", bound=Callable[..., Any])


def portfolio_options(command: _F) -> _F:
    """`--db` and `--team`, the same for every command that touches the portfolio."""
    decorators = (
        click.option("--db", envvar="ROLECALL_DB", type=click.Path(path_type=Path), help="The database file."),
        click.option("--team", help="The team in the database; default: the only one there, else “local”."),
    )
    return functools.reduce(lambda wrapped, decorate: decorate(wrapped), reversed(decorators), command)


class MomentParameter(click.ParamType[datetime]):
    """A moment in ISO 8601; without a zone it is one of this machine's."""

    name = "ISO-8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, with its zone."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; expected ISO 8601, such as 2026-03-01T09:30 or 2026-03-01T09:30Z")
        return moment.astimezone()


def team_of(store: Store, team: str | None) -> str:
    """The team asked for; else the only one in the database, else "local"."""
    if team:
        return team
    with store.read() as reader:
        teams = reader.teams()
    return teams[0] if len(teams) == 1 else "local"


def machine_zone() -> str:
    """The IANA name of this machine's zone; UTC where it has none."""
    from tzlocal import get_localzone_name

    try:
        return get_localzone_name() or "UTC"
    except (OSError, ValueError, LookupError):
        return "UTC"
