"""Which listener takes what: the table that listeners register in, and that the app's manifest is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.slack.task import Task

Entry = TypeVar("Entry")
Listener = Callable[[Task], None]
# Takes a submitted view before it is acknowledged; gives back errors by block, or None where all is well.
Submission = Callable[[Task], dict[str, str] | None]


@dataclass(slots=True)
class Routes:
    """Listeners by what they take: an event's type, a command's name, an action's id up to a colon, a view's id."""

    events: dict[str, Listener] = field(default_factory=dict)
    commands: dict[str, Listener] = field(default_factory=dict)
    actions: dict[str, Listener] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    views: dict[str, Listener] = field(default_factory=dict)

    def event(self, name: str, listener: Listener) -> None:
        """Take events of a type."""
        _add(self.events, name, listener)

    def command(self, name: str, listener: Listener) -> None:
        """Take a slash command; its name is without slash and prefix."""
        _add(self.commands, name, listener)

    def action(self, name: str, listener: Listener) -> None:
        """Take presses of a button."""
        _add(self.actions, name, listener)

    def view(self, name: str, submission: Submission, afterwards: Listener) -> None:
        """Take submissions of a view: the one before it is acknowledged, the other once its effect is recorded."""
        _add(self.submissions, name, submission)
        _add(self.views, name, afterwards)

    def listener(self, kind: str) -> Listener | None:
        """The listener for a delivery's kind, such as "event:app_mention"."""
        group, _, name = kind.partition(":")
        tables = {"event": self.events, "command": self.commands, "action": self.actions, "view": self.views}
        return tables.get(group, {}).get(name)


def _add(table: dict[str, Entry], name: str, listener: Entry) -> None:
    if name in table:
        raise ValueError(f"{name} has a listener already")
    table[name] = listener
