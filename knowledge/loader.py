"""From a folder of YAML files to a `Pack`, or to every reason why not, each with file, line and column."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from knowledge import checks, gaps, schema
from knowledge.errors import KnowledgeError, KnowledgeInvalid, KnowledgeUnreadable, Problem
from knowledge.schema import Pack
from knowledge.sourcing import with_sources
from knowledge.validation import suggestion, validate
from knowledge.yaml_file import Unreadable, YamlFile, read

PACKS = Path(__file__).parent / "packs"

LISTS: dict[str, type[schema.Model]] = {
    "stages": schema.Stage,
    "roles": schema.Role,
    "involvements": schema.Involvement,
    "responsibilities": schema.Responsibility,
    "components": schema.Component,
    "artefacts": schema.Artefact,
    "handovers": schema.Handover,
    "requirements": schema.Requirement,
    "entries": schema.Entry,
}
FILES = ("framework.yaml", *(f"{kind}.yaml" for kind in LISTS), "questions.yaml")
REQUIRED = ("framework.yaml", "stages.yaml")


@dataclass
class _Folder:
    """What was read of a folder so far."""

    files: dict[str, YamlFile] = field(default_factory=dict)
    unreadable: list[Problem] = field(default_factory=list)
    invalid: list[Problem] = field(default_factory=list)

    def stop_if_broken(self) -> None:
        """Raise everything found, with the worst kind deciding which error it is."""
        problems = self.unreadable + self.invalid
        if problems:
            raise (KnowledgeUnreadable if self.unreadable else KnowledgeInvalid)(problems)


def packs() -> list[str]:
    """The ids of the packs that ship."""
    return sorted(folder.name for folder in PACKS.iterdir() if (folder / "framework.yaml").is_file())


def pack_folder(name: str) -> Path:
    """The folder of a pack that ships; a name that is none of them is a `KnowledgeUnreadable`."""
    known = packs()
    if name not in known:
        raise KnowledgeUnreadable([Problem(name, 0, 0, f"no pack has this name: {suggestion(name, known)}")])
    return PACKS / name


def load(folder: Path) -> Pack:
    """The pack in `folder`, checked. Raises `KnowledgeUnreadable` or `KnowledgeInvalid` with all that is wrong."""
    pack, files = _read(folder)
    errors = _place(checks.errors(pack), files)
    if errors:
        raise KnowledgeInvalid(errors)
    return pack


def check(folder: Path, today: date, further: Callable[[Pack], list[checks.Finding]] | None = None) -> list[Problem]:
    """All errors and warnings about the pack in `folder`. Raises `KnowledgeUnreadable` where there is no reading it.

    `further`: more to look at in a pack that is free of errors, for what cannot be told from the files alone.
    """
    try:
        pack, files = _read(folder)
    except KnowledgeUnreadable:
        raise
    except KnowledgeError as error:
        return error.problems
    errors = checks.errors(pack)
    more = further(pack) if further and not errors else []
    return _place(errors + gaps.warnings(pack, today) + more, files)


def checksum(folder: Path) -> str:
    """The checksum that `load` would give the pack, without parsing it: to see whether a folder has changed."""
    read_files = [(path.name, path.read_bytes()) for path in _yaml_paths(folder)]
    return _digest(sorted(read_files))


def _digest(files: list[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, raw in files:
        # Lengths keep "ab" + "c" and "a" + "bc" apart.
        digest.update(f"{name}:{len(raw)}:".encode())
        digest.update(raw)
    return digest.hexdigest()


def _yaml_paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})


def _read(folder: Path) -> tuple[Pack, dict[str, YamlFile]]:
    """The pack as its files say it, each file checked by itself."""
    state = _Folder()
    _read_files(folder, state)
    values = _validate_files(state)
    if values.get("stages") == ():
        state.invalid.append(Problem("stages.yaml", 1, 1, "found no stage: expected at least one"))
    state.stop_if_broken()
    framework: schema.Framework = values.pop("framework")
    source = framework.sources[0].id
    filled: dict[str, Any] = {"framework": with_sources(framework, source)}
    for kind, value in values.items():
        filled[kind] = value if kind == "questions" else tuple(with_sources(item, source) for item in value)
    digest = _digest(sorted((name, file.raw) for name, file in state.files.items()))
    return Pack(**filled, checksum=digest), state.files


def _read_files(folder: Path, state: _Folder) -> None:
    try:
        paths = _yaml_paths(folder)
    except FileNotFoundError:
        raise KnowledgeUnreadable([Problem(str(folder), 0, 0, "there is no such folder")]) from None
    except NotADirectoryError:
        message = "is not a folder: expected the folder that holds framework.yaml"
        raise KnowledgeUnreadable([Problem(str(folder), 0, 0, message)]) from None
    except OSError as error:
        raise KnowledgeUnreadable([Problem(str(folder), 0, 0, f"cannot be read: {error.strerror}")]) from None
    if not paths:
        message = f"the folder holds no YAML file: expected at least {' and '.join(REQUIRED)}"
        raise KnowledgeUnreadable([Problem(str(folder), 0, 0, message)])
    for path in paths:
        if path.name not in FILES:
            message = f"no file of a pack has this name: {suggestion(path.name, FILES)}"
            state.invalid.append(Problem(path.name, 0, 0, message))
            continue
        try:
            state.files[path.name] = read(path, folder)
        except Unreadable as error:
            state.unreadable.append(error.problem)
    broken = {problem.file for problem in state.unreadable}
    for name in REQUIRED:
        if name not in state.files and name not in broken:
            state.invalid.append(Problem(name, 0, 0, "the file is missing: every pack needs it"))


def _validate_files(state: _Folder) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, file in state.files.items():
        state.invalid.extend(file.problems)
        if file.empty:
            if name in REQUIRED:
                state.invalid.append(Problem(name, 0, 0, "the file is empty: every pack needs what it holds"))
            continue
        kind = name.removesuffix(".yaml")
        value, problems = validate(adapter(kind), file)
        values[kind] = value
        # What a broken key leaves behind is missing too; one message about it is enough.
        state.invalid.extend(
            problem for problem in problems if not file.problems or "is missing" not in problem.message
        )
    return values


@cache
def adapter(kind: str) -> TypeAdapter[Any]:
    """What a file of this kind ("stages", "framework", …) must look like."""
    if kind == "framework":
        return TypeAdapter(schema.Framework)
    if kind == "questions":
        return TypeAdapter(dict[str, tuple[schema.Text, ...]])
    item: Any = LISTS[kind]
    return TypeAdapter(tuple[item, ...])


def _place(findings: list[checks.Finding], files: dict[str, YamlFile]) -> list[Problem]:
    """Findings about a pack as problems in its files, in the order in which one reads them."""
    problems = []
    for finding in findings:
        name = f"{finding.location[0]}.yaml"
        file = files.get(name)
        where: Callable[..., tuple[int, int]] | None = None
        if file:
            where = file.key_place if finding.at_key else file.place
        line, column = where(finding.location[1:]) if where else (0, 0)
        problems.append(Problem(name, line, column, finding.message, finding.severity))
    return sorted(problems, key=lambda p: (p.severity != "error", FILES.index(p.file), p.line, p.column))
