"""`rolecall import`: bring in what `rolecall export` wrote, or a list of products that a person wrote."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from bot.cli.database import DEFAULT_TEAM, database_options, opened, team_of
from bot.errors import RolecallError

if TYPE_CHECKING:
    from bot.services.transfer import Problem
    from bot.store.base import Store
    from bot.store.records import Product

_MOST_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@database_options
@click.option("--format", "form", type=click.Choice(["json", "csv"]), help="Default: by the ending of the file's name.")
@click.option("--write", is_flag=True, help="Write it; without this nothing is, and you read what would be.")
@click.option("--as", "user", metavar="USER", help="Who imports a list; default: your name on this machine.")
@click.pass_obj
def command(
    settings: dict[str, Any],
    file: Path,
    db: Path | None,
    team: str | None,
    form: Literal["json", "csv"] | None,
    write: bool,
    user: str | None,
) -> None:
    """Bring products from FILE (- is standard input) into a team: all of them, or none.

    FILE is what `rolecall export` wrote, with all events and people, or a list that you wrote: CSV with a column "name"
    and, where you like, "slug", "aliases" (separated by ;), "stage" (default: the first), "channel", "about",
    "people" (such as "ROLE=@ana; ROLE=@ben", by the roles' names or ids), and a column for any role; or JSON with the
    same keys.

    Example: rolecall import portfolio.csv --db rolecall.db --write
    """
    from bot.services.product_list import is_list

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise RolecallError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RolecallError(f"{file}, line {line}: this is not UTF-8.") from error
    kind: Literal["json", "csv"] = form or ("csv" if file.suffix.casefold() == ".csv" else "json")
    if form is None and file.suffix.casefold() not in {".csv", ".json"} and not text.lstrip().startswith(("[", "{")):
        # Nothing but its beginning tells what this is: an error about JSON would mislead whoever gave CSV.
        given = "standard input" if str(file) == "-" else str(file)
        raise RolecallError(f"{given} is not JSON; if it is CSV, say so with --format csv.")
    with opened(db, create=True) as store:
        with store.read() as reader:
            id_ = team_of(reader, team) if reader.teams() else team or DEFAULT_TEAM
        if is_list(text, kind):
            held = _list_brought_in(store, id_, text, kind, settings, file, user, write)
        else:
            held = _export_brought_in(store, id_, text, kind, file, write)
    if write:
        click.echo(f"Wrote {held} to team {id_}.")
    else:
        click.echo(f"{held}: all in order. Nothing was written yet; --write does it.")


def _export_brought_in(
    store: Store, team: str, text: str, kind: Literal["json", "csv"], file: Path, write: bool
) -> str:
    """Bring in an export; gives back what it held, in words."""
    from bot.services.transfer import bring_in

    done = bring_in(store, team, text, kind, dry_run=not write)
    _end_where_wrong(file, done.problems)
    return f"{done.products} products with {done.events} events, and {done.people} people"


def _list_brought_in(
    store: Store,
    team: str,
    text: str,
    kind: Literal["json", "csv"],
    settings: dict[str, Any],
    file: Path,
    user: str | None,
    write: bool,
) -> str:
    """Bring in a list, and show what is made of it; gives back what it held, in words."""
    from bot.bootstrap import load_knowledge
    from bot.services.product_list import bring_in_list

    pack = load_knowledge(**settings).pack
    actor = (user or getpass.getuser()).lstrip("@")
    done = bring_in_list(store, team, text, kind, pack, actor=actor, now=datetime.now(UTC), dry_run=not write)
    _end_where_wrong(file, done.problems)
    for product in done.products[:_MOST_SHOWN]:
        click.echo(_shown(product))
    if len(done.products) > _MOST_SHOWN:
        click.echo(f"… and {len(done.products) - _MOST_SHOWN} more.")
    return f"{len(done.products)} product{'' if len(done.products) == 1 else 's'}"


def _end_where_wrong(file: Path, problems: Sequence[Problem]) -> None:
    for problem in problems:
        click.echo(f"{file}, {problem}", err=True)
    if problems:
        click.echo("Nothing was written.", err=True)
        sys.exit(1)


def _shown(product: Product) -> str:
    """A line that tells what a row is taken for."""
    people = "; ".join(f"{held.role} {held.user}" for held in product.holders) or "nobody yet"
    place = f", in #{product.channel}" if product.channel else ""
    return f"{product.name} ({product.id}): {', '.join(product.state.stages)}; {people}{place}"
