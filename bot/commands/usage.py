"""The usage of commands, with examples in the words of the pack."""

from __future__ import annotations

from bot.commands.grammar import COMMANDS, Command, Verb, command_named
from knowledge.schema import Pack


def usage(pack: Pack, command: str, verb: str | None = None, *, prefix: str = "") -> str:
    """How a command, or one of its verbs, is used. `prefix` stands before the command's name in this workspace."""
    known = command_named(command)
    if known is None:
        return "\n".join(f"/{prefix}{c.name}: {c.summary}" for c in COMMANDS)
    slash = f"/{prefix}{known.name}"
    words = _words(pack)
    verbs = [v for v in known.verbs if verb in {None, v.name} and _fits(pack, v)] or list(known.verbs)
    lines = [] if verb else [f"{slash}: {known.summary}."]
    for each in verbs:
        lines.append(f"{slash} {each.usage}: {each.summary}")
        examples = each.examples if verb else each.examples[:1]
        lines += [f"    {slash} {example}" for example in (_filled(e, words) for e in examples) if example]
    if known.name == "stage":
        lines.append("Stages: " + ", ".join(f"{s.name} ({s.id})" for s in pack.stages) + ".")
    if known.name in {"role", "product"} and pack.roles:
        lines.append("Roles: " + ", ".join(f"{r.name} ({r.id})" for r in pack.roles) + ".")
    if not verb and known.name in {"stage", "product"}:
        lines.append("P is a product, by name or id. In a channel linked to one it may be left out.")
    return "\n".join(lines)


def verb_usage(command: Command, verb: Verb, *, prefix: str = "") -> str:
    """The one line that says how a verb is written."""
    return f"/{prefix}{command.name} {verb.usage}"


def decision_example(pack: Pack) -> str:
    """A complete decision in the pack's words: "go cost 120k EUR"; empty where no stage needs one."""
    for stage in pack.stages:
        if stage.gate and stage.gate.decision:
            decision = stage.gate.decision
            option = next((o for o in decision.options if not o.closes), decision.options[0])
            fields = [f"{f.id} {_quoted(f.example or '…')}" for f in decision.fields if f.required]
            return " ".join([option.id, *fields])
    return ""


def _words(pack: Pack) -> dict[str, str]:
    stages = [s.id for s in pack.stages]
    roles = [r.id for r in pack.roles]
    return {
        "stage": stages[0],
        "next_stage": stages[min(1, len(stages) - 1)],
        "earlier_stage": stages[0],
        "role": roles[0] if roles else "",
        "other_role": roles[-1] if roles else "",
        "decision": decision_example(pack),
    }


def _filled(example: str, words: dict[str, str]) -> str:
    """The example with the pack's words; without what the pack has no word for."""
    if "{role}" in example and not words["role"]:
        example = example.replace(" {role} @ana", "")
    return example.format(**words)


def _fits(pack: Pack, verb: Verb) -> bool:
    has = {"roles": bool(pack.roles), "decisions": bool(decision_example(pack))}
    return has.get(verb.needs, True)


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text and not text[0].isdigit() else text
