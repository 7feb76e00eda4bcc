"""How often a fault is tried: a few times with every test run, as often as was promised with IRONCLIW_FULL=1.

ROUNDS = rounds(short=20, full=1000)
"""

from __future__ import annotations

import os

FULL = os.environ.get("IRONCLIW_FULL") == "1"


def rounds(short: int, full: int) -> int:
    """``full`` where IRONCLIW_FULL=1 is in the environment (``make test-full``), else ``short``."""
    return full if FULL else short
