"""Read the examples in `intents/data`: one YAML file an intent. Needed only where a matcher is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from intents.errors import DataFileError
from intents.schema import SLOTS, Intent, slots_of

__all__ = ["DATA", "load_intents"]

DATA = Path(__file__).parent / "data"

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _IntentFile(BaseModel):
    """One file. A slot that ends with "?" may be missing from a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intent: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    about: _Line
    slots: tuple[str, ...] = ()
    refusal: bool = False
    examples: tuple[_Line, ...] = Field(min_length=1)


def load_intents(folder: Path = DATA) -> list[Intent]:
    """Every intent of the folder, by id; raises `DataFileError` with file, line and what was expected."""
    return [_read(path) for path in sorted(folder.glob("*.yaml"))]


def _read(path: Path) -> Intent:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        loader = yaml.SafeLoader("")
        data = loader.construct_document(node) if node else None
        found = _IntentFile.model_validate(data)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileError(f"{path}:{line}: is not YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        line = _line(node, first["loc"])
        name = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataFileError(f"{path}:{line}: {name}: {first['msg']}, found {first['input']!r:.80}") from error
    if found.intent != path.stem:
        raise DataFileError(f"{path}:1: the intent is called {found.intent!r}, but the file {path.name!r}")
    for index, example in enumerate(found.examples):
        unknown = [slot for slot in slots_of(example) if slot not in SLOTS]
        if unknown:
            line = _line(node, ("examples", index))
            raise DataFileError(f"{path}:{line}: unknown slot {{{unknown[0]}}}; known are {', '.join(SLOTS)}")
    return Intent(found.intent, found.about, found.slots, found.examples, found.refusal)


def _line(node: Any, location: tuple[int | str, ...]) -> int:
    """The line, from 1, at which the value at `location` stands."""
    for part in location:
        node = next(_children(node, part), node)
    return int(node.start_mark.line) + 1 if node is not None else 1


def _children(node: Any, part: int | str) -> Iterator[Any]:
    if isinstance(node, yaml.MappingNode):
        yield from (value for key, value in node.value if key.value == part)
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        yield node.value[part]
