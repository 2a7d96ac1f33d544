"""The frame of every change: one transaction in which the product is read again, the permission asked, the change
decided and recorded, and the reply made. Only after it ends does anybody speak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.commands.forms import form_of
from bot.commands.parsed import Decide as DecideCommand
from bot.commands.parsed import RestoreProduct
from bot.errors import CommandError
from bot.results import Announcement, ProductView, Reply
from bot.services import permissions
from bot.services.event_words import event_words
from bot.services.request import Request
from bot.services.wording import legal
from bot.store.base import Conflict, Reader, Writer
from bot.store.records import Change, Json, Product
from knowledge import lifecycle
from knowledge.lifecycle import MoveRefused


@dataclass(frozen=True, slots=True)
class Step:
    """What a use case decided: the product as it will be, how that is recorded, and how it is said.

    `line`: one sentence for everybody; `more`: what only the person who acts is told. A step without a `kind` changes
    nothing, for what is already so.
    """

    product: Product
    kind: str
    line: str
    more: tuple[str, ...] = ()
    reason: str = ""
    details: Json = field(default_factory=dict)


Decision = Callable[[Product, Writer, datetime], Step]


def change(request: Request, seen: Product, decide: Decision) -> Reply:
    """Change a product that was seen as `seen`. An archived one may only be restored.

    Refusals are replies, too: they are recorded, and hold what is missing for a form.
    """
    expected = seen.version if request.seen_version is None else request.seen_version
    with request.store.write() as writer:
        product = writer.product(seen.team, seen.id)
        try:
            if product is None:
                raise CommandError("unknown_product", f"There is no product {seen.id} any more.")
            step = _decided(request, product, expected, writer, decide)
            reply = record(request, writer, step, product.version)
        except Conflict as conflict:
            error = meanwhile(request, writer, conflict.product, expected)
            log_refusal(request, writer, error, seen.id)
            reply = refusal(request, error, conflict.product)
        except CommandError as error:
            if error.code != "usage":  # something left out is no refusal
                log_refusal(request, writer, error, seen.id)
            reply = refusal(request, error, product)
        if request.within:
            request.within(writer, reply)
    return reply


def record(request: Request, writer: Writer, step: Step, version: int) -> Reply:
    """Record a step, and make the reply that tells of it."""
    product = step.product
    if step.kind:
        product = replace(product, version=version + 1)
        writer.append(
            Change(
                product=product,
                expected_version=version,
                at=moment(request, writer, product),
                kind=step.kind,
                actor=request.speaker.user,
                channel=request.speaker.channel,
                before={},
                after={},
                reason=step.reason,
                details=step.details,
            )
        )
    guessed = (f"I took “{request.guessed}” for {step.product.name}.",) if request.guessed else ()
    here = bool(step.kind) and product.channel is not None and product.channel == request.speaker.channel
    told = step.kind and product.channel and not here
    return Reply(
        request.typed,
        ok=True,
        text="\n".join((step.line, *guessed, *step.more)),
        visibility="in_channel" if here else "ephemeral",
        product=view(product),
        announcement=Announcement(product.channel, step.line) if told and product.channel else None,
    )


def moment(request: Request, reader: Reader, product: Product) -> datetime:
    """The moment of a change: now, but never before the product's last event, also where the clock was set back."""
    now = request.now if request.now.tzinfo else request.now.replace(tzinfo=UTC)
    last = reader.events(product.team, product.id, limit=1)
    return max(now, last[-1].at) if last else now


def refusal(request: Request, error: CommandError, product: Product | None = None) -> Reply:
    """The reply for what cannot be done, with the form that asks for what is missing."""
    # What helps where a decision is due is a form for the decision, not for the move that it holds up.
    command = DecideCommand(None, None) if error.code == "decision_required" else request.command
    version = product.version if product else None
    form = form_of(command, product.id if product else None, error.missing, version) if error.missing else None
    return Reply(
        request.typed,
        ok=False,
        text=str(error),
        error=error.code,
        product=view(product) if product else None,
        form=form,
    )


def log_refusal(request: Request, writer: Writer, error: CommandError, product: str | None) -> None:
    """Keep that a command was refused, for whoever asks why nothing happened."""
    writer.log_refusal(
        request.speaker.team,
        at=request.now,
        actor=request.speaker.user,
        product=product,
        command=request.typed[:200],
        error=error.code,
    )


def view(product: Product) -> ProductView:
    """A product as replies carry it."""
    status = "archived" if product.archived else product.state.status
    return ProductView(product.id, product.name, status, product.state.stages, product.version)


def meanwhile(request: Request, reader: Reader, product: Product, expected: int) -> CommandError:
    """The conflict, with what happened since the version that was seen."""
    events = reader.events(product.team, product.id, limit=max(product.version - expected, 1))
    said = "; ".join(
        f"{request.names(e.actor)} {event_words(e, request.pack, request.names, request.channels)}"
        for e in events
        if e.sequence > expected
    )
    return CommandError(
        "conflict",
        f"{product.name} was changed meanwhile, so nothing was done: {said or 'look at its history'}. "
        "If your command still fits, give it again.",
    )


def _decided(request: Request, product: Product, expected: int, writer: Writer, decide: Decision) -> Step:
    permissions.require(product, request.speaker.user, request.rules, request.pack, request.names)
    if product.version != expected:
        raise meanwhile(request, writer, product, expected)
    if product.archived and not isinstance(request.command, RestoreProduct):
        raise CommandError(
            "illegal_move",
            f"{product.name} is archived: restore it first with "
            f"`{request.rules.slash('product')} restore {product.id}`.",
        )
    try:
        return decide(product, writer, moment(request, writer, product))
    except MoveRefused as refused:
        hint = legal(request, product) if refused.code in {"illegal_move", "decision_required"} else ""
        words = f"{product.name}: {refused}" if not hint else f"{product.name}: {refused} {hint}"
        missing = refused.missing
        if refused.code == "decision_required":
            _, decision = lifecycle.decision_for(request.pack, product.state, None)
            missing = ("option", *(f.id for f in decision.fields if f.required))
        raise CommandError(refused.code, words, missing) from refused
