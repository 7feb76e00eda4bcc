"""Captures in, events out: the watcher without threads."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from ironcliw.clock import MS, SECOND
from ironcliw.errors import ConditionError
from ironcliw.frame import Geometry, Rect
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.perceiving import Perceiver
from ironcliw.monitor.recorded import advance
from ironcliw.rule import RuleSet
from ironcliw.source import Capture
from ironcliw.text.protocol import forget_places
from painted import PaintedEngine, blank, erase, paint


class Bench:
    """An engine, a picture to draw on, and the events so far."""

    def __init__(self, *when: str, now: bool = False, width: int = 640, height: int = 480, **setup) -> None:
        self.events = []
        rules = RuleSet(when, now=now)
        setup = {"live": False, "lossless": True, **setup}
        self.engine = Engine(EngineSetup(source="test", run="r", rules=rules, **setup), self.events.append)
        self.reader = PaintedEngine()
        self.pixels = blank(width, height)
        self.sequence = 0
        self.engine.begin(Geometry(width, height), {"geometry": {}}, 0)

    def show(self, time_ms: int, damage=None, excluded=()) -> None:
        self.settle(time_ms)
        message = Capture(self.sequence, time_ms * MS, time_ms * MS, damage, excluded=excluded)
        self.engine.capture(message, self.pixels)
        self.sequence += 1

    def settle(self, time_ms: int) -> None:
        advance(self.engine, time_ms * MS, Perceiver(self.reader.read, forget=partial(forget_places, self.reader)))

    def of(self, *types: str) -> list:
        return [event for event in self.events if event.type in types]

    def alerts(self) -> list[tuple[float, str | None]]:
        return [(event.time, event.text) for event in self.of("alert")]


def test_the_first_event_is_the_start():
    bench = Bench()
    assert [event.type for event in bench.events] == ["start"]


def test_a_new_line_is_said_with_the_time_of_the_frame_that_shows_it():
    bench = Bench()
    bench.show(0)
    paint(bench.pixels, "hello", 40, 60)
    bench.show(1000)
    bench.show(1050)
    bench.settle(5000)
    (event,) = bench.of("text_appeared")
    assert (event.text, event.time, event.frame) == ("hello", 1.0, 1)
    assert event.regions == (Rect(40, 60, 40, 16),)
    assert event.latency_ms is None


def test_what_is_there_at_the_start_is_no_news():
    bench = Bench("text:failed")
    paint(bench.pixels, "it failed", 40, 60)
    bench.show(0)
    bench.settle(5000)
    assert bench.of("text_appeared", "alert") == []


def test_with_now_it_is():
    bench = Bench("text:failed", now=True)
    paint(bench.pixels, "it failed", 40, 60)
    bench.show(0)
    bench.settle(5000)
    assert bench.alerts() == [(0.0, "it failed")]


def test_an_alert_tells_rule_words_and_place():
    bench = Bench("text:BUILD FAILED", "text:/never/")
    bench.show(0)
    paint(bench.pixels, "the build failed here", 80, 96)
    bench.show(2000)
    bench.settle(5000)
    (alert,) = bench.of("alert")
    assert alert.rule == "text:BUILD FAILED"
    assert alert.text == "the build failed here"
    assert alert.time == 2.0
    assert alert.frame == 1
    assert bench.engine.alerts == 1


def test_a_dialog_that_comes_back_alerts_again():
    bench = Bench("text:allow access")
    bench.show(0)
    for start_ms in (1000, 5000):
        paint(bench.pixels, "allow access?", 200, 200)
        bench.show(start_ms)
        erase(bench.pixels, 200, 200, 200, 16)
        bench.show(start_ms + 2000)
    bench.settle(20_000)
    assert [time for time, _ in bench.alerts()] == [1.0, 5.0]
    assert len(bench.of("text_vanished")) == 2


def test_a_second_line_below_the_first_alerts_too():
    bench = Bench("text:FAILED")
    bench.show(0)
    paint(bench.pixels, "BUILD FAILED", 40, 60)
    bench.show(1000)
    paint(bench.pixels, "BUILD FAILED", 40, 80)
    bench.show(4000)
    bench.settle(20_000)
    assert [time for time, _ in bench.alerts()] == [1.0, 4.0]


def test_scrolling_is_not_appearing():
    bench = Bench("text:FAILED")
    bench.show(0)
    paint(bench.pixels, "BUILD FAILED", 40, 60)
    bench.show(1000)
    for step in range(1, 4):
        bench.pixels[:-20] = bench.pixels[20:].copy()
        paint(bench.pixels, f"line {step}", 40, 400)
        bench.show(1000 + 2000 * step)
    bench.settle(20_000)
    assert len(bench.alerts()) == 1
    assert [event.text for event in bench.of("text_appeared")] == ["BUILD FAILED", "line 1", "line 2", "line 3"]


def test_an_edit_that_keeps_the_words_is_no_new_alert():
    bench = Bench("text:FAILED")
    bench.show(0)
    for step in range(5):
        paint(bench.pixels, f"FAILED after {step} s", 40, 60)
        bench.show(1000 + 1500 * step)
    bench.settle(20_000)
    assert len(bench.alerts()) == 1


def test_only_the_changed_line_is_read():
    bench = Bench(width=1920, height=1080)
    bench.show(0)
    paint(bench.pixels, "one new line of text in a large screen", 200, 500)
    bench.show(1000)
    bench.settle(3000)
    assert bench.engine.pixels_read_at_start == 1920 * 1080
    assert 0 < bench.engine.pixels_read <= 0.05 * 1920 * 1080


class HastyEngine(PaintedEngine):
    """Reads the last letter of a line wrong, or not the line, unless it sees the whole screen."""

    misses = False

    def __init__(self) -> None:
        super().__init__()
        self.forgot = 0

    def forget(self) -> None:
        self.forgot += 1

    def read(self, pixels):
        read = super().read(pixels)
        if len(pixels) == 480:
            return read
        return [] if self.misses else [replace(line, text=f"{line.text[:-1]}I") for line in read]


def hasty(*when: str, misses: bool = False) -> Bench:
    bench = Bench(*when)
    bench.reader = HastyEngine()
    bench.reader.misses = misses
    paint(bench.pixels, "stands from the start", 40, 20)
    bench.show(0)
    paint(bench.pixels, "BUILD FAILED", 40, 60)
    bench.show(1000)
    bench.settle(2000)
    return bench


def test_a_screen_at_rest_is_read_once_more_and_rules_hear_what_it_says():
    bench = hasty("text:FAILED")
    assert [event.text for event in bench.of("text_appeared")] == ["BUILD FAILEI"]
    assert bench.alerts() == []
    bench.settle(60_000)
    assert [line.text for line in bench.engine.lines] == ["stands from the start", "BUILD FAILED"]
    assert len(bench.of("text_appeared", "text_changed", "text_vanished", "text_moved")) == 1
    assert [text for _, text in bench.alerts()] == ["BUILD FAILED"]
    assert bench.engine.readings == 3
    assert bench.reader.forgot == 1


def test_a_line_that_was_missed_is_told_when_the_screen_rests():
    bench = hasty(misses=True)
    assert not bench.of("text_appeared")
    bench.settle(60_000)
    (event,) = bench.of("text_appeared")
    assert (event.text, event.frame) == ("BUILD FAILED", 1)
    assert event.time < 5


def test_at_the_end_nothing_is_left_that_was_read_in_parts_only():
    bench = hasty()
    bench.engine.hurry()
    bench.settle(2000)
    assert [line.text for line in bench.engine.lines] == ["stands from the start", "BUILD FAILED"]


def test_a_screen_that_keeps_moving_is_read_now_and_then():
    bench = Bench()
    bench.show(0)
    for step in range(1, 101):
        paint(bench.pixels, f"tick {step}", 40, 60)
        bench.show(20 * step)
    bench.settle(20_000)
    assert 9 <= bench.engine.readings - 1 <= 11
    assert bench.engine.states_skipped >= 80
    assert bench.of("text_changed")[-1].text == "tick 100"


def test_every_frame_is_accounted_for():
    bench = Bench()
    bench.show(0)
    bench.show(100)
    masked = (Rect(0, 0, 64, 64),)
    bench.show(200, damage=(Rect(3, 3, 8, 8),), excluded=masked)
    paint(bench.pixels, "x", 400, 400)
    bench.show(300)
    bench.engine.drop("late")
    counts = bench.engine.counts
    assert counts.to_dict() == {"captured": 5, "duplicate": 1, "changed": 2, "excluded": 1, "dropped": {"late": 1}}


def test_our_own_lines_are_not_read_back():
    bench = Bench("text:failed", is_echo=lambda text: text.startswith("$ ironcliw"))
    bench.show(0)
    paint(bench.pixels, "$ ironcliw wait failed", 40, 60)
    bench.show(1000)
    bench.settle(5000)
    assert bench.of("alert", "text_appeared") == []


def test_a_black_screen_is_a_gap_after_five_seconds():
    bench = Bench()
    bench.show(0)
    light = bench.pixels.copy()
    bench.pixels[:] = 0
    bench.show(1000)
    bench.settle(5900)
    assert bench.of("gap") == []
    bench.settle(6000)
    bench.pixels[:] = light
    bench.show(9000)
    assert [(event.time, event.data["reason"], event.data["state"]) for event in bench.of("gap")] == [
        (6.0, "black", "begin"),
        (9.0, "black", "end"),
    ]


def test_a_screen_that_was_always_black_is_no_gap():
    bench = Bench()
    bench.pixels[:] = 0
    bench.show(0)
    bench.settle(60_000)
    assert bench.of("gap") == []


def test_another_size_is_read_anew_and_known_text_is_no_news():
    bench = Bench("text:FAILED")
    paint(bench.pixels, "BUILD FAILED", 40, 60)
    bench.show(0)
    bench.settle(500)
    bench.engine.resize(Geometry(800, 600), 1000 * MS)
    bench.pixels = paint(blank(800, 600), "BUILD FAILED", 90, 160)
    bench.show(1000)
    bench.settle(5000)
    assert bench.of("alert", "text_appeared", "text_vanished") == []


def test_a_region_outside_the_frame_is_refused():
    with pytest.raises(ConditionError, match="640"):
        Bench("change:600,400,200,200")


def test_change_and_still_rules_follow_source_time():
    bench = Bench("change:0,0,100,100", "still:3s@200,200,100,100")
    bench.show(0)
    paint(bench.pixels, "a", 40, 60)
    bench.show(1000)
    bench.settle(10_000)
    assert sorted((event.rule, event.time) for event in bench.of("alert")) == [
        ("change:0,0,100,100", 1.0),
        ("still:3s@200,200,100,100", 3.0),
    ]


def test_a_caret_does_not_break_stillness():
    bench = Bench("still:5s")
    bench.show(0)
    for step in range(1, 24):
        (erase if step % 2 else lambda pixels, *box: pixels)(bench.pixels, 100, 100, 2, 16)
        if step % 2 == 0:
            bench.pixels[100:116, 100:102, :3] = 220
        bench.show(500 * step)
    bench.settle(12_000)
    assert len(bench.alerts()) == 1


def test_the_summary_adds_up_and_comes_last():
    bench = Bench()
    bench.show(0)
    bench.engine.finish(2 * SECOND, {"cpu_s": 0.1})
    summary = bench.events[-1]
    assert summary.type == "summary"
    assert summary.data["frames"]["captured"] == 1
    assert summary.data["duration_s"] == 2.0
    assert summary.data["stages"]["change"]["count"] == 1
    assert summary.data["cpu_s"] == 0.1


def test_events_are_numbered_and_live_ones_have_a_latency():
    bench = Bench(live=True)
    bench.show(0)
    bench.settle(10)
    paint(bench.pixels, "hello", 40, 60)
    bench.show(1000)
    bench.settle(5000)
    assert [event.id for event in bench.events] == [f"r-{number}" for number in range(1, len(bench.events) + 1)]
    assert all(event.latency_ms is not None for event in bench.of("text_appeared", "change"))


def test_noise_below_the_threshold_is_not_a_change():
    bench = Bench(lossless=False, threshold=1600)
    bench.show(0)
    noise = np.random.default_rng(7).integers(0, 20, bench.pixels[:, :, :3].shape, np.uint8)
    bench.pixels[:, :, :3] += noise
    bench.show(100)
    assert bench.of("change") == []
    paint(bench.pixels, "hello", 40, 60)
    bench.show(200)
    assert len(bench.of("change")) == 1


def test_what_no_longer_fits_on_a_smaller_screen_is_gone():
    bench = Bench("gone:down here")
    paint(bench.pixels, "up here", 40, 60)
    paint(bench.pixels, "down here", 40, 400)
    paint(bench.pixels, "far right", 500, 60)
    bench.show(0)
    bench.settle(1000)
    bench.engine.resize(Geometry(320, 240), 2000 * MS)
    bench.pixels = bench.pixels[:240, :320].copy()
    bench.show(2000)
    bench.settle(8000)
    assert sorted(event.text for event in bench.of("text_vanished")) == ["down here", "far right"]
    assert bench.of("text_appeared") == []
    assert [alert.rule for alert in bench.of("alert")] == ["gone:down here"]


def test_a_reading_of_the_screen_as_it_was_before_it_changed_size_is_void():
    bench = Bench()
    bench.show(0)
    paint(bench.pixels, "old place", 40, 400)
    bench.show(1000)
    reading = bench.engine.take_reading(1200 * MS)
    while reading.region.height == 480:  # the start
        bench.engine.finish_reading(reading, Perceiver(bench.reader.read).read(reading))
        reading = bench.engine.take_reading(1200 * MS)
    bench.engine.resize(Geometry(320, 240), 1300 * MS)
    bench.engine.finish_reading(reading, Perceiver(bench.reader.read).read(reading))
    bench.pixels = blank(320, 240)
    bench.show(1300)
    bench.settle(5000)
    assert bench.of("text_appeared", "text_vanished") == []


def test_a_region_that_shrinks_away_does_not_end_the_watch(caplog):
    bench = Bench("change:500,300,100,100", "text:hello")
    bench.show(0)
    bench.engine.resize(Geometry(320, 200), 1000 * MS)
    assert "320x200" in caplog.text
    bench.pixels = blank(320, 200)
    bench.show(1000)
    paint(bench.pixels, "hello", 40, 60)
    bench.show(2000)
    bench.settle(5000)
    assert [text for _, text in bench.alerts()] == ["hello"]


def test_a_line_edited_in_place_has_changed_and_says_what():
    bench = Bench()
    paint(bench.pixels, "built 41 of 90", 40, 60)
    bench.show(0)
    bench.settle(500)
    paint(bench.pixels, "built 42 of 90", 40, 60)
    bench.show(1000)
    bench.settle(2000)
    assert bench.of("text_appeared", "text_vanished") == []
    (event,) = bench.of("text_changed")
    assert (event.text, event.time, event.regions) == ("built 42 of 90", 1.0, (Rect(40, 60, 14 * 8, 16),))
    assert event.data == {"before": "built 41 of 90", "removed": "1", "added": "2"}


def test_lines_that_scrolled_have_moved_and_only_the_new_one_has_appeared():
    bench = Bench()
    for row, text in enumerate(["alpha one", "bravo two", "charlie three"]):
        paint(bench.pixels, text, 40, 60 + 20 * row)
    bench.show(0)
    bench.settle(500)
    erase(bench.pixels, 40, 60, 300, 60)
    for row, text in enumerate(["bravo two", "charlie three", "delta four"]):
        paint(bench.pixels, text, 40, 60 + 20 * row)
    bench.show(1000)
    bench.settle(2000)
    assert [event.text for event in bench.of("text_appeared")] == ["delta four"]
    assert [event.text for event in bench.of("text_vanished")] == ["alpha one"]
    (event,) = bench.of("text_moved")
    assert event.data == {"dx": 0, "dy": -20, "lines": 2}


def test_of_a_clock_only_its_beginning_and_its_end_are_told_but_its_rule_fires():
    bench = Bench("text:00:07")
    paint(bench.pixels, "time 00:00", 40, 60)
    bench.show(0)
    for second in range(1, 10):
        paint(bench.pixels, f"time 00:0{second}", 40, 60)
        bench.show(1000 * second)
    bench.settle(20_000)
    told = [(event.time, event.text) for event in bench.of("text_changed")]
    assert told == [
        (1.0, "time 00:01"),
        (2.0, "time 00:02"),
        (3.0, "time 00:03"),
        (4.0, "time 00:04"),
        (9.0, "time 00:09"),
    ]
    assert bench.of("text_changed")[-1].data == {"before": "time 00:04", "removed": "4", "added": "9"}
    assert bench.alerts() == [(7.0, "time 00:07")]
