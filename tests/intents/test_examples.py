"""The examples that train the matcher: well-formed, distinct, and enough of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DATA = Path(__file__).parents[2] / "intents" / "data"
FILES = sorted(DATA.glob("*.yaml"))

SLOTS = {
    "stage",
    "stage2",
    "role",
    "role2",
    "topic",
    "component",
    "artefact",
    "product",
    "product2",
    "person",
    "date",
    "title",
}
SLOT = re.compile(r"\{([^{}]*)\}")

FRAMEWORK = {
    "stage_owner",
    "stage_participants",
    "stage_what",
    "stage_outcome",
    "stage_gate",
    "stage_order",
    "stages_list",
    "parallel",
    "transition",
    "role_what",
    "role_stages",
    "role_in_stage",
    "role_difference",
    "role_alias",
    "roles_list",
    "topic_owner",
    "topic_stage",
    "topic_what",
    "component_owner",
    "components_list",
    "handover",
    "requirements",
    "decision_owner",
    "artefact",
    "framework_what",
}
PORTFOLIO = {
    "product_status",
    "product_owner",
    "product_role",
    "product_people",
    "product_history",
    "product_as_of",
    "product_durations",
    "product_returns",
    "product_decision",
    "product_next",
    "products_in_stage",
    "products_list",
    "products_stuck",
    "person_work",
    "product_unknown_detail",
}
CONVERSATION = {"greeting", "thanks", "goodbye", "help", "about_bot"}
REFUSALS = {"near_miss", "out_of_scope"}

MINIMUM = (
    dict.fromkeys(FRAMEWORK, 60)
    | dict.fromkeys(PORTFOLIO, 25)
    | dict.fromkeys(CONVERSATION, 40)
    | dict.fromkeys(REFUSALS, 500)
)


def load(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def plain(text: str) -> str:
    """The example without case, punctuation and doubled spaces."""
    return " ".join(re.sub(r"[^\w{}=<>&/-]+", " ", text.lower()).split())


def test_every_intent_has_its_file() -> None:
    assert set(MINIMUM) <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_well_formed(path: Path) -> None:
    data = load(path)
    assert set(data) - {"refusal"} == {"intent", "about", "slots", "examples"}
    assert data.get("refusal", False) == (path.stem in REFUSALS or path.stem == "product_unknown_detail")
    assert data["intent"] == path.stem
    assert isinstance(data["about"], str)
    assert data["about"].strip()
    declared = data["slots"]
    assert {slot.removesuffix("?") for slot in declared} <= SLOTS
    required = {slot for slot in declared if not slot.endswith("?")}
    lacking = 0
    for example in data["examples"]:
        assert isinstance(example, str), example
        assert example == example.strip()
        assert example
        used = set(SLOT.findall(example))
        assert used <= SLOTS, example
        lacking += not required <= used
        assert not set("{}") & set(SLOT.sub("", example)), example
    # Some are as people ask when what the answer needs was named before: "who helps them?"
    assert lacking <= 0.1 * len(data["examples"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_enough_examples(path: Path) -> None:
    assert len(load(path)["examples"]) >= MINIMUM.get(path.stem, 25)


def test_no_example_stands_twice() -> None:
    places: dict[str, list[str]] = {}
    for path in FILES:
        for example in load(path)["examples"]:
            places.setdefault(plain(example), []).append(path.stem)
    assert {text: files for text, files in places.items() if len(files) > 1} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_openings_are_varied(path: Path) -> None:
    """No single first word may decide: none opens more than half of a file."""
    examples = load(path)["examples"]
    first = [example.lower().split()[0] for example in examples]
    most = max(set(first), key=first.count)
    assert first.count(most) <= len(examples) / 2, most
