"""`rolecall doctor` on the settings: each mistake in a sentence that names its variable, and no secret shown."""

from __future__ import annotations

import pytest

from tests.bot.cli.test_program import TOKEN, run


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"ROLECALL_GATES": "enforced"}, "ROLECALL_GATES is “enforced”: expected record or enforce."),
        ({"ROLECALL_QUESTION_DAYS": "0"}, "ROLECALL_QUESTION_DAYS is “0”: expected a whole number of days"),
        ({"ROLECALL_ADMINS": "@ana"}, "ROLECALL_ADMINS is “@ana”: expected Slack user ids"),
        ({"SLACK_API_URL": "slack"}, "SLACK_API_URL is malformed: expected the base URL"),
        (
            {"SLACK_BOT_TOKEN": "hunter2"},
            "SLACK_BOT_TOKEN is malformed: expected a bot token, which begins with xoxb-.",
        ),
        ({"SLACK_APP_TOKEN": "xapp-hunter2"}, "SLACK_BOT_TOKEN is not set: expected a bot token"),
        ({"SLACK_BOT_TOKEN": TOKEN}, "SLACK_SIGNING_SECRET is not set"),
        ({"ROLECALL_KNOWLEDGE": "/no/such"}, "ROLECALL_KNOWLEDGE (or --knowledge) is “/no/such”: expected the folder"),
        ({"ROLECALL_OVERLAY": "/no/such"}, "ROLECALL_OVERLAY (or --overlay) is “/no/such”: expected a file"),
        ({"ROLECALL_PACK": "tsdp"}, "ROLECALL_PACK (or --pack): There is no pack 'tsdp'. Did you mean 'tdsp'?"),
        ({"ROLECALL_DB": "/no/such.db"}, "ROLECALL_DB (or --db) is “/no/such.db”: expected a database file"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_variables_name(environment: dict[str, str], said: str) -> None:
    done = run("doctor", **environment)
    assert done.returncode == 1
    wrong = [line for line in done.stdout.splitlines() if "WRONG" in line]
    assert len(wrong) == 1 and said in wrong[0]
    assert "hunter2" not in done.stdout + done.stderr


def test_every_mistake_is_said_at_once() -> None:
    done = run("doctor", ROLECALL_GATES="x", ROLECALL_POLICY="y", ROLECALL_PACK="z")
    assert done.stdout.count("WRONG") == 3


def test_a_secret_in_the_wrong_place_is_not_shown() -> None:
    done = run("doctor", ROLECALL_GATES=TOKEN, ROLECALL_POLICY="xapp-1-hunter2")
    assert done.returncode == 1 and TOKEN not in done.stdout and "hunter2" not in done.stdout


def test_without_slack_all_is_well_and_that_is_said() -> None:
    done = run("doctor")
    assert done.returncode == 0
    assert "Without SLACK_BOT_TOKEN it is the terminal alone" in done.stdout
    done = run("doctor", SLACK_BOT_TOKEN=TOKEN, SLACK_APP_TOKEN="xapp-1")
    assert done.returncode == 0 and "for Slack in Socket Mode" in done.stdout


def test_a_variable_that_nothing_reads_is_noted() -> None:
    done = run("doctor", ROLECALL_GATE="enforce")
    assert done.returncode == 0
    assert "ROLECALL_GATE is no setting of Rolecall's. Did you mean ROLECALL_GATES?" in done.stdout
