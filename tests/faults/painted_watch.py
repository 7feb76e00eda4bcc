"""``ironcliw`` as a process of its own, for fault tests: with painted letters, a short queue, or a fault put in.

python painted_watch.py [--real] [--queue N] [--fault NAME] watch --format jsonl ...

Each fault is a watcher that somebody could have built; the test that names it must catch it.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ironcliw import cli
from ironcliw.change import ChangeTracker
from ironcliw.monitor import engine, queue, watching
from ironcliw.source import x11
from painted import PaintedEngine

AVERAGE_THAT_COUNTS = 0.05


def every_blink_is_a_change() -> None:
    # The package has a condition of the module's name.
    sys.modules[ChangeTracker.__module__].BLINKS_AFTER = 255


def one_look_at_the_whole() -> None:
    """Changes below a share of the frame's pixels are nothing."""
    apply = ChangeTracker.apply

    def gated(tracker, pixels, damage=None):
        found = apply(tracker, pixels, damage)
        small = found.pixels < AVERAGE_THAT_COUNTS * pixels.shape[0] * pixels.shape[1]
        return found if found.first or not small else replace(found, regions=(), blinking=())

    ChangeTracker.apply = gated


def only_the_first_region() -> None:
    """Where several regions change at once, one of them is reported."""
    apply = ChangeTracker.apply

    def first(tracker, pixels, damage=None):
        found = apply(tracker, pixels, damage)
        return replace(found, regions=found.regions[:1])

    ChangeTracker.apply = first


def nothing_is_given_back() -> None:
    """Lost connections are kept, and a megabyte with each."""
    kept: list[object] = []
    lose = x11.X11Source._lose

    def hoard(source, lost):
        kept.append((source._capture, bytearray(b"x" * 1_000_000)))
        return lose(source, lost)

    x11.X11Source._lose = hoard


def no_word_of_gaps() -> None:
    engine.Engine.gap = lambda *_: None


def gaps_without_end() -> None:
    gap = engine.Engine.gap

    def begin_only(self, now_ns, reason, state, detail):
        if state == "begin":
            gap(self, now_ns, reason, state, detail)

    engine.Engine.gap = begin_only


def no_limit_to_captures() -> None:
    connect = x11.X11Source._connect

    def hurried(source, connect_timeout_ms):
        source._interval_ms = 1
        return connect(source, connect_timeout_ms)

    x11.X11Source._connect = hurried


def capturing_waits_for_readers() -> None:
    """A full queue waits until somebody takes an event, but not for ever."""
    put = queue.EventQueue.put

    def waiting(self, event):
        for _ in range(100):
            if len(self._events) >= self.capacity:
                time.sleep(0.01)
        put(self, event)

    queue.EventQueue.put = waiting


def the_newest_goes_first() -> None:
    """A full queue refuses what comes, whatever it is."""
    put = queue.EventQueue.put

    def refusing(self, event):
        if len(self._events) < self.capacity or event.type == "summary":
            put(self, event)

    queue.EventQueue.put = refusing


def a_new_size_is_a_new_screen() -> None:
    """What was read before a change of size is forgotten."""
    resize = engine.Engine.resize

    def forgetful(self, geometry, now_ns):
        self._screen = type(self._screen)()
        resize(self, geometry, now_ns)

    engine.Engine.resize = forgetful


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (
        every_blink_is_a_change,
        one_look_at_the_whole,
        only_the_first_region,
        nothing_is_given_back,
        no_word_of_gaps,
        gaps_without_end,
        no_limit_to_captures,
        capturing_waits_for_readers,
        the_newest_goes_first,
        a_new_size_is_a_new_screen,
    )
}


def main() -> None:
    arguments = sys.argv[1:]
    real = "--real" in arguments
    if real:
        arguments.remove("--real")
    else:
        watching.open_engine = lambda threads, name: PaintedEngine()
    given = {"--queue": "", "--fault": ""}
    while arguments[0] in given:
        given[arguments[0]] = arguments[1]
        del arguments[:2]
    if given["--queue"]:
        watching.EventQueue = functools.partial(queue.EventQueue, int(given["--queue"]))
    if given["--fault"]:
        FAULTS[given["--fault"]]()
    # The faults are put into this process.
    sys.argv[1:] = [arguments[0], *(["--in-process"] if arguments[0] == "watch" else []), *arguments[1:]]
    cli.main()


if __name__ == "__main__":
    main()
