"""`rolecall ask`: one question, or a file of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click


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
    from bot.bootstrap import load_answering

    answering = load_answering(**settings)
    if batch is not None:
        for asked in _questions(batch):
            found = asked if isinstance(asked, dict) else answering.answer(asked)[0].as_json()
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return
    answer, _ = answering.answer(question or "")
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        from bot.terminal.render import answer_text

        click.echo(answer_text(answer, explain=explain))


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
