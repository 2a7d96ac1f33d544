"""Answers about stages: who drives them, who takes part, what happens in them, what comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.services.answering.draft import Draft, Question, capitalised, plural, sentence, verdict, within
from bot.services.words import listed
from knowledge.queries import Knowledge, walk

if TYPE_CHECKING:
    from knowledge.schema import Involvement, Role, Stage


_ENTERING = re.compile(r"\b(?:before|prior to|enter(?:s|ing)?|entry|begins?|starts?|ready for)\b")
_LEAVING = re.compile(
    r"\b(?:leav\w*|left|finish\w*|clos\w+|complet\w+|ends?|ended|ending|exit\w*|quit|sign\w*|pass(?:ed)?|out of"
    r"|on from|(?:is|are) (?:over|done))\b"
)


def stage_owner(question: Question) -> Draft | None:
    """Who drives the stages that the question names; a role that it takes for the driver is confirmed or corrected."""
    stages = question.stages()
    if not stages:
        return None
    draft = Draft()
    claimed = question.roles()
    for stage in stages:
        rows = question.knowledge.owners(stage.id)
        owners = _roles(question.knowledge, rows)
        if question.reading.form.negated and not question.reading.form.yes_no:
            driving = {role.id for role in owners}
            others = [role for role in claimed or question.knowledge.pack.roles if role.id not in driving]
            draft.name_roles(role.id for role in others)
            draft.say(f"Not driving {stage.name}: {plural(others) or 'nobody'}.")
            draft.say(_drivers(question.knowledge, stage, rows))
            question.cite(draft, rows)
            continue
        draft.name_roles(role.id for role in owners)
        question.cite(draft, rows or stage.removed or [stage])
        draft.say(_claim(question, stage, owners, claimed) + _drivers(question.knowledge, stage, rows))
        if len(rows) > 1 and any(row.what for row in rows):
            draft.lines += [f"• {sentence(capitalised(_part(question.knowledge, row)))}" for row in rows if row.what]
        if len(stages) == 1:
            _also(question, draft, stage)
    return draft


def stage_participants(question: Question) -> Draft | None:
    """Who takes part in the stages; who else does; or who does not."""
    stages = question.stages()
    if not stages:
        return None
    knowledge, form = question.knowledge, question.reading.form
    mentioned = {role.id for role in question.roles()}
    if mentioned and form.yes_no and not form.others:
        return role_in_stage(question)
    draft = Draft()
    for stage in stages:
        if form.negated:
            _absent(question, draft, stage)
            continue
        owners, others = knowledge.owners(stage.id), knowledge.participants(stage.id)
        rows = [row for row in (*owners, *others) if row.role not in mentioned or not form.others]
        question.cite(draft, rows)
        draft.name_roles(row.role for row in rows)
        if owners and not form.others:
            draft.say(_drivers(knowledge, stage, owners))
        if form.others and mentioned and rows:
            also = listed([_with_condition(knowledge, row) for row in rows])
            draft.say(sentence(f"besides {plural(question.roles())}, {also} take part in {stage.name}"))
        elif others:
            draft.say(_take_part(knowledge, stage, others))
            if form.others and owners:
                draft.say(_drivers(knowledge, stage, owners))
        elif not owners:
            draft.say(_nobody(stage, f"The source names no role for {stage.name}."))
            question.cite(draft, stage.removed or [stage])
        else:
            if form.others:
                draft.say(_drivers(knowledge, stage, owners))
            draft.say(_nobody(stage, f"The source names nobody else for {stage.name}."))
            question.cite(draft, stage.removed)
    return draft


def stage_what(question: Question) -> Draft | None:
    """What happens in the stages."""
    stages = question.stages()
    if not stages:
        return None
    draft = Draft().name_stages(stage.id for stage in stages)
    for stage in stages:
        draft.say(f"{stage.name}: {sentence(stage.summary)}")
        draft.lines += [f"• {sentence(detail.text)}" for detail in stage.details]
        question.cite(draft, [stage, *stage.details])
        rows = question.knowledge.owners(stage.id)
        if rows or stage.removed:
            draft.say(_drivers(question.knowledge, stage, rows)).name_roles(row.role for row in rows)
            question.cite(draft, rows or stage.removed)
    return draft


def stage_outcome(question: Question) -> Draft | None:
    """What is in hand when the stages end."""
    stages = question.stages()
    if not stages:
        return None
    draft = Draft()
    for stage in stages:
        artefacts = [a for a in question.knowledge.pack.artefacts if stage.id in (*a.produced_in, *a.updated_in)]
        passed = [h for h in question.knowledge.pack.handovers if h.stage == stage.id]
        decision = stage.gate.decision if stage.gate else None
        if stage.outcome:
            draft.say(f"{stage.name} ends with: {' '.join(sentence(outcome.text) for outcome in stage.outcome)}")
            question.cite(draft, stage.outcome)
        if decision:
            options = listed([option.name for option in decision.options], "or")
            fields = listed([f.name for f in decision.fields if f.required])
            with_fields = f", recorded with {fields}" if fields else ""
            draft.say(f"The decision at its end is {decision.name} ({options}){with_fields}.")
            question.cite(draft, [decision])
        if artefacts:
            draft.say(f"Produced or updated there: {listed([artefact.name for artefact in artefacts])}.")
            question.cite(draft, artefacts)
        if not (stage.outcome or decision or artefacts):
            draft.say(f"The source names no particular outcome of {stage.name}. {sentence(stage.summary)}")
            question.cite(draft, [stage])
        for handover in passed:
            draft.say(sentence(handover.what))
            question.cite(draft, [handover])
    return draft


def stage_gate(question: Question) -> Draft | None:
    """What must be true, and decided, before the stages are left; or those before them, so that they can begin."""
    stages = question.stages()
    if not stages:
        return None
    draft = Draft()
    text = question.reading.plain
    if len(stages) > 1:
        stages = stages[:1]  # "from this one to that one"
    elif _ENTERING.search(text) and not _LEAVING.search(text):
        stages = question.knowledge.preceding(stages[0].id) or stages
    for stage in stages:
        gate = stage.gate
        if not gate or not (gate.criteria or gate.decision):
            draft.say(f"The source sets no condition for leaving {stage.name}.")
            question.cite(draft, [stage])
            continue
        if gate.decision:
            draft.say(_decision(question.knowledge, stage))
            question.cite(draft, [gate.decision])
        if gate.criteria:
            draft.say(f"Before {stage.name} is left:")
            draft.lines += [f"• {sentence(criterion.text)}" for criterion in gate.criteria]
            question.cite(draft, gate.criteria)
    return draft


def decision_owner(question: Question) -> Draft | None:
    """Who takes the decision at a stage's end; without a stage, at every stage that has one."""
    named = question.stages()
    stages = [stage for stage in named or question.knowledge.pack.stages if stage.gate and stage.gate.decision]
    if not stages:
        return stage_owner(question) if named else None
    draft = Draft()
    for stage in stages:
        decision = stage.gate.decision if stage.gate else None
        if decision:
            draft.say(_decision(question.knowledge, stage)).name_roles(decision.decided_by)
            question.cite(draft, [decision])
    return draft


def role_in_stage(question: Question) -> Draft | None:
    """What the roles do in the stages; that they take no part is said, and who does."""
    roles, stages = question.roles(), question.stages()
    if not roles or not stages:
        return None
    draft = Draft()
    for stage in stages:
        for role in roles:
            _one_role_in_stage(question, draft, role, stage)
    return draft


def _one_role_in_stage(question: Question, draft: Draft, role: Role, stage: Stage) -> None:
    knowledge, form = question.knowledge, question.reading.form
    rows = knowledge.involvements(stage=stage.id, role=role.id)
    taking = [row for row in rows if knowledge.levels[row.level].takes_part]
    owners = knowledge.owners(stage.id)
    alone = {row.role for row in owners} == {role.id}
    owned = [r for r in knowledge.owned_by(role.id) if stage.id in (r.stage, *r.also_stages)]
    received = [
        h for h in knowledge.pack.handovers if h.stage == stage.id and any(o.role == role.id for o in h.receivers)
    ]
    if not taking:
        said = f"{verdict(question.reading, form.negated)}{_in_sentence(role, form.yes_no)} "
        if rows:
            level = knowledge.levels[rows[0].level]
            draft.say(sentence(f"{said}{level.verb_plural} {stage.name}{_condition(rows[0])}"))
            _say_part(question, draft, rows[0])
            question.cite(draft, rows)
        else:
            _no_part(question, draft, said, role, stage)
        for r in owned:
            own = [owner for owner in r.owners if owner.role == role.id]
            told = "; ".join(owner.what for owner in own if owner.what)
            draft.say(sentence(f"Still theirs: {told or within(r.name)}"))
            question.cite(draft, own)
        if owners:
            draft.say(_drivers(knowledge, stage, owners))
            question.cite(draft, owners)
            draft.name_roles(row.role for row in owners)
        return
    draft.name_roles([role.id]).name_stages([stage.id])
    if form.only:
        draft.name_roles(row.role for row in owners)
    holds = not form.negated
    if form.only and len({row.role for row in owners}) > 1 and not alone:
        holds = False
    for number, row in enumerate(taking):
        opening = verdict(question.reading, holds) if number == 0 else ""
        level = knowledge.levels[row.level]
        name = _in_sentence(role, bool(opening))
        draft.say(sentence(f"{opening}{name} {level.verb_plural} {stage.name}{_condition(row)}"))
        _say_part(question, draft, row)
    question.cite(draft, taking)
    together = [row for row in owners if row.role != role.id]
    if together:
        others = plural(_roles(knowledge, together))
        driving = any(knowledge.levels[row.level].owner for row in taking)
        draft.say(f"They share it with {others}." if driving else _drivers(knowledge, stage, together))
        question.cite(draft, together)
    for handover in received:
        draft.say(sentence(handover.what))
        question.cite(draft, [handover])
    if owned:
        draft.say("Theirs there: " + "; ".join(within(r.name) for r in owned[:12]) + ".")
        question.cite(draft, [o for r in owned for o in r.owners if o.role == role.id])


def _no_part(question: Question, draft: Draft, said: str, role: Role, stage: Stage) -> None:
    """Say that a role takes no part in a stage: by the organisation's doing, or by the source's silence."""
    taken = [each for each in stage.removed if each.of == role.id]
    if taken:
        draft.say(sentence(f"{said}take no part in {stage.name}"))
        draft.say(_nobody(stage, "", role.id))
        question.cite(draft, taken)
        return
    draft.say(sentence(f"{said}take no part in {stage.name}, as far as the source says"))
    draft.references.append(_silence(question, stage))


def _silence(question: Question, stage: Stage):  # type: ignore[no-untyped-def]
    """The reference for what the source does not say: derived from its silence about the stage."""
    from bot.results import Reference

    place = question.knowledge.cite(stage)
    return Reference(place.source, place.section, "derived")


def _absent(question: Question, draft: Draft, stage: Stage) -> None:
    knowledge = question.knowledge
    absent = knowledge.uninvolved(stage.id)
    if not absent:
        draft.say(f"Every role takes part in {stage.name}.")
    else:
        draft.say(sentence(f"{plural(absent)} take no part in {stage.name}, as far as the source says"))
        draft.name_roles(role.id for role in absent)
        for role in absent:
            for row in knowledge.involvements(stage=stage.id, role=role.id):
                level = knowledge.levels[row.level]
                draft.say(sentence(f"{capitalised(role.names)} {level.verb_plural} it{_condition(row)}"))
                _say_part(question, draft, row)
                question.cite(draft, [row])
    draft.references.append(_silence(question, stage))


def _claim(question: Question, stage: Stage, owners: list[Role], claimed: list[Role]) -> str:
    """The yes or no to a question that takes some roles for the drivers; "" where it takes none."""
    reading = question.reading
    if not claimed:
        return ""
    ids = {role.id for role in owners}
    wrong = [role for role in claimed if role.id not in ids]
    if reading.form.yes_no and not (reading.form.either and len(claimed) > 1):
        holds = not wrong and not (reading.form.only and ids - {role.id for role in claimed})
        return verdict(reading, holds != reading.form.negated)
    if wrong and len(wrong) == len(claimed) and not reading.form.either and not reading.form.others:
        return f"Not {plural(wrong, 'or')}. "
    return ""


def _drivers(knowledge: Knowledge, stage: Stage, rows: list[Involvement]) -> str:
    if not rows:
        return _nobody(stage, f"The source names no role that leads {stage.name}.")
    whole = [row for row in rows if not row.activity]
    said = [_drive(knowledge, whole, stage.name)] if whole else []
    for part in walk(stage.activities):
        if own := [row for row in rows if row.activity == part.id]:
            said.append(_drive(knowledge, own, f"{part.name}, a part of {stage.name}"))
    return " ".join(said)


def _drive(knowledge: Knowledge, rows: list[Involvement], what: str) -> str:
    level = knowledge.levels[rows[0].level]
    roles = _roles(knowledge, rows)
    verb = (
        level.verb if len(roles) == 1 and not roles[0].plural and roles[0].names == roles[0].name else level.verb_plural
    )
    return sentence(f"{plural(roles)} {verb} {what}")


def _nobody(stage: Stage, otherwise: str, role: str = "") -> str:
    """Why nobody is named: what the organisation took away of the stage, or of one role in it; else these words."""
    return " ".join(each.text for each in stage.removed if not role or each.of == role) or otherwise


def _also(question: Question, draft: Draft, stage: Stage) -> None:
    rows = question.knowledge.participants(stage.id)
    if rows:
        draft.say(_take_part(question.knowledge, stage, rows, also=True))
        question.cite(draft, rows)


def _take_part(knowledge: Knowledge, stage: Stage, rows: list[Involvement], also: bool = False) -> str:
    who = listed([_with_condition(knowledge, row) for row in rows])
    level = knowledge.levels[rows[0].level]
    return sentence(f"{who} {'also ' if also else ''}{level.verb_plural} {'it' if also else stage.name}")


def _with_condition(knowledge: Knowledge, row: Involvement) -> str:
    return knowledge.roles[row.role].names + _condition(row) + _part_of_it(knowledge, row)


def _part_of_it(knowledge: Knowledge, row: Involvement) -> str:
    """The activity, where a role takes part in that and not in all of the stage."""
    parts = walk(knowledge.stages[row.stage].activities)
    return next((f" (in {part.name})" for part in parts if part.id == row.activity), "")


def _decision(knowledge: Knowledge, stage: Stage) -> str:
    decision = stage.gate.decision if stage.gate else None
    if not decision:
        return ""
    roles = [knowledge.roles[role] for role in decision.decided_by]
    options = listed([option.name for option in decision.options], "or")
    fields = listed([f.name for f in decision.fields if f.required])
    recorded = f", with {fields}" if fields else ""
    if not roles:
        needed = f"{decision.name} ({options}{recorded}) is needed to leave {stage.name}"
        return f"{needed}. {_nobody(stage, 'The source does not say who decides.')}"
    return sentence(f"{plural(roles)} decide at the end of {stage.name}: {decision.name} ({options}{recorded})")


def _part(knowledge: Knowledge, row: Involvement) -> str:
    return f"{knowledge.roles[row.role].name}: {row.what}"


def _say_part(question: Question, draft: Draft, row: Involvement) -> None:
    """What the role does there, where the pack says it: the texts are about one such person."""
    if row.what:
        draft.say(f"• {sentence(capitalised(_part(question.knowledge, row)))}")


def _condition(row: Involvement) -> str:
    return f" ({row.condition})" if row.condition else ""


def _roles(knowledge: Knowledge, rows: list[Involvement]) -> list[Role]:
    return [knowledge.roles[role] for role in dict.fromkeys(row.role for row in rows)]


def _in_sentence(role: Role, within: bool) -> str:
    return role.names if within else capitalised(role.names)
