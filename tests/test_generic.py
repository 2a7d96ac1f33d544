"""No Python outside the packs knows a framework: neither its stages nor its roles, decisions or topics."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from knowledge.loader import load, pack_folder, packs
from knowledge.schema import Pack

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for package in ("bot", "intents", "knowledge") for path in (ROOT / package).rglob("*.py"))

# Names of one word that English and programming need as well. Whole strings that are such a word are still refused,
# apart from the few in ALLOWED.
EVERYDAY = frozenset(
    {
        "kpis",  # the type of a field, too
        "make",
        "buy",
        "go",
        "model",
        "deployment",
        "environment",
        "operation",
        "support",
        "logging",
        "monitoring",
        "telemetry",
        "costs",
        "orchestration",
        "scheduling",
        "deploy",
        "alerting",
        "connectivity",
        "modeling",
    }
)
ALLOWED = {("knowledge/validation.py", "model"), ("intents/entities.py", "make")}
"""The kind of a pydantic error, and the English verb."""


def test_no_module_names_what_a_pack_names() -> None:
    hits = []
    words = _distinctive()
    pattern = re.compile(
        r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + r")(?![\w-])"
    )
    for path in MODULES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = pattern.search(line.casefold())
            if found:
                hits.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}: {line.strip()}")
    assert hits == []


def test_no_string_is_an_id_of_a_pack() -> None:
    ids = {id_ for name in packs() for id_ in _ids(load(pack_folder(name)))}
    hits = []
    for path in MODULES:
        file = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in ids:
                hits += [f"{file}:{node.lineno}: {node.value}"] if (file, node.value) not in ALLOWED else []
    assert hits == []


def test_the_words_of_options_are_not_shouted() -> None:
    pattern = re.compile(r"\b(?:BUY|MAKE)\b")
    assert [str(path) for path in MODULES if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_the_check_would_notice() -> None:
    words = _distinctive()
    assert {"feasibility", "data-preparation", "data preparation", "sponsor", "devops", "buy/make decision"} <= words
    assert {"data cleaning", "bad-input", "data engineers", "productization"} <= words


def _distinctive() -> set[str]:
    """The names of the default pack by which one sees at once that code is about it."""
    pack = load(pack_folder("ai-product"))
    names = {name for things in _things(pack) for thing in things for name in _names(thing)}
    return {name for name in map(str.casefold, names) if name not in EVERYDAY and len(name) > 3}


def _things(pack: Pack) -> Iterator[tuple[object, ...]]:
    decisions = [stage.gate.decision for stage in pack.stages if stage.gate and stage.gate.decision]
    yield from (pack.stages, pack.roles, pack.responsibilities, pack.components, pack.handovers, tuple(decisions))


def _names(thing: object) -> Iterator[str]:
    yield from (getattr(thing, "id"), getattr(thing, "name"))  # noqa: B009
    if plural := getattr(thing, "plural", ""):
        yield plural


def _ids(pack: Pack) -> Iterator[str]:
    for things in _things(pack):
        yield from (getattr(thing, "id") for thing in things)  # noqa: B009
    for stage in pack.stages:
        if stage.gate and stage.gate.decision:
            yield from (option.id for option in stage.gate.decision.options)
            yield from (option.closes for option in stage.gate.decision.options if option.closes)
