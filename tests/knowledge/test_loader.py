"""Loading a folder: what is read, what is refused, and how the refusal reads."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from knowledge.compiled import freeze, thaw
from knowledge.errors import KnowledgeInvalid, KnowledgeUnreadable, Problem
from knowledge.loader import check, checksum, load
from knowledge.queries import Knowledge
from tests.knowledge.generate import write_pack

TODAY = date(2026, 11, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "pack", stages=3, roles=2, responsibilities=2)


def broken(folder: Path, kind: type[KnowledgeInvalid | KnowledgeUnreadable] = KnowledgeInvalid) -> list[Problem]:
    with pytest.raises(kind) as caught:
        load(folder)
    assert type(caught.value) is kind
    return caught.value.problems


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_loads_and_fills_in_where_facts_come_from(folder: Path) -> None:
    pack = load(folder)
    topic = pack.responsibilities[0]
    assert topic.source == "generator"
    first, second = topic.owners
    assert (first.source, first.section, first.basis) == ("generator", "Topics", "stated")
    assert (second.section, second.basis) == ("Topics", "derived")
    assert pack.stages[0].details[0].section == "Stages"
    assert check(folder, TODAY) == []


def test_checksum_follows_the_contents(folder: Path) -> None:
    before = load(folder).checksum
    assert before == checksum(folder)
    replace(folder, "roles.yaml", "Does work 0", "Does other work")
    assert load(folder).checksum == checksum(folder) != before


def test_plain_words_stay_words(folder: Path) -> None:
    replace(folder, "framework.yaml", 'version: "1"', "version: 1.10")
    replace(folder, "roles.yaml", "aliases: [person 0]", "aliases: [no, on, 2024, 1e3]")
    pack = load(folder)
    assert pack.framework.version == "1.10"
    assert pack.roles[0].aliases == ("no", "on", "2024", "1e3")


def test_unknown_id_names_the_nearest(folder: Path) -> None:
    replace(folder, "responsibilities.yaml", "stage: stage-0", "stage: stagee-0")
    (problem,) = broken(folder)
    assert str(problem) == (
        "responsibilities.yaml:6:10: error: no stage has the id “stagee-0”: did you mean “stage-0”?"
    )


def test_duplicate_id(folder: Path) -> None:
    replace(folder, "roles.yaml", "id: role-1", "id: role-0")
    replace(folder, "involvements.yaml", "role: role-1", "role: role-0")
    problems = broken(folder)
    assert "roles.yaml:6:7: error: the id “role-0” is already that of item 1" in map(str, problems)


def test_duplicate_key(folder: Path) -> None:
    replace(folder, "roles.yaml", "  name: Role 0\n", "  name: Role 0\n  name: Role zero\n")
    (problem,) = broken(folder)
    assert str(problem) == "roles.yaml:3:3: error: the key “name” stands here twice, first in line 2: keep one"


def test_wrong_types_are_all_reported(folder: Path) -> None:
    replace(folder, "stages.yaml", "aliases: [phase 0]", "aliases: phase 0\n  stall_days: soon")
    replace(folder, "stages.yaml", "name: Stage 1", "name: [Stage, 1]")
    replace(folder, "stages.yaml", "terminal: true", "terminal: perhaps\n  returns: earlier")
    messages = [str(problem) for problem in broken(folder)]
    assert messages == [
        "stages.yaml:3:12: error: “aliases”: found “phase 0”: expected a list (lines that start with “- ”)",
        "stages.yaml:4:15: error: “stall_days”: found “soon”: expected a whole number",
        "stages.yaml:11:9: error: “name”: found a list of 2 items: expected text",
        "stages.yaml:23:13: error: “terminal”: found “perhaps”: expected true or false",
        "stages.yaml:24:12: error: “returns”: found “earlier”: expected any_earlier, or a list of stage ids",
    ]


def test_unknown_key_names_the_nearest(folder: Path) -> None:
    replace(folder, "responsibilities.yaml", "what: the first half", "whta: the first half")
    (problem,) = broken(folder)
    assert str(problem) == (
        "responsibilities.yaml:8:22: error: found the key “whta”, which means nothing here: did you mean “what”?"
    )


def test_missing_key_and_bad_choice(folder: Path) -> None:
    replace(folder, "roles.yaml", "  summary: Does work 0.\n", "")
    replace(folder, "responsibilities.yaml", "basis: derived", "basis: derivd")
    replace(folder, "stages.yaml", "id: stage-0", "id: Stage 0")
    messages = [str(problem) for problem in broken(folder)]
    assert (
        "roles.yaml:1:3: error: the key “summary” is missing here: expected it in every item of this kind" in messages
    )
    assert any("found “derivd”: did you mean “derived”? (one of stated, derived, organisation)" in m for m in messages)
    assert any("expected an id of small letters" in m for m in messages)


def test_a_file_of_another_shape(folder: Path) -> None:
    (folder / "roles.yaml").write_text("role-0: {name: Role}\n")
    (folder / "questions.yaml").write_text("- who\n")
    messages = [str(problem) for problem in broken(folder)]
    assert messages == [
        "questions.yaml:1:1: error: found a list of 1 item: expected a mapping (lines of “key: value”)",
        "roles.yaml:1:1: error: found a mapping with 1 key: expected a list (lines that start with “- ”)",
    ]


def test_circle_where_order_is_required(folder: Path) -> None:
    replace(folder, "stages.yaml", "terminal: true", "next: [stage-0]")
    (problem,) = broken(folder)
    assert (problem.file, problem.line) == ("stages.yaml", 22)
    assert "stage-0 → stage-1 → stage-2 → stage-0" in problem.message
    replace(folder, "framework.yaml", "version", "ordered: false\nversion")
    assert load(folder)


def test_tab(folder: Path) -> None:
    replace(folder, "stages.yaml", "  name: Stage 0", "\tname: Stage 0")
    (problem,) = broken(folder, KnowledgeUnreadable)
    assert str(problem).startswith("stages.yaml:2:1: error: found a tab")


def test_anchor_bomb(folder: Path) -> None:
    lines = ['a0: &a0 ["boom"]'] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    (folder / "roles.yaml").write_text("\n".join(lines))
    (problem,) = broken(folder, KnowledgeUnreadable)
    assert str(problem).startswith("roles.yaml:1:5: error: found the YAML anchor “&a0”")


def test_text_with_stars_and_ampersands_is_no_anchor(folder: Path) -> None:
    replace(folder, "roles.yaml", "summary: Does work 0.", "summary: Research &c, *mostly* R & D.")
    assert load(folder).roles[0].summary == "Research &c, *mostly* R & D."


def test_50_mb_file(folder: Path) -> None:
    (folder / "roles.yaml").write_bytes(b"# comment\n" * 5_000_000)
    started = time.perf_counter()
    (problem,) = broken(folder, KnowledgeUnreadable)
    assert "50,000,000 bytes" in problem.message
    assert time.perf_counter() - started < 1


def test_empty_folder(tmp_path: Path) -> None:
    (problem,) = broken(tmp_path, KnowledgeUnreadable)
    assert "holds no YAML file: expected at least framework.yaml and stages.yaml" in problem.message


def test_no_folder(tmp_path: Path) -> None:
    (problem,) = broken(tmp_path / "none", KnowledgeUnreadable)
    assert problem.message == "there is no such folder"


def test_not_utf8(folder: Path) -> None:
    path = folder / "roles.yaml"
    path.write_bytes(path.read_bytes().replace(b"Does work 0", b"Do\xe9s work 0"))
    (problem,) = broken(folder, KnowledgeUnreadable)
    assert str(problem).startswith("roles.yaml:4:14: error: found the byte 0xe9, which is not UTF-8")


def test_link_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("[]\n")
    (folder / "entries.yaml").symlink_to(outside)
    (problem,) = broken(folder, KnowledgeUnreadable)
    assert problem.file == "entries.yaml"
    assert "leads out of the folder" in problem.message


def test_link_to_nowhere_and_in_a_circle(folder: Path) -> None:
    (folder / "entries.yaml").symlink_to(folder / "gone.txt")
    (folder / "artefacts.yaml").symlink_to(folder / "artefacts.yaml")
    problems = broken(folder, KnowledgeUnreadable)
    assert [problem.file for problem in problems] == ["artefacts.yaml", "entries.yaml"]


def test_not_yaml(folder: Path) -> None:
    replace(folder, "roles.yaml", "summary: Does work 0.", "summary: Does: work 0.")
    (problem,) = broken(folder, KnowledgeUnreadable)
    assert str(problem).startswith("roles.yaml:4:16: error: this is not YAML: found a second “: ” on the line")


def test_deep_nesting_and_foreign_tags(folder: Path) -> None:
    (folder / "roles.yaml").write_text("[" * 200_000)
    (folder / "entries.yaml").write_text("- !!python/object/apply:os.system [ls]\n")
    problems = broken(folder, KnowledgeUnreadable)
    assert {problem.file for problem in problems} == {"roles.yaml", "entries.yaml"}


def test_unknown_and_missing_files(folder: Path) -> None:
    (folder / "roles.yaml").rename(folder / "rolls.yaml")
    (folder / "stages.yaml").unlink()
    messages = [str(problem) for problem in broken(folder)]
    assert messages == [
        "rolls.yaml: error: no file of a pack has this name: did you mean “roles.yaml”?",
        "stages.yaml: error: the file is missing: every pack needs it",
    ]


def test_empty_files(folder: Path) -> None:
    (folder / "entries.yaml").write_text("# none yet\n")
    assert load(folder).entries == ()
    (folder / "stages.yaml").write_text("")
    assert "the file is empty" in broken(folder)[0].message
    (folder / "stages.yaml").write_text("[]\n")
    assert "at least one" in broken(folder)[0].message


def test_a_large_framework_loads_in_time(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "large")
    # Of this process alone: other tests run at the same time.
    started = time.process_time()
    pack = load(folder)
    assert time.process_time() - started < 3
    assert (len(pack.stages), len(pack.roles), len(pack.responsibilities)) == (100, 200, 5_000)
    text = freeze(pack)
    started = time.process_time()
    thawed = Knowledge(thaw(text))
    assert time.process_time() - started < 0.5
    assert len(thawed.responsibilities) == 5_000
