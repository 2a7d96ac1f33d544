"""What an app sends back with its acknowledgement: messages, response actions, options."""

from collections.abc import Iterator
from typing import Any

from tests.slack.limits.elements import check_option
from tests.slack.limits.messages import check_message
from tests.slack.limits.views import check_view
from tests.slack.limits.violation import Violation, check_count, check_keys, members


def check_acknowledgement(delivered: dict[str, Any], answer: Any) -> list[Violation]:
    """The body that answers `delivered`, over HTTP or a socket; an empty one is always right."""
    return list(_check_acknowledgement(delivered, answer)) if answer else []


def _check_acknowledgement(delivered: dict[str, Any], answer: Any) -> Iterator[Violation]:
    if not isinstance(answer, dict):
        yield Violation("acknowledgement", "must be an object")
    elif delivered.get("type") == "view_submission":
        yield from check_response_action(delivered, answer)
    elif delivered.get("type") == "block_suggestion":
        yield from check_suggestions(answer)
    elif "command" in delivered:
        yield from check_message(answer)


def check_response_action(delivered: dict[str, Any], answer: dict[str, Any]) -> Iterator[Violation]:
    action = answer.get("response_action")
    if action in ("update", "push"):
        yield from check_keys(answer, "acknowledgement", required=("response_action", "view"))
        yield from check_view(answer.get("view"))
    elif action == "errors":
        errors = answer.get("errors")
        if not isinstance(errors, dict) or not errors:
            yield Violation("acknowledgement.errors", "must name at least one block")
            return
        blocks = members(delivered.get("view", {}).get("blocks"))
        inputs = {block.get("block_id") for block in blocks if block.get("type") == "input"}
        for block_id, words in errors.items():
            if block_id not in inputs:
                yield Violation("acknowledgement.errors", f"{block_id!r} is no input block of this view")
            if not isinstance(words, str) or not words.strip():
                yield Violation(f"acknowledgement.errors.{block_id}", "must say what is wrong")
    elif action != "clear":
        yield Violation("acknowledgement.response_action", f"{action!r} is none that Slack knows")


def check_suggestions(answer: dict[str, Any]) -> Iterator[Violation]:
    options = list(members(answer.get("options")))
    if "option_groups" in answer:
        yield from check_count(answer["option_groups"], "acknowledgement.option_groups", 100, minimum=0)
        for group in members(answer["option_groups"]):
            options += members(group.get("options"))
    else:
        yield from check_count(answer.get("options"), "acknowledgement.options", 100, minimum=0)
    for index, option in enumerate(options):
        yield from check_option(option, f"acknowledgement.options[{index}]")
