"""The JSON Schema of a pack's files, made from the models that check them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from knowledge.loader import FILES, adapter
from knowledge.overlay import Overlay

KINDS = (*(name.removesuffix(".yaml") for name in FILES), "overlay")
"""The files that have a schema: those of a pack, and the organisation's overlay."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def of_file(kind: str) -> dict[str, Any]:
    """The schema of one file."""
    checked: TypeAdapter[Any] = TypeAdapter(Overlay) if kind == "overlay" else adapter(kind)
    return {"$schema": _DIALECT, **_loosened(checked.json_schema()), "title": f"{kind}.yaml"}


def of_pack() -> dict[str, Any]:
    """The schema of a whole pack, as one object with a property a file, without the ending .yaml."""
    definitions: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for kind in KINDS:
        own = of_file(kind)
        definitions |= own.pop("$defs", {})
        own.pop("$schema")
        properties[kind] = own
    return {
        "$schema": _DIALECT,
        "title": "A knowledge pack, a property a file",
        "type": "object",
        "properties": properties,
        "required": ["framework", "stages"],
        "$defs": definitions,
    }


def _loosened(part: Any) -> Any:
    """Where a text is expected, `version: 1.0` is one too, though YAML itself sees a number there."""
    if isinstance(part, list):
        return [_loosened(item) for item in part]
    if not isinstance(part, dict):
        return part
    loosened = {key: _loosened(value) for key, value in part.items()}
    if loosened.get("type") == "string" and "pattern" not in loosened and "format" not in loosened:
        loosened["type"] = ["string", "number", "boolean"]
    return loosened
