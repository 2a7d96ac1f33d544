"""Modals and the App Home."""

import json
from collections.abc import Iterator
from typing import Any

from tests.slack.limits.blocks import check_blocks
from tests.slack.limits.text import check_text_object
from tests.slack.limits.violation import Violation, check_keys, check_length, members

LARGEST_VIEW = 250_000
SHARED_KEYS = ("private_metadata", "callback_id", "external_id")
MODAL_KEYS = ("close", "submit", "clear_on_close", "notify_on_close", "submit_disabled", *SHARED_KEYS)


def check_view(view: Any) -> list[Violation]:
    """One view, modal or home, as `views.open`, `views.update` and `views.publish` take it."""
    return list(_check_view(view))


def _check_view(view: Any) -> Iterator[Violation]:
    if not isinstance(view, dict):
        yield Violation("view", "must be an object", error="invalid_arguments")
        return
    kind = view.get("type")
    if kind not in ("modal", "home"):
        yield Violation("view.type", f"must be modal or home, not {kind!r}", error="invalid_arguments")
        return
    for violation in _check_parts(view, kind):
        # Slack names every fault of a view with this one error; the words are in its response_metadata.
        yield Violation(violation.where, violation.problem, violation.error and "invalid_arguments")
    if len(json.dumps(view)) > LARGEST_VIEW:
        yield Violation("view", f"is larger than {LARGEST_VIEW} bytes", error="view_too_large")


def _check_parts(view: dict[str, Any], kind: str) -> Iterator[Violation]:
    if kind == "modal":
        yield from check_keys(view, "view", required=("type", "title", "blocks"), optional=MODAL_KEYS)
        for key in ("title", "submit", "close"):
            if view.get(key) is not None:
                yield from check_text_object(view[key], f"view.{key}", 24, plain=True)
        has_input = any(
            isinstance(block, dict) and block.get("type") == "input" for block in members(view.get("blocks"))
        )
        if has_input and not view.get("submit"):
            yield Violation("view.submit", "is needed where there are input blocks")
    else:
        yield from check_keys(view, "view", required=("type", "blocks"), optional=SHARED_KEYS)
    for key, longest in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if view.get(key) is not None:
            yield from check_length(view[key], f"view.{key}", longest)
    yield from check_blocks(view.get("blocks"), kind, "view.blocks")
