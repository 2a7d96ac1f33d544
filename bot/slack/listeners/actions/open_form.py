"""“Open the form”: for a form that did not open by itself, since its three seconds had passed."""

from __future__ import annotations

from bot.slack.conversation import keep, kept, open_form
from bot.slack.kept import form_to_json
from bot.slack.listeners.actions.pressed import TOO_OLD, value
from bot.slack.routes import Routes
from bot.slack.task import Task


def reopen(task: Task) -> None:
    """Make the form anew, from the product as it is now, and open it."""
    known = kept(task, value(task))
    if known is None:
        task.say_privately(TOO_OLD)
        return
    desk = task.desk
    reply = desk.assistant.command(known["name"], known["text"], task.speaker(), desk.clock(), alongside=task.alongside)
    if reply.form is None:
        # By now the command was complete, or cannot be carried out at all.
        task.say_privately(reply.text)
        return
    token = keep(task, "form", {"form": form_to_json(reply.form), "name": known["name"], "text": known["text"]})
    if not open_form(task, reply.form, token):
        task.say_privately("Slack did not open the form. Please press the button again.")


def register(routes: Routes) -> None:
    """Take “Open the form”."""
    routes.action("open_form", reopen)
