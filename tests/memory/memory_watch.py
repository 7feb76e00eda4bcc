"""A live watch in a process of its own: what a test squeezes, and looks at from outside.

    python memory_watch.py :7 BUDGET_BYTES DWELL_S [--no-text] [--share]

Prints a JSON line for each event and for each change of the level or of the ring; takes ``total BYTES`` and ``end`` on
standard input.
"""

from __future__ import annotations

import json
import sys
import threading

import ironcliw
from ironcliw.clock import SECOND
from ironcliw.memory import Ledger, pressure
from ironcliw.monitor import Watch


def say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


def obey(running: Watch) -> None:
    for line in sys.stdin:
        words = line.split()
        if words[0] == "end":
            break
        running.memory.set_total(int(words[1]))
    running.stop()


def main() -> None:
    display, budget, dwell_s, *options = sys.argv[1:]
    pressure.DWELL_NS = int(float(dwell_s) * SECOND)
    running = ironcliw.watch(
        f"x11:{display}", memory=Ledger(int(budget)), text="--no-text" not in options, share="--share" in options
    )
    threading.Thread(target=obey, args=(running,), daemon=True).start()
    level = ring = None
    while not running.ended:
        event = running.get(0.2)
        if event is not None:
            say(type=event.type, data=event.data)
        if level != running.keeper.pressure.level:
            level = running.keeper.pressure.level
            say(type="level", level=level.name, dropped=running.keeper.ladder.dropped)
        if ring != running.memory.account("ring").used_bytes:
            ring = running.memory.account("ring").used_bytes
            say(type="ring", bytes=ring)
    running.close()


main()
