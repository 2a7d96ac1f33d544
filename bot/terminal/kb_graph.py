"""The stages and the ways between them as text that drawing programs read: Mermaid and DOT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.queries import Knowledge

Kind = Literal["next", "beside", "back", "end"]


@dataclass(frozen=True, slots=True)
class Node:
    """A stage, or a status in which the lifecycle ends early (`end`)."""

    id: str
    name: str
    end: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one node to another; `label`: the option of a decision that leads that way."""

    start: str
    to: str
    kind: Kind
    label: str = ""


def graph(knowledge: Knowledge) -> tuple[list[Node], list[Edge]]:
    """The stages and the ways between them. A way back to any earlier stage is no edge: there would be too many."""
    nodes = [Node(stage.id, stage.name) for stage in knowledge.pack.stages]
    edges: list[Edge] = []
    ends: dict[str, Node] = {}
    for stage in knowledge.pack.stages:
        decision = stage.gate.decision if stage.gate else None
        onward = (
            [option.name for option in decision.options if not option.closes and not option.stays] if decision else []
        )
        for after in knowledge.following(stage.id):
            edges.append(Edge(stage.id, after.id, "next", " or ".join(onward)))
        for option in decision.options if decision else ():
            if option.closes:
                # Two underscores: no stage has such an id.
                end = ends.setdefault(option.closes, Node(f"end__{option.closes}", option.closes, end=True))
                edges.append(Edge(stage.id, end.id, "end", option.name))
        for other in knowledge.parallel(stage.id):
            if knowledge.position(stage.id) < knowledge.position(other.id):
                edges.append(Edge(stage.id, other.id, "beside", "may run side by side"))
        if stage.returns != "any_earlier":
            edges += [Edge(stage.id, earlier, "back", "back") for earlier in stage.returns]
    return [*nodes, *ends.values()], edges


_BACK = "From any stage, back to any earlier one"
_PARTLY_BACK = "From a stage without ways back of its own, back to any earlier one"


def _note(knowledge: Knowledge) -> str:
    free = [stage.returns == "any_earlier" for stage in knowledge.pack.stages[1:]]
    return (_BACK if all(free) else _PARTLY_BACK) if any(free) else ""


def as_mermaid(knowledge: Knowledge) -> str:
    """A Mermaid flowchart."""
    nodes, edges = graph(knowledge)
    return "\n".join(["flowchart TD", *_mermaid_lines(knowledge, nodes, edges)]) + "\n"


def _mermaid_lines(knowledge: Knowledge, nodes: list[Node], edges: list[Edge]) -> Iterator[str]:
    for node in nodes:
        left, right = ("([", "])") if node.end else ("[", "]")
        yield f'    {_mermaid_id(node.id)}{left}"{_mermaid_text(node.name)}"{right}'
    for edge in edges:
        arrow = {"next": "-->", "end": "-->", "beside": "-.-", "back": "-.->"}[edge.kind]
        label = f'|"{_mermaid_text(edge.label)}"|' if edge.label else ""
        yield f"    {_mermaid_id(edge.start)} {arrow}{label} {_mermaid_id(edge.to)}"
    if note := _note(knowledge):
        yield f'    note__back>"{note}"]'


def _mermaid_id(name: str) -> str:
    # A prefix, since words such as “end” mean something to Mermaid.
    return "s_" + name.replace("-", "_")


def _mermaid_text(text: str) -> str:
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def as_dot(knowledge: Knowledge) -> str:
    """A graph in DOT, the language of Graphviz."""
    nodes, edges = graph(knowledge)
    styles = {"next": "", "end": "", "beside": "style=dashed, dir=none", "back": "style=dashed"}
    lines = ["digraph lifecycle {", "    rankdir=TB;", "    node [shape=box];"]
    for node in nodes:
        shape = ", shape=ellipse" if node.end else ""
        lines.append(f"    {_quoted(node.id)} [label={_quoted(node.name)}{shape}];")
    for edge in edges:
        label = f"label={_quoted(edge.label)}" if edge.label else ""
        attributes = ", ".join(filter(None, [label, styles[edge.kind]]))
        lines.append(f"    {_quoted(edge.start)} -> {_quoted(edge.to)}{f' [{attributes}]' if attributes else ''};")
    if note := _note(knowledge):
        lines.append(f"    note__back [label={_quoted(note)}, shape=note];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
