"""What the commands know of this machine: its clock, and its time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click


class MomentParameter(click.ParamType[datetime]):
    """A moment in ISO 8601; without a zone it is one of this machine's."""

    name = "ISO-8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, with its zone."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; expected ISO 8601, such as 2026-03-01T09:30 or 2026-03-01T09:30Z")
        return moment.astimezone()


def machine_zone() -> str:
    """The IANA name of this machine's zone; UTC where it has none."""
    from tzlocal import get_localzone_name

    try:
        return get_localzone_name() or "UTC"
    except (OSError, ValueError, LookupError):
        return "UTC"
