"""Interactive elements and the composition objects inside them."""

import re
from collections.abc import Iterator
from typing import Any

from tests.slack.limits.text import check_text_object
from tests.slack.limits.violation import Violation, check_count, check_keys, check_length, members

SINGLE_SELECTS = {
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
}
MULTI_SELECTS = {f"multi_{name}" for name in SINGLE_SELECTS}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
CHOICES = {"checkboxes", "radio_buttons"}
TEXT_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}

IN_ACTIONS = SINGLE_SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button"}
IN_SECTION = IN_ACTIONS | MULTI_SELECTS | {"image"}
IN_INPUT = SINGLE_SELECTS | MULTI_SELECTS | PICKERS | CHOICES | TEXT_INPUTS | {"file_input"}
IN_CONTEXT_ACTIONS = {"feedback_buttons", "icon_button"}

SHARED_KEYS = ("type", "action_id")
INPUT_KEYS = (*SHARED_KEYS, "focus_on_load", "placeholder", "confirm")
TYPED_KEYS = (*SHARED_KEYS, "focus_on_load", "placeholder", "dispatch_action_config", "initial_value")
REQUIRED_KEYS: dict[str, tuple[str, ...]] = {
    "button": ("text",),
    "workflow_button": ("text", "workflow"),
    "external_select": (),
    "overflow": ("options",),
    "checkboxes": ("options",),
    "radio_buttons": ("options",),
    "number_input": ("is_decimal_allowed",),
    "feedback_buttons": ("positive_button", "negative_button"),
    "icon_button": ("icon", "text"),
    "image": ("alt_text",),
}
OPTIONAL_KEYS: dict[str, tuple[str, ...]] = {
    "button": (*SHARED_KEYS, "value", "url", "style", "confirm", "accessibility_label"),
    "workflow_button": (*SHARED_KEYS, "style", "accessibility_label"),
    "static_select": (*INPUT_KEYS, "options", "option_groups", "initial_option"),
    "external_select": (*INPUT_KEYS, "initial_option", "min_query_length"),
    "users_select": (*INPUT_KEYS, "initial_user"),
    "conversations_select": (
        *INPUT_KEYS,
        "initial_conversation",
        "default_to_current_conversation",
        "response_url_enabled",
        "filter",
    ),
    "channels_select": (*INPUT_KEYS, "initial_channel", "response_url_enabled"),
    "multi_static_select": (*INPUT_KEYS, "options", "option_groups", "initial_options", "max_selected_items"),
    "multi_external_select": (*INPUT_KEYS, "initial_options", "min_query_length", "max_selected_items"),
    "multi_users_select": (*INPUT_KEYS, "initial_users", "max_selected_items"),
    "multi_conversations_select": (
        *INPUT_KEYS,
        "initial_conversations",
        "default_to_current_conversation",
        "filter",
        "max_selected_items",
    ),
    "multi_channels_select": (*INPUT_KEYS, "initial_channels", "max_selected_items"),
    "overflow": (*SHARED_KEYS, "confirm"),
    "checkboxes": (*SHARED_KEYS, "initial_options", "focus_on_load", "confirm"),
    "radio_buttons": (*SHARED_KEYS, "initial_option", "focus_on_load", "confirm"),
    "datepicker": (*INPUT_KEYS, "initial_date"),
    "timepicker": (*INPUT_KEYS, "initial_time", "timezone"),
    "datetimepicker": (*SHARED_KEYS, "focus_on_load", "confirm", "initial_date_time"),
    "plain_text_input": (*TYPED_KEYS, "multiline", "min_length", "max_length"),
    "email_text_input": TYPED_KEYS,
    "url_text_input": TYPED_KEYS,
    "number_input": (*TYPED_KEYS, "min_value", "max_value"),
    "rich_text_input": (*TYPED_KEYS, "min_lines", "max_lines"),
    "file_input": (*SHARED_KEYS, "filetypes", "max_files"),
    "feedback_buttons": SHARED_KEYS,
    "icon_button": (*SHARED_KEYS, "value", "confirm", "accessibility_label", "visible_to_user_ids"),
    "image": ("type", "image_url", "slack_file"),
}
LONGEST_STRINGS = {
    "action_id": 255,
    "value": 2000,
    "url": 3000,
    "accessibility_label": 75,
    "image_url": 3000,
    "alt_text": 2000,
}
MOST_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def check_element(element: Any, where: str, allowed: set[str]) -> Iterator[Violation]:
    """One element, in a block that takes the types `allowed`."""
    if not isinstance(element, dict):
        yield Violation(where, f"must be an object, not {type(element).__name__}")
        return
    kind = element.get("type")
    if kind not in OPTIONAL_KEYS:
        yield Violation(where, f"has the unknown element type {kind!r}")
        return
    if kind not in allowed:
        yield Violation(where, f"is of type {kind}, which this block does not take")
    yield from check_keys(element, where, required=REQUIRED_KEYS.get(kind, ()), optional=("type", *OPTIONAL_KEYS[kind]))
    for key, longest in LONGEST_STRINGS.items():
        if element.get(key) is not None:
            yield from check_length(element[key], f"{where}.{key}", longest, minimum=key != "value")
    if element.get("text") is not None:
        yield from check_text_object(element["text"], f"{where}.text", 75, plain=True)
    if element.get("placeholder") is not None:
        yield from check_text_object(element["placeholder"], f"{where}.placeholder", 150, plain=True)
    if element.get("confirm") is not None:
        yield from check_confirmation(element["confirm"], f"{where}.confirm")
    if element.get("style", "primary") not in ("primary", "danger"):
        yield Violation(f"{where}.style", "must be primary or danger")
    if "options" in OPTIONAL_KEYS[kind] or kind in MOST_OPTIONS:
        yield from check_choices(element, where, kind)
    yield from check_typed_values(element, where, kind)


def check_choices(element: dict[str, Any], where: str, kind: str) -> Iterator[Violation]:
    """The options of a select, an overflow menu, check boxes or radio buttons."""
    marked_up = kind in CHOICES
    offered: list[Any] = members(element.get("options"))
    if "options" in element:
        yield from check_count(element["options"], f"{where}.options", MOST_OPTIONS.get(kind, 100))
        if "option_groups" in element:
            yield Violation(where, "has both options and option_groups")
    elif "option_groups" in element:
        yield from check_count(element["option_groups"], f"{where}.option_groups", 100)
        for index, group in enumerate(members(element["option_groups"])):
            place = f"{where}.option_groups[{index}]"
            yield from check_keys(group, place, required=("label", "options"))
            yield from check_text_object(group.get("label"), f"{place}.label", 75, plain=True)
            yield from check_count(group.get("options"), f"{place}.options", 100)
            offered = offered + members(group.get("options"))
    elif kind not in MOST_OPTIONS:
        yield Violation(where, "lacks options or option_groups")
    for index, option in enumerate(offered):
        yield from check_option(option, f"{where}.options[{index}]", marked_up=marked_up)
    values = [option.get("value") for option in offered if isinstance(option, dict)]
    if len(values) != len(set(map(str, values))):
        yield Violation(f"{where}.options", "holds two options with the same value")
    chosen = members(element.get("initial_options")) + [
        option for option in [element.get("initial_option")] if option is not None
    ]
    for option in chosen:
        # Slack compares the whole option, its text too.
        if option not in offered:
            yield Violation(where, "has an initial option that is not among its options")
    if element.get("initial_options") == []:
        yield Violation(f"{where}.initial_options", "is empty; leave it out instead")


def check_option(option: Any, where: str, *, marked_up: bool = False) -> Iterator[Violation]:
    """One option; only those of check boxes and radio buttons may be mrkdwn."""
    if not isinstance(option, dict):
        yield Violation(where, f"must be an object, not {type(option).__name__}")
        return
    yield from check_keys(option, where, required=("text", "value"), optional=("description", "url"))
    yield from check_text_object(option.get("text"), f"{where}.text", 75, plain=not marked_up)
    if option.get("value") is not None:
        yield from check_length(option["value"], f"{where}.value", 150, minimum=1)
    if option.get("description") is not None:
        yield from check_text_object(option["description"], f"{where}.description", 75, plain=not marked_up)
    if option.get("url") is not None:
        yield from check_length(option["url"], f"{where}.url", 3000)


def check_confirmation(value: Any, where: str) -> Iterator[Violation]:
    """The dialogue that asks "are you sure?"."""
    if not isinstance(value, dict):
        yield Violation(where, f"must be an object, not {type(value).__name__}")
        return
    yield from check_keys(value, where, required=("title", "text", "confirm", "deny"), optional=("style",))
    for key, longest in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        if value.get(key) is not None:
            yield from check_text_object(value[key], f"{where}.{key}", longest, plain=True)


def check_typed_values(element: dict[str, Any], where: str, kind: str) -> Iterator[Violation]:
    """Initial values and the bounds of what people may type."""
    if kind == "image" and bool(element.get("image_url")) == bool(element.get("slack_file")):
        yield Violation(where, "needs either image_url or slack_file")
    if kind == "plain_text_input" and element.get("initial_value") is not None:
        yield from check_length(element["initial_value"], f"{where}.initial_value", 3000)
    for key in ("min_length", "max_length"):
        if element.get(key) is not None and not 0 <= element[key] <= 3000:
            yield Violation(f"{where}.{key}", "must be between 0 and 3000")
    for key, form, example in (("initial_date", DATE, "2026-03-31"), ("initial_time", TIME, "08:30")):
        if element.get(key) is not None and not form.fullmatch(str(element[key])):
            yield Violation(f"{where}.{key}", f"must look like {example}")
    if kind == "feedback_buttons":
        for key in ("positive_button", "negative_button"):
            button = element.get(key)
            if isinstance(button, dict):
                place = f"{where}.{key}"
                yield from check_keys(button, place, required=("text", "value"), optional=("accessibility_label",))
                yield from check_text_object(button.get("text"), f"{place}.text", 75, plain=True)
                yield from check_length(button.get("value"), f"{place}.value", 2000)
