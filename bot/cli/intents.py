"""`rolecall intents`: measure how questions are understood, and look for examples that are understood wrongly."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Measure how well questions are understood."""


@command.command()
@click.option("--train", required=True, type=_FILE, help='What to learn from: {"text", "intent"} lines.')
@click.option("--valid", type=_FILE, help="More questions to measure on; nothing is learnt from them.")
@click.option("--test", required=True, type=_FILE, help="What to measure on; intent null: out of scope.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(train: Path, valid: Path | None, test: Path, as_json: bool) -> None:
    """Fit the matcher on any labelled questions, and measure it.

    Example: rolecall intents bench --train train.jsonl --test test.jsonl
    """
    from dataclasses import asdict

    from intents.bench import read_questions, render, run
    from intents.errors import IntentsError

    try:
        result = run(read_questions(train), read_questions(valid) if valid else None, read_questions(test))
    except IntentsError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(asdict(result)) if as_json else render(result))


@command.command("eval")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write what went wrong to this file.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Write two PNG into this folder.")
@click.pass_obj
def evaluate(settings: dict[str, Any], file: Path, as_json: bool, errors: Path | None, plots: Path | None) -> None:
    """Ask every labelled question of FILE and say how many answers are right.

    Example: rolecall intents eval tests/questions/answerable.jsonl --plots plots
    """
    from bot.bootstrap import load_answering
    from intents import evaluation
    from intents.errors import IntentsError

    answering = load_answering(**settings)
    try:
        questions = evaluation.read_questions(file)
    except IntentsError as error:
        raise click.ClickException(str(error)) from error
    with click.progressbar(length=len(questions), label="Asking", file=sys.stderr) as bar:
        found = evaluation.evaluate(questions, lambda question: answering.answer(question)[0].as_json(), _to(bar))
    if errors:
        evaluation.write_errors(found, errors)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for group, (right, of) in found.scores().items():
            click.echo(f"{group:22} {right:4}/{of:<4} {right / of:6.1%}")
    if plots:
        written = evaluation.write_plots(found, plots)
        click.echo(written if isinstance(written, str) else f"Wrote {' and '.join(map(str, written))}.", err=True)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--limit", default=40, show_default=True, help="Print at most this many.")
@click.pass_obj
def check(settings: dict[str, Any], as_json: bool, limit: int) -> None:
    """List examples and phrasings that the matcher, fitted without them, takes for another intent.

    Example: rolecall intents check --limit 20
    """
    from dataclasses import asdict

    from bot.bootstrap import EXAMPLES, load_knowledge
    from bot.services.answering.service import entity_names, phrasings
    from intents.check import FOLDS, strays
    from intents.errors import IntentsError

    knowledge = load_knowledge(**settings)
    try:
        with click.progressbar(length=FOLDS, label="Fitting", file=sys.stderr) as bar:
            found = strays(EXAMPLES, entity_names(knowledge), phrasings(knowledge), _to(bar))
    except IntentsError as error:
        raise click.ClickException(str(error)) from error
    for stray in found[:limit]:
        shown = f"{stray.intent} → {stray.found} ({stray.probability:.2f}): {stray.text}"
        click.echo(json.dumps(asdict(stray), ensure_ascii=False) if as_json else shown)
    click.echo(f"{len(found)} go to another intent.", err=True)


def _to(bar: Any) -> Callable[[int, int], None]:
    """A progress callback that moves a bar one step at a time."""

    def step(done: int, of: int) -> None:
        bar.update(1)

    return step
