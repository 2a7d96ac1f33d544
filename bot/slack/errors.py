"""What went wrong in here is told by an id that the log has too, never by a traceback in Slack."""

from __future__ import annotations

import secrets


def error_id() -> str:
    """A short id, unlike any other."""
    return "E" + secrets.token_hex(4).upper()
