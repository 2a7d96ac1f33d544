"""What a framework of stages and roles can say: the shape of the YAML files in a pack.

Nothing here knows a particular framework. Every fact carries where it comes from (`Sourced`): the source, its
section, and whether the source states it, we derived it, or the organisation decided it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Basis = Literal["stated", "derived", "organisation"]
FieldType = Literal["money", "kpi", "text", "date"]


class Model(BaseModel):
    """Frozen, and a key that the schema does not know is an error: a typo must not silently lose a fact."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Sourced(Model):
    """Where a fact comes from. `source` is an id of the framework's sources; left out, it is the first of them.

    Inside another fact, `source`, `section` and `basis` that are left out are those of the fact around it.
    """

    source: Id | None = None
    section: str = ""
    basis: Basis = "stated"
    reviewed: date | None = None
    reviewer: str | None = None


class Source(Model):
    """A document that facts are taken from."""

    id: Id
    title: Text
    url: str | None = None


class Statement(Sourced):
    """One sentence about the thing it stands under."""

    text: Text


class Removed(Statement):
    """What an organisation took away from the thing it stands under: `of`, the id of a role or a stage of the pack."""

    kind: Literal["role", "stage"]
    of: str


class Named(Sourced):
    """A thing with an id, the name people read, and the other names people use for it."""

    id: Id
    name: Text
    aliases: tuple[Text, ...] = ()


class Level(Model):
    """A degree of involvement, such as "drives". The vocabulary is the pack's own.

    `owner`: whoever has this level answers "who owns it". The verbs complete "Builders … the stage".
    """

    id: Id
    name: Text
    verb: Text
    verb_plural: Text
    owner: bool = False
    takes_part: bool = True


class OutcomeField(Model):
    """A piece of information that a decision records, such as a cost."""

    id: Id
    name: Text
    type: FieldType
    required: bool = False
    many: bool = False
    example: str = ""


class Option(Model):
    """One way a decision can go. `closes` is the status a product gets where the option ends its lifecycle.

    `stays`: with this option the gate stays shut, because there is more to do in the stage or in an earlier one.
    """

    id: Id
    name: Text
    aliases: tuple[Text, ...] = ()
    closes: Id | None = None
    stays: bool = False


class Decision(Named):
    """What must be decided before a stage is left: the options, what is recorded with them, and who decides."""

    options: tuple[Option, ...] = Field(min_length=1)
    fields: tuple[OutcomeField, ...] = ()
    decided_by: tuple[Id, ...] = ()
    what: str = ""


class Gate(Sourced):
    """The criteria for leaving a stage forward, and the decision it needs, if any."""

    criteria: tuple[Statement, ...] = ()
    decision: Decision | None = None


class Activity(Named):
    """A part of a stage, such as drafting; may have parts of its own."""

    summary: Text
    activities: tuple[Activity, ...] = ()


class Stage(Named):
    """A stage of the lifecycle. `next` defaults to the stage listed after it; a `terminal` stage has none.

    `returns`: the stages that a product may be sent back to, or "any_earlier". `stall_days`: longer in it is stuck.
    `phrasings`: how people speak of being in it without its name.
    `outcome`: what is in hand when the stage ends. `unspecified`: the source names nobody who drives it.
    `removed`: the roles that an organisation took out of it; written by merging, not by packs.
    """

    summary: Text
    details: tuple[Statement, ...] = ()
    activities: tuple[Activity, ...] = ()
    outcome: tuple[Statement, ...] = ()
    parallel_with: tuple[Id, ...] = ()
    next: tuple[Id, ...] | None = None
    returns: Literal["any_earlier"] | tuple[Id, ...] = "any_earlier"
    terminal: bool = False
    gate: Gate | None = None
    stall_days: int | None = Field(default=None, gt=0)
    unspecified: bool = False
    phrasings: tuple[Text, ...] = ()
    removed: tuple[Removed, ...] = ()


class Role(Named):
    """A role. `includes`: job titles that count as this role, each a name that finds it. `phrasings`: how people
    speak of it without its name.

    `kinds`: the kinds of this role, where it has several. `scope`: "project" unless the role lives elsewhere
    (team, organisation). `people` and `user_group`: who holds it by default, set by an organisation. `unspecified`:
    the source gives it no part in any stage.
    """

    plural: str = ""
    includes: tuple[Text, ...] = ()
    kinds: tuple[Statement, ...] = ()
    summary: Text
    details: tuple[Statement, ...] = ()
    scope: str = "project"
    people: tuple[str, ...] = ()
    user_group: str | None = None
    unspecified: bool = False
    phrasings: tuple[Text, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def names(self) -> str:
        """The plural, for sentences: "builders"."""
        return self.plural or f"{self.name}s"


class Involvement(Sourced):
    """A role's part in a stage, or in an activity of one."""

    role: Id
    stage: Id
    activity: Id | None = None
    level: Id
    what: str = ""
    condition: str = ""


class Owner(Sourced):
    """A role that owns (part of) something. `what`: which part, where several roles share it."""

    role: Id
    what: str = ""


class Responsibility(Named):
    """A thing somebody is responsible for. No owners means that the source names nobody for it.

    `phrasings`: how people ask about it without its name. `what`: what it is, in a sentence. `artefact`: what it
    makes, which may go by the same names. `removed`: owners and stages that an organisation took away.
    """

    what: Text
    stage: Id | None = None
    also_stages: tuple[Id, ...] = ()
    activity: Id | None = None
    component: Id | None = None
    artefact: Id | None = None
    owners: tuple[Owner, ...] = ()
    unspecified: bool = False
    phrasings: tuple[Text, ...] = ()
    notes: tuple[Statement, ...] = ()
    removed: tuple[Removed, ...] = ()


class Component(Named):
    """A part of the product, and who makes it work with the rest."""

    summary: Text
    owners: tuple[Owner, ...] = ()
    phrasings: tuple[Text, ...] = ()


class Artefact(Named):
    """A document or thing that stages produce or update; `by`: the roles that do."""

    summary: Text
    produced_in: tuple[Id, ...] = ()
    updated_in: tuple[Id, ...] = ()
    by: tuple[Id, ...] = ()
    template: str | None = None


class Handover(Named):
    """Something that goes from some roles to others."""

    what: Text
    givers: tuple[Owner, ...] = ()
    receivers: tuple[Owner, ...] = ()
    stage: Id | None = None
    phrasings: tuple[Text, ...] = ()


class Requirement(Named):
    """A goal that requirements must set."""

    what: Text
    stage: Id | None = None


class Entry(Named):
    """A plain question and answer that fits no other shape. `intent` is what such answers call themselves.

    `roles` and `stages` are ids that are THE answer, where the question asks for them. `corrects`: the answer
    contradicts what a yes/no question about it supposes, so that it begins with "No".
    """

    answer: Text
    intent: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")] = "concept"
    roles: tuple[Id, ...] = ()
    stages: tuple[Id, ...] = ()
    phrasings: tuple[Text, ...] = Field(min_length=1)
    yes_no: Literal["yes", "no"] | None = None


class Framework(Model):
    """The head of a pack: what it is, where its facts come from, and its vocabulary.

    `ordered`: the stages follow one another without a circle. `stuck_roles`: who is told when a product is stuck.
    `unnamed`: what the source mentions, but does not define as a role. `review_days`: a fact that was reviewed longer
    ago than this is due again.
    """

    id: Id
    name: Text
    version: Text
    summary: Text
    sources: tuple[Source, ...] = Field(min_length=1)
    levels: tuple[Level, ...] = Field(min_length=1)
    ordered: bool = True
    stuck_roles: tuple[Id, ...] = ()
    lifecycle: Statement
    going_back: Statement
    skipping: Statement
    unnamed: tuple[Text, ...] = ()
    review_days: int = Field(default=365, gt=0)


class Pack(Model):
    """A whole knowledge base, checked. Made by `knowledge.loader.load`; ask it through `knowledge.queries`."""

    framework: Framework
    stages: tuple[Stage, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = ()
    involvements: tuple[Involvement, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()
    components: tuple[Component, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    handovers: tuple[Handover, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    entries: tuple[Entry, ...] = ()
    questions: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    checksum: str = ""
