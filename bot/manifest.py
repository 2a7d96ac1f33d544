"""The app manifest that fits what the code handles: pasted into Slack, it makes the app."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol

Mode = Literal["socket", "http"]

NAME = "Rolecall"
DESCRIPTION = "Who owns what at which stage of an AI product"
LONG_DESCRIPTION = (
    "Rolecall answers who owns what at every stage of an AI product, and says where it knows that from. It records how "
    "products move through their stages, who plays which role on them and what was decided, and posts a daily digest "
    "to the channels that ask for one. Mention it in a channel, write to it directly, or use its slash commands."
)
AGENT_DESCRIPTION = "Answers who owns what at every stage of an AI product, and keeps track of where products are."
COLOUR = "#1f4e5f"
EVENTS_PATH = "/slack/events"

# Slack's own limits.
LONGEST_NAME = 35
LONGEST_COMMAND = 32
MOST_COMMANDS = 50
LONGEST_SUMMARY = 2_000
LONGEST_HINT = 1_000
MOST_PROMPTS = 4

# Every scope, and what would not work without it.
SCOPES = {
    "app_mentions:read": "hear mentions, to answer them",
    "assistant:write": "suggest questions in the agent's pane",
    "channels:history": "look up whether an answer was posted before a crash, so that it never comes twice",
    "channels:read": "hear of being added to a public channel, to say hello",
    "chat:write": "answer, announce changes, post digests",
    "commands": "offer the slash commands",
    "groups:history": "the same look-up in private channels",
    "groups:read": "hear of being added to a private channel",
    "im:history": "hear direct messages, and look up answers there",
    "im:write": "open a direct message for somebody's own digest",
    "mpim:history": "the same look-up in group messages",
    "users:read": "show people by their names, and times in their zones",
}

# What an administrator may leave out at the installation, and what is then missing.
OPTIONAL_SCOPES = {
    "files:write": "send the picture of a product's history; without it the history is words alone",
}

# Every event, and why it is wanted.
EVENTS = {
    "app_home_opened": "show somebody's own page, and suggest questions",
    "app_mention": "answer in the thread",
    "member_joined_channel": "say hello after being added to a channel",
    "message.im": "answer direct messages",
}


class CommandRow(Protocol):
    """What the manifest needs of a command in the grammar."""

    @property
    def name(self) -> str:
        """Without slash and prefix."""

    @property
    def summary(self) -> str:
        """What it does."""

    @property
    def hint(self) -> str:
        """What may follow it."""


def manifest(
    mode: Mode, url: str, prefix: str, commands: Iterable[CommandRow], examples: Sequence[str] = ()
) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP at `url`, the address under which Slack reaches the server."""
    request_url = _request_url(url) if mode == "http" else None
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME[:LONGEST_NAME],
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "agent_view": _agent_view(examples),
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": [_command(row, prefix, request_url) for row in commands][:MOST_COMMANDS],
        },
        # An optional scope stands in both lists.
        "oauth_config": {
            "scopes": {"bot": sorted({*SCOPES, *OPTIONAL_SCOPES}), "bot_optional": sorted(OPTIONAL_SCOPES)}
        },
        "settings": {
            "event_subscriptions": _at(request_url) | {"bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True} | _at(request_url),
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def _agent_view(examples: Sequence[str]) -> dict[str, Any]:
    prompts = [{"title": example[:75], "message": example} for example in examples[:MOST_PROMPTS]]
    return {"agent_description": AGENT_DESCRIPTION} | ({"suggested_prompts": prompts} if prompts else {})


def _command(row: CommandRow, prefix: str, request_url: str | None) -> dict[str, Any]:
    command = f"/{prefix}{row.name}"
    if len(command) > LONGEST_COMMAND:
        raise ValueError(f"{command} is longer than the {LONGEST_COMMAND} characters that Slack takes")
    return {
        "command": command,
        "description": row.summary[:LONGEST_SUMMARY],
        "usage_hint": row.hint[:LONGEST_HINT],
        # Without it, people and channels come as mere names, which nothing can tell apart.
        "should_escape": True,
    } | ({"url": request_url} if request_url else {})


def _at(request_url: str | None) -> dict[str, str]:
    return {"request_url": request_url} if request_url else {}


def _request_url(url: str) -> str:
    base = url.rstrip("/")
    return base if base.endswith(EVENTS_PATH) else base + EVENTS_PATH
