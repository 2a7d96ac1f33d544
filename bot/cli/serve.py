"""`rolecall serve`: Slack, over a socket or over HTTP."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True, help="Port of the HTTP server.")
@click.option("--host", default="0.0.0.0", show_default=True, help="Address of the HTTP server.")  # noqa: S104
@click.option(
    "--db",
    envvar="ROLECALL_DB",
    type=click.Path(path_type=Path),
    default=Path("rolecall.db"),
    show_default=True,
    help="The database file.",
)
@click.pass_obj
def command(settings: dict[str, Any], port: int, host: str, db: Path) -> None:
    """Serve Slack until SIGTERM: in Socket Mode where SLACK_APP_TOKEN is set, else over HTTP.

    Health, readiness and metrics are at /healthz, /readyz and /metrics on the same port, in both modes.
    """
    from bot.config import load_settings

    slack = load_settings()
    slack.check_slack()

    from bot.bootstrap import serve_slack
    from bot.serving import log_to_stderr

    log_to_stderr()
    sys.exit(serve_slack(slack, db, host=host, port=port, **settings))
