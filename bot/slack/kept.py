"""Results as they are kept between a message and the press of one of its buttons: to JSON and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.results import Announcement, Answer, Explanation, Form, FoundEntity, ProductView, Reference, Reply
from bot.store.records import Json


def answer_to_json(answer: Answer) -> Json:
    """An answer, whole."""
    return asdict(answer)


def answer_from_json(kept: Json) -> Answer:
    """The answer that `answer_to_json` wrote."""
    explanation = kept["explanation"]
    return Answer(
        **{
            **kept,
            "entities": tuple(FoundEntity(**one) for one in kept["entities"]),
            "sources": tuple(Reference(**one) for one in kept["sources"]),
            "explanation": Explanation(
                explanation["nearest_example"],
                explanation["threshold"],
                tuple((name, sure) for name, sure in explanation["readings"]),
                tuple(explanation["notes"]),
            ),
            **{name: tuple(kept[name]) for name in ("roles", "stages", "products", "people", "suggestions")},
        }
    )


def reply_to_json(reply: Reply) -> Json:
    """A reply, with what its message is made of; `extra` is for scripts and stays behind."""
    return {
        "command": reply.command,
        "ok": reply.ok,
        "text": reply.text,
        "error": reply.error,
        "visibility": reply.visibility,
        "product": asdict(reply.product) if reply.product else None,
        "answer": answer_to_json(reply.answer) if reply.answer else None,
        "announcement": asdict(reply.announcement) if reply.announcement else None,
        "more_announcements": [asdict(one) for one in reply.more_announcements],
        "form": form_to_json(reply.form) if reply.form else None,
    }


def reply_from_json(kept: Json) -> Reply:
    """The reply that `reply_to_json` wrote."""
    product = kept["product"]
    return Reply(
        command=kept["command"],
        ok=kept["ok"],
        text=kept["text"],
        error=kept["error"],
        visibility=kept["visibility"],
        product=ProductView(**{**product, "stages": tuple(product["stages"])}) if product else None,
        answer=answer_from_json(kept["answer"]) if kept["answer"] else None,
        announcement=Announcement(**kept["announcement"]) if kept["announcement"] else None,
        more_announcements=tuple(Announcement(**one) for one in kept["more_announcements"]),
        form=form_from_json(kept["form"]) if kept["form"] else None,
    )


def form_to_json(form: Form) -> Json:
    """A form, whole."""
    return {**asdict(form), "missing": list(form.missing)}


def form_from_json(kept: dict[str, Any]) -> Form:
    """The form that `form_to_json` wrote."""
    return Form(kept["verb"], kept["product"], kept["values"], tuple(kept["missing"]), kept["version"])
