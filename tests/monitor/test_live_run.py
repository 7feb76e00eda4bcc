"""The two threads of a live watch, fed by sources that are late, lost, or another size when they return."""

import threading
import time

import numpy as np
import pytest
from scripted_source import ScriptedSource, resized, shot

from ironcliw import clock
from ironcliw.monitor import Watch, WatchOptions
from ironcliw.source import Back, Gap
from ironcliw.text.protocol import ReadingStoppedError
from painted import PaintedEngine, blank, paint


@pytest.fixture(autouse=True)
def painted(monkeypatch):
    reader = PaintedEngine()
    monkeypatch.setattr("ironcliw.monitor.watching.open_engine", lambda threads, name: reader)


def watched(source: ScriptedSource, until, **options) -> list:
    """The events of a watch, which is stopped once ``until(events)`` holds."""
    events = []
    with Watch(source, WatchOptions(**options)) as running:
        deadline_s = time.monotonic() + 20  # only ends a test that would hang
        while not running.ended:
            event = running.get(0.1)
            events += [event] if event is not None else []
            if until(events) or time.monotonic() > deadline_s:
                running.stop()
    return events


def gaps(events) -> list[tuple[str, str]]:
    return [(event.data["reason"], event.data["state"]) for event in events if event.type == "gap"]


def written(*words: str, width: int = 640, height: int = 480) -> np.ndarray:
    pixels = blank(width, height)
    for number, text in enumerate(words):
        paint(pixels, text, 40, 40 + 20 * number)
    return pixels


@pytest.mark.parametrize("reason", ["lost", "no_reply", "denied"])
def test_the_end_of_a_gap_names_what_it_was(reason):
    empty = blank()
    source = ScriptedSource(
        [shot(0, 0, empty), (Gap(clock.SECOND, reason, "gone"), None), (Back(2 * clock.SECOND), None)]
    )
    events = watched(source, lambda events: len(gaps(events)) == 2)
    assert gaps(events) == [(reason, "begin"), (reason, "end")]


def test_a_source_that_returns_in_another_size_is_back():
    source = ScriptedSource(
        [
            shot(0, 0, blank()),
            (Gap(clock.SECOND, "lost", "the server is gone"), None),
            resized(2, 320, 240),
            shot(1, 2, blank(320, 240)),
        ]
    )
    events = watched(source, lambda events: len(gaps(events)) == 2)
    assert gaps(events) == [("lost", "begin"), ("lost", "end")]


def test_a_mere_change_of_size_is_no_gap():
    later = written("hello", width=320, height=240)
    source = ScriptedSource([shot(0, 0, blank()), resized(0.2, 320, 240), shot(1, 0.2, later)])
    events = watched(source, lambda events: any(event.type == "text_appeared" for event in events))
    assert gaps(events) == []


def slow_recording(words: int) -> ScriptedSource:
    """A recording that takes 150 ms to decode each 10 ms of its play; each frame has one more line."""
    steps = []
    for number in range(words):
        lines = [f"line {line}" for line in range(number + 1)]
        steps += [0.15, shot(number, number * 0.01, written(*lines))]
    return ScriptedSource(steps, live=False)


def test_a_recording_that_cannot_keep_up_is_still_looked_at():
    events = watched(slow_recording(16), lambda events: False)
    (summary,) = [event for event in events if event.type == "summary"]
    frames = summary.data["frames"]
    assert frames["dropped"]["late"] > 0
    assert frames["changed"] > 3
    assert frames["captured"] == frames["duplicate"] + frames["changed"] + sum(frames["dropped"].values()) == 16


def test_the_last_frame_of_a_recording_is_looked_at_however_late():
    events = watched(slow_recording(8), lambda events: False)
    assert "line 7" in [event.text for event in events if event.type == "text_appeared"]


class ThoroughEngine(PaintedEngine):
    """Once it has forgotten where text stood, it reads until it is made to give up."""

    def __init__(self) -> None:
        super().__init__()
        self.at_it = threading.Event()
        self.given_up = threading.Event()
        self._forgot = False

    def hold(self, ledger) -> None: ...
    def shrink(self) -> None: ...
    def grow(self) -> None: ...
    def rest(self) -> None: ...

    def forget(self) -> None:
        self._forgot = True

    def give_up(self) -> None:
        self.given_up.set()

    def read(self, pixels):
        if self._forgot:
            self._forgot = False
            self.at_it.set()
            assert self.given_up.wait(20), "nobody asked for what is new"
            raise ReadingStoppedError
        return super().read(pixels)


def test_what_is_new_does_not_wait_for_a_second_reading(monkeypatch):
    reader = ThoroughEngine()
    monkeypatch.setattr("ironcliw.monitor.watching.open_engine", lambda threads, name: reader)

    def steps():
        began_s = time.monotonic()
        yield shot(0, 0, blank())
        yield 0.5
        yield shot(1, time.monotonic() - began_s, written("one"))
        assert reader.at_it.wait(20)
        yield shot(2, time.monotonic() - began_s, written("one", "two"))

    events = watched(ScriptedSource(steps()), lambda events: len([e for e in events if e.type == "text_appeared"]) > 1)
    assert [event.text for event in events if event.type == "text_appeared"] == ["one", "two"]
    assert reader.given_up.is_set()
