"""The form that opens where a command leaves out required parts, and what comes back from it.

A `Form` names the command so far, what was given and what is missing. Its `values` may hold, besides the fields given,
what the form shows and offers:

- `current` and `proposed`: where the product is, and where the command would take it, in words
- `choices`: {field: [[value, label], …]}, for a field that takes one of a few values
- `labels`: {field: words over it}; `many`: the fields that take several values, one a line
- `criteria`: [[key, words], …], the exit criteria, shown as check boxes
- `values`: {field: [what was given, …]}, the fields of a decision, which its pack names
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.results import Form
from bot.slack.surfaces.blocks import (
    OPTION_TEXT,
    OPTION_VALUE,
    TITLE,
    Block,
    bold,
    context,
    plain,
    section,
)
from bot.slack.text import cut, fit, legible

CALLBACK = "command_form"
ABOUT_THE_FORM = frozenset({"current", "proposed", "choices", "labels", "many", "criteria"})
# Carried along as they are: there is no one field for them.
CARRIED = frozenset({"values", "holders"})
HIDDEN = ABOUT_THE_FORM | CARRIED
# Which fields a command's form asks for, in the order people think of them; any other field comes after them.
FIELDS: dict[str, tuple[str, ...]] = {
    "stage decide": ("product", "option"),
    "stage back": ("product", "to", "reason"),
    "stage advance": ("product", "to", "reason"),
    "stage open": ("product", "stage"),
    "product new": ("name", "about", "channel"),
    "role assign": ("product", "person", "role"),
}
TITLES = {
    "stage decide": "Record a decision",
    "stage back": "Send it back",
    "stage advance": "Advance the product",
    "stage open": "Open a stage",
    "product new": "New product",
    "role assign": "Assign a role",
}
# Left empty, these are no mistake, whatever the verb; a form says in `missing` what is.
OPTIONAL = frozenset({"reason", "about", "channel", "to", "at"})
LABELS = {
    "option": "Decision",
    "reason": "Why?",
    "stage": "Stage",
    "to": "Stage",
    "name": "Name",
    "about": "What is it about?",
    "channel": "Channel",
    "person": "Person",
    "old": "From whom?",
    "new": "To whom?",
    "at": "Already in which stage?",
    "role": "Role",
    "product": "Product",
}
PEOPLE = frozenset({"person", "old", "new"})
LONG = frozenset({"reason", "about"})
MOST_OPTIONS = 100
MOST_FIELDS = 30
BOXES_A_BLOCK = 10
MOST_CRITERIA = 40
LONGEST_INPUT = 3_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form came from, carried through it: `token` finds the form again, the rest says where to reply."""

    token: str
    product: str | None
    version: int | None
    channel: str | None
    thread: str | None
    response_url: str | None

    def dumped(self) -> str:
        """As private metadata: short, whatever the form holds."""
        return json.dumps(
            {
                "token": self.token,
                "product": self.product,
                "version": self.version,
                "channel": self.channel,
                "thread": self.thread,
                "url": self.response_url,
            }
        )

    @classmethod
    def read(cls, metadata: str) -> Origin:
        """From private metadata. Raises ValueError for what `dumped` did not write."""
        kept = json.loads(metadata)
        if not isinstance(kept, dict) or not isinstance(kept.get("token"), str):
            raise ValueError("no origin of a form")
        return cls(
            kept["token"],
            kept.get("product"),
            kept.get("version"),
            kept.get("channel"),
            kept.get("thread"),
            kept.get("url"),
        )


def form_view(form: Form, origin: Origin) -> Block:
    """The modal for a form."""
    blocks = [*_heading(form), *(_field(form, name) for name in fields(form)[:MOST_FIELDS]), *_criteria(form)]
    if not any(block["type"] == "input" for block in blocks):
        # An error can only be shown under an input, and a change can always have a reason.
        blocks.append(_field(form, "reason"))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": origin.dumped(),
        "title": plain(TITLES.get(form.verb, form.verb.capitalize()), TITLE),
        "submit": plain("Record", TITLE),
        "close": plain("Cancel", TITLE),
        "blocks": blocks,
    }


def fields(form: Form) -> list[str]:
    """The fields a form asks for, each once; the product only where it is missing."""
    given = [*form.values, *_mapping(form.values.get("values"))]
    choices = _mapping(form.values.get("choices"))
    asked = dict.fromkeys([*FIELDS.get(form.verb, ()), *form.missing, *choices, *given])
    return [name for name in asked if name not in HIDDEN and (name != "product" or name in form.missing)]


def completed(form: Form, view: Mapping[str, Any]) -> tuple[Form, tuple[str, ...] | None]:
    """The form with what was filled in, and the keys of the criteria that were ticked (None: none were asked)."""
    state = _mapping(_mapping(view.get("state")).get("values"))
    values = {name: value for name, value in form.values.items() if name not in ABOUT_THE_FORM}
    product = form.product
    ticked: list[str] = []
    keys = [key for key, _ in _pairs(form.values.get("criteria"))]
    for block_id, elements in state.items():
        kind, _, name = block_id.partition(":")
        for element in _mapping(elements).values():
            if kind == "ticks":
                chosen = [str(option.get("value", "")) for option in element.get("selected_options") or []]
                ticked += [keys[int(at)] for at in chosen if at.isdecimal() and int(at) < len(keys)]
            elif kind == "field" and name == "product":
                product = _written(element).strip() or product
            elif kind == "field":
                values = _filled(form, values, name, _written(element))
    inner = _mapping(values.get("values"))
    missing = tuple(
        name
        for name in form.missing
        if name not in HIDDEN | {"product"} and not values.get(name) and not inner.get(name)
    )
    return replace(form, product=product, values=values, missing=missing), tuple(ticked) if keys else None


def _filled(form: Form, values: dict[str, Any], name: str, written: str) -> dict[str, Any]:
    lines = [line.strip() for line in written.split("\n") if line.strip()]
    if _is_inner(form, name):
        given = lines if _several(form, name) else [" ".join(lines)] if lines else []
        inner = {**_mapping(values.get("values")), name: given}
        return {**values, "values": {one: said for one, said in inner.items() if said}}
    value: Any = lines if _several(form, name) else written.strip() if name in LONG else " ".join(lines)
    return {**values, name: value} if value else {one: said for one, said in values.items() if one != name}


def _is_inner(form: Form, name: str) -> bool:
    """Whether a field is one of the decision's own."""
    return isinstance(form.values.get("values"), dict) and name not in form.values and name not in LABELS


def _several(form: Form, name: str) -> bool:
    """Whether a field takes several values, one a line."""
    given = _given(form, name)
    return name in _names(form.values.get("many")) or (isinstance(given, (list, tuple)) and len(given) > 1)


def _given(form: Form, name: str) -> Any:
    if name in form.values and name not in HIDDEN:
        return form.values[name]
    return _mapping(form.values.get("values")).get(name)


def error_block(view: Mapping[str, Any], *wanted: str) -> str:
    """The input to show an error under: the first of the fields `wanted` that the form has, else its first one."""
    blocks = view.get("blocks")
    inputs = [
        str(block.get("block_id"))
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "input"
    ]
    for name in wanted:
        if f"field:{name}" in inputs:
            return f"field:{name}"
    return inputs[0] if inputs else "field:reason"


def _heading(form: Form) -> list[Block]:
    name = bold(form.product or "")
    lines = [name] if name else []
    current, proposed = (" ".join(legible(str(form.values.get(one) or "")).split()) for one in ("current", "proposed"))
    if current or proposed:
        lines.append(fit(cut(current or "…", 300), 600) + (" → " + fit(cut(proposed, 300), 600) if proposed else ""))
    return [section("\n".join(lines))] if lines else []


def _field(form: Form, name: str) -> Block:
    label = str(_mapping(form.values.get("labels")).get(name) or LABELS.get(name, name.replace("_", " ").capitalize()))
    several = _several(form, name)
    block: Block = {
        "type": "input",
        "block_id": f"field:{name}"[:255],
        "label": plain(label, 150),
        "element": _element(form, name, several),
        "optional": name not in form.missing and (name in OPTIONAL or not _given(form, name)),
    }
    return block | {"hint": plain("One a line", 150)} if several else block


def _element(form: Form, name: str, several: bool) -> Block:
    given = _given(form, name)
    options = _options(_mapping(form.values.get("choices")).get(name))
    if options:
        initial = next((one for one in options if given in (one["value"], one["text"]["text"])), None)
        select: Block = {"type": "static_select", "action_id": "value", "options": options}
        return select | {"initial_option": initial} if initial else select
    if name in PEOPLE:
        picker: Block = {"type": "users_select", "action_id": "value"}
        return picker | {"initial_user": given} if _is_id(given, "UW") else picker
    if name == "channel":
        channels: Block = {"type": "channels_select", "action_id": "value"}
        return channels | {"initial_channel": given} if _is_id(given, "C") else channels
    element: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": several or name in LONG,
        "max_length": LONGEST_INPUT,
    }
    words = "\n".join(map(str, given)) if isinstance(given, (list, tuple)) else str(given or "")
    words = legible(words)
    return element | {"initial_value": cut(words, LONGEST_INPUT)} if words.strip() else element


def _criteria(form: Form) -> Iterator[Block]:
    criteria = [words for _, words in _pairs(form.values.get("criteria"))][:MOST_CRITERIA]
    for start in range(0, len(criteria), BOXES_A_BLOCK):
        boxes = list(enumerate(criteria))[start : start + BOXES_A_BLOCK]
        long = [f"{number + 1}. {words}" for number, words in boxes if len(words) > OPTION_TEXT]
        if long:
            # A check box has room for 75 characters: what is longer stands above it in full.
            yield context(fit("\n".join(long), 2_900))
        options = [{"text": plain(_short(number, words), OPTION_TEXT), "value": str(number)} for number, words in boxes]
        yield {
            "type": "input",
            "block_id": f"ticks:{start // BOXES_A_BLOCK}",
            "label": plain("Which exit criteria are met?" if not start else "… and these?", 150),
            "optional": True,
            "element": {"type": "checkboxes", "action_id": "value", "options": options},
        }


def _short(number: int, words: str) -> str:
    return words if len(words) <= OPTION_TEXT else f"{number + 1}. {words}"


def _options(choices: Any) -> list[Block]:
    unique = {value: label for value, label in _pairs(choices) if 0 < len(value) <= OPTION_VALUE}
    return [{"text": plain(label, OPTION_TEXT), "value": value} for value, label in list(unique.items())[:MOST_OPTIONS]]


def _pairs(value: Any) -> list[tuple[str, str]]:
    """Values with what to show for them; a mere value shows itself."""
    return [
        (str(one[0]), str(one[1])) if isinstance(one, (list, tuple)) and len(one) > 1 else (str(one), str(one))
        for one in (value if isinstance(value, (list, tuple)) else ())
    ]


def _written(element: Mapping[str, Any]) -> str:
    option = element.get("selected_option")
    if isinstance(option, dict):
        return str(option.get("value", ""))
    chosen = element.get("selected_user") or element.get("selected_channel") or element.get("value")
    return str(chosen or "")


def _is_id(value: Any, first: str) -> bool:
    return isinstance(value, str) and len(value) > 1 and value[0] in first and value.isalnum() and value.isupper()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []
