"""The real server and store around the small assistant, in a process of its own.

python -m tests.bot.slack.serve --port 3000
"""

from __future__ import annotations

import argparse
import sys

from bot.config import load_settings
from bot.digest_background import digest_background
from bot.errors import SettingsError
from bot.serving import log_to_stderr, serve
from bot.store.sqlite import SqliteStore
from tests.bot.services.digest_world import knowledge
from tests.bot.slack.small_assistant import SmallAssistant


def main() -> int:
    """Serve; the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    log_to_stderr()
    try:
        settings = load_settings()
        settings.check_slack()
        assert settings.db is not None
        store = SqliteStore(settings.db)
        digests = digest_background(knowledge, look_seconds=0.2)
        return serve(settings, SmallAssistant(store), store, port, host="127.0.0.1", background=[digests])
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
