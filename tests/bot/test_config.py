"""Settings from the environment: one line for each mistake, and never a secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import SLACK_API, Settings, load_settings
from bot.errors import SettingsError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


def test_nothing_needs_to_be_set_where_slack_is_not_used() -> None:
    settings = load_settings()
    assert (settings.db, settings.policy, settings.gates, settings.admins) == (None, "involved", "record", ())
    assert (settings.question_days, settings.api_url, settings.socket_mode) == (90, SLACK_API, False)


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ROLECALL_DB": "/data/rolecall.db",
        "ROLECALL_POLICY": "admins",
        "ROLECALL_GATES": "enforce",
        "ROLECALL_ADMINS": " U1, U2,,",
        "ROLECALL_COMMAND_PREFIX": "rc-",
        "ROLECALL_QUESTION_DAYS": "30",
        "SLACK_BOT_TOKEN": " xoxb-1\n",
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_API_URL": "http://127.0.0.1:1/api",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.db == Path("/data/rolecall.db")
    assert (settings.policy, settings.gates, settings.admins) == ("admins", "enforce", ("U1", "U2"))
    assert (settings.command_prefix, settings.question_days) == ("rc-", 30)
    assert settings.bot_token is not None and settings.bot_token.get_secret_value() == "xoxb-1"
    assert settings.api_url == "http://127.0.0.1:1/api/" and settings.socket_mode
    settings.check_slack()
    assert "xoxb-1" not in repr(settings)


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLECALL_DB", "/data/one.db")
    assert load_settings(db=Path("/data/two.db"), pack=None).db == Path("/data/two.db")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ROLECALL_POLICY", "marmalade"),
        ("ROLECALL_GATES", "marmalade"),
        ("ROLECALL_ADMINS", "@marmalade"),
        ("ROLECALL_COMMAND_PREFIX", "Marmalade/"),
        ("ROLECALL_QUESTION_DAYS", "marmalade"),
        ("ROLECALL_QUESTION_DAYS", "0"),
        ("ROLECALL_MAINTAINERS_CHANNEL", "#two words"),
        ("SLACK_API_URL", "marmalade"),
    ],
)
def test_a_mistake_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    said = str(raised.value)
    assert said.startswith(f"{variable} is malformed: expected ") and "\n" not in said
    assert "marmalade" not in said.lower()


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-a\nb"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "  "}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
    ],
)
def test_what_slack_needs(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], variable: str) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings().check_slack()
