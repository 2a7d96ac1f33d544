"""Fixtures shared by all tests."""

from tests.slack.fixtures import slack_server, start_app

__all__ = ["slack_server", "start_app"]
