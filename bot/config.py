"""Settings, read from the environment once, when a process starts.

A setting that is missing or malformed is a SettingsError of one line: which variable, and what was expected. The value
is not repeated, since it may be a secret and the line may end in a log; `settings_problems`, for a person at a
terminal, repeats those that are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

SLACK_API = "https://slack.com/api/"
BOT_TOKEN_PREFIX = "xoxb-"  # noqa: S105  # what every bot token begins with, no secret
APP_TOKEN_PREFIX = "xapp-"  # noqa: S105
LONGEST_PREFIX = 20

# What each variable expects, for the line that says that it is wrong.
EXPECTED = {
    "ROLECALL_POLICY": "involved, open or admins",
    "ROLECALL_GATES": "record or enforce",
    "ROLECALL_ADMINS": "Slack user ids, separated by commas, such as U012AB3CD,U045EF6GH",
    "ROLECALL_COMMAND_PREFIX": f"at most {LONGEST_PREFIX} lower-case letters, digits, - or _, such as rc-",
    "ROLECALL_QUESTION_DAYS": "a whole number of days from 1 to 3650",
    "ROLECALL_MAINTAINERS_CHANNEL": "the id of a channel, such as C0123456789",
    "SLACK_BOT_TOKEN": f"a bot token, which begins with {BOT_TOKEN_PREFIX}",
    "SLACK_APP_TOKEN": f"an app-level token, which begins with {APP_TOKEN_PREFIX}",
    "SLACK_SIGNING_SECRET": "the signing secret from the app's Basic Information page",
    "SLACK_API_URL": f"the base URL of a Web API, such as {SLACK_API}",
}
Admins = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """What the environment says. An empty variable counts as one that is not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True)

    db: Path | None = Field(default=None, validation_alias="ROLECALL_DB")
    pack: str | None = Field(default=None, validation_alias="ROLECALL_PACK")
    knowledge: Path | None = Field(default=None, validation_alias="ROLECALL_KNOWLEDGE")
    overlay: Path | None = Field(default=None, validation_alias="ROLECALL_OVERLAY")
    policy: Literal["involved", "open", "admins"] = Field(default="involved", validation_alias="ROLECALL_POLICY")
    gates: Literal["record", "enforce"] = Field(default="record", validation_alias="ROLECALL_GATES")
    admins: Admins = Field(default=(), validation_alias="ROLECALL_ADMINS")
    command_prefix: str = Field(
        default="", pattern=r"^[a-z0-9_-]*$", max_length=LONGEST_PREFIX, validation_alias="ROLECALL_COMMAND_PREFIX"
    )
    question_days: int = Field(default=90, ge=1, le=3650, validation_alias="ROLECALL_QUESTION_DAYS")
    maintainers_channel: str | None = Field(
        default=None, pattern=r"^[^\s#]+$", validation_alias="ROLECALL_MAINTAINERS_CHANNEL"
    )
    bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    api_url: str = Field(default=SLACK_API, validation_alias="SLACK_API_URL")

    @field_validator("admins", mode="before")
    @classmethod
    def _split_admins(cls, value: Any) -> Any:
        ids = tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
        # In the terminal a name is an id.
        if any(not isinstance(one, str) or not re.fullmatch(r"[\w.\-]{1,80}", one) for one in ids):
            raise ValueError("no user id")
        return ids

    @field_validator("bot_token", "app_token", "signing_secret", mode="after")
    @classmethod
    def _strip_secret(cls, value: SecretStr | None) -> SecretStr | None:
        # A line break that came along when the secret was copied must not end up in a header.
        stripped = value.get_secret_value().strip() if value else ""
        return SecretStr(stripped) if stripped else None

    @field_validator("api_url", mode="after")
    @classmethod
    def _complete_url(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("no URL")
        # slack_sdk puts the method's name right behind it.
        return value.strip().rstrip("/") + "/"

    @property
    def socket_mode(self) -> bool:
        """Socket Mode where there is an app-level token, else HTTP."""
        return self.app_token is not None

    def check_slack(self) -> None:
        """Raises SettingsError where what Slack needs is missing or malformed; only prefixes are looked at."""
        _require_prefix("SLACK_BOT_TOKEN", self.bot_token, BOT_TOKEN_PREFIX)
        if self.socket_mode:
            _require_prefix("SLACK_APP_TOKEN", self.app_token, APP_TOKEN_PREFIX)
        elif self.signing_secret is None:
            raise SettingsError(
                f"SLACK_SIGNING_SECRET is not set: expected {EXPECTED['SLACK_SIGNING_SECRET']}"
                " (or SLACK_APP_TOKEN, for Socket Mode)."
            )


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process; `overrides` (by field name) win over the environment."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        raise SettingsError(_first_problem(error)) from None


def settings_problems(environment: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with the settings in the environment, a sentence each, without any secret."""
    try:
        settings = Settings()
    except ValidationError as error:
        variables = dict.fromkeys(_variable(str(each["loc"][0])) for each in error.errors())
        return [f"{variable} is {_found(variable, environment)}: {_expected(variable)}." for variable in variables]
    if settings.bot_token or settings.app_token or settings.signing_secret:
        try:
            settings.check_slack()
        except SettingsError as problem:
            return [str(problem)]
    return []


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables that are named like settings and are none, a sentence each, with what may have been meant."""
    known = [str(field.validation_alias) for field in Settings.model_fields.values()]
    said = []
    for name in sorted(environment):
        if name.startswith("ROLECALL_") and name not in known:
            near = get_close_matches(name, known, n=1)
            said.append(f"{name} is no setting of Rolecall's." + (f" Did you mean {near[0]}?" if near else ""))
    return said


def _first_problem(error: ValidationError) -> str:
    variable = _variable(str(error.errors()[0]["loc"][0]))
    return f"{variable} is malformed: {_expected(variable)}."


def _variable(where: str) -> str:
    return next((str(field.validation_alias) for name, field in Settings.model_fields.items() if name == where), where)


def _expected(variable: str) -> str:
    return f"expected {EXPECTED.get(variable, 'another value')}"


def _found(variable: str, environment: Mapping[str, str]) -> str:
    """The value, to be read by a person; a secret, also one in the wrong place, is not shown."""
    value = next((value for name, value in environment.items() if name.upper() == variable), "")
    if variable.startswith("SLACK_") or re.search(r"xox|xapp-", value, re.IGNORECASE) or not value.isprintable():
        return "malformed"
    return f"“{value[:60]}{'…' if len(value) > 60 else ''}”"


def _require_prefix(variable: str, secret: SecretStr | None, prefix: str) -> None:
    if secret is None:
        raise SettingsError(f"{variable} is not set: expected {EXPECTED[variable]}.")
    value = secret.get_secret_value()
    if not value.startswith(prefix) or len(value) == len(prefix) or not value.isascii() or not value.isprintable():
        raise SettingsError(f"{variable} is malformed: expected {EXPECTED[variable]}.")
