"""`rolecall kb`: check a knowledge base, look at it, and see what an overlay changes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from knowledge.errors import Problem
    from knowledge.queries import Knowledge

_FOLDER = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Check the knowledge base and look at it.

    Example: rolecall kb check my-pack
    """


@command.command()
@click.argument("folder", metavar="[DIR]", required=False, type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option(
    "--phrasings/--no-phrasings",
    default=None,
    help="Also ask the matcher for every phrasing. Default: where there are at most 3,000, which takes seconds.",
)
@click.pass_obj
def check(settings: dict[str, Any], folder: Path | None, as_json: bool, strict: bool, phrasings: bool | None) -> None:
    """Say everything that is wrong with the pack in DIR, or with the pack in use and its overlay.

    Exit status: 0 no errors, 1 errors (or warnings with --strict), 2 unreadable or malformed. Says nothing where
    nothing is wrong.
    """
    from bot.bootstrap import knowledge_folder
    from knowledge.errors import KnowledgeUnreadable

    place = folder or knowledge_folder(settings["pack"], settings["folder"])
    overlay = None if folder else settings["overlay"]
    try:
        problems, unreadable = _problems(place, overlay, phrasings), False
    except KnowledgeUnreadable as error:
        problems, unreadable = error.problems, True
    counted = [problem for problem in problems if strict or problem.severity == "error"]
    status = 2 if unreadable else int(bool(counted))
    if as_json:
        _print_json(place, problems, status)
    else:
        for problem in problems:
            click.echo(str(problem))
    sys.exit(status)


def _problems(folder: Path, overlay: Path | None, phrasings: bool | None) -> list[Problem]:
    """What is wrong, files named by their paths. Raises KnowledgeUnreadable."""
    from datetime import UTC, datetime

    from knowledge import loader
    from knowledge.checks import Finding
    from knowledge.errors import KnowledgeError
    from knowledge.schema import Pack

    def further(pack: Pack) -> list[Finding]:
        if phrasings is False:
            return []
        from bot.services.phrasing_check import QUICK, count, misread

        return misread(pack) if phrasings or count(pack) <= QUICK else []

    today = datetime.now(UTC).date()
    try:
        problems = [problem.within(folder) for problem in loader.check(folder, today, further)]
    except KnowledgeError as error:
        raise error.within(folder) from None
    if overlay is None or any(problem.severity == "error" for problem in problems):
        return problems
    from knowledge import overlay as overlays

    try:
        found = overlays.check(loader.load(folder), overlay, today)
    except KnowledgeError as error:
        raise error.within(overlay.parent) from None
    return problems + [problem.within(overlay.parent) for problem in found]


def _print_json(folder: Path, problems: list[Problem], status: int) -> None:
    from dataclasses import asdict

    errors = sum(problem.severity == "error" for problem in problems)
    found = {
        "folder": str(folder),
        "status": status,
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [asdict(problem) for problem in problems],
    }
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@command.command()
@click.argument("name", nargs=-1, required=True)
@click.pass_obj
def show(settings: dict[str, Any], name: tuple[str, ...]) -> None:
    """All that is said about a stage, role, topic, component, activity or artefact, by id, name or alias."""
    from bot.terminal import kb_show

    knowledge = _knowledge(settings)
    wanted = " ".join(name)
    found = kb_show.find(knowledge, wanted)
    if not found:
        close = kb_show.near(knowledge, wanted)
        hint = f" Did you mean {' or '.join(f'“{other}”' for other in close)}?" if close else ""
        click.echo(f"rolecall: nothing is called “{wanted}”.{hint}", err=True)
        sys.exit(1)
    click.echo("\n".join(kb_show.show(knowledge, kind, id_) for kind, id_ in found), nl=False)


@command.command()
@click.option("--format", "form", type=click.Choice(["terminal", "markdown", "csv"]), default="terminal")
@click.pass_obj
def matrix(settings: dict[str, Any], form: str) -> None:
    """Roles and stages, with the part that each role takes. CSV has ids, the others have names."""
    from bot.terminal import kb_matrix

    knowledge = _knowledge(settings)
    table = kb_matrix.matrix(knowledge, ids=form == "csv")
    if form == "csv":
        click.echo(kb_matrix.as_csv(table), nl=False)
    elif form == "markdown":
        click.echo(kb_matrix.as_markdown(table), nl=False)
    elif table.roles:
        click.echo(kb_matrix.as_text(table), nl=False)
    else:
        click.echo(f"{knowledge.pack.framework.name} names no role. Its stages:")
        click.echo("\n".join(f"- {name}" for _, name in table.stages))


@command.command()
@click.option("--format", "form", type=click.Choice(["mermaid", "dot"]), default="mermaid")
@click.pass_obj
def graph(settings: dict[str, Any], form: str) -> None:
    """The stages and the ways between them, as text for Mermaid or Graphviz."""
    from bot.terminal import kb_graph

    knowledge = _knowledge(settings)
    click.echo((kb_graph.as_dot if form == "dot" else kb_graph.as_mermaid)(knowledge), nl=False)


@command.command()
@click.argument("kind", metavar="[FILE]", required=False)
@click.option("--write", "folder", type=_FOLDER, help="Write one schema a file of a pack into this folder.")
def schema(kind: str | None, folder: Path | None) -> None:
    """The JSON Schema of a pack's YAML files, so that editors complete and check them.

    FILE is one of framework, stages, roles, …, questions or overlay; without it, all of them are printed as one.
    """
    from knowledge.json_schema import KINDS, of_file, of_pack
    from knowledge.validation import suggestion

    if kind is not None and (kind := kind.removesuffix(".yaml")) not in KINDS:
        raise click.UsageError(f"No file of a pack is called {kind!r}: {suggestion(kind, KINDS)}")
    if folder is None:
        click.echo(json.dumps(of_file(kind) if kind else of_pack(), indent=2, ensure_ascii=False))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in [kind] if kind else KINDS:
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(of_file(name), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(str(path))


@command.command()
@click.argument("file", metavar="[OVERLAY]", required=False, type=_FOLDER)
@click.pass_obj
def diff(settings: dict[str, Any], file: Path | None) -> None:
    """What the organisation's OVERLAY changes in the pack, a line a change. Default: the overlay in use."""
    overlay = file or settings["overlay"]
    if overlay is None:
        raise click.UsageError("There is no overlay: name its file, or set ROLECALL_OVERLAY.")
    from bot.bootstrap import knowledge_folder, read_pack
    from knowledge.differences import diff as differences

    place = knowledge_folder(settings["pack"], settings["folder"])
    lines = differences(read_pack(place), read_pack(place, overlay))
    click.echo("\n".join(lines) if lines else "The overlay changes nothing.")


def _knowledge(settings: dict[str, Any]) -> Knowledge:
    from bot.bootstrap import load_knowledge

    return load_knowledge(settings["pack"], settings["folder"], settings["overlay"])
