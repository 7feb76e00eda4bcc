"""The command line: ``ironcliw watch``, ``wait`` and ``doctor``.

Exit codes: 0 done or met, 1 not met or not healthy, 2 error (one line on stderr, no traceback).
"""

from __future__ import annotations

import logging
import os
import signal
import sys

from ironcliw.errors import IroncliwError


def main() -> None:
    """Run the command line and exit."""
    from ironcliw.cli.app import app  # noqa: PLC0415 - the import is what a broken install would fail on

    try:
        app()
    except IroncliwError as error:
        fail(error)
    except BrokenPipeError:
        # Whoever read our output is gone; keep the interpreter from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)


def fail(error: IroncliwError) -> None:
    """Say what went wrong in one line (two more where a condition is pointed at) and exit with 2."""
    logging.getLogger("ironcliw").debug("traceback", exc_info=error)
    print(f"ironcliw: {error}", file=sys.stderr)
    sys.exit(2)
