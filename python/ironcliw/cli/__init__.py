"""The command line: ``ironcliw watch``, ``wait`` and ``doctor``.

Exit codes: 0 done or met, 1 not met or not healthy, 2 error (one line on stderr, no traceback).
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ironcliw.errors import IroncliwError


def main() -> None:
    """Run the command line and exit."""
    # Until there is something to wind up, Ctrl-C just ends us: a traceback out of some import says nothing to anybody.
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from ironcliw.cli.app import app  # noqa: PLC0415 - the import is what a broken install would fail on
    from ironcliw.cli.output import OutputError, ReaderGoneError, discard, open_missing  # noqa: PLC0415
    from ironcliw.errors import IroncliwError  # noqa: PLC0415

    open_missing()
    signal.signal(signal.SIGINT, interrupt)
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
    import logging  # noqa: PLC0415

    logging.getLogger("ironcliw").debug("traceback", exc_info=error)
    print(f"ironcliw: {error}", file=sys.stderr)
    sys.exit(2)
