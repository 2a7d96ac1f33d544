"""Answers about the order of the stages: what comes when, what runs side by side, which ways lead back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.services.answering.draft import Draft, Question, named_stages, sentence, verdict
from bot.services.words import listed
from intents.forms import ORDINAL_WORDS, as_claim

if TYPE_CHECKING:
    from knowledge.schema import Sourced, Stage

_PLURAL = re.compile(r"\b(?:stages|phases|steps|all|everything|anything|which ones|what all)\b")
_REOPENING = re.compile(r"\b(?:re-?open\w*|back|revisit\w*|return\w*|redo)\b")
_BETWEEN = re.compile(r"\bbetween\b")
_WAITING = re.compile(
    r"\b(?:must|have to|has to|need(?:s|ed)? to|only (?:after|once|when)|wait|until|strictly|sequential|one after"
    r"|complete(?:d|ly)?|finish(?:ed)?|done first|forbidden|not allowed|can't|cannot|never)\b"
)
_FORBIDDEN = re.compile(
    r"\b(?:cannot|can't|cant|can not|forbidden|not allowed|not possible|impossible|never|no way back|must|have to"
    r"|has to"
    r"|need to|only forward|one[- ]way|strictly|locked|final|closed|too late|linear|waterfall"
    r"|straight line|sequential(?:ly)?|once and for all|no longer)\b"
)
_ALLOWED = re.compile(r"\b(?:can|could|may|might|possible|allowed|okay|ok|free) ")
_FORWARD_MISS = re.compile(
    r"\b(?:skip|jump over|leave out|miss out|omit|bypass|without|straight to|directly to|go right to|drop"
    r"|forget|spare|(?:stage|phase|step)s? in between)\b"
)


def stage_order(question: Question) -> Draft | None:
    """First, last, next, before, after, the n-th; or which of two comes first."""
    knowledge, reading = question.knowledge, question.reading
    text, form = reading.plain, reading.form
    stages = question.stages()
    draft = Draft()
    question.cite(draft, [knowledge.pack.framework.lifecycle])
    if stages and form.yes_no and form.ordinal is not None and form.direction in {None, "first", "last"}:
        question.cite(draft, stages[:1])
        return _claimed_place(question, draft, stages[0], form.ordinal)
    if len(stages) >= 2:
        return _compare(question, draft, stages[0], stages[1])
    if not stages:
        return _place(question, draft)
    stage = stages[0]
    question.cite(draft, [stage])
    everything = bool(_PLURAL.search(text)) and form.direction != "last"
    if form.direction in {"before", "previous"}:
        found = knowledge.before(stage.id) if everything else knowledge.preceding(stage.id)
        draft.name_stages(s.id for s in found)
        if not found:
            return draft.say(f"Nothing comes before {stage.name}: it is the first stage.")
        return draft.say(f"Before {stage.name} {_comes(found)} {named_stages(found)}.")
    if form.direction in {"after", "next", "last"}:
        found = knowledge.after(stage.id) if everything else knowledge.following(stage.id)
        draft.name_stages(s.id for s in found)
        if not found:
            draft.say(f"Nothing comes after {stage.name}: it is the last stage.")
            draft.say(sentence(knowledge.pack.framework.going_back.text))
            question.cite(draft, [knowledge.pack.framework.going_back])
            return draft
        return draft.say(f"After {stage.name} {_comes(found)} {named_stages(found)}.")
    draft.name_stages([stage.id])
    return _say_place(question, draft, stage)


def _claimed_place(question: Question, draft: Draft, stage: Stage, wanted: int) -> Draft:
    """Whether a stage has the place (from 0; -1 is the last) that a question claims; where not, which one has it."""
    stages = question.knowledge.pack.stages
    count = len(stages)
    holds = wanted in {question.knowledge.position(stage.id), question.knowledge.position(stage.id) - count}
    opening = verdict(question.reading, holds != question.reading.form.negated)
    if holds or not -count <= wanted < count:
        return _say_place(question, draft.name_stages([stage.id]), stage, opening)
    question.cite(draft, [stages[wanted]])
    draft.name_stages([stages[wanted].id]).say(f"{opening}that is {stages[wanted].name}.")
    return _say_place(question, draft, stage)


def _say_place(question: Question, draft: Draft, stage: Stage, opening: str = "") -> Draft:
    """A stage's number, and its neighbours."""
    knowledge = question.knowledge
    draft.say(f"{opening}{stage.name} is stage {knowledge.position(stage.id) + 1} of {len(knowledge.pack.stages)}.")
    before, after = knowledge.preceding(stage.id), knowledge.following(stage.id)
    if before:
        draft.say(f"Before it {_comes(before)} {named_stages(before)}.")
    if after:
        draft.say(f"After it {_comes(after)} {named_stages(after)}.")
    return draft


def _compare(question: Question, draft: Draft, first: Stage, second: Stage) -> Draft:
    """Which of two stages comes first; the claim in a yes/no question is that the one named first does, or follows."""
    knowledge, reading = question.knowledge, question.reading
    earlier, later = sorted((first, second), key=lambda stage: knowledge.position(stage.id))
    between = [s for s in knowledge.after(earlier.id) if knowledge.position(s.id) < knowledge.position(later.id)]
    if between and _BETWEEN.search(reading.plain):
        question.cite(draft, [earlier, *between, later])
        draft.name_stages(s.id for s in between)
        return draft.say(f"Between {earlier.name} and {later.name} {_comes(between)} {named_stages(between)}.")
    opening = ""
    if reading.form.yes_no and not reading.form.either and reading.form.direction in {"before", "after"}:
        claims_first = reading.form.direction == "before"
        opening = verdict(reading, (earlier.id == first.id) == claims_first)
    draft.name_stages([earlier.id])
    draft.say(f"{opening}{earlier.name} comes before {later.name}.")
    if later in knowledge.parallel(earlier.id):
        draft.say("The two may run in parallel.")
    question.cite(draft, [earlier, later])
    return draft


def _place(question: Question, draft: Draft) -> Draft | None:
    stages = question.knowledge.pack.stages
    wanted = question.reading.form.ordinal
    if wanted is None and question.reading.form.direction in {"first", "last"}:
        wanted = 0 if question.reading.form.direction == "first" else -1
    if wanted is None:
        # "What is next?" without a stage asks about something that is not named.
        return None if question.reading.form.direction else stages_list(question)
    wanted = len(stages) - 1 if wanted == -1 else wanted
    if not 0 <= wanted < len(stages):
        return draft.say(f"There is no such stage: the lifecycle has {len(stages)}, {named_stages(stages)}.")
    stage = stages[wanted]
    named = ORDINAL_WORDS[wanted] if wanted < len(ORDINAL_WORDS) else f"{wanted + 1}."
    word = "last" if wanted == len(stages) - 1 else named
    question.cite(draft, [stage])
    return draft.name_stages([stage.id]).say(f"The {word} stage is {stage.name}: {sentence(stage.summary)}")


def _comes(stages: list[Stage]) -> str:
    return "comes" if len(stages) == 1 else "come"


def stages_list(question: Question) -> Draft:
    """All stages, in order."""
    stages = question.knowledge.pack.stages
    draft = Draft().say(f"The lifecycle has {_number(len(stages))} stages, in this order:")
    draft.lines += [f"{number}. {stage.name}" for number, stage in enumerate(stages, 1)]
    question.cite(draft, [question.knowledge.pack.framework.lifecycle, *stages])
    return draft.name_stages(stage.id for stage in stages)


def _number(count: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return f"{words[count]} ({count})" if count < len(words) else str(count)


def parallel(question: Question) -> Draft:
    """What may run at the same time as the stages named; without one, which stages may overlap at all."""
    knowledge, reading = question.knowledge, question.reading
    draft = Draft()
    stages = question.stages()
    if len(stages) >= 2:
        first, second = stages[0], stages[1]
        overlap = second in knowledge.parallel(first.id)
        claims_order = bool(_WAITING.search(reading.plain))
        opening = verdict(reading, overlap != (claims_order or reading.form.negated))
        question.cite(draft, [first, second])
        if overlap:
            draft.name_stages([first.id, second.id])
            return draft.say(
                f"{opening}{first.name} and {second.name} may run in parallel; neither waits for the other's end."
            )
        question.cite(draft, [knowledge.pack.framework.lifecycle])
        return draft.say(
            f"{opening}the source does not describe {first.name} and {second.name} as running in parallel."
        )
    if stages:
        stage = stages[0]
        beside = knowledge.parallel(stage.id)
        claims_order = bool(_WAITING.search(reading.plain))
        question.cite(draft, [stage, *beside])
        draft.name_stages(s.id for s in beside)
        if not beside:
            return draft.say(
                f"{verdict(reading, claims_order)}The source names no stage that runs in parallel with {stage.name}."
            )
        opening = verdict(reading, not claims_order)
        return draft.say(
            f"{opening}{named_stages(beside)} may run in parallel with {stage.name}, while it is still open."
        )
    pairs = [
        (a, b)
        for number, a in enumerate(knowledge.pack.stages)
        for b in knowledge.pack.stages[number + 1 :]
        if b in knowledge.parallel(a.id)
    ]
    claims_order = bool(_WAITING.search(reading.plain))
    question.cite(draft, [s for pair in pairs for s in pair] or [knowledge.pack.framework.lifecycle])
    if not pairs:
        return draft.say("The source names no stages that run in parallel.")
    for a, b in pairs:
        draft.name_stages([a.id, b.id])
    said = listed([f"{a.name} and {b.name}" for a, b in pairs])
    return draft.say(f"{verdict(reading, not claims_order)}{said} may run in parallel.")


def transition(question: Question) -> Draft:
    """Whether a product may go from one stage to another: back, forward, past one; or how moves go in general."""
    knowledge, reading = question.knowledge, question.reading
    rules = knowledge.pack.framework
    text = reading.plain
    stages = question.stages()
    draft = Draft()
    if len(stages) >= 2:
        start, end = (stages[1], stages[0]) if _turned(text) else (stages[0], stages[1])
        if _REOPENING.search(text):
            end, start = sorted((start, end), key=lambda stage: knowledge.position(stage.id))
        if knowledge.position(end.id) < knowledge.position(start.id):
            return _going_back(question, draft, start, end)
        if end in knowledge.following(start.id) and not _FORWARD_MISS.search(text):
            question.cite(draft, [rules.lifecycle, start])
            holds = not _is_forbidden(text)
            draft.name_stages([end.id])
            return draft.say(
                f"{verdict(reading, holds)}{end.name} comes after {start.name}: that is the normal way forward."
            )
        question.cite(draft, [rules.skipping])
        between = [s for s in knowledge.after(start.id) if knowledge.position(s.id) < knowledge.position(end.id)]
        draft.say(f"{verdict(reading, _is_forbidden(text))}{sentence(rules.skipping.text)}")
        if between:
            draft.say(f"Between {start.name} and {end.name} {_comes(between)} {named_stages(between)}.")
        return draft
    if stages and _FORWARD_MISS.search(text) and "back" not in text:
        question.cite(draft, [rules.skipping, stages[0]])
        return draft.say(f"{verdict(reading, _is_forbidden(text))}{sentence(rules.skipping.text)}")
    if stages:
        stage = stages[0]
        if knowledge.position(stage.id) == 0 or "back to" in text or "return to" in text or "revisit" in text:
            question.cite(draft, [rules.going_back])
            holds = not _is_forbidden(text)
            draft.name_stages([stage.id])
            return draft.say(
                f"{verdict(reading, holds)}a product can go back to {stage.name}. {sentence(rules.going_back.text)}"
            )
        return _going_back(question, draft, stage, None)
    if _FORWARD_MISS.search(text) and "back" not in text:
        question.cite(draft, [rules.skipping])
        return draft.say(f"{verdict(reading, _is_forbidden(text))}{sentence(rules.skipping.text)}")
    question.cite(draft, [rules.going_back, rules.lifecycle])
    holds = not _is_forbidden(text)
    draft.say(f"{verdict(reading, holds)}{sentence(rules.going_back.text)}")
    return draft.say(sentence(rules.lifecycle.text))


def _is_forbidden(text: str) -> bool:
    """Whether a question supposes that a move is not allowed, rather than that it is."""
    text = as_claim(text)
    return bool(_FORBIDDEN.search(text)) and not (
        _ALLOWED.search(text) and not re.search(r"\bnot? \w* ?allowed\b", text)
    )


def _turned(text: str) -> bool:
    """Whether a text names the target first: "to A from B"."""
    to, start = re.search(r"\b(?:to|2)\b", text), re.search(r"\bfrom\b", text)
    return bool(to and start and to.start() < start.start() and not re.search(r"\bfrom\b.*\b(?:to|2)\b", text))


def _going_back(question: Question, draft: Draft, start: Stage, end: Stage | None) -> Draft:
    rules = question.knowledge.pack.framework
    allowed = start.returns == "any_earlier" or (end is not None and end.id in start.returns)
    facts: list[Sourced] = [rules.going_back, start]
    question.cite(draft, facts)
    text = question.reading.plain
    if end is None:
        holds = not _is_forbidden(text)
        return draft.say(f"{verdict(question.reading, holds)}{sentence(rules.going_back.text)}")
    if not allowed:
        return draft.say(
            f"{verdict(question.reading, False)}the source knows no way back from {start.name} to {end.name}."
        )
    draft.name_stages([end.id])
    opening = verdict(question.reading, not _is_forbidden(text))
    draft.say(f"{opening}a product can go straight back from {start.name} to {end.name}.")
    return draft.say(sentence(rules.going_back.text))
