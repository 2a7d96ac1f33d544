"""We were added to a channel: a short hello, with what to ask."""

from __future__ import annotations

from bot.slack.routes import Routes
from bot.slack.surfaces.hello import hello_message
from bot.slack.task import Task


def say_hello(task: Task) -> None:
    """Say hello once; the inbox lets only our own joining through."""
    task.say(hello_message(task.desk.assistant.examples(), task.desk.prefix))


def register(routes: Routes) -> None:
    """Take our own joining."""
    routes.event("member_joined_channel", say_hello)
