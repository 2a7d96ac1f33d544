"""Time zones by their IANA names."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(1024)
def zone_of(name: str) -> tzinfo:
    """The zone with this name; UTC where the machine's zone data does not have it, or not any more."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Not ZoneInfo("UTC"): a machine without zone data does not have that one either. Besides, no name leads to
        # this very object, by which a caller can tell a zone that is not known from any that is.
        return UTC
