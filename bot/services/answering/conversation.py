"""Answers to what is no question about the knowledge: greetings, thanks, help, what the assistant is."""

from __future__ import annotations

from functools import lru_cache

from bot.services.answering.draft import Draft, Question, capitalised, sentence, within
from bot.services.words import listed
from knowledge.queries import Knowledge


@lru_cache(maxsize=8)
def examples(knowledge: Knowledge) -> tuple[str, ...]:
    """Three questions that this pack answers, with its own names."""
    pack = knowledge.pack
    stages = [stage for stage in pack.stages if knowledge.owners(stage.id)] or list(pack.stages)
    found = [f"Who drives {stages[min(1, len(stages) - 1)].name}?"]
    if pack.roles:
        found.append(f"What do {pack.roles[len(pack.roles) // 2].names} do?")
    owned = [r for r in pack.responsibilities if r.owners] or list(pack.responsibilities)
    if owned:
        found.append(f"Who is responsible for {within(owned[len(owned) // 2].name)}?")
    found.append(f"What comes after {pack.stages[0].name}?")
    return tuple(found[:3])


def greeting(question: Question) -> Draft:
    """A hello, and what to ask."""
    return _with_examples(question, "Hello! Ask me who owns what, at which stage. For example:")


def thanks(question: Question) -> Draft:
    """You're welcome."""
    return Draft().say("You're welcome. Ask me any time.")


def goodbye(question: Question) -> Draft:
    """A good-bye."""
    return Draft().say("Bye! Ask me any time.")


def about_bot(question: Question) -> Draft:
    """What Rolecall is and what its answers rest on."""
    pack = question.knowledge.pack
    titles = listed([source.title for source in pack.framework.sources])
    draft = Draft().say(
        "I am Rolecall, a bot: I answer who owns what at which stage, and keep the record of your products."
    )
    question.cite(draft, [pack.framework.lifecycle])
    return draft.say(f"My answers come from {titles}. What is not in there, I do not know, and I say so.")


def usage(question: Question) -> Draft:
    """What the assistant can do."""
    draft = _with_examples(
        question,
        "I answer who owns what at each stage, what the stages and roles are, and where your products stand."
        " For example:",
    )
    return draft.say(
        "Commands: /ask, /stage, /product, /role, /digest; each explains itself with help, as in “/stage help”."
    )


def framework_what(question: Question) -> Draft:
    """What the knowledge base is and where it comes from."""
    framework = question.knowledge.pack.framework
    draft = Draft().say(f"{framework.name} (version {framework.version}): {sentence(framework.summary)}")
    for source in framework.sources:
        draft.say(f"Source: {capitalised(source.title)}{f' ({source.url})' if source.url else ''}.")
    question.cite(draft, [framework.lifecycle])
    return draft


def _with_examples(question: Question, opening: str) -> Draft:
    draft = Draft().say(opening)
    draft.lines += [f"• {example}" for example in examples(question.knowledge)]
    return draft
