"""A checked pack as one JSON text, read back in milliseconds and without importing pydantic.

Validating a pack costs its YAML, and importing pydantic costs more than answering a question does. So a pack that was
checked once is kept as JSON; read back, its parts are plain records with the attributes of `knowledge.schema`.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from knowledge.schema import Pack

__all__ = ["freeze", "thaw"]


def freeze(pack: Pack) -> str:
    """The pack as JSON, computed attributes included."""
    return pack.model_dump_json()


def thaw(text: str) -> Pack:
    """A pack that `freeze` wrote; raises ValueError where it is not one."""
    plain = json.loads(text)
    if not isinstance(plain, dict) or "framework" not in plain:
        raise ValueError("this is no compiled pack")
    questions = plain.pop("questions", {})
    record = _record(plain)
    record.questions = {intent: tuple(texts) for intent, texts in questions.items()}
    return cast("Pack", record)


class _Record(SimpleNamespace):
    """A part of a pack; two parts are equal when they are the same one, so that they can be counted and looked up."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]


def _record(value: Any) -> Any:
    # Most of a pack is strings: they are not worth a call each.
    if isinstance(value, dict):
        return _Record(**{key: inner if isinstance(inner, str) else _record(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return tuple([inner if isinstance(inner, str) else _record(inner) for inner in value])
    return value
