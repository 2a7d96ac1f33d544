"""Slash commands from the text that was typed to the reply: the one door for Slack and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.commands import parsed as p
from bot.commands.grammar import command_named
from bot.commands.parse import parse
from bot.commands.usage import usage, verb_usage
from bot.commands.vocabulary import Vocabulary, name_index
from bot.errors import CommandError
from bot.results import Answer, Reply, Speaker
from bot.services import lookups, products, roles, transitions
from bot.services.change import refusal
from bot.services.request import Request, Rules, Within
from bot.services.words import listed
from bot.store.base import Reader, Store
from bot.store.records import Product
from knowledge.schema import Pack

Ask = Callable[[str, Speaker, datetime], Answer]
Digest = Callable[[p.DigestCommand, Speaker, datetime, Within | None], Reply]


class StoredNames:
    """Products by name, as the store has them at one moment; the index is kept until the portfolio changes."""

    def __init__(self, reader: Reader, team: str, kept: dict[str, tuple[int, Mapping[str, Sequence[str]]]]) -> None:
        self._reader = reader
        self._team = team
        self._kept = kept

    def known(self, product: str) -> bool:
        """Whether there is a product with this id."""
        return self._reader.product(self._team, product) is not None

    def index(self) -> Mapping[str, Sequence[str]]:
        """The ids that each name stands for."""
        version = self._reader.portfolio_version(self._team)
        kept = self._kept.get(self._team)
        if kept is None or kept[0] != version:
            kept = self._kept[self._team] = (version, name_index(self._reader.product_names(self._team)))
        return kept[1]


class CommandService:
    """Carries out slash commands. Safe to use from many threads.

    `names` and `channels` turn a team and an id into what people read. `plain_people`: "@ana" and "#churn" count as
    people and channels, as in the terminal.
    """

    def __init__(
        self,
        store: Store,
        pack: Pack,
        rules: Rules,
        *,
        names: Callable[[str, str], str],
        ask: Ask,
        digest: Digest,
        channels: Callable[[str, str], str] = lambda team, channel: f"#{channel}",
        plain_people: bool = True,
    ) -> None:
        self._store = store
        self._pack = pack
        self._rules = rules
        self._names = names
        self._channels = channels
        self._ask = ask
        self._digest = digest
        self._plain = plain_people
        self._index: dict[str, tuple[int, Mapping[str, Sequence[str]]]] = {}
        self.vocabulary = Vocabulary(pack)

    def run(self, command: str, text: str, speaker: Speaker, now: datetime, *, within: Within | None = None) -> Reply:
        """Carry out `/command text`. Nothing that people type raises: what cannot be done is a reply, too.

        `within` runs in the transaction of a change (and of its refusal); not for what changes nothing.
        """
        name = command.removeprefix("/").removeprefix(self._rules.prefix)
        typed = f"{self._rules.slash(name)} {text}".strip()
        try:
            with self._store.read() as reader:
                names = StoredNames(reader, speaker.team, self._index)
                said = parse(name, text, self.vocabulary, names, plain_people=self._plain)
        except CommandError as error:
            return Reply(typed, ok=False, text=self._with_usage(name, text, error), error=error.code)
        return self.apply(said, speaker, now, typed=typed, within=within)

    def apply(
        self,
        command: p.ParsedCommand,
        speaker: Speaker,
        now: datetime,
        *,
        typed: str = "",
        seen_version: int | None = None,
        ticked: tuple[str, ...] | None = None,
        within: Within | None = None,
    ) -> Reply:
        """Carry out a command that is understood, such as one made from a form (`bot.commands.forms.filled_in`).

        `seen_version`: the version the form was made for; `ticked`: the keys of the exit criteria ticked in it.
        """
        request = Request(
            store=self._store,
            pack=self._pack,
            rules=self._rules,
            speaker=speaker,
            now=now,
            names=lambda user: self._names(speaker.team, user),
            channels=lambda channel: self._channels(speaker.team, channel),
            command=command,
            typed=typed,
            seen_version=seen_version,
            ticked=ticked,
            within=within,
        )
        try:
            return self._carry_out(request)
        except CommandError as error:
            return refusal(request, error)

    def _carry_out(self, request: Request) -> Reply:
        command = request.command
        match command:
            case p.Help():
                text = usage(self._pack, command.command, command.verb, prefix=self._rules.prefix)
                return Reply(request.typed, ok=True, text=text)
            case p.Ask():
                answer = self._ask(command.question, request.speaker, request.now)
                return Reply(request.typed, ok=True, text=answer.text, answer=answer)
            case p.DigestCommand():
                reply = self._digest(command, request.speaker, request.now, request.within)
                return reply.with_command(request.typed)
            case p.NewProduct():
                return products.new(request, command)
            case p.ListProducts() | p.ListRoles() | p.ShowProduct() | p.StageStatus() | p.StageHistory():
                return self._look(request)
            case p.ReplacePerson():
                return roles.replace_person(request, self._products_of(request, command), command)
        return self._change(request)

    def _look(self, request: Request) -> Reply:
        command, team = request.command, request.speaker.team
        with self._store.read() as reader:
            match command:
                case p.ListProducts():
                    return products.list_products(request, reader, command)
                case p.ListRoles(product=None):
                    if command.person:
                        return roles.list_roles(request, reader.products(team), command.person)
                    return roles.list_roles(request, self._here_or_all(request, reader), None)
                case p.ListRoles(product=p.ProductRef()):
                    return roles.list_roles(request, [self._found(reader, request, command.product)[0]], None)
                case p.StageStatus(product=None):
                    return lookups.status_of_all(request, self._here_or_all(request, reader))
                case p.StageStatus() | p.StageHistory() | p.ShowProduct():
                    product, request = self._found(reader, request, command.product)
                    if isinstance(command, p.StageHistory):
                        return lookups.history(request, reader, product)
                    look = lookups.show if isinstance(command, p.ShowProduct) else lookups.status
                    return look(request, product)
        raise AssertionError(f"{command} is no look-up")

    def _change(self, request: Request) -> Reply:
        command = request.command
        assert not isinstance(command, p.Help | p.Ask | p.DigestCommand | p.NewProduct | p.ListProducts)  # noqa: S101
        with self._store.read() as reader:
            try:
                seen, request = self._found(reader, request, command.product)
            except CommandError as error:
                reply = refusal(request, error)
                others = [name for name in reply.form.missing if name != "product"] if reply.form else []
                more = f" Also missing: {listed(others)}." if others else ""
                return replace(reply, text=reply.text + more)
        match command:
            case p.Advance():
                return transitions.advance(request, seen, command)
            case p.OpenParallel():
                return transitions.open_parallel(request, seen, command)
            case p.Back():
                return transitions.back(request, seen, command)
            case p.Decide():
                return transitions.decide(request, seen, command)
            case p.Undo():
                return transitions.undo(request, seen, command)
            case p.AssignRole():
                return roles.assign(request, seen, command)
            case p.RemoveRole():
                return roles.remove(request, seen, command)
            case p.RenameProduct():
                return products.rename(request, seen, command)
            case p.LinkProduct():
                return products.link(request, seen, command)
            case p.ArchiveProduct():
                return products.archive(request, seen, command)
            case p.RestoreProduct():
                return products.restore(request, seen, command)
        raise AssertionError(f"{command} is no change")

    def _found(self, reader: Reader, request: Request, ref: p.ProductRef | None) -> tuple[Product, Request]:
        """The product that is meant, as it stands: the one named, else the one linked to this channel."""
        team, channel = request.speaker.team, request.speaker.channel
        if ref is not None:
            product = reader.product(team, ref.id)
            if product is None:
                raise CommandError("unknown_product", f"There is no product “{ref.id[:60]}”.")
            return product, replace(request, guessed=ref.guessed)
        archived = isinstance(request.command, p.RestoreProduct)
        linked = reader.products(team, channel=channel, archived=archived) if channel else []
        if archived:
            linked = [product for product in linked if product.archived]
        if len(linked) > 1:
            names = ", ".join(product.id for product in linked)
            raise CommandError("ambiguous", f"Which product? This channel has several: {names}.", ("product",))
        if not linked:
            where = "Name it; in a channel that is linked to one product it may be left out."
            raise CommandError("usage", f"Which product? {where}", ("product",))
        return linked[0], request

    def _here_or_all(self, request: Request, reader: Reader) -> list[Product]:
        team, channel = request.speaker.team, request.speaker.channel
        linked = reader.products(team, channel=channel) if channel else []
        return linked or reader.products(team)

    def _products_of(self, request: Request, command: p.ReplacePerson) -> list[Product]:
        """Where a person is replaced: the product named, else those of this channel, else wherever they have a role."""
        team, channel = request.speaker.team, request.speaker.channel
        with self._store.read() as reader:
            if command.product:
                return [self._found(reader, request, command.product)[0]]
            linked = reader.products(team, channel=channel) if channel else []
            return linked or (reader.products(team, holder=command.old) if command.old else [])

    def _with_usage(self, name: str, text: str, error: CommandError) -> str:
        """The words of an error; where the command is written wrongly, with how it is written."""
        command = command_named(name)
        first = text.split(maxsplit=1)[:1]
        verb = command.verb(first[0].casefold()) if command and first else None
        if error.code != "usage" or command is None or verb is None:
            return str(error)
        return f"{error}\nUsage: `{verb_usage(command, verb, prefix=self._rules.prefix)}`"
