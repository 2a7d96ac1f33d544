"""Score the assistant on the labelled questions of this folder.

usage: python tests/questions/score.py FILE [--split dev|held] [--misses N] -- COMMAND...

COMMAND (say: .venv/bin/rolecall ask --batch -) reads {"question": ...} lines and writes one answer a line.

A question counts as right when `answered` is as labelled and, where it is true, the answer names every role
and stage of `all` and none of `none`, and its text matches every regex of `must` and none of `must_not`.
Misses are listed for the `dev` split only. A file of entities is scored by precision, recall and F1 of
(type, id, start, end).
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path


def faults(label: dict, answer: dict) -> list[str]:
    """What is wrong with `answer`; empty when it is right."""
    if bool(answer.get("answered")) != label["answered"]:
        return ["should have answered" if label["answered"] else "should have refused"]
    if not label["answered"]:
        return []
    found = []
    for kind in ("roles", "stages"):
        named, wanted = set(answer.get(kind) or ()), label.get(kind, {})
        found += [f"{kind}: no {i}" for i in wanted.get("all", ()) if i not in named]
        found += [f"{kind}: wrong {i}" for i in wanted.get("none", ()) if i in named]
    text = answer.get("text") or ""
    found += [f"no match of {r}" for r in label.get("must", ()) if not re.search(r, text, re.I)]
    found += [f"match of {r}" for r in label.get("must_not", ()) if re.search(r, text, re.I)]
    if not text.strip():
        found.append("no text")
    return found


def score_answers(labels: list[dict], answers: list[dict], misses: int) -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for label, answer in zip(labels, answers, strict=True):
        wrong = faults(label, answer)
        for key in (label["group"], f"style {label['style']}", f"split {label['split']}", "all"):
            total[key] += 1
            right[key] += not wrong
        if wrong and label["split"] == "dev" and misses > 0:
            misses -= 1
            print(f"[{label['id']}] {label['q']!r} (intent {answer.get('intent')}): {'; '.join(wrong)}")
    for key in total:
        print(f"{key:20} {right[key]:4}/{total[key]:<4} {100 * right[key] / total[key]:5.1f} %")


def score_entities(labels: list[dict], answers: list[dict]) -> None:
    hits = found = wanted = 0
    for label, answer in zip(labels, answers, strict=True):
        want = {(e["type"], e["id"], e["start"], e["end"]) for e in label["entities"]}
        got = {
            (e["type"], e["id"], e["start"], e["end"])
            for e in answer.get("entities") or ()
            if e["type"] in ("role", "stage")
        }
        hits, found, wanted = hits + len(want & got), found + len(got), wanted + len(want)
    precision, recall = hits / max(found, 1), hits / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(f"entities: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f} ({wanted} mentions)")


def main() -> int:
    arguments = sys.argv[1:]
    if "--" not in arguments:
        sys.exit(__doc__)
    at = arguments.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--split", choices=("dev", "held"))
    parser.add_argument("--misses", type=int, default=20)
    options = parser.parse_args(arguments[:at])

    labels = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines()]
    if options.split:
        labels = [label for label in labels if label.get("split") == options.split]
    if not labels:
        sys.exit("no questions to score")
    asked = "".join(json.dumps({"question": label["q"]}) + "\n" for label in labels)
    done = subprocess.run(arguments[at + 1 :], input=asked, stdout=subprocess.PIPE, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    if "entities" in labels[0]:
        score_entities(labels, answers)
    else:
        score_answers(labels, answers, options.misses)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
