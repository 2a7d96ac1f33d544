"""What apps post to a response_url."""

import json
import time
from collections.abc import Callable
from typing import Any

from tests.slack import ids
from tests.slack.http_endpoint import HttpAnswer
from tests.slack.limits import check_message, first_error
from tests.slack.web_api import is_true
from tests.slack.workspace import Message, ResponseUrl, Workspace

MOST_USES = 5


def answer_post(workspace: Workspace, url: str, body: bytes, report: Callable[[str], None]) -> HttpAnswer:
    """Applies one post: a new message, or a change of the message whose button was pressed."""
    known = workspace.response_urls.get(url)
    if known is None:
        report(f"response_url: {url} was never handed out")
        return HttpAnswer.of({"ok": False, "error": "no_such_url"}, 404)
    if time.monotonic() - known.created_at > known.expires_in:
        report("response_url: used after its 30 minutes")
        return HttpAnswer.of({"ok": False, "error": "expired_url"}, 404)
    if len(known.posts) >= MOST_USES:
        report(f"response_url: used more than {MOST_USES} times")
        return HttpAnswer.of({"ok": False, "error": "used_url"}, 404)
    try:
        post = json.loads(body)
    except ValueError:
        post = None
    if not isinstance(post, dict):
        report("response_url: the body is no JSON object")
        return HttpAnswer.of({"ok": False, "error": "invalid_payload"}, 400)
    if not is_true(post.get("delete_original")):
        violations = check_message(post)
        for violation in violations:
            report(f"response_url: {violation}")
        error = first_error(violations)
        if error:
            return HttpAnswer.of({"ok": False, "error": error}, 400)
    known.posts.append(post)
    apply_response(workspace, known, post)
    return HttpAnswer(200, b"ok", "text/html")


def apply_response(workspace: Workspace, origin: ResponseUrl, post: dict[str, Any]) -> None:
    """Shows, replaces or deletes; also what a command's acknowledgement carries."""
    messages = workspace.channels[origin.channel].messages if origin.channel in workspace.channels else []
    for kept in (messages, workspace.ephemerals):
        original = next((message for message in kept if message["ts"] == origin.message_ts), None)
        if original is None:
            continue
        if is_true(post.get("delete_original")):
            kept.remove(original)
            return
        if is_true(post.get("replace_original")):
            replace(original, post)
            return
    if is_true(post.get("delete_original")):
        return
    channel = workspace.channels.get(origin.channel)
    if post.get("response_type") == "in_channel" and channel is not None:
        workspace.post(channel, post)
    else:
        workspace.post_ephemeral(origin.channel, origin.user, post)


def replace(original: Message, post: dict[str, Any]) -> None:
    """The new message takes the old one's place, with nothing of it left."""
    for key in ("blocks", "attachments"):
        original.pop(key, None)
    for key in ("text", "blocks", "attachments", "metadata"):
        if post.get(key) is not None:
            original[key] = post[key]
    original["edited"] = {"user": ids.BOT_USER, "ts": ids.new_ts()}
