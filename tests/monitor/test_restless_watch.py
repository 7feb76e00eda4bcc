"""Something restless is on the screen, and something else happens: it is told as if nothing were."""

import numpy as np
import pytest
from test_monitor_engine import Bench

from ironcliw.clock import MS
from ironcliw.volatility import Patience
from painted import erase, paint

EVERY_MS = 40


class Film:
    """A bench with a film in the middle that never stops."""

    def __init__(self, *when: str) -> None:
        self.bench = Bench(*when)
        self.random = np.random.default_rng(1)
        self.on_top = []
        self.time_ms = 0
        self.bench.show(0)

    def play(self, for_ms: int) -> None:
        until_ms = self.time_ms + for_ms
        while self.time_ms < until_ms:
            self.time_ms += EVERY_MS
            self.bench.pixels[90:390, 150:500, :3] = self.random.integers(0, 70, (300, 350, 3))
            for draw in self.on_top:
                draw(self.bench.pixels)
            self.bench.show(self.time_ms)

    def told(self, kind: str) -> list[tuple[str, float]]:
        return [(event.text, event.time) for event in self.bench.of(kind)]


def toast(text: str, x: int, y: int):
    def draw(pixels):
        erase(pixels, x, y, 200, 50)
        paint(pixels, text, x + 20, y + 17)

    return draw


def test_a_film_is_read_ever_more_seldom():
    film = Film()
    film.play(4_000)
    first = film.bench.engine.readings
    film.play(20_000)
    assert film.bench.engine.readings - first <= 10
    assert film.bench.engine.volatility.kinds(film.time_ms * MS)[3, 4]


@pytest.mark.parametrize(("x", "y"), [(200, 150), (192, 192), (170, 117), (270, 330)])
def test_a_toast_over_a_film_is_told_at_once_and_so_is_its_end(x, y):
    film = Film("text:disk full")
    film.play(10_000)
    film.on_top.append(toast("disk full", x, y))
    film.play(400)
    assert [text for text, _ in film.told("text_appeared")] == ["disk full"]
    assert film.bench.alerts()
    film.play(8_000)
    film.on_top.clear()
    film.play(1_000)
    assert [text for text, _ in film.told("text_vanished")] == ["disk full"]


@pytest.mark.parametrize("lasts_ms", [400, 2_000])
def test_toasts_over_a_film_are_all_told(lasts_ms):
    film = Film()
    film.play(8_000)
    for number in range(6):
        film.on_top.append(toast(f"toast {number}", 180 + 7 * number, 140 + 11 * number))
        film.play(lasts_ms)
        film.on_top.clear()
        film.play(3_000)
    assert [text for text, _ in film.told("text_appeared")] == [f"toast {number}" for number in range(6)]


def test_a_reader_with_endless_patience_would_not_see_them(monkeypatch):
    monkeypatch.setattr(Patience, "due_ns", None)
    monkeypatch.setattr(Patience, "take", lambda self, now_ns: [])
    monkeypatch.setattr("ironcliw.volatility.Standing.look", lambda *args: [])
    film = Film()
    film.play(10_000)
    film.on_top.append(toast("disk full", 200, 150))
    film.play(2_000)
    assert film.told("text_appeared") == []


def test_a_film_that_ends_in_words_is_read_when_it_ends():
    film = Film()
    film.play(10_000)
    film.on_top.append(lambda pixels: (erase(pixels, 150, 90, 350, 300), paint(pixels, "THE END", 200, 200)))
    film.play(300)
    assert [text for text, _ in film.told("text_appeared")] == ["THE END"]


def blink(bench, from_ms, until_ms, x=300, y=60, period_ms=500):
    for step, time_ms in enumerate(range(from_ms, until_ms, period_ms)):
        bench.pixels[y : y + 16, x : x + 2, :3] = 255 if step % 2 else 30
        bench.show(time_ms)


def test_a_caret_is_not_read_once_both_its_states_are_known():
    bench = Bench()
    paint(bench.pixels, "prompt", 240, 60)
    bench.show(0)
    blink(bench, 500, 10_000)  # with the second reading of a screen at rest
    known = bench.engine.readings
    blink(bench, 10_000, 120_000)
    assert bench.engine.readings == known


def test_what_is_typed_at_a_caret_is_told_as_it_is_typed():
    bench = Bench()
    paint(bench.pixels, "prompt", 240, 60)
    bench.show(0)
    blink(bench, 500, 10_000)
    told = []
    for number, letter in enumerate("abcdef"):
        from_ms = 10_000 + 2_000 * number
        paint(bench.pixels, letter, 288 + 8 * number, 60)
        blink(bench, from_ms, from_ms + 1_000, x=296 + 8 * number)
        told.append(len(bench.of("text_changed")))
        blink(bench, from_ms + 1_000, from_ms + 2_000, x=296 + 8 * number)
    assert told == [1, 2, 3, 4, 5, 6]


def test_a_letter_that_takes_the_place_of_a_blinking_block_is_told():
    bench = Bench()
    bench.show(0)
    for step in range(40):
        bench.pixels[60:76, 300:308, :3] = 255 if step % 2 else 30
        bench.show(500 + 500 * step)
    paint(bench.pixels, "x", 300, 60)
    bench.show(20_500)
    bench.settle(20_700)
    assert [event.text for event in bench.of("text_appeared")] == ["x"]


@pytest.mark.parametrize("apart_ms", [1_600, 4_000])
def test_a_status_that_goes_back_and_forth_is_told_each_time(apart_ms):
    bench = Bench("text:failed")
    bench.show(0)
    for step in range(20):
        erase(bench.pixels, 100, 60, 100, 16)
        paint(bench.pixels, "running" if step % 2 else "failed", 100, 60)
        bench.show(1_000 + apart_ms * step)
    bench.settle(200_000)
    assert [time for time, _ in bench.alerts()] == [(1_000 + 2 * apart_ms * step) / 1000 for step in range(10)]


def test_an_error_where_a_clock_was_is_told_at_once():
    bench = Bench("text:error")
    bench.show(0)
    for second in range(1, 41):
        paint(bench.pixels, f"09:00:{second:02}", 500, 20)
        bench.show(1000 * second)
    paint(bench.pixels, "error 42", 500, 20)
    bench.show(40_500)
    bench.settle(40_700)
    assert bench.alerts() == [(40.5, "error 42")]


def test_a_clock_still_feeds_the_conditions():
    bench = Bench("text:09:00:33")
    bench.show(0)
    for second in range(1, 41):
        paint(bench.pixels, f"09:00:{second:02}", 500, 20)
        bench.show(1000 * second)
    bench.settle(60_000)
    assert [time for time, _ in bench.alerts()] == [33.0]


def spin(bench, time_ms):
    step = time_ms // 100 % 8
    bench.pixels[60:76, 300:308, :3] = (30 + 20 * step, 90, 20)
    bench.show(time_ms)


def test_a_spinner_that_turns_into_a_word_in_its_place_is_told():
    bench = Bench()
    paint(bench.pixels, "building", 316, 60)
    bench.show(0)
    for time_ms in range(100, 20_000, 100):
        spin(bench, time_ms)
    known = bench.engine.readings
    for time_ms in range(20_000, 30_000, 100):
        spin(bench, time_ms)
    assert bench.engine.readings == known
    paint(bench.pixels, "V", 300, 60)
    bench.show(30_000)
    bench.settle(30_200)
    assert len(bench.of("text_appeared", "text_changed")) == 1


def test_a_log_that_scrolls_for_a_minute_is_told_line_by_line():
    bench = Bench()
    lines = []
    bench.show(0)
    for number in range(150):
        lines = [*lines[-9:], f"line {number} of the log"]
        erase(bench.pixels, 40, 100, 300, 200)
        for row, text in enumerate(lines):
            paint(bench.pixels, text, 40, 100 + 20 * row)
        bench.show(1_000 + 400 * number)
    bench.settle(100_000)
    told = [event.text for event in bench.of("text_appeared", "text_changed")]
    assert told == [f"line {number} of the log" for number in range(150)]
    assert not bench.engine.volatility.restless(bench.of("text_appeared")[-1].regions[0], 61_000 * MS)
