"""The options that every command on the portfolio takes, and the database they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.cli.machine import MomentParameter
from bot.errors import RolecallError, SettingsError
from bot.store.base import Reader, Store, StoreError
from bot.zones import zone_of

_F = TypeVar("_F", bound=Callable[..., Any])

DEFAULT_TEAM = "local"


def database_options(command: _F) -> _F:
    """`--db` and `--team`."""
    command = click.option("--team", help="The team in the database; default: the only one, else “local”.")(command)
    return click.option(
        "--db", envvar="ROLECALL_DB", type=click.Path(path_type=Path), help="The database file; or set ROLECALL_DB."
    )(command)


def clock_options(command: _F) -> _F:
    """`--now` and `--zone`."""
    command = click.option("--zone", default="UTC", show_default=True, help="The zone to show times in.")(command)
    return click.option("--now", type=MomentParameter(), help="Look at the days as of this moment; default: now.")(
        command
    )


@contextmanager
def opened(db: Path | None, *, create: bool = False) -> Iterator[Store]:
    """The database, closed when the block ends; errors of it in words for people."""
    if db is None:
        raise SettingsError("Say which database: --db FILE, or set ROLECALL_DB.")
    if not create and not db.exists():
        raise SettingsError(f"There is no database {db}.")
    from bot.bootstrap import open_store

    try:
        store = open_store(db)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        raise RolecallError(str(error)) from error


def team_of(reader: Reader, given: str | None) -> str:
    """The team that is meant: the one given, the only one there is, or the one of the terminal."""
    if given:
        return given
    teams = reader.teams()
    return teams[0] if len(teams) == 1 else DEFAULT_TEAM


def zone_named(zone: str) -> str:
    """The zone, if there is such a one."""
    if zone != "UTC" and zone_of(zone) is UTC:
        raise SettingsError(f"There is no time zone {zone!r}; one is named as in Europe/Rome.")
    return zone


def shown_names(reader: Reader, team: str) -> Callable[[str], str]:
    """People's ids as the names to show, where these are known."""
    known = {person.user: person.name for person in reader.people(team)}
    return lambda user: known.get(user) or user
