"""The names of the test workspace, and values that Slack makes unique."""

import itertools
import secrets
import threading
import time

TEAM = "T0ROLECALL"
APP = "A0ROLECALL"
BOT_USER = "U0ROLECALL"
BOT = "B0ROLECALL"
ANA = "U0ANA00001"
BEN = "U0BEN00002"
CHANNEL = "C0GENERAL1"
OTHER_CHANNEL = "C0RANDOM02"
BOT_TOKEN = "xoxb-111111111111-222222222222-rolecalltests"
APP_TOKEN = "xapp-1-A0ROLECALL-333333333333-rolecalltests"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

_lock = threading.Lock()
_last_microsecond = 0
_numbers = itertools.count(1)


def new_ts() -> str:
    """A message timestamp such as `1700000000.000100`, later than every one before it."""
    global _last_microsecond  # noqa: PLW0603
    with _lock:
        _last_microsecond = max(_last_microsecond + 100, int(time.time() * 1_000_000))
        return f"{_last_microsecond // 1_000_000}.{_last_microsecond % 1_000_000:06d}"


def new_id(prefix: str) -> str:
    """An identifier such as `V00000007F3A2`: never the same twice."""
    return f"{prefix}{next(_numbers):08d}{secrets.token_hex(2).upper()}"


def new_trigger_id() -> str:
    """A trigger_id in Slack's shape."""
    return f"{next(_numbers)}.{int(time.time())}.{secrets.token_hex(16)}"


def direct_channel(user: str) -> str:
    """The channel of the direct messages between this person and the app."""
    return "D" + user[1:]
