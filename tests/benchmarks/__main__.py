"""Every benchmark, one after the other: `make bench`.

Intent data of others is not part of the project: name folders with train-10.jsonl, test.jsonl and the like, as
`make bench DATA="FOLDER …"`, to measure the matcher on them beside its peers too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Run them all; a benchmark that fails is said, and fails the run at its end."""
    failed = []
    for path in sorted(HERE.glob("bench_*.py")):
        print(f"\n== {path.stem.removeprefix('bench_')}", flush=True)
        try:
            import_module(f"tests.benchmarks.{path.stem}").main()
        except Exception as error:
            print(f"failed: {type(error).__name__}: {error}")
            failed.append(path.stem)
    folders = os.environ.get("DATA", "").split()
    if folders:
        print("\n== matching on the intent data of others", flush=True)
        script = HERE.parent.parent / "scripts" / "bench_matcher.py"
        if subprocess.run([sys.executable, str(script), *folders], check=False).returncode:
            failed.append("bench_matcher")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
