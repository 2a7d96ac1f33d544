"""What Slack delivers: complete bodies of events, commands and interactions.

Each function returns a new dictionary for `deliver_http` or `deliver_socket`. An event has its own `event_id`
each time; deliver the same dictionary again for a retry. Text is as Slack sends it: escaped, mentions as
`<@U…>`. An empty `response_url` is filled in on delivery.
"""

import time
from typing import Any

from tests.slack import ids
from tests.slack.ids import ANA, APP, BOT, BOT_USER, CHANNEL, TEAM

Payload = dict[str, Any]
VERIFICATION_TOKEN = "legacy-verification-token"


# --- events


def event_callback(event: Payload, *, event_id: str | None = None, team: str = TEAM) -> Payload:
    """The envelope around every event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team,
        "context_team_id": team,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or ids.new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-" + ids.new_id("E"),
    }


def url_verification(challenge: str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P") -> Payload:
    """The question with which Slack checks a new request URL."""
    return {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}


def _written(text: str, user: str, channel: str, ts: str | None, thread_ts: str | None) -> Payload:
    ts = ts or ids.new_ts()
    event: Payload = {
        "user": user,
        "ts": ts,
        "client_msg_id": ids.new_id("c0ffee00-"),
        "text": text,
        "team": TEAM,
        "channel": channel,
        "event_ts": ts,
    }
    return event if thread_ts is None else event | {"thread_ts": thread_ts}


def app_mention(
    text: str,
    *,
    user: str = ANA,
    channel: str = CHANNEL,
    ts: str | None = None,
    thread_ts: str | None = None,
    event_id: str | None = None,
) -> Payload:
    """Somebody writes to the app in a channel; its own mention is put in front of `text`."""
    written = _written(f"<@{BOT_USER}> {text}".rstrip(), user, channel, ts, thread_ts)
    return event_callback({"type": "app_mention", **written}, event_id=event_id)


def message(
    text: str,
    *,
    user: str = ANA,
    channel: str = CHANNEL,
    ts: str | None = None,
    thread_ts: str | None = None,
    event_id: str | None = None,
) -> Payload:
    """A message in a public channel."""
    written = _written(text, user, channel, ts, thread_ts)
    return event_callback({"type": "message", "channel_type": "channel", **written}, event_id=event_id)


def mention_and_message(text: str, *, user: str = ANA, channel: str = CHANNEL) -> tuple[Payload, Payload]:
    """One text that reaches the app twice: as a mention, and as a message of the channel."""
    mention = app_mention(text, user=user, channel=channel)
    event = mention["event"]
    return mention, message(event["text"], user=user, channel=channel, ts=event["ts"])


def direct_message(
    text: str,
    *,
    user: str = ANA,
    ts: str | None = None,
    thread_ts: str | None = None,
    event_id: str | None = None,
) -> Payload:
    """Somebody writes to the app alone."""
    written = _written(text, user, ids.direct_channel(user), ts, thread_ts)
    return event_callback({"type": "message", "channel_type": "im", **written}, event_id=event_id)


def bot_message(text: str, *, channel: str = CHANNEL, bot_id: str = BOT, user: str | None = BOT_USER) -> Payload:
    """A message of an app, by default of this one: without `user`, the older form with a subtype."""
    ts = ids.new_ts()
    event: Payload = {
        "type": "message",
        "bot_id": bot_id,
        "app_id": APP,
        "text": text,
        "ts": ts,
        "channel": channel,
        "channel_type": "channel",
        "event_ts": ts,
    }
    return event_callback(event | ({"user": user} if user else {"subtype": "bot_message"}))


def message_changed(before: str, after: str, *, user: str = ANA, channel: str = CHANNEL) -> Payload:
    """Somebody edits a message."""
    old = {"type": "message", "user": user, "text": before, "ts": ids.new_ts(), "team": TEAM}
    new_ts = ids.new_ts()
    return event_callback(
        {
            "type": "message",
            "subtype": "message_changed",
            "message": {**old, "text": after, "edited": {"user": user, "ts": new_ts}},
            "previous_message": old,
            "channel": channel,
            "channel_type": "channel",
            "hidden": True,
            "ts": new_ts,
            "event_ts": new_ts,
        }
    )


def message_deleted(text: str, *, user: str = ANA, channel: str = CHANNEL) -> Payload:
    """Somebody deletes a message."""
    old = {"type": "message", "user": user, "text": text, "ts": ids.new_ts(), "team": TEAM}
    new_ts = ids.new_ts()
    return event_callback(
        {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": old,
            "deleted_ts": old["ts"],
            "channel": channel,
            "channel_type": "channel",
            "hidden": True,
            "ts": new_ts,
            "event_ts": new_ts,
        }
    )


def thread_broadcast(
    text: str, *, thread_ts: str, user: str = ANA, channel: str = CHANNEL, ts: str | None = None
) -> Payload:
    """A reply that was also sent to the channel."""
    written = _written(text, user, channel, ts, thread_ts)
    root = {"type": "message", "user": user, "text": "the root", "ts": thread_ts, "thread_ts": thread_ts}
    return event_callback(
        {"type": "message", "subtype": "thread_broadcast", "root": root, "channel_type": "channel", **written}
    )


def app_home_opened(*, user: str = ANA, tab: str = "home", view: Payload | None = None) -> Payload:
    """Somebody opens the app's Home (`home`) or its conversation (`messages`)."""
    event: Payload = {
        "type": "app_home_opened",
        "user": user,
        "channel": ids.direct_channel(user),
        "tab": tab,
        "event_ts": ids.new_ts(),
    }
    return event_callback(event | ({"view": view} if view else {}))


def member_joined_channel(*, user: str = BOT_USER, channel: str = CHANNEL, inviter: str | None = ANA) -> Payload:
    """The app itself, or another, joins a channel."""
    event: Payload = {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel,
        "channel_type": "C",
        "team": TEAM,
        "event_ts": ids.new_ts(),
    }
    return event_callback(event | ({"inviter": inviter} if inviter else {}))


def unknown_event() -> Payload:
    """An event the app never heard of."""
    return event_callback({"type": "emoji_weather_changed", "user": ANA, "event_ts": ids.new_ts()})


# --- commands and interactions


def slash_command(
    command: str, text: str = "", *, user: str = ANA, channel: str = CHANNEL, channel_name: str = "general"
) -> Payload:
    """Somebody types `/command text`."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM,
        "team_domain": "rolecall-tests",
        "channel_id": channel,
        "channel_name": channel_name,
        "user_id": user,
        "user_name": user.lower(),
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": "",
        "trigger_id": ids.new_trigger_id(),
    }


def _interaction(kind: str, user: str) -> Payload:
    return {
        "type": kind,
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "trigger_id": ids.new_trigger_id(),
        "team": {"id": TEAM, "domain": "rolecall-tests"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def button(action_id: str, value: str = "", *, block_id: str = "actions", label: str = "Press") -> Payload:
    """The action of a pressed button; for another element give its own dictionary instead."""
    return {
        "action_id": action_id,
        "block_id": block_id,
        "text": {"type": "plain_text", "text": label, "emoji": True},
        "value": value,
        "type": "button",
        "action_ts": ids.new_ts(),
    }


def action_in_message(
    action: Payload,
    shown: Payload,
    *,
    user: str = ANA,
    channel: str = CHANNEL,
    ephemeral: bool = False,
) -> Payload:
    """Somebody uses an element of `shown`, a message as `server.messages()` or `ephemerals()` returns it."""
    container: Payload = {
        "type": "message",
        "message_ts": shown["ts"],
        "channel_id": channel,
        "is_ephemeral": ephemeral,
    }
    if shown.get("thread_ts"):
        container["thread_ts"] = shown["thread_ts"]
    payload = _interaction("block_actions", user) | {
        "container": container,
        "channel": {"id": channel, "name": "general"},
        "state": {"values": {}},
        "response_url": "",
        "actions": [action],
    }
    # Slack leaves an ephemeral message's content out.
    return payload if ephemeral else payload | {"message": shown}


def action_in_view(action: Payload, view: Payload, *, user: str = ANA) -> Payload:
    """Somebody uses an element of a modal or of the App Home, as `server.views()` or `home()` returns it."""
    return _interaction("block_actions", user) | {
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [action],
    }


def view_submission(view: Payload, values: dict[str, dict[str, Payload]] | None = None, *, user: str = ANA) -> Payload:
    """Somebody submits a modal; `values` is `{block_id: {action_id: {"type": …, "value": …}}}`."""
    return _interaction("view_submission", user) | {
        "view": view | {"state": {"values": values or {}}},
        "response_urls": [],
    }


def view_closed(view: Payload, *, user: str = ANA, is_cleared: bool = False) -> Payload:
    """Somebody closes a modal that asked to hear of it."""
    payload = _interaction("view_closed", user)
    del payload["trigger_id"]
    return payload | {"view": view, "is_cleared": is_cleared}


def block_suggestion(
    action_id: str, typed: str, *, block_id: str = "options", view: Payload | None = None, user: str = ANA
) -> Payload:
    """Somebody types into an external select."""
    payload = _interaction("block_suggestion", user)
    del payload["trigger_id"]
    payload |= {"action_id": action_id, "block_id": block_id, "value": typed}
    if view:
        return payload | {"container": {"type": "view", "view_id": view["id"]}, "view": view}
    return payload | {"container": {"type": "message"}, "channel": {"id": CHANNEL, "name": "general"}}


def shortcut(callback_id: str, *, user: str = ANA) -> Payload:
    """Somebody starts a global shortcut."""
    return _interaction("shortcut", user) | {"callback_id": callback_id, "action_ts": ids.new_ts()}


def message_shortcut(callback_id: str, shown: Payload, *, user: str = ANA, channel: str = CHANNEL) -> Payload:
    """Somebody starts a shortcut from a message."""
    return _interaction("message_action", user) | {
        "callback_id": callback_id,
        "action_ts": ids.new_ts(),
        "message_ts": shown["ts"],
        "message": shown,
        "channel": {"id": channel, "name": "general"},
        "response_url": "",
    }
