"""What a test sees of the local Slack, and how it waits for something to happen there."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.slack import ids
from tests.slack.socket_mode import Acknowledgement, Envelope, SocketMode
from tests.slack.workspace import Message, Upload, Workspace

SHOWN_IN_MESSAGES = 20


@dataclass(frozen=True)
class Call:
    """One request of the app's, in the order they were finished."""

    method: str
    """The Web API method, or `response_url`, or `upload`."""
    arguments: dict[str, Any]
    token: str | None
    status: int | None
    """HTTP status of the answer; None where the connection was dropped."""
    answer: Any
    received_at: float
    """By the monotonic clock."""


class Inspection:
    """The reading half of `SlackServer`. Everything it returns is safe to keep while the server goes on."""

    changed: threading.Condition
    """Notified after each thing that happens."""
    workspace: Workspace
    socket: SocketMode
    faults: list[str]
    """Sentences: each rule of Slack's, or promise of ours, that the app broke."""
    _calls: list[Call]

    # --- looking

    def calls(self, method: str | None = None) -> list[Call]:
        """All calls, or those of one method."""
        with self.changed:
            return [call for call in self._calls if method in (None, call.method)]

    def history(self, channel: str) -> list[Message]:
        """Everything in a channel, people's messages too."""
        with self.changed:
            known = self.workspace.channels.get(channel)
            return [] if known is None else json.loads(json.dumps(known.messages))

    def messages(self, channel: str) -> list[Message]:
        """What the app posted to a channel."""
        return [message for message in self.history(channel) if message.get("user") == ids.BOT_USER]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """What the app posted in the thread under `ts`."""
        return [message for message in self.messages(channel) if message.get("thread_ts") == ts]

    def ephemerals(self, channel: str | None = None, user: str | None = None) -> list[Message]:
        """What the app showed to one person only."""
        with self.changed:
            return [
                message
                for message in self.workspace.ephemerals
                if channel in (None, message["channel"]) and user in (None, message["user"])
            ]

    def responses(self, url: str) -> list[dict[str, Any]]:
        """What was posted to a response_url."""
        with self.changed:
            return list(self.workspace.response_urls[url].posts)

    def views(self) -> list[dict[str, Any]]:
        """Modals that were opened, in their latest state."""
        with self.changed:
            return [view for view in self.workspace.views.values() if view["type"] == "modal"]

    def home(self, user: str) -> dict[str, Any] | None:
        """The App Home published for a person."""
        with self.changed:
            return self.workspace.homes.get(user)

    def uploads(self) -> list[Upload]:
        """Files that were uploaded whole and shared."""
        with self.changed:
            return [upload for upload in self.workspace.uploads.values() if upload.completed]

    # --- waiting

    def wait_until(self, condition: Callable[[], Any], timeout: float = 5.0, what: str = "") -> Any:
        """The first true value of `condition`, asked again after each thing that happens here."""
        with self.changed:
            found = self.changed.wait_for(condition, timeout)
        if not found:
            raise AssertionError(
                f"within {timeout} s there was no {what or 'such thing'}; calls: "
                f"{[(call.method, call.status) for call in self._calls[-SHOWN_IN_MESSAGES:]]}; "
                f"faults: {self.faults}"
            )
        return found

    def wait_for_messages(self, channel: str, count: int = 1, timeout: float = 5.0) -> list[Message]:
        """The app's messages in a channel, once there are `count`."""

        def enough() -> list[Message] | None:
            messages = self.messages(channel)
            return messages if len(messages) >= count else None

        messages: list[Message] = self.wait_until(enough, timeout, f"{count} messages in {channel}")
        return messages

    def wait_for_ephemerals(
        self, channel: str | None = None, user: str | None = None, count: int = 1, timeout: float = 5.0
    ) -> list[Message]:
        """What one person was shown, once there are `count`."""

        def enough() -> list[Message] | None:
            messages = self.ephemerals(channel, user)
            return messages if len(messages) >= count else None

        messages: list[Message] = self.wait_until(enough, timeout, f"{count} ephemeral messages")
        return messages

    def wait_for_calls(self, method: str, count: int = 1, timeout: float = 5.0) -> list[Call]:
        """The calls of a method, once there were `count`, failed ones too."""
        self.wait_until(lambda: len(self.calls(method)) >= count, timeout, f"{count} calls of {method}")
        return self.calls(method)

    def wait_for_view(self, count: int = 1, timeout: float = 5.0) -> dict[str, Any]:
        """The latest modal, once `count` were opened."""
        self.wait_until(lambda: len(self.views()) >= count, timeout, f"{count} open views")
        return self.views()[-1]

    def wait_for_home(self, user: str, timeout: float = 5.0) -> dict[str, Any]:
        """The App Home of a person, once it is published."""
        home: dict[str, Any] = self.wait_until(lambda: self.home(user), timeout, f"home of {user}")
        return home

    def wait_for_connections(self, count: int = 1, timeout: float = 10.0) -> None:
        """Until the app has `count` sockets open."""
        self.wait_until(lambda: len(self.socket.open_connections()) >= count, timeout, f"{count} socket connections")

    def wait_for_ack(self, envelope: Envelope, timeout: float = 5.0) -> Acknowledgement:
        """The first acknowledgement of an envelope."""
        self.wait_until(lambda: envelope.acknowledgements, timeout, f"acknowledgement of {envelope.type}")
        return envelope.acknowledgements[0]

    def expect_no_more(self, channel: str, count: int, seconds: float = 0.5) -> None:
        """The channel holds `count` messages of the app's, and no further one comes within `seconds`."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.messages(channel)) > count, seconds)
        messages = self.messages(channel)
        assert len(messages) == count, f"{count} messages expected, found {messages}"
