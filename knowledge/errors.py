"""What can go wrong with a knowledge base.

KnowledgeError
├── KnowledgeUnreadable   a file or folder cannot be read at all, or is not YAML (exit status 2)
└── KnowledgeInvalid      it can be read, but says something that does not fit (exit status 1)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a knowledge base, and where: lines and columns count from 1, 0 is "the whole file"."""

    file: str
    line: int
    column: int
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = self.file if self.line == 0 else f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.severity}: {self.message}"

    def within(self, folder: Path) -> Problem:
        """The same problem with the path of its file, for messages that are read outside the folder."""
        if self.file == str(folder) or Path(self.file).name != self.file:
            return self
        return replace(self, file=str(folder / self.file))


class KnowledgeError(Exception):
    """A knowledge base that cannot be served; `problems` says where and what was expected."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    def within(self, folder: Path) -> Self:
        """The same error with the paths of the files."""
        return type(self)([problem.within(folder) for problem in self.problems])


class KnowledgeUnreadable(KnowledgeError):
    """A file or folder cannot be read, or is not YAML."""


class KnowledgeInvalid(KnowledgeError):
    """The files are YAML, but break the schema or contradict one another."""
