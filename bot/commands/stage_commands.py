"""The verbs of `/stage`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.commands import parsed as p
from bot.commands.line import Line, nothing
from bot.commands.tokens import Token
from bot.commands.values import amount, day, long_text, starts_amount
from bot.errors import CommandError
from knowledge.schema import OutcomeField


def _status(line: Line) -> p.StageStatus:
    return p.StageStatus(_only_product(line))


def _history(line: Line) -> p.StageHistory:
    return p.StageHistory(_only_product(line))


def _undo(line: Line) -> p.Undo:
    return p.Undo(_only_product(line))


def _only_product(line: Line) -> p.ProductRef | None:
    line.skip("of", "for", "on") if len(line.tokens) > 1 else None
    product = line.product(nothing)
    line.end()
    return product


def _advance(line: Line) -> p.Advance:
    product = line.product(_keyword_or_end("to", "because"), "to", "because")
    to = _to_stage(line)
    reason = line.reason()
    line.end()
    return p.Advance(product, to, reason)


def _back(line: Line) -> p.Back:
    product = line.product(_keyword_or_end("to", "because"), "to", "because")
    to = _to_stage(line)
    reason = line.reason()
    line.end()
    return p.Back(product, to, reason)


def _open(line: Line) -> p.OpenParallel:
    stages = line.vocabulary.stages

    def rest(tokens: Sequence[Token]) -> bool:
        return bool(tokens) and bool(stages.candidates(line.phrase(tokens)))

    # "open P" leaves out the stage; it is a product's whole name, so it is not looked for as "P STAGE".
    if line.tokens and not line.tokens[0].quoted and not rest(line.tokens):
        whole = line.products.by_slug(line.phrase(line.tokens))
        if whole:
            return p.OpenParallel(whole, None)
    product = line.product(rest)
    line.skip("to")
    stage = line.term(stages)
    line.end()
    return p.OpenParallel(product, stage)


def _decide(line: Line) -> p.Decide:
    options = line.vocabulary.options

    def rest(tokens: Sequence[Token]) -> bool:
        if not tokens or tokens[0].is_word("because"):
            return True
        return bool(options.exact(tokens[0].text)) or (len(tokens[0].text) > 3 and options.matches(tokens[0].text))

    product = line.product(rest, "because")
    line.skip("to")
    option = _option(line)
    values = _values(line)
    reason = line.reason()
    line.end()
    return p.Decide(product, option, values, reason)


def _option(line: Line) -> str | None:
    if not line.tokens or line.tokens[0].is_word("because"):
        return None
    options = line.vocabulary.options
    # The longest row of words that names an option; then a near miss of the first word.
    for count in range(min(len(line.tokens), 4), 0, -1):
        found = options.exact(line.phrase(line.tokens[:count]))
        if len(found) == 1:
            del line.tokens[:count]
            return found[0]
    if _field(line, 0):
        return None
    return options.resolve(line.pop().text)


def _values(line: Line) -> dict[str, tuple[str, ...]]:
    """FIELD VALUE pairs: a value goes on to the next field, or to "because"."""
    values: dict[str, tuple[str, ...]] = {}
    while line.tokens and not line.tokens[0].is_word("because"):
        field = _field(line, 0)
        if field is None:
            fields = line.vocabulary.fields
            known = ", ".join(thing.id for thing in fields.things) or "none"
            raise CommandError("usage", f"“{line.tokens[0].text[:60]}” is not a field of this decision: {known}.")
        line.pop()
        count = 0
        while count < len(line.tokens) and not line.tokens[count].is_word("because"):
            if count and _field(line, count) and _can_start(line, count, line.tokens[count - 1]):
                break
            count += 1
        words, line.tokens = line.tokens[:count], line.tokens[count:]
        said = " ".join(word.text for word in words)
        values[field.id] = (*values.get(field.id, ()), checked_value(field, said))
    return values


def _field(line: Line, at: int) -> OutcomeField | None:
    """The field that a token names; a near miss counts only where a field must stand."""
    token = line.tokens[at]
    if token.quoted:
        return None
    fields = line.vocabulary.fields
    said = token.text.rstrip(":=")
    found = fields.exact(said) if at else fields.candidates(said)
    if len(found) != 1:
        return None
    return next(f for d in line.vocabulary.decisions for f in d.fields if f.id == found[0])


def _can_start(line: Line, at: int, before: Token) -> bool:
    """Whether a field's name inside a value begins the next field: "kpi lower cost per call" is one goal."""
    field = _field(line, at)
    following = line.tokens[at + 1] if at + 1 < len(line.tokens) else None
    if before.quoted or following is None or following.is_word("because"):
        return True
    return field is None or field.type != "money" or starts_amount(following.text)


def checked_value(field: OutcomeField, said: str) -> str:
    """What was written for a field, where it is of the field's type."""
    said = said.strip()
    if not said:
        raise CommandError("usage", f"{field.name} is named without a value.", (field.id,))
    if field.type == "money":
        amount(said)
    elif field.type == "date":
        day(said)
    return long_text(said, field.name)


def _to_stage(line: Line) -> str | None:
    if not line.skip("to"):
        return None
    return line.term(line.vocabulary.stages, "because")


def _keyword_or_end(*words: str) -> Callable[[Sequence[Token]], bool]:
    return lambda rest: not rest or rest[0].is_word(*words)


VERBS: dict[str, Callable[[Line], p.ParsedCommand]] = {
    "status": _status,
    "history": _history,
    "advance": _advance,
    "open": _open,
    "back": _back,
    "decide": _decide,
    "undo": _undo,
}
