"""What can go wrong in `intents`.

IntentsError
├── TableError     the table of word vectors is missing or damaged
├── ModelError     a compiled model cannot be used: damaged, or of another version
├── TrainingError  the examples cannot be learnt from
└── DataFileError  a file of labelled questions cannot be read
"""

from __future__ import annotations

__all__ = ["DataFileError", "IntentsError", "ModelError", "TableError", "TrainingError"]


class IntentsError(Exception):
    """Anything that this package raises on purpose."""


class TableError(IntentsError):
    """The table of word vectors is missing or damaged; the installation is incomplete."""


class ModelError(IntentsError):
    """A compiled model cannot be used: it is damaged, or was made by another version."""


class TrainingError(IntentsError):
    """The examples cannot be learnt from: too few, or all of one intent."""


class DataFileError(IntentsError):
    """A file of labelled questions cannot be read; the message starts with the file and the line."""
