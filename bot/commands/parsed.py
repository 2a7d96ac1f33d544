"""What a slash command says, once it is understood.

A part that is required but was left out is None (or empty): the service says what is missing, since only it knows
what the rules ask for now, and Slack can then open a form with the rest filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class ProductRef:
    """The product that was meant; `guessed`: what was typed, where it was only near to a name."""

    id: str
    guessed: str = ""


@dataclass(frozen=True, slots=True)
class Help:
    """The usage of a command, or of one of its verbs."""

    command: str
    verb: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question."""

    question: str


@dataclass(frozen=True, slots=True)
class NewProduct:
    """`/product new`; `holders` are pairs of role and user.

    `doubt`: words of an unquoted name that look like a stage or a person to come, and name none.
    """

    name: str | None = None
    holders: tuple[tuple[str, str], ...] = ()
    about: str = ""
    channel: str | None = None
    at: str | None = None
    doubt: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ListProducts:
    """`/product list`."""

    stage: str | None = None
    mine: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ShowProduct:
    """`/product show`."""

    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class RenameProduct:
    """`/product rename`."""

    product: ProductRef | None
    name: str | None


@dataclass(frozen=True, slots=True)
class LinkProduct:
    """`/product link`."""

    product: ProductRef | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class ArchiveProduct:
    """`/product archive`."""

    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class RestoreProduct:
    """`/product restore`."""

    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class AssignRole:
    """`/role assign`."""

    person: str | None
    role: str | None
    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class RemoveRole:
    """`/role remove`; `role` may be of another pack, where a product was begun under that."""

    person: str | None
    role: str | None
    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class ReplacePerson:
    """`/role replace`."""

    old: str | None
    new: str | None
    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class ListRoles:
    """`/role list`."""

    product: ProductRef | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class StageStatus:
    """`/stage status`."""

    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class StageHistory:
    """`/stage history`."""

    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class Advance:
    """`/stage advance`."""

    product: ProductRef | None
    to: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OpenParallel:
    """`/stage open`."""

    product: ProductRef | None
    stage: str | None


@dataclass(frozen=True, slots=True)
class Back:
    """`/stage back`."""

    product: ProductRef | None
    to: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decide:
    """`/stage decide`; `values` by field."""

    product: ProductRef | None
    option: str | None
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """`/stage undo`."""

    product: ProductRef | None


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """`/digest …`; `personal`: the speaker's own. `days`: 0 is Monday. `scope`: linked, all, stage:ID or user:ID.

    `zone` is empty where none was said: then it is the speaker's.
    """

    verb: Literal["now", "on", "off", "status"]
    personal: bool = False
    time: str = ""
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    zone: str = ""
    scope: str = ""
    quiet: bool = False


StageCommand = StageStatus | StageHistory | Advance | OpenParallel | Back | Decide | Undo
RoleCommand = AssignRole | RemoveRole | ReplacePerson | ListRoles
ProductCommand = NewProduct | ListProducts | ShowProduct | RenameProduct | LinkProduct | ArchiveProduct | RestoreProduct
ParsedCommand = Help | Ask | StageCommand | RoleCommand | ProductCommand | DigestCommand
