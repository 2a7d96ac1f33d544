"""What the local Slack remembers: people, channels, messages, views, files."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.slack import ids

Message = dict[str, Any]


@dataclass
class Channel:
    """One channel or direct message, with all its messages in order."""

    id: str
    name: str = "general"
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False
    is_member: bool = True
    user: str | None = None
    """The other person, in a direct message."""
    messages: list[Message] = field(default_factory=list)

    def find(self, ts: str) -> Message | None:
        """The message with this timestamp."""
        return next((message for message in self.messages if message["ts"] == ts), None)


SCOPES = ("chat:write", "commands", "im:write")
"""What the app was granted, as far as the answers here depend on it: `files:write` is for tests to add."""


@dataclass
class Upload:
    """One file on its way from `files.getUploadURLExternal` to `files.completeUploadExternal`."""

    id: str
    filename: str
    length: int
    content: bytes | None = None
    title: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    comment: str | None = None
    completed: bool = False


@dataclass
class ResponseUrl:
    """One response_url, its origin and what was posted to it."""

    url: str
    channel: str
    user: str
    message_ts: str | None = None
    """The message whose button was pressed; None for a command."""
    created_at: float = field(default_factory=time.monotonic)
    expires_in: float = 30 * 60
    posts: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Trigger:
    """One trigger_id: who may open a view with it, and until when."""

    user: str
    delivered_at: float = field(default_factory=time.monotonic)
    used: bool = False


class Workspace:
    """Plain state. Whoever changes it holds the server's condition."""

    def __init__(self) -> None:
        self.new_ts = ids.new_ts
        """When a message is posted; another clock's, where a test simulates one."""
        self.scopes = set(SCOPES)
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Message] = []
        self.scheduled: list[Message] = []
        self.views: dict[str, dict[str, Any]] = {}
        self.homes: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, Upload] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.triggers: dict[str, Trigger] = {}
        self.user_groups: dict[str, list[str]] = {}
        self.add_user(ids.BOT_USER, "rolecall", tz="Etc/UTC", is_bot=True)
        self.add_user(ids.ANA, "ana", tz="Europe/Madrid")
        self.add_user(ids.BEN, "ben", tz="America/New_York")
        self.add_channel(ids.CHANNEL, "general")
        self.add_channel(ids.OTHER_CHANNEL, "random")

    def add_user(
        self, user_id: str, name: str, *, tz: str = "Etc/UTC", is_bot: bool = False, deleted: bool = False
    ) -> dict[str, Any]:
        """A person or a bot, as `users.info` tells of them."""
        offset = datetime.now(ZoneInfo(tz)).utcoffset()
        self.users[user_id] = {
            "id": user_id,
            "team_id": ids.TEAM,
            "name": name,
            "real_name": name.capitalize(),
            "deleted": deleted,
            "tz": tz,
            "tz_label": tz.replace("_", " "),
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_bot": is_bot,
            "is_app_user": False,
            "is_admin": False,
            "profile": {"real_name": name.capitalize(), "display_name": name, "team": ids.TEAM},
        }
        return self.users[user_id]

    def add_channel(
        self,
        channel_id: str,
        name: str = "channel",
        *,
        is_archived: bool = False,
        is_member: bool = True,
        is_private: bool = False,
    ) -> Channel:
        """A channel that the app may post to, unless it is archived or the app is no member."""
        self.channels[channel_id] = Channel(
            channel_id, name, is_archived=is_archived, is_member=is_member, is_private=is_private
        )
        return self.channels[channel_id]

    def open_direct_channel(self, user: str) -> Channel:
        """The direct messages with this person, opened where they are not."""
        channel_id = ids.direct_channel(user)
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(channel_id, "directmessage", is_im=True, user=user)
        return self.channels[channel_id]

    def channel(self, name: str) -> Channel | None:
        """The channel with this id; a person's id stands for the direct messages with them."""
        if name in self.users:
            return self.open_direct_channel(name)
        return self.channels.get(name)

    def remember_user_message(self, event: dict[str, Any]) -> None:
        """What a person wrote is in the channel before the app hears of it."""
        if event.get("type") not in ("app_mention", "message") or event.get("subtype", "bot_message") not in (
            "bot_message",
            "thread_broadcast",
            "file_share",
        ):
            return
        channel_id, ts = event.get("channel"), event.get("ts")
        if not isinstance(channel_id, str) or not isinstance(ts, str):
            return
        if event.get("channel_type") == "im" and isinstance(event.get("user"), str):
            self.channels.setdefault(channel_id, Channel(channel_id, "dm", is_im=True, user=event["user"]))
        channel = self.channels.get(channel_id)
        if channel is None or channel.find(ts):
            return
        kept = ("user", "bot_id", "text", "ts", "thread_ts", "blocks", "subtype")
        channel.messages.append({"type": "message", **{key: event[key] for key in kept if key in event}})
        channel.messages.sort(key=lambda message: float(message["ts"]))

    def post(self, channel: Channel, arguments: dict[str, Any]) -> Message:
        """A message by the app."""
        message: Message = {
            "type": "message",
            "user": ids.BOT_USER,
            "bot_id": ids.BOT,
            "app_id": ids.APP,
            "team": ids.TEAM,
            "ts": self.new_ts(),
        }
        for key in ("text", "blocks", "attachments", "metadata", "thread_ts", "reply_broadcast"):
            if arguments.get(key) is not None:
                message[key] = arguments[key]
        message.setdefault("text", "")
        channel.messages.append(message)
        return message

    def post_ephemeral(self, channel: str, user: str, arguments: dict[str, Any]) -> Message:
        """A message that only one person sees."""
        message: Message = {"type": "message", "channel": channel, "user": user, "ts": ids.new_ts()}
        for key in ("text", "blocks", "attachments", "metadata", "thread_ts"):
            if arguments.get(key) is not None:
                message[key] = arguments[key]
        self.ephemerals.append(message)
        return message

    def keep_view(self, view: dict[str, Any], user: str, view_id: str | None = None) -> dict[str, Any]:
        """Stores a view as Slack returns it: with an id, a hash and block ids for all blocks."""
        view_id = view_id or ids.new_id("V")
        earlier = self.views.get(view_id, {})
        blocks = [{**block, "block_id": block.get("block_id") or ids.new_id("b")} for block in view["blocks"]]
        stored = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            **view,
            "id": view_id,
            "team_id": ids.TEAM,
            "blocks": blocks,
            "state": {"values": {}},
            "hash": ids.new_ts(),
            "root_view_id": earlier.get("root_view_id", view_id),
            "previous_view_id": None,
            "app_id": ids.APP,
            "bot_id": ids.BOT,
            "opened_by": earlier.get("opened_by", user),
        }
        self.views[view_id] = stored
        return stored
