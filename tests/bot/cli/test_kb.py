"""`rolecall kb` and the settings that say which pack is in use, run as a person runs them."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.knowledge.generate import write_pack


class Run:
    """The program run with arguments: what it printed, where, and its exit status."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["rolecall", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    for name in ("ROLECALL_PACK", "ROLECALL_KNOWLEDGE", "ROLECALL_OVERLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    return Run(capsys, monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "pack", stages=3, roles=2, responsibilities=2)


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# check


@pytest.mark.parametrize("pack", ["ai-product", "crisp-ml-q", "tdsp"])
def test_check_is_silent_on_the_packs(run: Run, pack: str) -> None:
    assert run("--pack", pack, "kb", "check", "--strict") == (0, "", "")


def test_check_says_what_is_wrong_and_where(run: Run, folder: Path) -> None:
    replace(folder, "responsibilities.yaml", "stage: stage-0", "stage: stagee-0")
    status, out, _ = run("kb", "check", folder)
    assert status == 1
    assert out == (
        f"{folder}/responsibilities.yaml:6:10: error: no stage has the id “stagee-0”: did you mean “stage-0”?\n"
    )


def test_check_exit_status_with_warnings(run: Run, folder: Path) -> None:
    replace(folder, "stages.yaml", "  section: Stages\n", "")
    status, out, _ = run("kb", "check", folder)
    assert status == 0
    assert "warning: this fact has no section" in out
    assert run("kb", "check", folder, "--strict")[0] == 1


@pytest.mark.parametrize("text", ["\tid: x\n", "a: [b\n", "a: &a 1\n"])
def test_check_exit_status_of_what_cannot_be_read(run: Run, folder: Path, text: str) -> None:
    (folder / "roles.yaml").write_text(text)
    status, out, _ = run("kb", "check", folder)
    assert status == 2
    assert f"{folder}/roles.yaml:" in out
    assert run("kb", "check", folder / "none")[0] == 2


def test_check_json(run: Run, folder: Path) -> None:
    replace(folder, "involvements.yaml", "level: drives", "level: drive")
    status, out, _ = run("kb", "check", folder, "--json")
    found = json.loads(out)
    assert (status, found["status"], found["errors"]) == (1, 1, 1)
    (problem,) = [problem for problem in found["problems"] if problem["severity"] == "error"]
    assert (problem["file"], problem["line"], problem["column"]) == (str(folder / "involvements.yaml"), 1, 41)
    (folder / "roles.yaml").write_text("\t")
    status, out, _ = run("kb", "check", folder, "--json")
    assert (status, json.loads(out)["status"]) == (2, 2)


def test_check_warns_of_a_phrasing_that_leads_elsewhere(run: Run, folder: Path) -> None:
    questions = "".join(f"    - who washes the {colour} car\n" for colour in ("red", "blue", "old", "new", "big"))
    replace(folder, "responsibilities.yaml", "    - who looks after matter 0\n", questions)
    replace(folder, "responsibilities.yaml", "who looks after matter 1", "who washes the red cars")
    status, out, _ = run("kb", "check", folder)
    assert status == 0
    assert "warning: " in out and "topic-0" in out
    assert "question" in out


def test_check_warns_of_a_phrasing_that_only_names_another_thing(run: Run, folder: Path) -> None:
    replace(folder, "responsibilities.yaml", "    - who looks after matter 1\n", "    - who owns the topic 0\n")
    status, out, _ = run("kb", "check", folder)
    assert status == 0
    assert "gives this question to the topic “topic-0”" in out


def test_check_looks_at_the_overlay_too(run: Run, folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "ours.yaml"
    overlay.write_text("organisation: Acme\nroles: {retire: [role-1]}\n")
    status, out, _ = run("--knowledge", folder, "--overlay", overlay, "kb", "check")
    assert status == 0
    assert f"{overlay}: warning: with this file, no role drives “stage-1”" in out
    overlay.write_text("organisation: Acme\nroles: {retire: [rolle-1]}\n")
    status, out, _ = run("--knowledge", folder, "--overlay", overlay, "kb", "check")
    assert status == 1
    assert f"{overlay}:2:18: error: no role has the id “rolle-1”: did you mean “role-1”?" in out


# looking


def test_matrix(run: Run) -> None:
    status, out, _ = run("kb", "matrix", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert [row["role"] for row in rows if row["data-preparation"] == "drives"] == ["data-analyst", "data-engineer"]
    status, out, _ = run("kb", "matrix", "--format", "markdown")
    assert "| Sponsor | drives |" in out
    assert len({line.count("|") for line in out.splitlines()}) == 1
    assert "names no role" in run("--pack", "crisp-ml-q", "kb", "matrix")[1]


def test_a_wide_matrix_goes_on_below(run: Run, tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "wide", stages=30, roles=3, responsibilities=1)
    _, out, _ = run("--knowledge", folder, "kb", "matrix")
    assert max(map(len, out.splitlines())) <= 80
    words = " ".join(out.split())
    assert all(f"{number}" in words for number in range(30))
    assert words.count("Role 2") == out.count("\n\n") + 1


@pytest.mark.parametrize("pack", ["ai-product", "crisp-ml-q", "tdsp"])
def test_everything_can_be_shown_in_80_columns(run: Run, pack: str) -> None:
    from bot.bootstrap import load_knowledge
    from bot.terminal import kb_show

    knowledge = load_knowledge(pack)
    for kind, name, _ in list(kb_show._names(knowledge)):
        text = kb_show.show(knowledge, kind, name)
        assert max(map(len, text.splitlines())) <= 80
        assert text.isprintable() or "\x1b" not in text
    _, out, _ = run("--pack", pack, "kb", "matrix")
    assert max(map(len, out.splitlines())) <= 80


def test_show(run: Run) -> None:
    status, out, _ = run("kb", "show", "data", "prep")
    assert status == 0
    assert out.startswith("Data Preparation (stage data-preparation, 2 of 5)\n")
    assert "no part: Sponsor, Data scientist, DevOps\n" in out
    assert "BUY/MAKE decision" in run("kb", "show", "feasibility")[1]
    assert run("--pack", "tdsp", "kb", "show", "charter")[1].count("Project charter (artefact charter)") == 1
    assert "part of: Prototyping and Testing" in run("kb", "show", "prototyping")[1]
    assert "the source names no role" in run("--pack", "crisp-ml-q", "kb", "show", "data-cleaning")[1]


def test_show_suggests_what_is_near(run: Run) -> None:
    status, out, err = run("kb", "show", "data enginer")
    assert (status, out) == (1, "")
    assert "Did you mean “data engineer" in err.replace("Data", "data")


def test_graph(run: Run) -> None:
    _, mermaid, _ = run("kb", "graph")
    assert mermaid.startswith("flowchart TD\n")
    assert '    s_feasibility -->|"MAKE"| s_data_preparation\n' in mermaid
    assert '    s_feasibility -->|"BUY"| s_end__bought\n' in mermaid
    _, dot, _ = run("--pack", "tdsp", "kb", "graph", "--format", "dot")
    assert dot.startswith("digraph lifecycle {\n") and dot.endswith("}\n")
    assert '"modeling" -> "deployment"' in dot


def test_schema(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("kb", "schema")
    assert status == 0
    assert {"framework", "stages", "overlay"} <= set(json.loads(out)["properties"])
    stages = json.loads(run("kb", "schema", "stages.yaml")[1])
    assert stages["type"] == "array"
    assert {"id", "name", "summary"} <= set(stages["$defs"]["Stage"]["required"])
    assert stages["$defs"]["Stage"]["additionalProperties"] is False
    status, _, err = run("kb", "schema", "stags")
    assert status == 2 and "did you mean “stages”?" in err
    _, out, _ = run("kb", "schema", "--write", tmp_path / "schemas")
    assert all(json.loads(Path(line).read_text()) for line in out.split())


# which pack


def test_diff(run: Run, tmp_path: Path) -> None:
    overlay = tmp_path / "ours.yaml"
    overlay.write_text("organisation: Acme\nroles: {change: {devops: {name: Operators}}}\n")
    expected = "source acme: added, Acme\nrole devops: renamed from “DevOps” to “Operators”\n"
    assert run("kb", "diff", overlay) == (0, expected, "")
    assert run("--overlay", overlay, "kb", "diff") == (0, expected, "")
    status, _, err = run("kb", "diff")
    assert status == 2 and "ROLECALL_OVERLAY" in err


def test_an_overlay_is_laid_over_the_pack_in_use(run: Run, folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "ours.yaml"
    overlay.write_text("organisation: Acme\nresponsibilities: {change: {topic-0: {owners: [{role: role-1}]}}}\n")
    _, out, _ = run("--knowledge", folder, "--overlay", overlay, "kb", "show", "topic-0")
    assert "  - Role 1 (organisation)\n" in out
    overlay.write_text("organisation: Acme\nresponsibilities: {change: {topic-0: {owners: [{role: role-0}]}}}\n")
    _, out, _ = run("--knowledge", folder, "--overlay", overlay, "kb", "show", "topic-0")
    assert "  - Role 0 (organisation)\n" in out


def test_settings_from_the_environment(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLECALL_PACK", "tdsp")
    assert "Project lead" in run("kb", "matrix")[1]
    monkeypatch.setenv("ROLECALL_KNOWLEDGE", str(folder))
    assert "Role 1" in run("kb", "matrix")[1]


def test_a_pack_that_is_typed_beats_a_folder_in_the_environment(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROLECALL_KNOWLEDGE", str(folder))
    assert "Project lead" in run("--pack", "tdsp", "kb", "matrix")[1]
    assert "Role 1" in run("--pack", "tdsp", "--knowledge", folder, "kb", "matrix")[1]


@pytest.mark.parametrize("command", [("ask", "who?"), ("kb", "matrix"), ("kb", "show", "x"), ("kb", "diff", "x.yaml")])
def test_what_is_set_wrongly_is_said_in_one_message(run: Run, folder: Path, command: tuple[str, ...]) -> None:
    status, out, err = run("--pack", "tdps", *command)
    assert (status, out) == (2, "")
    assert "There is no pack 'tdps'. Did you mean 'tdsp'?" in err
    status, _, err = run("--knowledge", folder / "none", *command)
    assert (status, err) == (2, f"rolecall: {folder}/none: error: there is no such folder\n")
    status, _, err = run("--pack", "../packs/tdsp", *command)
    assert status == 2
    replace(folder, "roles.yaml", "summary: Does work 0.", "summary: Does: work 0.")
    status, _, err = run("--knowledge", folder, *command)
    assert status == 2
    assert err.startswith(f"rolecall: {folder}/roles.yaml:4:16: error: this is not YAML: found a second")


def test_every_problem_is_printed(run: Run, folder: Path) -> None:
    replace(folder, "roles.yaml", "summary: Does work 0.", "sumary: Does work 0.")
    status, out, err = run("--knowledge", folder, "ask", "who does it?")
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 2
    assert "did you mean “summary”?" in err
