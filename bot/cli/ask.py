"""`rolecall ask`: one question, or a file of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.results import Answer


@click.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("--explain", is_flag=True, help="Say why: what was found, the nearest example, how sure.")
@click.option("--batch", type=click.File("rb"), help='One JSON object a line, {"question": …}; - is standard input.')
@click.option(
    "--db", envvar="ROLECALL_DB", type=click.Path(path_type=Path), help="Database, for questions on products."
)
@click.option("--team", help="The team in the database; default: the only one, else “local”.")
@click.pass_obj
def command(
    settings: dict[str, Any],
    question: str | None,
    as_json: bool,
    explain: bool,
    batch: IO[bytes] | None,
    db: Path | None,
    team: str | None,
) -> None:
    """Answer QUESTION, or every question of a file.

    Example: rolecall ask "who owns data prep?"
    """
    if (question is None) == (batch is None):
        raise click.UsageError(
            'Give one question in quotes, or --batch FILE. Example: rolecall ask "who owns data prep?"'
        )
    with _answering(settings, db, team) as answer_to:
        if batch is not None:
            for asked in _questions(batch):
                found = asked if isinstance(asked, dict) else answer_to(asked).as_json()
                sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            return
        answer = answer_to(question or "")
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        from bot.terminal.render import answer_text

        click.echo(answer_text(answer, explain=explain))


@contextmanager
def _answering(settings: dict[str, Any], db: Path | None, team: str | None) -> Iterator[Callable[[str], Answer]]:
    """What answers a question; with a database, from its products too."""
    from bot.bootstrap import load_answering

    answering = load_answering(**settings)
    if db is None:
        yield lambda question: answering.answer(question)[0]
        return

    import getpass
    from datetime import UTC, datetime

    from bot.cli.database import opened, shown_names, team_of
    from bot.cli.machine import machine_zone
    from bot.results import Speaker
    from bot.services.answering.asked import Portfolio

    with opened(db) as store, store.read() as reader:
        id_ = team_of(reader, team)
        speaker = Speaker(id_, getpass.getuser(), None, machine_zone())
        record = Portfolio(reader, speaker, datetime.now(UTC), names=shown_names(reader, id_))
        yield lambda question: answering.answer(question, record=record)[0]


def _questions(lines: IO[bytes]) -> Iterator[str | dict[str, str]]:
    """The question of each line; for a line that holds none, an object that says so."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line.decode("utf-8"))
            if isinstance(asked, dict) and isinstance(asked.get("question"), str):
                yield asked["question"]
                continue
            problem = 'is no object with a "question"'
        except (UnicodeDecodeError, ValueError, RecursionError):
            problem = "is not JSON in UTF-8"
        yield {"error": f'line {number} {problem}; expected: {{"question": "..."}}'}
