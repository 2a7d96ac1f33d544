"""Starting, killing and restarting an app process."""

from pathlib import Path

import pytest

from tests.slack import payloads
from tests.slack.fixtures import StartApp
from tests.slack.server import SlackServer
from tests.test_slack_server.test_deliveries import SAMPLE


def test_a_killed_app_comes_back_on_the_same_port(slack_server: SlackServer, start_app: StartApp) -> None:
    app = start_app(command=SAMPLE)
    before = app.pid
    app.kill()
    assert slack_server.deliver_http(app.events_url, payloads.app_mention("hi")).status is None
    app.start()
    assert app.pid != before
    assert slack_server.deliver_http(app.events_url, payloads.app_mention("hi")).status == 200
    slack_server.wait_for_messages("C0GENERAL1")
    assert app.terminate() != 0


def test_an_app_that_ends_at_once_shows_its_words_and_status(tmp_path: Path) -> None:
    from tests.slack.app_process import AppProcess

    program = tmp_path / "program.py"
    program.write_text("import sys\nprint('SLACK_BOT_TOKEN is missing', file=sys.stderr)\nsys.exit(2)\n")
    with pytest.raises(AssertionError, match=r"status 2[\s\S]*SLACK_BOT_TOKEN is missing"):
        AppProcess({}, command=(str(program),)).start()
    app = AppProcess({}, command=(str(program),)).start(wait=False)
    assert app.wait() == 2
    assert app.output == "SLACK_BOT_TOKEN is missing\n"


def test_an_app_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    from tests.slack.app_process import AppProcess

    program = tmp_path / "program.py"
    program.write_text("import time\nprint('starting', flush=True)\ntime.sleep(60)\n")
    with pytest.raises(AssertionError, match=r"not ready within 0.3 s:\nstarting"):
        AppProcess({}, command=(str(program),), ready_within=0.3).start()
