"""Much to see and little time: fast drawing, readers that do not read, new resolutions, 200 changes in a row."""

import functools
import itertools
import threading
import time
from dataclasses import replace

import mss
import numpy as np
import pytest
from fault_screen import CORNER, Drawing
from fault_watch import MEMORY_GROWTH_KIB, beside, missing_numbers, seeded, unexplained, wall_s

import ironcliw
from conftest import eventually
from ironcliw.frame import Rect
from ironcliw.monitor import queue, watching
from painted import PaintedEngine

pytestmark = pytest.mark.live

FPS = 4
"""Far below what an animation is drawn with, also where the machine has little time for it."""
ALERTS = [f"message {letter}" for letter in "ABCDEFGH"]
QUEUE = 32
BARS = 4
DRAWS = 200
SIZES = ["800x600", "1280x720", "1024x768"]


class Animation:
    """Draws bars over part of the screen about 60 times a second, from a thread and a connection of its own."""

    def __init__(self, display, area: Rect, seed: int) -> None:
        self._display = display
        self._area = area
        self._dice = np.random.default_rng(seed)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._draw)
        self.frames = 0

    def __enter__(self) -> "Animation":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _draw(self) -> None:
        width, height = self._area.width // BARS, self._area.height
        with Drawing(self._display.display, *self._area[2:], *self._area[:2]) as drawing:
            while not self._ended.wait(1 / 60):
                for number, colour in enumerate(self._dice.integers(0, 1 << 24, BARS).tolist()):
                    drawing.fill(Rect(width * number, 0, width, height), colour=colour)
                self.frames += 1


def test_an_animation_is_captured_no_faster_than_asked_and_hides_nothing(xvfb, tmp_path):
    dice = seeded()
    display = xvfb(1280, 720)
    options = ("--fps", str(FPS))
    with (
        Drawing(display.display, 1280, 720) as drawing,
        beside(display, tmp_path, *options, faults=["no_limit_to_captures"]) as (watched, hurried),
    ):
        drawing.seen_by(watched, hurried)
        lines = [f"line {dice.randrange(10**6)}" for _ in range(4)]
        with Animation(display, Rect(900, 400, 240, 240), dice.randrange(2**32)) as animation:
            for number, line in enumerate(lines):
                drawing.say(line, 40, 60 + 40 * number)
                watched.until_told("appeared", line)
                time.sleep(0.5)
            drawn = animation.frames
        summary, hurry = watched.stop(), hurried.stop()
    assert [told for told in watched.story() if "line" in told[1]] == [("appeared", line) for line in lines]
    print("seconds from drawing to event:", [round(delay, 2) for delay in delays_s(watched, drawing, lines)])
    assert drawn > 2 * too_many(summary)
    assert summary["frames"]["captured"] <= too_many(summary)
    assert hurry["frames"]["captured"] > too_many(hurry)


def too_many(summary) -> float:
    """Captures that the rate allows, the first and one that is under way included."""
    return FPS * summary["duration_s"] + 2


def delays_s(watched, drawing, lines) -> list[float]:
    drawn = [entry.wall_s for entry in drawing.record if entry.text is not None]
    said = {event["text"]: wall_s(event) for event in watched.of("text_appeared")}
    return [said[line] - at for line, at in zip(lines, drawn, strict=True)]


EXPENDABLE = {"change", "text_moved", "text_vanished", "text_changed", "text_appeared"}


def complaints(events: list[dict]) -> list[str]:
    """What a slow reader may not notice, and did."""
    summary = events[-1]
    dropped = summary.get("events_dropped", {})
    found = {
        "alerts lost": [event["text"] for event in events if event["type"] == "alert"] != ALERTS,
        "nothing dropped": dropped.get("change", 0) == 0,
        "too much dropped": not set(dropped)
        <= {"change", *(f"text_{what}" for what in ("moved", "vanished", "changed", "appeared"))},
        "miscounted": missing_numbers(events) != sum(dropped.values()),
        "held up": summary["frames"]["changed"] < 2 * QUEUE,
    }
    return [name for name, is_so in found.items() if is_so]


def test_an_unread_pipe_costs_changes_but_no_alert_and_holds_nothing_up(xvfb, tmp_path):
    seed = seeded().randrange(2**32)
    display = xvfb(800, 600)
    options = ("--fps", "60", *(word for line in ALERTS for word in ("--when", f"text:{line}")))
    faults = ["capturing_waits_for_readers", "the_newest_goes_first"]
    with (
        Drawing(display.display, 800, 600) as drawing,
        beside(display, tmp_path, *options, faults=faults, queue=QUEUE, unread=True) as runs,
    ):
        drawing.seen_by(*runs)
        first = runs[0].usage()
        with Animation(display, Rect(500, 300, 240, 240), seed):
            for number, line in enumerate(ALERTS):
                drawing.say(line, 40, 20 + 24 * number)
                time.sleep(0.5)
                if number == 1:
                    first = first._replace(resident_kib=runs[0].usage().resident_kib)  # the first alerts load code
        last = runs[0].usage()
        for run in runs:
            run.stop()
    assert complaints(runs[0].events()) == []
    assert "held up" in complaints(runs[1].events())
    assert "alerts lost" in complaints(runs[2].events())
    assert last.resident_kib < first.resident_kib + MEMORY_GROWTH_KIB
    assert (last.fds, last.threads) == (first.fds, first.threads)


def test_a_sleeping_python_reader_costs_changes_but_no_alert(xvfb, monkeypatch):
    seed = seeded().randrange(2**32)
    display = xvfb(800, 600)
    monkeypatch.setattr(watching, "EventQueue", functools.partial(queue.EventQueue, QUEUE))
    monkeypatch.setattr(watching, "open_engine", lambda threads, name: PaintedEngine())
    rules = [f"text:{line}" for line in ALERTS]
    events = []
    with (
        Drawing(display.display, 800, 600) as drawing,
        ironcliw.watch(f"x11:{display.display}", when=rules, fps=60, include_self=True) as running,
    ):
        first_change(running, drawing, events)
        with Animation(display, Rect(500, 300, 240, 240), seed):
            for number, line in enumerate(ALERTS):
                drawing.say(line, 40, 20 + 24 * number)
                events.append(running.get(30.0))
                time.sleep(0.3)
            eventually(lambda: running.engine.counts.changed > 2 * QUEUE, "more changes than the queue has room for")
        running.stop()
        events += running
    assert complaints([event.to_dict() for event in events]) == []


def first_change(running, drawing: Drawing, events: list) -> None:
    """Change the corner until the watch says so."""
    for colour in itertools.count(0x204060, 0x010305):
        drawing.fill(CORNER, colour=colour)
        while (event := running.get(0.3)) is not None:
            events.append(event)
            if event.type == "change":
                return
        assert colour < 0x400000, "the watch sees nothing"


def test_every_pixel_of_200_random_draws_is_reported(xvfb):
    """Compared with the drawing side's own picture, and with what an independent program sees."""
    dice = seeded()
    display = xvfb(640, 480)
    events = []
    with (
        Drawing(display.display, 640, 480) as drawing,
        ironcliw.watch(f"x11:{display.display}", text=False, fps=60, include_self=True) as running,
    ):
        first_change(running, drawing, events)
        drawn_s = np.zeros((480, 640))
        for number in range(DRAWS):
            box = random_box(dice, 640, 480)
            drawing.fill(box, colour=0x800000 + 40_000 * number)
            drawn_s[box.y : box.bottom, box.x : box.right] = drawing.record[-1].wall_s
            time.sleep(dice.random() * 0.02)
        eventually(lambda: np.array_equal(running.snapshot()[..., :3], drawing.model), "the last state")
        np.testing.assert_array_equal(grab(display.display), drawing.model)
        running.stop()
        events += running
    changes = [event for event in events if event.type == "change"]
    assert missed_pixels(drawn_s, changes) == 0
    careless = [replace(change, regions=change.regions[: max(1, len(change.regions) - 1)]) for change in changes]
    assert missed_pixels(drawn_s, careless) > 0
    frames = events[-1].data["frames"]
    assert frames["changed"] == len(changes) + 1
    assert unexplained(events[-1].to_dict()) == 0


def random_box(dice, width: int, height: int) -> Rect:
    """A box inside the screen, from one pixel to a quarter of it, at all kinds of places."""
    size = [min(round(2 ** (dice.random() * 8)), side) for side in (width // 2, height // 2)]
    return Rect(dice.randrange(width - size[0] + 1), dice.randrange(height - size[1] + 1), *size)


def missed_pixels(drawn_s: np.ndarray, changes: list) -> int:
    """Pixels that were drawn and in no change that was told afterwards."""
    told_s = np.zeros_like(drawn_s)
    for change in changes:
        for box in change.regions:
            told_s[box.y : box.bottom, box.x : box.right] = wall_s(change.to_dict())
    return int((told_s < drawn_s).sum())


def grab(display: str) -> np.ndarray:
    """What mss, an independent program, sees: (h, w, 3) uint8 BGR."""
    with mss.MSS(display=display) as screen:
        shot = screen.grab(screen.monitors[0])
    return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)[..., :3]


def test_known_text_is_no_news_in_another_resolution(xvnc, tmp_path):
    """What the smaller screen cuts off is gone, and comes back with the larger one."""
    display = xvnc(1024, 768)
    with (
        Drawing(display.display, 1024, 768) as drawing,
        beside(display, tmp_path, faults=["a_new_size_is_a_new_screen"]) as (watched, forgetful),
    ):
        drawing.seen_by(watched, forgetful)
        drawing.say("in the middle", 200, 300)
        drawing.say("at the edge", 900, 700)
        for run in (watched, forgetful):
            run.until_told("appeared", "in the middle")
            run.until_told("appeared", "at the edge")
        for number, size in enumerate(SIZES):
            display.call("xrandr", "-s", size)
            drawing.seen_by(watched, forgetful)
            drawing.say(f"now {size}", 200, 100 + 24 * number)
            watched.until_told("appeared", f"now {size}")
        watched.until_told_times(2, "appeared", "at the edge")
        watched.stop()
        forgetful.stop()
    told = [("appeared", "in the middle"), ("appeared", "at the edge"), ("vanished", "at the edge")]
    told += [("appeared", f"now {size}") for size in SIZES] + [("appeared", "at the edge")]
    assert sorted(watched.story()) == sorted(told)
    assert forgetful.story().count(("appeared", "in the middle")) > 1
