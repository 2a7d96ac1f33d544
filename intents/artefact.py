"""One file that holds arrays and strings: the form in which compiled models are kept.

The file begins with a fixed word, the length of a JSON header and a checksum of all that follows. The header
names the arrays that come after it, with type, shape and place. The file is mapped into memory, so opening it
costs little and processes on one machine share its pages. Nothing in it can run code.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.errors import ModelError

__all__ = ["read_artefact", "write_artefact"]

_MAGIC = b"RolecallModel\n\0\0"
_PREFIX = struct.Struct("<16sQQ")  # the word, length of the header, checksum of header and arrays
_ALIGNMENT = 64
_ALLOWED = {"float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8"}


def write_artefact(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write `header` (anything JSON can say) and `arrays` to `path`, whole or not at all.

    The file appears under its name only when it is complete, so two writers do not disturb each other or a
    reader. Raises `OSError` where the folder cannot be written.
    """
    import tempfile  # needed where a model is made, which most processes do not

    places: dict[str, dict[str, Any]] = {}
    body = bytearray()
    for name, values in arrays.items():
        kept = np.ascontiguousarray(values)
        if kept.dtype.name not in _ALLOWED:
            raise ValueError(f"array {name!r} has the type {kept.dtype}, which the file cannot hold")
        body.extend(b"\0" * (-len(body) % _ALIGNMENT))
        places[name] = {"dtype": kept.dtype.name, "shape": list(kept.shape), "offset": len(body)}
        body.extend(kept.tobytes())
    text = json.dumps({"header": dict(header), "arrays": places}, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + _PREFIX.size) % _ALIGNMENT)
    body.extend(b"\0" * (-len(body) % _ALIGNMENT))
    checksum = (_sum(text) + _sum(body)) % 2**64
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_PREFIX.pack(_MAGIC, len(text), checksum))
            file.write(text)
            file.write(body)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_artefact(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the arrays (read-only) of a file; raises `ModelError` where it is missing or damaged."""
    try:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    if len(content) < _PREFIX.size:
        raise ModelError(f"{path}: is cut short")
    magic, length, checksum = _PREFIX.unpack_from(content)
    if magic != _MAGIC:
        raise ModelError(f"{path}: is not a compiled model")
    if len(content) % 8 or _sum(content[_PREFIX.size :]) != checksum:
        raise ModelError(f"{path}: is damaged (its checksum does not match)")
    start = _PREFIX.size + length
    try:
        described = json.loads(content[_PREFIX.size : start].tobytes())
        arrays: dict[str, NDArray[Any]] = {}
        for name, place in described["arrays"].items():
            if place["dtype"] not in _ALLOWED:
                raise ModelError(f"{path}: array {name!r} has the type {place['dtype']!r}")
            arrays[name] = np.frombuffer(
                content,
                dtype=np.dtype(place["dtype"]),
                count=math.prod(place["shape"]),
                offset=start + place["offset"],
            ).reshape(place["shape"])
        header: dict[str, Any] = described["header"]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is damaged: {error}") from error
    return header, arrays


def _sum(content: bytes | bytearray | memoryview) -> int:
    """The sum of the content's 8-byte words: damage shows in it, and it takes a quarter of the time of a CRC."""
    return int(np.frombuffer(content, np.uint64).sum(dtype=np.uint64))
