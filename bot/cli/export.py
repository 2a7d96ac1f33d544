"""`rolecall export`: products, their events and people, as JSON or CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from bot.cli.database import database_options, opened, team_of
from bot.errors import RolecallError


@click.command()
@database_options
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A file; default: standard output."
)
def command(db: Path | None, team: str | None, form: Literal["json", "csv"], output: Path | None) -> None:
    """Write out all products with their events, and the people.

    Example: rolecall export --format csv > portfolio.csv
    """
    from bot.services.transfer import exported, records

    with opened(db) as store, store.read() as reader:
        pieces = exported(records(reader, team_of(reader, team)), form)
        if output is None:
            # The very bytes, whatever the terminal's encoding: a file made with ">" must be read back everywhere.
            stream = getattr(sys.stdout, "buffer", None)
            for piece in pieces:
                if stream is None:
                    sys.stdout.write(piece)
                else:
                    stream.write(piece.encode())
            sys.stdout.flush()
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
        except OSError as error:
            raise RolecallError(f"{output} cannot be written: {error.strerror}.") from error
