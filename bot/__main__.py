"""The program `rolecall`. A question without options, which is most of what it is run for, goes without the parser."""

from __future__ import annotations

import gc
import os
import sys

# The products of one question are small: a second thread gains nothing, and is waited for. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run the program. What a person can act on is said in a sentence (exit status 2), never as a traceback."""
    try:
        if _is_plain_question(sys.argv[1:]):
            from bot.cli.plain import print_answer

            gc.disable()  # nothing of what one answer takes is worth looking for what can be freed
            print_answer(sys.argv[2])
        else:
            from bot.cli.program import cli

            cli.main(prog_name="rolecall", standalone_mode=True)
    except BrokenPipeError:
        # "rolecall ask … | head -1" is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if not _is_for_people(error):
            raise
        # Broken knowledge has a line for each problem.
        for line in str(error).splitlines() or [type(error).__name__]:
            print(f"rolecall: {line}", file=sys.stderr)
        sys.exit(2)
    finally:
        gc.freeze()  # the interpreter looks through everything once more before it ends, for tens of milliseconds


def _is_plain_question(arguments: list[str]) -> bool:
    """Whether it is `ask QUESTION`, with no option and nothing set in the environment."""
    return (
        len(arguments) == 2
        and arguments[0] == "ask"
        and not arguments[1].startswith("-")
        and not any(name.startswith("ROLECALL_") for name in os.environ)
        and sys.stdout.encoding.lower() == "utf-8"
    )


def _is_for_people(error: Exception) -> bool:
    """Whether the words of an error are meant for whoever ran the command."""
    from bot.errors import RolecallError
    from bot.store.base import StoreError
    from intents.errors import IntentsError
    from knowledge.errors import KnowledgeError

    return isinstance(error, RolecallError | StoreError | KnowledgeError | IntentsError)


if __name__ == "__main__":
    main()
