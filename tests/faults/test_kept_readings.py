"""Words that were drawn over while the reader was busy: small ones are kept for it, and only so many."""

import pytest

from ironcliw.clock import MS
from ironcliw.frame import Geometry, Rect
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.perceiving import Perceiver
from ironcliw.rule import RuleSet
from ironcliw.source import Capture
from painted import PaintedEngine, blank, erase, paint

TOAST = Rect(300, 200, 120, 16)


class Busy:
    """An engine whose reader reads when the test says so."""

    def __init__(self) -> None:
        self.events = []
        setup = EngineSetup(source="test", run="r", live=True, lossless=True, rules=RuleSet(["text:hello"], now=False))
        self.engine = Engine(setup, self.events.append)
        self.engine.begin(Geometry(640, 480), {"geometry": {}}, 0)
        self.pixels = blank()
        self.sequence = 0
        self.show(0)
        self.read(0)

    def show(self, time_ms: int, *damage: Rect) -> None:
        self.engine.capture(Capture(self.sequence, time_ms * MS, time_ms * MS, damage or None), self.pixels)
        self.sequence += 1

    def toast(self, text: str, time_ms: int, box: Rect = TOAST) -> None:
        paint(self.pixels, text, box.x, box.y)
        self.show(time_ms, box)

    def wipe(self, time_ms: int, box: Rect = TOAST) -> None:
        erase(self.pixels, *box)
        self.show(time_ms, box)

    def read(self, time_ms: int) -> None:
        """Everything that is due."""
        reader = PaintedEngine()
        while (reading := self.engine.take_reading(time_ms * MS)) is not None:
            self.engine.finish_reading(reading, Perceiver(reader.read).read(reading))

    def story(self) -> list[tuple]:
        wanted = ("text_appeared", "text_vanished", "alert")
        return [(event.type, event.text, event.time) for event in self.events if event.type in wanted]


def test_words_of_half_a_second_are_said_although_the_reader_was_busy():
    busy = Busy()
    busy.toast("hello", 1000)
    busy.wipe(1500)
    busy.read(3000)
    assert busy.story() == [("text_appeared", "hello", 1.0), ("alert", "hello", 1.0), ("text_vanished", "hello", 1.5)]


def test_each_of_two_toasts_at_one_place_is_said():
    busy = Busy()
    for start_ms, text in ((1000, "one"), (2000, "two")):
        busy.toast(text, start_ms)
        busy.wipe(start_ms + 500)
    busy.read(4000)
    assert [(kind, text) for kind, text, _ in busy.story()] == [
        ("text_appeared", "one"),
        ("text_vanished", "one"),
        ("text_appeared", "two"),
        ("text_vanished", "two"),
    ]


def test_what_did_not_stand_still_is_not_kept():
    busy = Busy()
    busy.toast("hello", 1000)
    busy.wipe(1150)
    busy.read(3000)
    assert busy.story() == []


def test_what_is_not_drawn_over_waits_for_its_reader():
    busy = Busy()
    busy.toast("hello", 1000)
    busy.toast("elsewhere", 1500, Rect(20, 20, 100, 16))
    assert not busy.engine._kept
    busy.read(3000)
    assert sorted(text for kind, text, _ in busy.story() if kind == "text_appeared") == ["elsewhere", "hello"]


def test_a_large_region_is_not_kept_its_newest_state_is_what_counts():
    busy = Busy()
    for row in range(20):
        paint(busy.pixels, f"row {row} of a page " * 3, 20, 20 + 20 * row)
    busy.show(1000, Rect(0, 0, 640, 480))
    busy.pixels[:] = blank()
    busy.show(1500, Rect(0, 0, 640, 480))
    busy.read(3000)
    assert busy.story() == []


@pytest.mark.parametrize("count", [3, 4, 40])
def test_only_so_many_are_kept_and_the_last_state_is_right(count):
    busy = Busy()
    for number in range(count):
        busy.toast(f"toast {number}", 1000 + 500 * number)
        busy.wipe(1250 + 500 * number)
    assert len(busy.engine._kept) <= 4
    busy.read(60_000)
    said = [text for kind, text, _ in busy.story() if kind == "text_appeared"]
    assert said == [f"toast {number}" for number in range(min(count, 4))][: len(said)]
    assert len(said) >= 2
    assert busy.engine._screen.lines == ()


def test_another_size_forgets_what_was_kept():
    busy = Busy()
    busy.toast("hello", 1000)
    busy.wipe(1500)
    busy.engine.resize(Geometry(320, 240), 2000 * MS)
    busy.pixels = blank(320, 240)
    busy.show(2000)
    busy.read(4000)
    assert busy.story() == []
