"""The Web API's methods: arguments in, answer out, over the workspace's state.

Every method here is one that Rolecall needs. `users.list` and `conversations.list` are left out on purpose:
an app that lists a whole workspace runs into rate limits, so calling them is a fault like any unknown method.
"""

import time
from collections.abc import Callable
from typing import Any

from tests.slack import ids
from tests.slack.limits import Violation, check_message, check_view, first_error
from tests.slack.limits.text import check_mrkdwn
from tests.slack.workspace import Channel, Upload, Workspace

Arguments = dict[str, Any]
Answer = dict[str, Any]
TRIGGER_LIFETIME = 3.0
POSTING_METHODS = {
    "chat.postMessage",
    "chat.postEphemeral",
    "chat.update",
    "chat.delete",
    "chat.scheduleMessage",
    "reactions.add",
}


class SlackError(Exception):
    """The `error` of an answer that is not ok."""

    def __init__(self, code: str, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []


def is_true(value: Any) -> bool:
    """Form-encoded bodies carry booleans as "1" or "true"."""
    return str(value).lower() in ("1", "true")


class WebApi:
    """Answers calls. `report` receives one sentence for each fault of the app."""

    def __init__(self, workspace: Workspace, base_url: str, report: Callable[[str], None]) -> None:
        self.workspace = workspace
        self.base_url = base_url
        self.report = report
        self.methods: dict[str, Callable[[Arguments], Answer]] = {
            "auth.test": self.auth_test,
            "team.info": self.team_info,
            "users.info": self.users_info,
            "usergroups.users.list": self.usergroups_users_list,
            "conversations.info": self.conversations_info,
            "conversations.open": self.conversations_open,
            "conversations.replies": self.conversations_replies,
            "conversations.history": self.conversations_history,
            "chat.postMessage": self.chat_post_message,
            "chat.postEphemeral": self.chat_post_ephemeral,
            "chat.update": self.chat_update,
            "chat.delete": self.chat_delete,
            "chat.scheduleMessage": self.chat_schedule_message,
            "chat.getPermalink": self.chat_get_permalink,
            "reactions.add": self.reactions_add,
            "views.open": self.views_open,
            "views.push": self.views_push,
            "views.update": self.views_update,
            "views.publish": self.views_publish,
            "files.getUploadURLExternal": self.files_get_upload_url,
            "files.completeUploadExternal": self.files_complete_upload,
            "assistant.threads.setSuggestedPrompts": self.set_suggested_prompts,
            "assistant.threads.setStatus": self.set_status,
            "assistant.threads.setTitle": self.set_status,
        }

    def call(self, method: str, arguments: Arguments) -> Answer:
        """One call whose token was found right."""
        answer = self.methods.get(method)
        if answer is None:
            self.report(f"{method}: called, but this method is not served here")
            return {"ok": False, "error": "unknown_method", "req_method": method}
        try:
            return {"ok": True, **answer(arguments)}
        except SlackError as error:
            failed: Answer = {"ok": False, "error": error.code}
            if error.messages:
                failed["response_metadata"] = {"messages": [f"[ERROR] {words}" for words in error.messages]}
            return failed

    def refuse_violations(self, method: str, violations: list[Violation]) -> None:
        """Reports every broken rule, and fails as Slack would where Slack would."""
        for violation in violations:
            self.report(f"{method}: {violation}")
        error = first_error(violations)
        if error:
            raise SlackError(error, [str(violation) for violation in violations if violation.error])

    def known_channel(self, arguments: Arguments) -> Channel:
        channel = self.workspace.channel(str(arguments.get("channel", "")))
        if channel is None:
            raise SlackError("channel_not_found")
        return channel

    def writable_channel(self, arguments: Arguments) -> Channel:
        channel = self.known_channel(arguments)
        if channel.is_archived:
            raise SlackError("is_archived")
        if not channel.is_member:
            raise SlackError("not_in_channel")
        return channel

    def permitted(self, scope: str) -> None:
        if scope not in self.workspace.scopes:
            raise SlackError("missing_scope")

    def needed(self, method: str, arguments: Arguments, *names: str) -> None:
        for name in names:
            if arguments.get(name) in (None, ""):
                self.report(f"{method}: lacks the argument `{name}`")
                raise SlackError("invalid_arguments", [f"missing required field: {name}"])

    # --- who and where

    def auth_test(self, arguments: Arguments) -> Answer:
        return {
            "url": "https://rolecall-tests.slack.com/",
            "team": "Rolecall tests",
            "user": "rolecall",
            "team_id": ids.TEAM,
            "user_id": ids.BOT_USER,
            "bot_id": ids.BOT,
            "is_enterprise_install": False,
        }

    def team_info(self, arguments: Arguments) -> Answer:
        return {"team": {"id": ids.TEAM, "name": "Rolecall tests", "domain": "rolecall-tests"}}

    def users_info(self, arguments: Arguments) -> Answer:
        user = self.workspace.users.get(str(arguments.get("user")))
        if user is None:
            raise SlackError("user_not_found")
        return {"user": user}

    def usergroups_users_list(self, arguments: Arguments) -> Answer:
        users = self.workspace.user_groups.get(str(arguments.get("usergroup")))
        if users is None:
            raise SlackError("no_such_subteam")
        return {"users": users}

    def conversations_info(self, arguments: Arguments) -> Answer:
        channel = self.known_channel(arguments)
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_channel": not channel.is_im,
                "is_im": channel.is_im,
                "is_private": channel.is_private,
                "is_archived": channel.is_archived,
                "is_member": channel.is_member,
                "context_team_id": ids.TEAM,
                **({"user": channel.user} if channel.user else {}),
            }
        }

    def conversations_open(self, arguments: Arguments) -> Answer:
        users = str(arguments.get("users", "")).split(",")
        if users[0] not in self.workspace.users:
            raise SlackError("user_not_found")
        return {"channel": {"id": self.workspace.open_direct_channel(users[0]).id}}

    # --- reading

    def conversations_replies(self, arguments: Arguments) -> Answer:
        channel = self.known_channel(arguments)
        ts = str(arguments.get("ts"))
        thread = [message for message in channel.messages if ts in (message["ts"], message.get("thread_ts"))]
        if not thread:
            raise SlackError("thread_not_found")
        return self.page(thread, arguments)

    def conversations_history(self, arguments: Arguments) -> Answer:
        channel = self.known_channel(arguments)
        if not channel.is_member and not channel.is_im:
            raise SlackError("not_in_channel")
        top_level = [
            message
            for message in channel.messages
            if message.get("thread_ts", message["ts"]) == message["ts"] or message.get("reply_broadcast")
        ]
        return self.page(top_level[::-1], arguments)

    def page(self, messages: list[dict[str, Any]], arguments: Arguments) -> Answer:
        """The part of `messages` that was asked for, with metadata only where that was asked for too."""
        oldest = float(arguments.get("oldest") or 0)
        latest = float(arguments.get("latest") or "inf")
        inclusive = is_true(arguments.get("inclusive"))

        def wanted(message: dict[str, Any]) -> bool:
            moment = float(message["ts"])
            return oldest < moment < latest or (inclusive and moment in (oldest, latest))

        chosen = [message for message in messages if wanted(message)]
        start, size = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        with_metadata = is_true(arguments.get("include_all_metadata"))
        shown = [
            {key: value for key, value in message.items() if with_metadata or key != "metadata"}
            for message in chosen[start : start + size]
        ]
        following = str(start + size) if start + size < len(chosen) else ""
        return {
            "messages": shown,
            "has_more": bool(following),
            "response_metadata": {"next_cursor": following},
        }

    # --- posting

    def chat_post_message(self, arguments: Arguments) -> Answer:
        self.refuse_violations("chat.postMessage", check_message(arguments))
        channel = self.writable_channel(arguments)
        message = self.workspace.post(channel, arguments)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def chat_post_ephemeral(self, arguments: Arguments) -> Answer:
        self.needed("chat.postEphemeral", arguments, "user")
        self.refuse_violations("chat.postEphemeral", check_message(arguments))
        channel = self.writable_channel(arguments)
        if arguments["user"] not in self.workspace.users:
            raise SlackError("user_not_in_channel")
        message = self.workspace.post_ephemeral(channel.id, arguments["user"], arguments)
        return {"message_ts": message["ts"]}

    def own_message(self, arguments: Arguments, error: str) -> tuple[Channel, dict[str, Any]]:
        channel = self.writable_channel(arguments)
        message = channel.find(str(arguments.get("ts")))
        if message is None:
            raise SlackError("message_not_found")
        if message.get("user") != ids.BOT_USER:
            raise SlackError(error)
        return channel, message

    def chat_update(self, arguments: Arguments) -> Answer:
        channel, message = self.own_message(arguments, "cant_update_message")
        self.refuse_violations("chat.update", check_message(arguments))
        for key in ("text", "blocks", "attachments", "metadata"):
            if arguments.get(key) is not None:
                message[key] = arguments[key]
        message["edited"] = {"user": ids.BOT_USER, "ts": ids.new_ts()}
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def chat_delete(self, arguments: Arguments) -> Answer:
        channel, message = self.own_message(arguments, "cant_delete_message")
        channel.messages.remove(message)
        return {"channel": channel.id, "ts": message["ts"]}

    def chat_schedule_message(self, arguments: Arguments) -> Answer:
        self.needed("chat.scheduleMessage", arguments, "post_at")
        self.refuse_violations("chat.scheduleMessage", check_message(arguments))
        channel = self.writable_channel(arguments)
        if float(arguments["post_at"]) <= time.time():
            raise SlackError("time_in_past")
        scheduled = {**arguments, "channel": channel.id, "scheduled_message_id": ids.new_id("Q")}
        self.workspace.scheduled.append(scheduled)
        return {
            "channel": channel.id,
            "scheduled_message_id": scheduled["scheduled_message_id"],
            "post_at": arguments["post_at"],
        }

    def chat_get_permalink(self, arguments: Arguments) -> Answer:
        channel = self.known_channel(arguments)
        ts = str(arguments.get("message_ts"))
        if channel.find(ts) is None:
            raise SlackError("message_not_found")
        link = f"https://rolecall-tests.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": link}

    def reactions_add(self, arguments: Arguments) -> Answer:
        channel = self.writable_channel(arguments)
        message = channel.find(str(arguments.get("timestamp")))
        if message is None:
            raise SlackError("message_not_found")
        reactions = message.setdefault("reactions", [])
        if arguments.get("name") in reactions:
            raise SlackError("already_reacted")
        reactions.append(arguments.get("name"))
        return {}

    # --- views

    def spend_trigger(self, method: str, arguments: Arguments) -> str:
        """The person to whom a view is shown; each trigger serves once, within three seconds."""
        self.needed(method, arguments, "trigger_id")
        trigger = self.workspace.triggers.get(str(arguments["trigger_id"]))
        problem = None
        if trigger is None:
            problem = "invalid_trigger_id"
        elif trigger.used:
            problem = "exchanged_trigger_id"
        elif time.monotonic() - trigger.delivered_at > TRIGGER_LIFETIME:
            problem = "trigger_expired"
        if trigger is None or problem:
            self.report(f"{method}: {problem}")
            raise SlackError(str(problem))
        trigger.used = True
        return trigger.user

    def views_open(self, arguments: Arguments) -> Answer:
        return self.show_view("views.open", arguments)

    def views_push(self, arguments: Arguments) -> Answer:
        return self.show_view("views.push", arguments)

    def show_view(self, method: str, arguments: Arguments) -> Answer:
        self.refuse_violations(method, check_view(arguments.get("view")))
        user = self.spend_trigger(method, arguments)
        return {"view": self.workspace.keep_view(arguments["view"], user)}

    def views_update(self, arguments: Arguments) -> Answer:
        self.refuse_violations("views.update", check_view(arguments.get("view")))
        for view in list(self.workspace.views.values()):
            by_name = arguments.get("external_id") and view["external_id"] == arguments["external_id"]
            if by_name or view["id"] == arguments.get("view_id"):
                if arguments.get("hash") and arguments["hash"] != view["hash"]:
                    raise SlackError("hash_conflict")
                return {"view": self.workspace.keep_view(arguments["view"], view["opened_by"], view["id"])}
        raise SlackError("not_found")

    def views_publish(self, arguments: Arguments) -> Answer:
        self.needed("views.publish", arguments, "user_id")
        self.refuse_violations("views.publish", check_view(arguments.get("view")))
        user = arguments["user_id"]
        earlier = self.workspace.homes.get(user, {})
        if arguments.get("hash") and earlier and arguments["hash"] != earlier["hash"]:
            raise SlackError("hash_conflict")
        view = self.workspace.keep_view(arguments["view"], user, earlier.get("id"))
        self.workspace.homes[user] = view
        return {"view": view}

    # --- files

    def files_get_upload_url(self, arguments: Arguments) -> Answer:
        self.permitted("files:write")
        self.needed("files.getUploadURLExternal", arguments, "filename", "length")
        upload = Upload(ids.new_id("F"), str(arguments["filename"]), int(arguments["length"]))
        self.workspace.uploads[upload.id] = upload
        return {"upload_url": f"{self.base_url}/upload/v1/{upload.id}", "file_id": upload.id}

    def files_complete_upload(self, arguments: Arguments) -> Answer:
        method = "files.completeUploadExternal"
        self.permitted("files:write")
        uploads = []
        for entry in arguments.get("files") or []:
            upload = self.workspace.uploads.get(str(entry.get("id")))
            if upload is None or upload.content is None:
                self.report(f"{method}: the file {entry.get('id')} was never uploaded")
                raise SlackError("file_not_found")
            uploads.append((upload, entry))
        channel_id = arguments.get("channel_id") or arguments.get("channels")
        comment = arguments.get("initial_comment")
        if comment:
            self.refuse_violations(method, list(check_mrkdwn(comment, "initial_comment")))
        if channel_id:
            channel = self.writable_channel({"channel": channel_id})
            message = self.workspace.post(channel, {**arguments, "text": comment or ""})
            message["files"] = [{"id": upload.id, "title": entry.get("title")} for upload, entry in uploads]
        for upload, entry in uploads:
            upload.title, upload.channel, upload.comment = entry.get("title"), channel_id, comment
            upload.thread_ts, upload.completed = arguments.get("thread_ts"), True
        return {"files": [{"id": upload.id, "title": upload.title} for upload, _ in uploads]}

    # --- the agent's pane

    def set_suggested_prompts(self, arguments: Arguments) -> Answer:
        method = "assistant.threads.setSuggestedPrompts"
        self.needed(method, arguments, "channel_id", "prompts")
        prompts = arguments["prompts"]
        if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
            self.report(f"{method}: between 1 and 4 prompts are allowed")
            raise SlackError("invalid_arguments")
        for prompt in prompts:
            if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
                self.report(f"{method}: a prompt needs a title and a message")
                raise SlackError("invalid_arguments")
        return {}

    def set_status(self, arguments: Arguments) -> Answer:
        self.needed("assistant.threads.setStatus", arguments, "channel_id", "thread_ts")
        return {}
