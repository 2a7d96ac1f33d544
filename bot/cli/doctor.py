"""`rolecall doctor`: is everything in order: the settings, the knowledge, the database?"""

from __future__ import annotations

import os
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
    """Check the settings, the knowledge pack and the database; exit status 1 when something is wrong.

    Example: rolecall doctor --db rolecall.db
    """
    wrong = 0
    for what, found in (
        ("Settings", _settings()),
        ("Knowledge", _knowledge(settings)),
        ("Database", _database(settings, db, team)),
    ):
        problems = list(found)
        wrong += sum(1 for bad, _ in problems if bad)
        for bad, text in problems:
            click.echo(f"{what}: {'WRONG: ' if bad else ''}{text}")
    click.echo("Something is wrong; see above." if wrong else "All is well.")
    sys.exit(1 if wrong else 0)


def _settings() -> Iterator[tuple[bool, str]]:
    from bot.config import load_settings, settings_problems, unknown_variables

    yield from ((False, note) for note in unknown_variables(os.environ))
    problems = settings_problems(os.environ)
    yield from ((True, problem) for problem in problems)
    if problems:
        return
    found = load_settings()
    if found.bot_token is None:
        yield False, "in order. Without SLACK_BOT_TOKEN it is the terminal alone; `rolecall serve` needs one."
    else:
        yield False, f"in order, for Slack {'in Socket Mode' if found.socket_mode else 'over HTTP'}."


def _knowledge(settings: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    from bot.bootstrap import load_knowledge
    from bot.errors import RolecallError, SettingsError
    from knowledge.errors import KnowledgeError

    missing = [
        f"{variable} (or {option}) is “{path}”: expected {what}, and there is none."
        for variable, option, path, what, there in (
            ("ROLECALL_KNOWLEDGE", "--knowledge", settings["folder"], "the folder of a knowledge pack", Path.is_dir),
            ("ROLECALL_OVERLAY", "--overlay", settings["overlay"], "a file", Path.is_file),
        )
        if path is not None and not there(path)
    ]
    if missing:
        yield from ((True, sentence) for sentence in missing)
        return
    try:
        pack = load_knowledge(settings["pack"], settings["folder"], settings["overlay"]).pack
    except SettingsError as error:
        yield True, f"ROLECALL_PACK (or --pack): {error}"
        return
    except (RolecallError, KnowledgeError) as error:
        yield from ((True, line) for line in str(error).splitlines())
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
    if not db.exists():
        yield True, f"ROLECALL_DB (or --db) is “{db}”: expected a database file, and there is none."
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
