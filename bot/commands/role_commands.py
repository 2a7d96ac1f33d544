"""The verbs of `/role`."""

from __future__ import annotations

from collections.abc import Callable

from bot.commands import parsed as p
from bot.commands.line import Line, nothing
from bot.commands.values import is_mention
from bot.errors import CommandError


def _assign(line: Line) -> p.AssignRole:
    person = line.person()
    line.skip("as")
    role = line.term(line.vocabulary.roles, "on")
    return p.AssignRole(person, role, _on_product(line))


def _remove(line: Line) -> p.RemoveRole:
    person = line.person()
    line.skip("as")
    words = line.tokens[: next((n for n, t in enumerate(line.tokens) if t.is_word("on")), len(line.tokens))]
    said = line.phrase(words)
    try:
        role = line.term(line.vocabulary.roles, "on")
    except CommandError as error:
        if error.code != "unknown_role":
            raise
        # It may be a role of the pack that the product was begun under: the service knows whether it is held.
        role = said
    return p.RemoveRole(person, role, _on_product(line))


def _replace(line: Line) -> p.ReplacePerson:
    old = line.person()
    line.skip("with", "by")
    new = line.person()
    return p.ReplacePerson(old, new, _on_product(line))


def _list(line: Line) -> p.ListRoles:
    line.skip("of", "for", "on") if len(line.tokens) > 1 else None
    if line.next and not line.next.quoted and is_mention(line.next.text):
        person = line.person()
        line.end()
        return p.ListRoles(person=person)
    product = line.product(nothing)
    line.end()
    return p.ListRoles(product=product)


def _on_product(line: Line) -> p.ProductRef | None:
    if not line.skip("on"):
        line.end()
        return None
    product = line.product(nothing)
    line.end()
    return product


VERBS: dict[str, Callable[[Line], p.ParsedCommand]] = {
    "assign": _assign,
    "remove": _remove,
    "replace": _replace,
    "list": _list,
}
