"""Understands a slash command: the text that Slack or the terminal delivers, to what it says."""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz import fuzz, process

from bot.commands import parsed as p
from bot.commands import product_commands, role_commands, stage_commands
from bot.commands.digest_command import parse_digest
from bot.commands.grammar import COMMANDS, Command, command_named
from bot.commands.line import Line
from bot.commands.tokens import tokenize
from bot.commands.values import clean
from bot.commands.vocabulary import ProductFinder, ProductNames, Vocabulary
from bot.errors import CommandError

_HELP = {"help", "--help", "-h", "?"}
# Longer than any command needs; what follows the limit of a name or a reason is refused where it stands.
_LINE_LIMIT = 8000

VerbParser = Callable[[Line], p.ParsedCommand]
_PARSERS: dict[str, dict[str, VerbParser]] = {
    "product": product_commands.VERBS,
    "role": role_commands.VERBS,
    "stage": stage_commands.VERBS,
    "digest": {},
}


def parse(
    command: str, text: str, vocabulary: Vocabulary, products: ProductNames, *, plain_people: bool = True
) -> p.ParsedCommand:
    """What `/command text` says; raises CommandError where it says nothing that can be done.

    `plain_people`: "@ana" and "#churn" are a person and a channel, as in the terminal; in Slack only what Slack
    turned into `<@U…>` and `<#C…>` is.
    """
    known = command_named(command)
    if known is None:
        raise CommandError("usage", f"There is no command “{command[:40]}”. {_nearest_commands(command)}")
    text = clean(text)
    if len(text) > _LINE_LIMIT:
        raise CommandError("usage", f"That is {len(text)} characters long; {_LINE_LIMIT} is the limit of a command.")
    if not text or text.casefold() in _HELP:
        return p.Help(known.name)
    if known.verbs[0].bare:
        return p.Ask(text)
    tokens = tokenize(text)
    verb = tokens[0].text.casefold()
    if known.verb(verb) is None:
        raise _unknown_verb(known, verb, text, ProductFinder(products))
    if len(tokens) == 2 and tokens[1].is_word(*_HELP):
        return p.Help(known.name, verb)
    line = Line(text, tokens[1:], vocabulary, ProductFinder(products), plain_people)
    if known.name == "digest":
        return parse_digest(verb, line)
    return _PARSERS[known.name][verb](line)


# What people type for a verb that is called otherwise here.
_MEANT = {
    "product": {"delete": "archive", "remove": "archive", "close": "archive", "add": "new", "create": "new"},
    "role": {"add": "assign", "give": "assign", "set": "assign", "delete": "remove", "unassign": "remove"},
    "stage": {
        "move": "advance",
        "next": "advance",
        "enter": "advance",
        "return": "back",
        "revert": "undo",
        "where": "status",
        "show": "status",
        "log": "history",
    },
}


def _unknown_verb(command: Command, verb: str, text: str, products: ProductFinder) -> CommandError:
    names = [v.name for v in command.verbs]
    nearest = process.extractOne(verb, names, scorer=fuzz.ratio, score_cutoff=50)
    meant = _MEANT.get(command.name, {}).get(verb)
    if meant:
        hint = f"Did you mean `/{command.name} {meant}`?"
    elif nearest:
        hint = f"Did you mean `/{command.name} {nearest[0]}`?"
    elif command.verb("status") and products.has_slug(text):
        hint = f"Did you mean `/{command.name} status {text}`?"
    else:
        hint = f"It is one of: {', '.join(names)}."
    shown = verb if len(verb) <= 40 else f"{verb[:37]}…"
    return CommandError("usage", f"/{command.name} does not know “{shown}”. {hint}")


def _nearest_commands(typed: str) -> str:
    names = [command.name for command in COMMANDS]
    nearest = process.extractOne(typed.casefold(), names, scorer=fuzz.ratio, score_cutoff=70)
    if nearest:
        return f"Did you mean /{nearest[0]}?"
    every = ", ".join(f"/{name}" for name in names)
    return f"There are {every}; each explains itself with `help`, as in `/{names[-2]} help`."
