"""The manifest and what the code handles, kept together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.commands.grammar import COMMANDS
from bot.manifest import EVENTS, MOST_COMMANDS, OPTIONAL_SCOPES, SCOPES, Mode, manifest
from bot.slack.listeners import register_all
from bot.slack.pictures import SCOPE
from bot.slack.routes import Routes

# The event a subscription delivers, and the scope that it needs.
EVENT_NEEDS = {
    "app_home_opened": ("app_home_opened", ()),
    "app_mention": ("app_mention", ("app_mentions:read",)),
    "member_joined_channel": ("member_joined_channel", ("channels:read", "groups:read")),
    "message.im": ("message", ("im:history",)),
}
METHOD_NEEDS = {
    "chat_postMessage": ("chat:write",),
    "chat_postEphemeral": ("chat:write",),
    "users_info": ("users:read",),
    "conversations_open": ("im:write",),
    "conversations_replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations_history": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "assistant_threads_setSuggestedPrompts": ("assistant:write",),
    "views_open": (),
    "views_publish": (),
    "auth_test": (),
    "files_upload_v2": ("files:write",),
}
MODES: list[Mode] = ["socket", "http"]


def made(mode: Mode = "socket", url: str = "", prefix: str = "") -> dict[str, Any]:
    return manifest(mode, url, prefix, COMMANDS, ("who owns data prep?",))


def test_commands_are_those_of_the_grammar_and_each_has_a_listener() -> None:
    routes = register_all(Routes())
    assert set(routes.commands) == {command.name for command in COMMANDS}
    shown = made(prefix="rc-")["features"]["slash_commands"]
    assert {one["command"] for one in shown} == {f"/rc-{name}" for name in routes.commands}
    assert all(one["should_escape"] and one["description"] and one["usage_hint"] for one in shown)
    assert len(shown) <= MOST_COMMANDS


def test_events_are_those_that_listeners_take() -> None:
    assert set(made()["settings"]["event_subscriptions"]["bot_events"]) == set(EVENTS) == set(EVENT_NEEDS)
    assert {event for event, _ in EVENT_NEEDS.values()} == set(register_all(Routes()).events)


def test_scopes_are_those_that_events_and_calls_need_each_with_a_reason() -> None:
    sources = "\n".join(path.read_text() for path in Path("bot/slack").rglob("*.py"))
    called = set(
        re.findall(r"\.((?:chat|users|conversations|assistant|views|auth|files|reactions)_[A-Za-z0-9_]+)\(", sources)
    )
    assert called == set(METHOD_NEEDS)
    needed = {scope for _, scopes in EVENT_NEEDS.values() for scope in scopes}
    needed |= {scope for method in called for scope in METHOD_NEEDS[method]}
    assert needed | {"commands"} == {*SCOPES, *OPTIONAL_SCOPES}
    assert made()["oauth_config"]["scopes"]["bot"] == sorted([*SCOPES, *OPTIONAL_SCOPES])
    assert all(SCOPES.values()) and all(OPTIONAL_SCOPES.values())


def test_only_what_pictures_need_may_be_left_out() -> None:
    assert made()["oauth_config"]["scopes"]["bot_optional"] == [SCOPE]


@pytest.mark.parametrize("mode", MODES)
def test_within_slacks_limits(mode: Mode) -> None:
    whole = made(mode, "https://rolecall.example")
    shown = whole["display_information"]
    assert (
        len(shown["name"]) <= 35 and len(shown["description"]) <= 140 and 174 <= len(shown["long_description"]) <= 4000
    )
    assert len(whole["features"]["bot_user"]["display_name"]) <= 80
    assert all(len(one["command"]) <= 32 for one in whole["features"]["slash_commands"])
    assert whole["_metadata"]["major_version"] == 2
    assert "assistant_view" not in whole["features"]


def test_socket_mode_has_no_urls() -> None:
    whole = made("socket")
    assert whole["settings"]["socket_mode_enabled"] is True and "url" not in str(whole)


@pytest.mark.parametrize("url", ["https://r.example", "https://r.example/", "https://r.example/slack/events"])
def test_http_has_one_url_for_all(url: str) -> None:
    whole = made("http", url)
    urls = set(re.findall(r"https://[^']+", str(whole)))
    assert urls == {"https://r.example/slack/events"} and whole["settings"]["socket_mode_enabled"] is False


def test_a_prefix_that_makes_a_command_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        made(prefix="x" * 40)
