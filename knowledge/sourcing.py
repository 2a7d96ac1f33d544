"""Where a fact comes from, filled in: what a nested fact leaves out is that of the fact around it."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from knowledge.schema import Sourced

M = TypeVar("M", bound=BaseModel)


def with_sources(model: M, source: str, section: str = "", basis: str = "stated", force: bool = False) -> M:
    """The model with `source`, `section` and `basis` filled in, all the way down; `force` replaces what was given."""
    changes: dict[str, Any] = {}
    if isinstance(model, Sourced):
        given = frozenset() if force else model.model_fields_set
        source = source if force else model.source or source
        section = model.section if "section" in given else section
        basis = model.basis if "basis" in given else basis
        changes = {"source": source, "section": section, "basis": basis}
    for name in nested_fields(type(model)):
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            changes[name] = with_sources(value, source, section, basis, force)
        elif value and isinstance(value, tuple) and isinstance(value[0], BaseModel):
            changes[name] = tuple(with_sources(item, source, section, basis, force) for item in value)
    return model.model_copy(update=changes) if changes else model


@cache
def nested_fields(kind: type[BaseModel]) -> tuple[str, ...]:
    """The fields that may hold other models; the rest need no look."""
    return tuple(name for name, field in kind.model_fields.items() if _holds_model(field.annotation))


def _holds_model(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds_model(part) for part in getattr(annotation, "__args__", ()))
