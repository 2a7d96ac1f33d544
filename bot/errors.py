"""What can go wrong, in words for the person who can act.

RolecallError
├── CommandError      something typed that cannot be done; `code` is one of the contract's error words
└── SettingsError     a setting that is missing or malformed (exit status 2)
"""

from __future__ import annotations


class RolecallError(Exception):
    """Its text is a sentence for the person: what happened, where, what to do."""


class CommandError(RolecallError):
    """A command that cannot be carried out. `code`: usage, unknown_product, unknown_stage, unknown_role,
    unknown_person, ambiguous, exists, illegal_move, not_allowed, reason_required, decision_required, conflict.

    `missing` names the required parts that were left out, so that Slack can ask for them in a form.
    """

    def __init__(self, code: str, message: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.missing = missing


class SettingsError(RolecallError):
    """A setting that is missing or malformed."""
