"""Thumbs up or down under an answer: logged for the maintainers, with the intent and not the words."""

from __future__ import annotations

import logging

from bot.slack.conversation import kept_answer
from bot.slack.listeners.actions.pressed import value
from bot.slack.routes import Routes
from bot.slack.task import Task

log = logging.getLogger(__name__)
THANKS = "Thank you, noted for whoever maintains my answers."


def note_feedback(task: Task) -> None:
    """Log it, count it, and say thanks."""
    verdict, _, token = value(task).partition(" ")
    verdict = "good" if verdict == "good" else "bad"
    answer = kept_answer(task, token)
    log.info("Feedback: %s, intent %s", verdict, answer.intent if answer else "no longer kept")
    task.desk.figures.count("rolecall_feedback_total", verdict=verdict)
    task.say_privately(THANKS)


def register(routes: Routes) -> None:
    """Take feedback."""
    routes.action("feedback", note_feedback)
