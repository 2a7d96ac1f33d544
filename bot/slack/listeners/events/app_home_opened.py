"""Somebody opens our page or our conversation."""

from __future__ import annotations

from bot.slack.routes import Routes
from bot.slack.surfaces.hello import prompts
from bot.slack.surfaces.home import home_view
from bot.slack.task import Task


def show_home(task: Task) -> None:
    """Publish their page, or suggest what to ask."""
    desk, user = task.desk, task.address.user
    if task.body["event"].get("tab") == "messages":
        if task.address.channel:
            desk.voice.suggest(task.address.channel, prompts(desk.assistant.examples()))
        return
    desk.people.learn(task.team, [user], desk.clock())
    desk.voice.publish(user, home_view(desk.assistant.home(task.speaker(), desk.clock())))


def register(routes: Routes) -> None:
    """Take openings of the App Home."""
    routes.event("app_home_opened", show_home)
