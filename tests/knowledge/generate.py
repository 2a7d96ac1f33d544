"""A framework as large as one likes, written as the YAML files of a pack."""

from __future__ import annotations

from pathlib import Path

FRAMEWORK = """\
id: generated
name: Generated framework
version: "1"
summary: A framework made up to see how long things take.
sources: [{id: generator, title: The generator}]
levels:
  - {id: drives, name: drives, verb: drives, verb_plural: drive, owner: true}
lifecycle: {text: The stages follow one another., section: All}
going_back: {text: Any earlier stage may be revisited., section: All}
skipping: {text: No stage is skipped., section: All}
"""


def write_pack(folder: Path, stages: int = 100, roles: int = 200, responsibilities: int = 5_000) -> Path:
    """Write the files of a pack of this size into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "framework.yaml").write_text(FRAMEWORK)
    (folder / "stages.yaml").write_text("".join(_stage(i, stages) for i in range(stages)))
    (folder / "roles.yaml").write_text("".join(_role(i) for i in range(roles)))
    parts = [(i % roles, i % stages) for i in range(max(stages, roles))]
    (folder / "involvements.yaml").write_text("".join(_involvement(role, stage) for role, stage in parts))
    topics = (_responsibility(i, stages, roles) for i in range(responsibilities))
    (folder / "responsibilities.yaml").write_text("".join(topics))
    return folder


def _stage(i: int, stages: int) -> str:
    return (
        f"- id: stage-{i}\n  name: Stage {i}\n  aliases: [phase {i}]\n  summary: What happens in part {i}.\n"
        f"  section: Stages\n  terminal: {str(i == stages - 1).lower()}\n"
        f"  details:\n    - text: Something is done in part {i}.\n"
    )


def _role(i: int) -> str:
    return f"- id: role-{i}\n  name: Role {i}\n  aliases: [person {i}]\n  summary: Does work {i}.\n  section: Roles\n"


def _involvement(role: int, stage: int) -> str:
    return f"- {{role: role-{role}, stage: stage-{stage}, level: drives, section: Stages}}\n"


def _responsibility(i: int, stages: int, roles: int) -> str:
    return (
        f"- id: topic-{i}\n  name: Topic {i}\n  aliases: [matter {i}, subject {i}]\n"
        f"  what: Matter {i} is looked after.\n"
        f"  section: Topics\n  stage: stage-{i % stages}\n"
        f"  owners:\n    - {{role: role-{i % roles}, what: the first half}}\n"
        f"    - {{role: role-{(i + 1) % roles}, what: the second half, basis: derived}}\n"
        f"  phrasings:\n    - who looks after matter {i}\n"
        f"    - whose job is subject {i}\n    - who does topic {i} here\n"
    )
