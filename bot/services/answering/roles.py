"""Answers about roles: what they do, where they work, how they differ, what else they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.services.answering.draft import Draft, Question, capitalised, named_stages, plural, sentence, verdict
from bot.services.answering.stages import role_in_stage
from bot.services.words import listed
from intents.words import base_form

if TYPE_CHECKING:
    from knowledge.schema import Level, Role


def role_what(question: Question) -> Draft | None:
    """What the roles are and do."""
    roles = question.roles()
    if not roles:
        return None
    draft = Draft()
    for role in roles:
        _describe(question, draft, role)
    return draft.name_roles(role.id for role in roles)


def _describe(question: Question, draft: Draft, role: Role) -> None:
    knowledge = question.knowledge
    titles = f" (also: {listed(_titles(role))})" if role.includes else ""
    draft.say(f"{capitalised(role.name)}{titles}: {sentence(role.summary)}")
    draft.lines += [f"• {sentence(kind.text)}" for kind in role.kinds]
    draft.lines += [f"• {sentence(detail.text)}" for detail in role.details]
    question.cite(draft, [role, *role.kinds, *role.details])
    rows = knowledge.stages_of(role.id)
    if rows:
        draft.say(f"Stages: {_stages_with_levels(question, role)}.")
        question.cite(draft, [row for _, found in rows for row in found])


def _titles(role: Role) -> list[str]:
    """The job titles that count as a role, each in one form: plurals and second spellings only help to find it."""
    found: dict[tuple[str, ...], str] = {}
    for title in role.includes:
        found.setdefault(tuple(base_form(word) for word in title.lower().split()), title)
    return list(found.values())


def role_stages(question: Question) -> Draft | None:
    """In which stages the roles work, and how; or in which they do not."""
    roles = question.roles()
    if not roles:
        return None
    knowledge, form = question.knowledge, question.reading.form
    named = question.stages()
    if named and form.yes_no and not (form.only or form.others):
        return role_in_stage(question)
    if len(roles) > 1 and _TOGETHER.search(question.reading.plain) and not form.negated:
        return _shared_stages(question, roles)
    draft = Draft()
    for role in roles:
        rows = knowledge.stages_of(role.id)
        if form.negated and not form.yes_no:
            taking = {stage.id for stage, _ in rows}
            absent = [stage for stage in knowledge.pack.stages if stage.id not in taking]
            draft.name_stages(stage.id for stage in absent)
            draft.say(
                sentence(f"{capitalised(role.names)} take no part in {named_stages(absent)}, as far as the source says")
            )
            question.cite(draft, absent)
            continue
        question.cite(draft, [row for _, found in rows for row in found])
        if not rows:
            draft.say(f"The source names no stage for {role.names}.")
            question.cite(draft, [role])
            continue
        draft.name_stages(stage.id for stage, _ in rows)
        opening = ""
        if form.yes_no and named:
            only = {stage.id for stage, _ in rows} == {stage.id for stage in named}
            opening = verdict(question.reading, only)
        name = role.names if opening else capitalised(role.names)
        draft.say(f"{opening}{name} work in {_number(len(rows), 'stage')}: {_stages_with_levels(question, role)}.")
        marginal = [row for row in knowledge.involvements(role=role.id) if not knowledge.levels[row.level].takes_part]
        for row in marginal:
            level = knowledge.levels[row.level]
            draft.say(sentence(f"They {level.verb_plural} {knowledge.stages[row.stage].name}"))
            question.cite(draft, [row])
    return draft


_TOGETHER = re.compile(
    r"\b(?:both|together|share[sd]?|shared|meet|overlap|side by side|at once|jointly|with each other)\b"
)


def _shared_stages(question: Question, roles: list[Role]) -> Draft:
    """The stages in which all of some roles work; that all of them lead, where the question is about leading."""
    knowledge, form = question.knowledge, question.reading.form
    draft = Draft()
    shared = []
    for stage in knowledge.pack.stages:
        rows = [knowledge.involvements(stage=stage.id, role=role.id) for role in roles]
        kept = [[r for r in found if _counts(knowledge.levels[r.level], form.leads)] for found in rows]
        if all(kept):
            shared.append(stage)
            question.cite(draft, [row for found in kept for row in found])
    does = "drive" if form.leads else "work in"
    draft.name_stages(stage.id for stage in shared)
    if not shared:
        question.cite(draft, roles)
        draft.say(f"{verdict(question.reading, False)}the source names no stage that {plural(roles)} {does} together.")
        return draft
    opening = verdict(question.reading, True)
    return draft.say(sentence(f"{opening}{plural(roles)} {does} {named_stages(shared)} together"))


def _counts(level: Level, leading: bool) -> bool:
    return level.owner if leading else level.takes_part


def _stages_with_levels(question: Question, role: Role) -> str:
    levels = question.knowledge.levels
    parts = []
    for stage, rows in question.knowledge.stages_of(role.id):
        condition = f", {rows[0].condition}" if rows[0].condition else ""
        parts.append(f"{stage.name} ({levels[rows[0].level].name}{condition})")
    return listed(parts)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def role_difference(question: Question) -> Draft | None:
    """Two roles side by side."""
    roles = question.roles()
    if len(roles) < 2:
        return role_alias(question) if roles and question.reading.slots.get("title") else None
    draft = Draft()
    if question.reading.form.yes_no:
        draft.say(f"{verdict(question.reading, False)}{plural(roles)} are different roles.")
    for role in roles[:3]:
        _describe(question, draft, role)
    shared = [
        stage
        for stage in question.knowledge.pack.stages
        if all(any(s.id == stage.id for s, _ in question.knowledge.stages_of(role.id)) for role in roles)
    ]
    if shared:
        draft.say(
            f"Both work in {named_stages(shared)}." if len(roles) == 2 else f"All work in {named_stages(shared)}."
        )
    return draft.name_roles(role.id for role in roles)


def role_alias(question: Question) -> Draft | None:
    """Which role or stage goes by another name, or which other names one has."""
    reading, knowledge = question.reading, question.knowledge
    draft = Draft()
    known = False
    for entity in reading.entities:
        if entity.kind == "role":
            role = knowledge.roles[entity.id]
            question.cite(draft, [role])
            draft.name_roles([role.id])
            own = entity.text.lower().rstrip("s") in {role.name.lower().rstrip("s"), role.names.lower().rstrip("s")}
            if entity.title:
                draft.say(f"“{capitalised(entity.text)}” counts as {role.names}. {_definition(role)}")
            elif not own:
                draft.say(f"“{capitalised(entity.text)}” is another name for {role.names}. {_definition(role)}")
            else:
                others = [*_titles(role), *role.aliases]
                also = f" Other names: {listed(others)}." if others else ""
                draft.say(f"{capitalised(role.name)}: {sentence(role.summary)}{also}")
            known = True
        elif entity.kind == "stage":
            stage = knowledge.stages[entity.id]
            question.cite(draft, [stage])
            draft.name_stages([stage.id])
            if entity.text.lower() == stage.name.lower():
                also = f" Other names: {listed(list(stage.aliases))}." if stage.aliases else ""
                draft.say(f"{stage.name}: {sentence(stage.summary)}{also}")
            else:
                draft.say(f"“{capitalised(entity.text)}” is another name for {stage.name}: {sentence(stage.summary)}")
            known = True
    if not known:
        return None
    if reading.form.yes_no and (len(draft.roles) == 1 or len(draft.stages) == 1):
        draft.lines[0] = "Yes: " + draft.lines[0]
    elif reading.form.yes_no and len(draft.roles) == 2:
        draft.lines.insert(0, f"No: {plural([knowledge.roles[role] for role in draft.roles])} are different roles.")
    return draft


def _definition(role: Role) -> str:
    return f"{capitalised(role.name)}: {sentence(role.summary)}"


def roles_list(question: Question) -> Draft:
    """All roles."""
    knowledge = question.knowledge
    roles = knowledge.pack.roles
    draft = Draft()
    if not roles:
        question.cite(draft, [knowledge.pack.framework.lifecycle])
        return draft.say("The source names no roles.")
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    count = words[len(roles)] if len(roles) < len(words) else str(len(roles))
    there = "There is one role" if len(roles) == 1 else f"There are {count} roles"
    draft.say(f"{there}: {plural(roles)}.")
    question.cite(draft, roles)
    return draft.name_roles(role.id for role in roles)
