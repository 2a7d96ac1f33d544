"""Failures that a test orders: rate limits, outages, dropped connections, refusing channels."""

from dataclasses import dataclass
from typing import Any, Literal

from tests.slack.http_endpoint import HttpAnswer

Drop = Literal["before", "after"]


@dataclass
class Failure:
    """One kind of failure, for the next `times` calls that it fits."""

    method: str
    """A Web API method, `response_url`, or `*` for all."""
    times: int
    status: int = 200
    retry_after: int | None = None
    error: str | None = None
    drop: Drop | None = None
    channel: str | None = None

    def fits(self, method: str, arguments: dict[str, Any]) -> bool:
        """Is this call one to fail?"""
        return (
            self.times > 0
            and self.method in ("*", method)
            and self.channel in (None, arguments.get("channel"), arguments.get("channel_id"))
        )

    def answer(self) -> HttpAnswer:
        """What the app gets instead of an answer."""
        if self.drop:
            return HttpAnswer(drop=True)
        if self.status == 429:
            answer = HttpAnswer.of({"ok": False, "error": self.error or "ratelimited"}, 429)
            answer.headers["Retry-After"] = str(self.retry_after or 1)
            return answer
        if self.status >= 500:
            # Slack's own outages answer with a page, not with JSON.
            return HttpAnswer(self.status, b"<html>Service unavailable</html>", "text/html; charset=utf-8")
        return HttpAnswer.of({"ok": False, "error": self.error or "internal_error"}, self.status)
