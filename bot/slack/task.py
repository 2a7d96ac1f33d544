"""One delivery being worked on, and what a listener needs for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.assistant import Assistant
from bot.results import Reply, Speaker
from bot.slack.figures import Figures
from bot.slack.kept import reply_to_json
from bot.slack.people import People
from bot.slack.posting import Mark, Refused, Visibility, Voice
from bot.slack.surfaces.blocks import Message
from bot.slack.surfaces.reply import apology, plain_message
from bot.store.base import Store, Writer
from bot.store.records import Delivery, Json

if TYPE_CHECKING:
    from bot.slack.pictures import Pictures

# A response URL serves for 30 minutes; what comes later is said in the channel instead.
RESPONSE_URL_SECONDS = 29 * 60


@dataclass(frozen=True, slots=True)
class Desk:
    """What all listeners share. `prefix`: of this installation's slash commands, `commands`: their names."""

    assistant: Assistant
    store: Store
    voice: Voice
    people: People
    pictures: Pictures
    figures: Figures
    clock: Callable[[], datetime]
    team: str
    bot_user: str
    prefix: str = ""
    commands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Address:
    """Where to reply: `direct` where nobody else reads along."""

    user: str
    channel: str | None = None
    thread: str | None = None
    response_url: str | None = None
    direct: bool = False


@dataclass(slots=True)
class Task:
    """One delivery: its body as Slack sent it, and what was done of it before."""

    desk: Desk
    delivery: Delivery
    address: Address
    progress: Json = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """As Slack delivered it."""
        body: dict[str, Any] = self.delivery.payload
        return body

    @property
    def team(self) -> str:
        """The workspace it came from."""
        return self.delivery.team

    @property
    def mark(self) -> Mark:
        """What posts for it carry. Whoever tried before may have posted without living to say so."""
        return Mark(self.delivery.key, self.delivery.received_at, doubtful=self.delivery.attempts > 1)

    @property
    def age(self) -> float:
        """Seconds since it came in."""
        return (self.desk.clock() - self.delivery.received_at).total_seconds()

    def speaker(self, conversation: str = "") -> Speaker:
        """Who says it, where, and in which conversation."""
        user = self.address.user
        return Speaker(
            self.team, user, self.address.channel, self.desk.people.zone(self.team, user), conversation or self._talk()
        )

    def _talk(self) -> str:
        channel, thread = self.address.channel, self.address.thread
        if channel and thread:
            return f"thread:{channel}:{thread}"
        if self.address.direct or channel is None:
            return f"im:{channel or self.address.user}"
        return f"{channel}:{self.address.user}"

    def done(self, step: str) -> bool:
        """Whether a step was done before."""
        return bool(self.progress.get(step))

    def record(self, **steps: Any) -> None:
        """Record what has been done, so that it is not done again after a crash."""
        self.progress = {**self.progress, **steps}
        with self.desk.store.write() as writer:
            writer.record_progress(self.delivery, self.progress)

    def alongside(self, writer: Writer, reply: Reply) -> None:
        """Record, in the transaction of a change, that the change was made, and the reply that tells of it."""
        self.progress = {**self.progress, "reply": reply_to_json(reply)}
        writer.record_progress(self.delivery, self.progress)

    def say(self, message: Message, visibility: Visibility = "in_channel") -> None:
        """Reply where it was said: at the response URL while it serves, else in the channel."""
        address, voice = self.address, self.desk.voice
        if address.response_url and self.age < RESPONSE_URL_SECONDS:
            try:
                voice.respond(address.response_url, message, visibility, self.mark, address.channel)
            except Refused:
                # Spent or out of date: there is still the channel.
                self._say_in_channel(message, visibility)
        else:
            self._say_in_channel(message, visibility)

    def _say_in_channel(self, message: Message, visibility: Visibility) -> None:
        address, voice = self.address, self.desk.voice
        if address.channel is None:
            voice.post(address.user, message, self.mark)
        elif visibility == "ephemeral" and not address.direct:
            voice.whisper(address.channel, address.user, message, address.thread)
        else:
            voice.post(address.channel, message, self.mark, address.thread)

    def say_privately(self, text: str) -> None:
        """Plain words for the person alone."""
        self.say(plain_message(text), "ephemeral")

    def apologize(self, error_id: str) -> None:
        """Say that something went wrong; nobody is left without an answer."""
        self.say(apology(error_id), "ephemeral")


def address_of(kind: str, body: Mapping[str, Any]) -> Address:
    """Where to reply to a delivery of this kind."""
    group, _, name = kind.partition(":")
    if group == "event":
        return _of_event(name, _mapping(body.get("event")))
    if group == "command":
        return _of_command(body)
    return _of_interaction(body)


def _of_event(name: str, event: Mapping[str, Any]) -> Address:
    channel = _text(event.get("channel"))
    direct = event.get("channel_type") == "im" or name == "app_home_opened"
    thread = _text(event.get("thread_ts"))
    if name == "app_mention":
        thread = thread or _text(event.get("ts"))
    return Address(_text(event.get("user")) or "", channel, thread, None, direct)


def _of_command(body: Mapping[str, Any]) -> Address:
    channel = _text(body.get("channel_id"))
    direct = body.get("channel_name") == "directmessage" or (channel or "").startswith("D")
    return Address(_text(body.get("user_id")) or "", channel, None, _text(body.get("response_url")), direct)


def _of_interaction(body: Mapping[str, Any]) -> Address:
    container = _mapping(body.get("container"))
    channel = _text(_mapping(body.get("channel")).get("id")) or _text(container.get("channel_id"))
    direct = (channel or "").startswith("D")
    thread = _text(container.get("thread_ts")) or _text(_mapping(body.get("message")).get("thread_ts"))
    user = _text(_mapping(body.get("user")).get("id")) or ""
    return Address(user, channel, thread, _text(body.get("response_url")), direct)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
