"""What a form can offer: the stages, roles, options and exit criteria that fit the product as it is now.

The values it adds to a form (`current`, `proposed`, `choices`, `labels`, `many`, `criteria`) are for a surface to show;
`bot.commands.forms.filled_in` needs none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.results import Form
from bot.services.wording import stage_names
from bot.store.records import Product
from knowledge import lifecycle
from knowledge.lifecycle import MoveRefused
from knowledge.schema import Decision, Pack

Choices = dict[str, list[list[str]]]
# The kinds of legal moves that a command's stage can come from.
MOVES = {"stage advance": "advance", "stage open": "open", "stage back": "back"}
STAGE_FIELD = {"stage advance": "to", "stage open": "stage", "stage back": "to", "product new": "at"}


def with_choices(form: Form, pack: Pack, product: Product | None, products: Iterable[Product] = ()) -> Form:
    """The form with what it can offer. `products`: those to choose from where the form lacks one."""
    offered: dict[str, Any] = {"choices": _choices(form, pack, product, products)}
    if product is not None:
        offered["current"] = stage_names(pack, product.state.stages) or product.state.status
        field = STAGE_FIELD.get(form.verb, "")
        target = form.values.get(field) or _normal_target(form.verb, offered["choices"].get(field, []), pack, product)
        if target:
            offered[field] = target
            offered["proposed"] = lifecycle.stage_name(pack, str(target))
        if form.verb == "stage advance":
            criteria = lifecycle.exit_criteria(pack, product.state.stages)
            offered["criteria"] = [[one.key, one.text] for one in criteria]
    decision = _decision(form, pack, product)
    if decision is not None:
        offered["choices"]["option"] = [[option.id, option.name] for option in decision.options]
        offered["labels"] = {field.id: field.name for field in decision.fields}
        offered["many"] = [field.id for field in decision.fields if field.many]
        given = form.values.get("values") or {}
        offered["values"] = {field.id: given.get(field.id, []) for field in decision.fields}
    return replace(form, values={**form.values, **offered})


def _choices(form: Form, pack: Pack, product: Product | None, products: Iterable[Product]) -> Choices:
    choices: Choices = {}
    field = STAGE_FIELD.get(form.verb)
    if field and product is not None:
        wanted = MOVES.get(form.verb)
        targets = [move.target for move in lifecycle.legal_moves(pack, product.state) if move.kind == wanted]
        choices[field] = [[one, lifecycle.stage_name(pack, one)] for one in dict.fromkeys(targets) if one]
    elif field:
        choices[field] = [[stage.id, stage.name] for stage in pack.stages]
    if form.verb.startswith("role ") and "role" in form.values:
        choices["role"] = [[role.id, role.name] for role in pack.roles]
    if "product" in form.missing:
        choices["product"] = [[one.id, one.name] for one in products]
    return {name: offered for name, offered in choices.items() if offered}


def _normal_target(verb: str, choices: list[list[str]], pack: Pack, product: Product) -> str | None:
    """The stage that a move goes to where none was said: the only one it may go to, or the one that comes next.

    Never a guess: None where several come next, or may be gone back to.
    """
    targets = [target for target, _ in choices]
    following: tuple[str, ...] = ()
    if verb in {"stage advance", "stage open"} and product.state.open:
        following = lifecycle.next_stages(pack, product.state.stages[-1])
    for likely in (targets, [stage for stage in following if stage in targets] if len(following) == 1 else []):
        if len(likely) == 1:
            return likely[0]
    return None


def _decision(form: Form, pack: Pack, product: Product | None) -> Decision | None:
    if form.verb != "stage decide":
        return None
    if product is not None:
        try:
            return lifecycle.decision_for(pack, product.state, form.values.get("option") or None)[1]
        except MoveRefused:
            return None
    # Without a product any decision may be meant; where the pack has one, it is that one.
    gates = [stage.gate.decision for stage in pack.stages if stage.gate and stage.gate.decision]
    return gates[0] if len(gates) == 1 else None
