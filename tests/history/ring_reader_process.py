"""A process that reads a ring: ``hold`` a frame, ``look`` at frames for ever, or ``judge`` them until TERM.

python ring_reader_process.py SOCKET "judge slow"
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from ring_pattern import number_in

import ironcliw
from ironcliw.errors import RecycledFrameError
from ironcliw.history.reader import RingReader


def hold(ring: RingReader) -> None:
    frame = ring.latest()
    print("held", flush=True)
    while frame.is_current:
        time.sleep(0.001)
    try:
        frame.check()
    except RecycledFrameError:
        print("recycled", flush=True)


def look(ring: RingReader) -> None:
    print("looking", flush=True)
    while True:
        ring.latest()
        ring.wait(0.001)


def judge(ring: RingReader, slow: bool) -> None:
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))
    print("judging", flush=True)
    whole = torn = 0
    while not ended:
        try:
            with ring.latest() as frame:
                first = number_in(frame.pixels[:100])
                if slow:
                    time.sleep(0.002)
                number = number_in(frame.pixels)
        except RecycledFrameError:
            continue
        if first == number == frame.sequence:
            whole += 1
        else:
            torn += 1
    print(whole, torn, flush=True)


def main() -> None:
    what, *how = sys.argv[2].split()
    with ironcliw.attach(path=Path(sys.argv[1])) as ring:
        if what == "judge":
            judge(ring, "slow" in how)
        else:
            {"hold": hold, "look": look}[what](ring)


if __name__ == "__main__":
    main()
