"""The command line: ``ironcliw watch``, ``wait`` and ``doctor``.

Exit codes: 0 done or met, 1 not met or not healthy, 2 error (one line on stderr, no traceback).
"""

from __future__ import annotations

import logging
import signal
import sys

from ironcliw.cli.output import OutputError, ReaderGoneError, discard, open_missing
from ironcliw.errors import IroncliwError


def main() -> None:
    """Run the command line and exit."""
    from ironcliw.cli.app import app  # noqa: PLC0415 - the import is what a broken install would fail on

    open_missing()
    try:
        app()
    except ReaderGoneError:
        discard()
        sys.exit(128 + signal.SIGPIPE)
    except OutputError as error:
        discard()
        fail(error)
    except IroncliwError as error:
        fail(error)
    except MemoryError:
        fail(IroncliwError("no memory is left; ulimit -v, the container's limit or other programs bound it"))


def fail(error: IroncliwError) -> None:
    """Say what went wrong in one line (two more where a condition is pointed at) and exit with 2."""
    logging.getLogger("ironcliw").debug("traceback", exc_info=error)
    print(f"ironcliw: {error}", file=sys.stderr)
    sys.exit(2)
