"""`rolecall import`: bring in what `rolecall export` wrote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from bot.cli.database import DEFAULT_TEAM, database_options, opened, team_of
from bot.errors import RolecallError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@database_options
@click.option("--format", "form", type=click.Choice(["json", "csv"]), help="Default: by the ending of the file's name.")
@click.option("--write", is_flag=True, help="Write it; without this nothing is, and you read what would be.")
def command(file: Path, db: Path | None, team: str | None, form: Literal["json", "csv"] | None, write: bool) -> None:
    """Bring products, events and people from FILE (- is standard input) into a team: all of them, or none.

    Example: rolecall import portfolio.csv --db rolecall.db --write
    """
    from bot.services.transfer import bring_in

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise RolecallError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RolecallError(f"{file}, line {line}: this is not UTF-8.") from error
    kind: Literal["json", "csv"] = form or ("csv" if file.suffix.casefold() == ".csv" else "json")
    with opened(db, create=True) as store:
        with store.read() as reader:
            id_ = team_of(reader, team) if reader.teams() else team or DEFAULT_TEAM
        done = bring_in(store, id_, text, kind, dry_run=not write)
    for problem in done.problems:
        click.echo(f"{file}, {problem}", err=True)
    if done.problems:
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    held = f"{done.products} products with {done.events} events, and {done.people} people"
    if done.written:
        click.echo(f"Wrote {held} to team {id_}.")
    else:
        click.echo(f"{held}: all in order. Nothing was written yet; --write does it.")
