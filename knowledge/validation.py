"""What pydantic finds wrong, said in plain words with file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from rapidfuzz import fuzz, process

from knowledge.errors import Problem
from knowledge.yaml_file import Location, YamlFile

_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "date": "a date like 2026-03-31",
    "string": "text",
    "tuple": "a list (lines that start with “- ”)",
    "list": "a list (lines that start with “- ”)",
    "dict": "a mapping (lines of “key: value”)",
    "model": "a mapping (lines of “key: value”)",
}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is most likely a slip of, or nothing if none is close."""
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=55)
    return found[0] if found else None


def suggestion(name: str, known: Iterable[str], what: str = "") -> str:
    """The end of a message about an unknown name: the nearest valid one, or all of them where they are few."""
    names = list(known)
    close = nearest(name, names)
    if close:
        return f"did you mean “{close}”?"
    if not names:
        return f"there is no {what or 'such thing'} at all"
    if len(names) <= 12:
        return f"expected one of: {', '.join(names)}"
    return f"expected one of {len(names)}, such as {', '.join(names[:5])}"


def validate(adapter: TypeAdapter[Any], file: YamlFile) -> tuple[Any, list[Problem]]:
    """The file's data as models, or nothing and every problem found."""
    try:
        return adapter.validate_python(file.data), []
    except ValidationError as error:
        return None, explain(error, file, adapter)


def explain(error: ValidationError, file: YamlFile, adapter: TypeAdapter[Any]) -> list[Problem]:
    """Every problem in `error`, each once and at its place."""
    problems: dict[tuple[int, int, str], Problem] = {}
    seen: set[tuple[int, int]] = set()
    for detail in error.errors(include_url=False):
        kind = str(detail["type"])
        location: Location = tuple(detail["loc"])
        if kind == "extra_forbidden":
            line, column = file.key_place(location)
            key = str(location[-1])
            known = _keys(adapter, location[:-1])
            message = f"found the key “{key}”, which means nothing here: {suggestion(key, known)}"
        else:
            line, column = file.place(location)
            # Each branch of a union complains; the first complaint names them all.
            if (line, column) in seen and kind != "missing":
                continue
            message = _sentence(kind, detail, location)
            seen.add((line, column))
        problems[line, column, message] = Problem(file.name, line, column, message)
    return sorted(problems.values(), key=lambda problem: (problem.line, problem.column))


def _sentence(kind: str, detail: Mapping[str, Any], location: Location) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    found = _found(detail.get("input"))
    where = _field(location)
    if kind == "missing":
        return f"the key “{location[-1]}” is missing here: expected it in every item of this kind"
    if "any_earlier" in "".join(map(str, location)):
        return f"{where}found {found}: expected any_earlier, or a list of stage ids"
    if kind == "literal_error":
        wanted = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        close = nearest(str(detail.get("input")), wanted.split(", "))
        hint = f"did you mean “{close}”? " if close else ""
        return f"{where}found {found}: {hint}(one of {wanted})"
    if kind == "string_pattern_mismatch":
        return f"{where}found {found}: expected an id of small letters, digits and single hyphens, like my-stage"
    if kind in {"string_too_short", "too_short"}:
        return f"{where}found nothing: expected at least one {'item' if kind == 'too_short' else 'word'}"
    if kind == "string_too_long":
        return f"{where}found {len(str(detail.get('input')))} characters: expected at most {context.get('max_length')}"
    if kind == "greater_than":
        return f"{where}found {found}: expected a number above {context.get('gt')}"
    family = kind.split("_", maxsplit=1)[0]
    return f"{where}found {found}: expected {_EXPECTED.get(family, 'another kind of value')}"


def _field(location: Location) -> str:
    """The key the value stands under, or nothing for an item of a list at the top."""
    keys = [str(step) for step in location if isinstance(step, str) and step.isidentifier()]
    return f"“{keys[-1]}”: " if keys else ""


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"a mapping with {_count(len(value), 'key')}"
    if isinstance(value, list | tuple):
        return f"a list of {_count(len(value), 'item')}"
    text = str(value)
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _keys(adapter: TypeAdapter[Any], location: Location) -> list[str]:
    """The keys that are valid where `location` leads: the models are walked along with the data."""
    types = _models(getattr(adapter, "_type", None))
    for step in location:
        if isinstance(step, int):
            continue
        fields = [model.model_fields[step].annotation for model in types if step in model.model_fields]
        if fields:
            types = [model for annotation in fields for model in _models(annotation)]
    return [name for model in types for name in model.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models within a type such as `tuple[Stage, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]
