"""`rolecall doctor`: is everything in order: the settings, the knowledge, the database?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bot.cli.database import database_options, opened


@click.command()
@database_options
@click.pass_obj
def command(settings: dict[str, Any], db: Path | None, team: str | None) -> None:
    """Check the knowledge pack and the database; exit status 1 when something is wrong.

    Example: rolecall doctor --db rolecall.db
    """
    wrong = 0
    for what, found in (
        ("Knowledge", _knowledge(settings)),
        ("Database", _database(settings, db, team)),
    ):
        problems = list(found)
        wrong += sum(1 for bad, _ in problems if bad)
        for bad, text in problems:
            click.echo(f"{what}: {'WRONG: ' if bad else ''}{text}")
    click.echo("Something is wrong; see above." if wrong else "All is well.")
    sys.exit(1 if wrong else 0)


def _knowledge(settings: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    from bot.bootstrap import load_knowledge
    from bot.errors import RolecallError
    from knowledge.errors import KnowledgeError

    try:
        pack = load_knowledge(settings["pack"], settings["folder"], settings["overlay"]).pack
    except (RolecallError, KnowledgeError) as error:
        yield True, str(error)
        return
    yield False, f"{pack.framework.name}, {len(pack.stages)} stages, {len(pack.roles)} roles."


def _database(settings: dict[str, Any], db: Path | None, team: str | None) -> Iterator[tuple[bool, str]]:
    from bot.bootstrap import load_knowledge
    from bot.errors import RolecallError
    from knowledge.errors import KnowledgeError
    from knowledge.lifecycle import unknown_stages

    if db is None:
        yield False, "none is set (--db or ROLECALL_DB), so none was checked."
        return
    try:
        with opened(db) as store:
            wrong = store.verify(team)
            yield from ((True, sentence) for sentence in wrong)
            with store.read() as reader:
                teams = [team] if team else reader.teams()
                counts = []
                pack = None
                try:
                    pack = load_knowledge(settings["pack"], settings["folder"], settings["overlay"]).pack
                except (RolecallError, KnowledgeError):
                    counts.append("the stages could not be compared with the knowledge")
                for each in teams:
                    # What cannot be read has been told of already, and must not hide the rest.
                    products = [] if wrong else reader.products(each, archived=True)
                    counts.append(f"team {each}: {len(products)} products" if not wrong else f"team {each}")
                    for product in products:
                        foreign = unknown_stages(pack, product.state) if pack else ()
                        if foreign:
                            yield (
                                True,
                                (
                                    f"{each}/{product.id} is in {', '.join(foreign)}, "
                                    "which the framework does not have: "
                                    f"map it with `/stage advance {product.id} to STAGE`."
                                ),
                            )
            yield False, f"{db}: {'; '.join(counts) or 'empty'}."
    except RolecallError as error:
        yield True, str(error)
