"""Compile the default pack into the program, so that nobody's first question waits for it: `make compile`.

Writes the checked pack and the fitted models to `intents/data/compiled`, under the hash of what they were made from,
and removes what was there. To be run after every change of the examples, the default pack, or the code that reads
either; a test fails where it was forgotten.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from intents.cache import SHIPPED_FOLDER


def main() -> None:
    """Compile anew."""
    shutil.rmtree(SHIPPED_FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        from bot.bootstrap import load_answering

        load_answering()
        shutil.copytree(Path(folder) / "rolecall", SHIPPED_FOLDER)
    for path in sorted(SHIPPED_FOLDER.rglob("*")):
        if path.is_file():
            print(f"{path.relative_to(SHIPPED_FOLDER)}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
