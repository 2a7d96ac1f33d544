"""Compiled models, kept so that knowledge is only compiled when it has changed.

A model is named after what it was made from: the hash of its examples, of the code's format version and of
the word table. So a stale model is never found, and nothing has to be compared or cleared. The place inside
the package is looked at first (a release ships the default pack's models there), then the user's own cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from intents.errors import ModelError

__all__ = ["SHIPPED_FOLDER", "Saveable", "cache_folder", "compiled", "content_key"]

SHIPPED_FOLDER = Path(__file__).parent / "data" / "compiled"
_SUFFIX = ".model"


class Saveable(Protocol):
    """Anything that can write itself to one file, whole or not at all."""

    def save(self, path: Path) -> None: ...


Model = TypeVar("Model", bound=Saveable)


def content_key(*parts: object) -> str:
    """A name for what is made from `parts`, which must be plain JSON values: equal parts, equal name."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def cache_folder() -> Path:
    """Where this user's compiled models are kept: `$XDG_CACHE_HOME/rolecall`, else `~/.cache/rolecall`."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if Path(chosen).is_absolute():
        return Path(chosen) / "rolecall"
    try:
        return Path.home() / ".cache" / "rolecall"
    except RuntimeError:  # a user without a home folder
        import tempfile

        return Path(tempfile.gettempdir()) / f"rolecall-cache-{os.getuid() if hasattr(os, 'getuid') else 0}"


def compiled(
    key: str,
    build: Callable[[], Model],
    load: Callable[[Path], Model],
    *,
    shipped: Path = SHIPPED_FOLDER,
    folder: Path | None = None,
) -> Model:
    """The model named `key`: from the package, from the cache, or else made by `build` and put there.

    `load` raises `ModelError` where a file is missing or damaged; then the model is built anew. Two processes
    may build the same model at once: each puts its own, complete file in place. A cache that cannot be
    written to costs time, not the answer.
    """
    cached = (folder or cache_folder()) / (key + _SUFFIX)
    for path in (shipped / (key + _SUFFIX), cached):
        if path.exists():
            try:
                return load(path)
            except ModelError:
                continue
    model = build()
    with contextlib.suppress(OSError):
        model.save(cached)
    return model
