"""Layout blocks, alone and as the list that a message or a view holds."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.slack.limits import elements
from tests.slack.limits.text import check_no_mass_mention, check_text_object
from tests.slack.limits.violation import Violation, check_count, check_keys, check_length, members

Surface = str
"""Where blocks are shown: `message`, `modal` or `home`."""

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
RICH_TEXT_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}


def check_blocks(blocks: Any, surface: Surface = "message", where: str = "blocks") -> list[Violation]:
    """All blocks of one payload, and what must be unique among them."""
    return list(_check_blocks(blocks, surface, where))


def _check_blocks(blocks: Any, surface: Surface, where: str) -> Iterator[Violation]:
    yield from check_count(blocks, where, MOST_BLOCKS[surface], minimum=0 if surface == "home" else 1)
    blocks = members(blocks)
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        place = f"{where}[{index}]"
        if not isinstance(block, dict):
            yield Violation(place, f"must be an object, not {type(block).__name__}")
            continue
        block_id = block.get("block_id")
        if block_id is not None:
            yield from check_length(block_id, f"{place}.block_id", 255, minimum=1)
            if block_id in seen:
                yield Violation(f"{place}.block_id", f"{block_id!r} is used twice")
            seen.add(block_id)
        yield from check_block(block, place, surface)
        yield from check_action_ids(block, place)
    objects = [block for block in blocks if isinstance(block, dict)]
    marked_down = sum(len(str(block.get("text", ""))) for block in objects if block.get("type") == "markdown")
    if marked_down > 12_000:
        yield Violation(where, f"hold {marked_down} characters of markdown, at most 12000 are allowed")
    if sum(block.get("type") == "table" for block in objects) > 1:
        yield Violation(where, "hold two tables, one is allowed")
    if surface == "message":
        total = text_length(objects)
        if total > 13_200:
            yield Violation(
                where,
                f"hold {total} characters of text, more than 13200 may be refused",
                error="msg_blocks_too_long",
            )


def text_length(value: Any) -> int:
    """All the characters people can read in these blocks."""
    if isinstance(value, list):
        return sum(map(text_length, value))
    if not isinstance(value, dict):
        return 0
    return sum(
        len(inner) if key == "text" and isinstance(inner, str) else text_length(inner) for key, inner in value.items()
    )


def check_block(block: dict[str, Any], where: str, surface: Surface) -> Iterator[Violation]:
    """One block by the rules of its type."""
    kind = block.get("type")
    rule = RULES.get(str(kind))
    if rule is None:
        yield Violation(where, f"has the unknown block type {kind!r}")
        return
    surfaces, required, optional, check = rule
    if surface not in surfaces:
        yield Violation(where, f"{kind} blocks are not allowed in a {surface}")
    yield from check_keys(block, where, required=required, optional=("type", "block_id", *optional))
    yield from check(block, where)


def check_action_ids(block: dict[str, Any], where: str) -> Iterator[Violation]:
    """No two elements of a block have the same action_id."""
    inner = [*members(block.get("elements")), block.get("accessory"), block.get("element")]
    names = [item["action_id"] for item in inner if isinstance(item, dict) and item.get("action_id")]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Violation(where, f"uses the action_id {name!r} twice")


def check_section(block: dict[str, Any], where: str) -> Iterator[Violation]:
    if block.get("text") is None and not block.get("fields"):
        yield Violation(where, "needs text or fields")
    if block.get("text") is not None:
        yield from check_text_object(block["text"], f"{where}.text", 3000)
    if "fields" in block:
        yield from check_count(block["fields"], f"{where}.fields", 10)
        for index, field in enumerate(members(block["fields"])):
            yield from check_text_object(field, f"{where}.fields[{index}]", 2000)
    if block.get("accessory") is not None:
        yield from elements.check_element(block["accessory"], f"{where}.accessory", elements.IN_SECTION)


def check_header(block: dict[str, Any], where: str) -> Iterator[Violation]:
    yield from check_text_object(block.get("text"), f"{where}.text", 150, plain=True)


def check_actions(block: dict[str, Any], where: str) -> Iterator[Violation]:
    yield from check_members(block, where, 25, elements.IN_ACTIONS)


def check_context_actions(block: dict[str, Any], where: str) -> Iterator[Violation]:
    yield from check_members(block, where, 5, elements.IN_CONTEXT_ACTIONS)


def check_members(block: dict[str, Any], where: str, most: int, allowed: set[str]) -> Iterator[Violation]:
    yield from check_count(block.get("elements"), f"{where}.elements", most)
    for index, element in enumerate(members(block.get("elements"))):
        yield from elements.check_element(element, f"{where}.elements[{index}]", allowed)


def check_context(block: dict[str, Any], where: str) -> Iterator[Violation]:
    yield from check_count(block.get("elements"), f"{where}.elements", 10)
    for index, element in enumerate(members(block.get("elements"))):
        place = f"{where}.elements[{index}]"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from elements.check_element(element, place, {"image"})
        else:
            yield from check_text_object(element, place, 3000)


def check_input(block: dict[str, Any], where: str) -> Iterator[Violation]:
    yield from check_text_object(block.get("label"), f"{where}.label", 2000, plain=True)
    if block.get("hint") is not None:
        yield from check_text_object(block["hint"], f"{where}.hint", 2000, plain=True)
    yield from elements.check_element(block.get("element"), f"{where}.element", elements.IN_INPUT)


def check_image(block: dict[str, Any], where: str) -> Iterator[Violation]:
    if bool(block.get("image_url")) == bool(block.get("slack_file")):
        yield Violation(where, "needs either image_url or slack_file")
    yield from check_length(block.get("alt_text"), f"{where}.alt_text", 2000)
    yield from check_length(block.get("image_url", ""), f"{where}.image_url", 3000)
    if block.get("title") is not None:
        yield from check_text_object(block["title"], f"{where}.title", 2000, plain=True)


def check_markdown(block: dict[str, Any], where: str) -> Iterator[Violation]:
    text = block.get("text")
    yield from check_length(text, f"{where}.text", 12_000, minimum=1)
    if isinstance(text, str):
        yield from check_no_mass_mention(text, f"{where}.text")


def check_rich_text(block: dict[str, Any], where: str) -> Iterator[Violation]:
    parts = block.get("elements")
    yield from check_count(parts, f"{where}.elements", 1000, minimum=0)
    for index, part in enumerate(members(parts)):
        if not isinstance(part, dict) or part.get("type") not in RICH_TEXT_PARTS:
            yield Violation(f"{where}.elements[{index}]", "must be a section, list, preformatted or quote")
    if '"type": "broadcast"' in json.dumps(block):
        yield Violation(where, "holds a broadcast element, a mass mention", error=None)


def check_table(block: dict[str, Any], where: str) -> Iterator[Violation]:
    yield from check_count(block.get("rows"), f"{where}.rows", 100)
    for number, row in enumerate(members(block.get("rows"))):
        yield from check_count(row, f"{where}.rows[{number}]", 20)
        for column, cell in enumerate(members(row)):
            place = f"{where}.rows[{number}][{column}]"
            kind = cell.get("type") if isinstance(cell, dict) else None
            if kind == "rich_text":
                yield from check_rich_text(cell, place)
            elif kind == "raw_text":
                yield from check_length(cell.get("text"), f"{place}.text", 3000, minimum=1)
                yield from check_no_mass_mention(str(cell.get("text")), place)
            elif kind != "raw_number":
                yield Violation(place, f"has the unknown cell type {kind!r}")
    if "column_settings" in block:
        yield from check_count(block["column_settings"], f"{where}.column_settings", 20)


def check_nothing_else(block: dict[str, Any], where: str) -> Iterator[Violation]:
    """For blocks whose keys say all."""
    yield from ()


EVERYWHERE = {"message", "modal", "home"}
Rule = tuple[set[str], tuple[str, ...], tuple[str, ...], Callable[[dict[str, Any], str], Iterator[Violation]]]
RULES: dict[str, Rule] = {
    # type: (surfaces, required keys, optional keys, check of the rest)
    "section": (EVERYWHERE, (), ("text", "fields", "accessory", "expand"), check_section),
    "header": (EVERYWHERE, ("text",), (), check_header),
    "divider": (EVERYWHERE, (), (), check_nothing_else),
    "actions": (EVERYWHERE, ("elements",), (), check_actions),
    "context": (EVERYWHERE, ("elements",), (), check_context),
    "context_actions": ({"message"}, ("elements",), (), check_context_actions),
    "input": (EVERYWHERE, ("label", "element"), ("dispatch_action", "hint", "optional"), check_input),
    "image": (EVERYWHERE, ("alt_text",), ("image_url", "slack_file", "title"), check_image),
    "markdown": ({"message"}, ("text",), (), check_markdown),
    "rich_text": (EVERYWHERE, ("elements",), (), check_rich_text),
    "table": ({"message"}, ("rows",), ("column_settings",), check_table),
}
"""Blocks outside of this table are refused: add the type here, with its rules, before Rolecall sends it."""
