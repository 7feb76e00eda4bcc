"""Refuses at once where RLIMIT_AS (``ulimit -v``) is too small even for the libraries: some end the process themselves.

check_start()                         # before NumPy is imported
"""

from __future__ import annotations

import os
import sys

from ironcliw.errors import BudgetError

PROGRAM_BYTES = 150_000_000
"""Address space of the interpreter and the libraries of a watch without text, with frames of a small screen ..."""

CORE_BYTES = 41_000_000
"""... and what NumPy's linear algebra sets aside for each core."""

MOST_CORES = 64


def check_start() -> None:
    """BudgetError, with the figure, where the libraries would not fit."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on every system

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    cores = min(os.cpu_count() or 1, MOST_CORES)
    wanted = PROGRAM_BYTES + CORE_BYTES * cores
    if limit != resource.RLIM_INFINITY and limit < wanted:
        told = f"{limit / 1e6:.1f} MB (RLIMIT_AS, ulimit -v) and starting needs {wanted / 1e6:.1f} MB"
        raise BudgetError(f"the address space is limited to {told}", "program", wanted, limit)
