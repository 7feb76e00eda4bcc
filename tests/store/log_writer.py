"""A process that writes a log until it is ended, and says on its standard output what was acknowledged.

python log_writer.py PATH FIRST [early]

``early``: says so before it is on the disk, the fault that a test of durability must find.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from events import made

from ironcliw.store import EventLog


def main() -> None:
    path, number = Path(sys.argv[1]), int(sys.argv[2])
    early = len(sys.argv) > 3
    log = EventLog(path)
    while True:
        ticket = 0
        for _ in range(7):
            ticket = log.append(made(number))
            number += 1
            if early:
                _say(ticket, number - 1)
        if not early and log.wait(ticket, 30):
            _say(ticket, number - 1)


def _say(ticket: int, number: int) -> None:
    os.write(1, b"%d %d\n" % (ticket, number))


if __name__ == "__main__":
    main()
