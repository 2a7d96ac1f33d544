"""One YAML file: read with care, turned into plain data, every value traceable to its line and column.

The parser's events are put together here, rather than by PyYAML's own composer, for three reasons. Anchors and
aliases are refused, since a few lines of them can stand for gigabytes. Deep nesting is refused, since the composer
written in C ends the whole process on it. And plain words stay words: `no`, `1.0` or `2024` are the text a person
wrote, until the schema asks for a truth value, a number or a date. It is also three times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import Problem

MAX_BYTES = 5_000_000
MAX_DEPTH = 50
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Location = tuple[str | int, ...]


class Unreadable(Exception):
    """The file cannot be read, or is not the YAML we accept."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class _Branch:
    """The places within a list or mapping: of itself, of its values, and of a mapping's keys."""

    mark: Any
    values: dict[str | int, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class YamlFile:
    """A file as plain data, with its places, and what is wrong with it as YAML. `empty`: it holds no value at all."""

    name: str
    raw: bytes
    data: Any
    places: Any
    empty: bool
    problems: list[Problem]

    def place(self, location: Location) -> tuple[int, int]:
        """Line and column of what `location` leads to (keys and indexes from the top), or of its nearest parent."""
        return _position(self._walk(location)[0])

    def key_place(self, location: Location) -> tuple[int, int]:
        """Like `place`, for the key itself rather than for its value."""
        parent, whole = self._walk(location[:-1])
        if whole and isinstance(parent, _Branch) and location[-1] in parent.keys:
            return _position(parent.keys[str(location[-1])])
        return _position(parent)

    def _walk(self, location: Location) -> tuple[Any, bool]:
        """The deepest place on the way to `location`, and whether that is the place itself."""
        place = self.places
        for step in location:
            if not isinstance(place, _Branch) or step not in place.values:
                return place, False
            place = place.values[step]
        return place, True


def _position(place: Any) -> tuple[int, int]:
    mark = place.mark if isinstance(place, _Branch) else place
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def read(path: Path, root: Path | None = None) -> YamlFile:
    """Read one file; `root` is the folder that links must not lead out of. Raises `Unreadable`."""
    raw = _read_bytes(path, root)
    text = _decode(path.name, raw)
    try:
        return _Composer(path.name).compose(text, raw)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise _refuse(path.name, f"this is not YAML: {_plain(error)}", line, column) from None
    except yaml.reader.ReaderError as error:
        line, column = _line_and_column(text, min(error.position, len(text)))
        raise _refuse(path.name, "found a control character, which YAML does not allow", line, column) from None


def _read_bytes(path: Path, root: Path | None) -> bytes:
    name = path.name
    try:
        if root is not None and not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise _refuse(name, "is a link that leads out of the folder: put the file itself into the folder")
        if not path.exists():
            raise _refuse(name, "there is no such file")
        if not path.is_file():
            raise _refuse(name, "is not a file: expected a YAML file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _refuse(name, f"has {size:,} bytes: at most {MAX_BYTES:,} are read; split it up or shorten it")
        return path.read_bytes()
    except FileNotFoundError:
        raise _refuse(name, "is a link that leads nowhere") from None
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the link leads in a circle"
        raise _refuse(name, f"cannot be read: {reason}") from None


def _decode(name: str, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        found = f"the byte 0x{raw[error.start]:02x}"
        raise _refuse(name, f"found {found}, which is not UTF-8: save the file as UTF-8", line, column) from None
    tab = text.find("\t")
    if tab >= 0:
        line, column = _line_and_column(text, tab)
        raise _refuse(name, "found a tab: YAML is indented with spaces, so use spaces here", line, column)
    return text


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1


def _plain(error: yaml.MarkedYAMLError) -> str:
    """The parser's complaint with a hint for the slips that people make most."""
    problem = error.problem or "it cannot be parsed"
    if "mapping values are not allowed" in problem:
        return "found a second “: ” on the line; put text that has a colon in quotes"
    if "did not find expected key" in problem or "expected <block end>" in problem:
        return "found an indentation that fits no list or mapping above; check the spaces at the start of the line"
    if "cannot start any token" in problem:
        return f"{problem}; put text that starts with a special character in quotes"
    return problem


class _Composer:
    """Puts the events of one file together: data on one side, places on the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.documents = 0
        # Each open list or mapping: its data, its places, and the key that waits for a value.
        self.open: list[tuple[Any, _Branch]] = []
        self.key: list[Any] = []
        self.result: tuple[Any, Any] = (None, None)

    def compose(self, text: str, raw: bytes) -> YamlFile:
        """Read all events of the text."""
        for event in yaml.parse(text, Loader=_LOADER):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._start(event, {} if kind is yaml.MappingStartEvent else [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.open.pop()
                self.key.pop()
            elif kind is yaml.AliasEvent:
                self._refuse_anchor(event)
            elif kind is yaml.DocumentStartEvent:
                self.documents += 1
                if self.documents > 1:
                    raise self._at(event, "found a second document (---): a file holds one")
        data, places = self.result
        return YamlFile(self.name, raw, data, places, data is None, self.problems)

    def _scalar(self, event: Any) -> None:
        self._look(event)
        mark = event.start_mark
        waiting = self.open and self.key[-1]
        if self.open and waiting is None and isinstance(self.open[-1][0], dict):
            self._new_key(event.value, mark)
            return
        value = None if event.style is None and event.value in _NULLS else event.value
        self._add(value, mark)

    def _new_key(self, key: str, mark: Any) -> None:
        data, places = self.open[-1]
        if key in data:
            first = places.keys[key].line + 1
            message = f"the key “{key}” stands here twice, first in line {first}: keep one"
            self.problems.append(self._problem(mark, message))
            self.key[-1] = _SKIP
            return
        places.keys[key] = mark
        self.key[-1] = key

    def _start(self, event: Any, data: Any) -> None:
        self._look(event)
        mark = event.start_mark
        if len(self.open) >= MAX_DEPTH:
            raise self._at(event, f"is nested too deeply: at most {MAX_DEPTH} levels are read")
        places = _Branch(mark)
        if self.open and isinstance(self.open[-1][0], dict) and self.key[-1] is None:
            raise self._at(event, "found a list or mapping as a key: expected a word")
        self._add(data, places)
        self.open.append((data, places))
        self.key.append(None)

    def _add(self, value: Any, place: Any) -> None:
        if not self.open:
            self.result = (value, place)
            return
        data, places = self.open[-1]
        if isinstance(data, list):
            places.values[len(data)] = place
            data.append(value)
            return
        key = self.key[-1]
        if key is not _SKIP:
            data[key] = value
            places.values[key] = place
        self.key[-1] = None

    def _look(self, event: Any) -> None:
        if event.anchor:
            self._refuse_anchor(event)
        if event.tag and event.tag != "!":
            self.problems.append(
                self._problem(event.start_mark, f"found the YAML tag “{event.tag}”: only plain values are read")
            )

    def _refuse_anchor(self, event: Any) -> None:
        sign, kind = ("*", "alias") if isinstance(event, yaml.AliasEvent) else ("&", "anchor")
        found = f"found the YAML {kind} “{sign}{event.anchor}”"
        raise self._at(event, f"{found}: anchors and aliases are not read; write the value out, or quote the text")

    def _problem(self, mark: Any, message: str) -> Problem:
        return Problem(self.name, mark.line + 1, mark.column + 1, message)

    def _at(self, event: Any, message: str) -> Unreadable:
        return Unreadable(self._problem(event.start_mark, message))


_SKIP = object()


def _refuse(name: str, message: str, line: int = 0, column: int = 0) -> Unreadable:
    return Unreadable(Problem(name, line, column, message))
