"""A framework of 100 stages, 200 roles and 5,000 responsibilities: how long it takes to load, and to answer from it.

`python -m tests.benchmarks.bench_knowledge [RESPONSIBILITIES]`; fewer responsibilities make the compilation quicker.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.bootstrap import load_answering, load_knowledge
from bot.services.answering.service import Answering
from knowledge.compiled import freeze, thaw
from knowledge.loader import load
from knowledge.queries import Knowledge
from tests.knowledge.generate import write_pack

LARGE = (
    "who drives stage 5",
    "who is responsible for topic 17",
    "who looks after matter 42",
    "what comes after stage 7",
    "what does role 3 do",
    "which stages are there",
    "can we go back from stage 9 to stage 4",
    "who pays the rent",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("responsibilities", nargs="?", type=int, default=5_000)
    size = parser.parse_args(arguments).responsibilities
    with tempfile.TemporaryDirectory() as place:
        # A cache of its own, so that everything is compiled here and now.
        before = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(Path(place) / "cache")
        try:
            _run(Path(place) / "large", size)
        finally:
            os.environ.pop("XDG_CACHE_HOME")
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before


def _run(folder: Path, size: int) -> None:
    write_pack(folder, responsibilities=size)
    print(f"generated framework: 100 stages, 200 roles, {size:,} responsibilities")
    pack = load(folder)
    text = freeze(pack)
    print(f"  load from YAML, checked:          {_best(lambda: load(folder)):7.3f} s")
    print(f"  load compiled:                    {_best(lambda: Knowledge(thaw(text))):7.3f} s")
    load_knowledge(folder=folder)
    print(f"  load compiled, as a command does: {_best(lambda: load_knowledge(folder=folder)):7.3f} s")
    began = time.perf_counter()
    large = load_answering(folder=folder)
    print(f"  compile what recognises questions: {time.perf_counter() - began:6.1f} s, once")
    print(f"  load all that answers questions:  {_best(lambda: load_answering(folder=folder)):7.3f} s")
    default = load_answering()
    own = [f"who drives {stage.name}" for stage in default.knowledge.pack.stages]
    own += [f"what do {role.names} do" for role in default.knowledge.pack.roles]
    own += [topic.phrasings[0] for topic in default.knowledge.pack.responsibilities[::10]]
    print(f"a question, p50: {_cost(large, LARGE):.2f} ms; on the default pack {_cost(default, own):.2f} ms")


def _best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _cost(answering: Answering, questions: Sequence[str]) -> float:
    for question in questions:
        answering.answer(question)
    taken = []
    for question in [*questions] * 10:
        began = time.perf_counter()
        answering.answer(question)
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


if __name__ == "__main__":
    main()
