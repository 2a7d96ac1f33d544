"""One broken rule, and the small helpers with which every check is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Violation:
    """One rule that an outgoing payload breaks."""

    where: str
    """Path of the value in the payload, such as `blocks[2].accessory.text`."""
    problem: str
    """What is wrong, in words."""
    error: str | None = "invalid_blocks"
    """The error Slack answers with; None where Slack accepts it, but Rolecall promises not to send it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


def first_error(violations: Iterable[Violation]) -> str | None:
    """The error Slack would answer with, None where it would accept the payload."""
    return next((violation.error for violation in violations if violation.error), None)


def check_length(value: Any, where: str, maximum: int, *, minimum: int = 0) -> Iterator[Violation]:
    """A string of at least `minimum` and at most `maximum` characters."""
    if not isinstance(value, str):
        yield Violation(where, f"must be a string, not {type(value).__name__}")
    elif len(value) > maximum:
        yield Violation(where, f"has {len(value)} characters, at most {maximum} are allowed")
    elif len(value) < minimum:
        yield Violation(where, "is empty")


def check_count(value: Any, where: str, maximum: int, *, minimum: int = 1) -> Iterator[Violation]:
    """A list of at least `minimum` and at most `maximum` members."""
    if not isinstance(value, list):
        yield Violation(where, f"must be a list, not {type(value).__name__}")
    elif len(value) > maximum:
        yield Violation(where, f"has {len(value)} members, at most {maximum} are allowed")
    elif len(value) < minimum:
        yield Violation(where, f"has {len(value)} members, at least {minimum} needed")


def check_keys(
    value: dict[str, Any], where: str, *, required: Iterable[str] = (), optional: Iterable[str] = ()
) -> Iterator[Violation]:
    """Every required key is there, and none that Slack does not know."""
    for key in required:
        if value.get(key) is None:
            yield Violation(where, f"lacks `{key}`")
    for key in sorted(set(value) - set(required) - set(optional)):
        yield Violation(where, f"has `{key}`, which Slack does not know here")


def members(value: Any) -> list[Any]:
    """The members of a list; none of anything else, whose wrong type `check_count` reports."""
    return value if isinstance(value, list) else []
