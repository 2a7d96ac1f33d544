"""A digest as plain text for a terminal."""

from __future__ import annotations

from bot.services import digest as digests
from bot.services.digest import Digest
from bot.terminal.render import wrapped


def digest_text(digest: Digest) -> str:
    """The whole digest, what Slack has in the thread below what it has in the parent message."""
    return wrapped(digests.digest_text(digest))
