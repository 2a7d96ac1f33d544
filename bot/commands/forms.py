"""Commands as forms: what a surface asks for when parts are missing, and the command that a filled-in form makes."""

from __future__ import annotations

import dataclasses
from typing import Any

from bot.commands import parsed as p
from bot.commands.stage_commands import checked_value
from bot.commands.values import long_text, product_name
from bot.commands.vocabulary import Vocabulary
from bot.errors import CommandError
from bot.results import Form

# The commands that change something, by the name a form has for them.
VERBS: dict[str, type[Any]] = {
    "product new": p.NewProduct,
    "product rename": p.RenameProduct,
    "product link": p.LinkProduct,
    "product archive": p.ArchiveProduct,
    "product restore": p.RestoreProduct,
    "role assign": p.AssignRole,
    "role remove": p.RemoveRole,
    "role replace": p.ReplacePerson,
    "stage advance": p.Advance,
    "stage open": p.OpenParallel,
    "stage back": p.Back,
    "stage decide": p.Decide,
    "stage undo": p.Undo,
}
_NAMES = {kind: verb for verb, kind in VERBS.items()}
# Besides the product, and besides what the rules ask for (which the service knows): the parts no command goes without.
_REQUIRED: dict[str, tuple[str, ...]] = {
    "product new": ("name",),
    "product rename": ("name",),
    "product link": ("channel",),
    "role assign": ("person", "role"),
    "role remove": ("person", "role"),
    "role replace": ("old", "new"),
    "stage open": ("stage",),
    "stage back": ("to", "reason"),
    "stage decide": ("option",),
}


def form_of(
    command: p.ParsedCommand, product: str | None, missing: tuple[str, ...], version: int | None
) -> Form | None:
    """The form that asks for what a command lacks; None for a command that changes nothing.

    `missing` comes first in it, then every other part that the command must have and has not.
    """
    verb = _NAMES.get(type(command))
    if verb is None:
        return None
    values = {f.name: _plain(getattr(command, f.name)) for f in dataclasses.fields(command) if f.name != "product"}
    lacking = dict.fromkeys((*missing, *(name for name in _REQUIRED.get(verb, ()) if not values[name])))
    return Form(verb, product, values, tuple(lacking), version)


def filled_in(verb: str, product: str | None, values: dict[str, Any], vocabulary: Vocabulary) -> p.ParsedCommand:
    """The command that a filled-in form makes; every value is checked as if it had been typed.

    `values` has the keys of the form's; one that was left empty may be missing or None.
    """
    kind = VERBS[verb]
    known = {f.name for f in dataclasses.fields(kind)}
    given = {name: value for name, value in values.items() if name in known and value not in (None, "", [], {})}
    if given.get("name"):
        given["name"] = product_name(str(given["name"]))
    for name in ("reason", "about"):
        if name in given:
            given[name] = long_text(str(given[name]), name)
    for name in ("to", "stage", "at"):
        if name in given:
            given[name] = vocabulary.stages.resolve(given[name])
    if "role" in given and kind is p.AssignRole:
        given["role"] = vocabulary.roles.resolve(given["role"])
    if "option" in given:
        given["option"] = vocabulary.options.resolve(given["option"])
    if "holders" in given:
        given["holders"] = tuple((vocabulary.roles.resolve(role), user) for role, user in given["holders"])
    if "values" in given:
        given["values"] = _checked(given["values"], vocabulary)
    if "product" in known:
        given["product"] = p.ProductRef(product) if product else None
    for name in known - given.keys():
        given[name] = _EMPTY.get(name)
    made: p.ParsedCommand = kind(**given)
    return made


_EMPTY: dict[str, Any] = {"reason": "", "about": "", "holders": (), "values": {}}


def _checked(values: dict[str, Any], vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    fields = {f.id: f for decision in vocabulary.decisions for f in decision.fields}
    checked = {}
    for name, said in values.items():
        if name not in fields:
            raise CommandError("usage", f"{name} is not a field of this decision.")
        lines = [said] if isinstance(said, str) else list(said)
        checked[name] = tuple(checked_value(fields[name], line) for line in lines if line.strip())
    return {name: given for name, given in checked.items() if given}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
