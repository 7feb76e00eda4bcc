"""What a tile does is known from how it changes, and only after it has done so for a while."""

import numpy as np
import pytest
from tile_screens import VIDEO, TileScreen, caret, clock, spinner, video

from ironcliw.clock import MS, SECOND
from ironcliw.frame import Rect
from ironcliw.volatility import Kind
from ironcliw.volatility.tiles import NEWS_NS, QUIET_NS

SCREENS = {
    "caret": (caret, 530, Kind.CARET, (1, 1)),
    "clock": (clock, 1000, Kind.TICKING, (0, 3)),
    "spinner": (spinner, 100, Kind.MOVING, (2, 2)),
    "video": (video, 40, Kind.MOVING, (2, 3)),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_restless_tile_is_of_its_kind(name):
    draw, every_ms, kind, where = SCREENS[name]
    screen = TileScreen()
    screen.play(draw, every_ms, 3)
    assert not screen.kinds().any()
    screen.play(draw, every_ms, 80)
    assert screen.kinds()[where] == kind


@pytest.mark.parametrize("name", SCREENS)
def test_it_comes_to_rest(name):
    draw, every_ms, _, _ = SCREENS[name]
    screen = TileScreen()
    screen.play(draw, every_ms, 80)
    assert screen.kinds().any()
    assert not screen.volatility.kinds(screen.now_ns + QUIET_NS + MS).any()


def test_only_what_moves_is_restless():
    screen = TileScreen()
    screen.play(video, 40, 80)
    assert np.argwhere(screen.kinds()).tolist() == [[row, column] for row in (1, 2, 3) for column in (1, 2, 3, 4)]
    assert screen.volatility.restless(VIDEO, screen.now_ns)
    assert not screen.volatility.restless(Rect(0, 0, 20, 20), screen.now_ns)


def test_a_burst_is_not_restless():
    screen = TileScreen()
    screen.play(video, 10, 60)
    assert not screen.kinds().any()


def test_a_change_every_few_seconds_is_an_event_each_time():
    screen = TileScreen()
    screen.play(caret, 4000, 40)
    assert not screen.kinds().any()


def test_a_slow_alternation_is_no_caret():
    screen = TileScreen()
    screen.play(caret, 1000, 40)
    assert Kind.CARET not in screen.kinds()


def test_what_says_something_new_is_not_restless():
    screen = TileScreen()
    screen.play(video, 40, 80)
    news = Rect(110, 80, 30, 10)
    screen.volatility.note_news([news], screen.now_ns)
    assert not screen.volatility.restless(news, screen.now_ns)
    assert screen.volatility.restless(Rect(200, 140, 10, 10), screen.now_ns)
    screen.play(video, 40, NEWS_NS // (40 * MS))
    assert screen.volatility.restless(news, screen.now_ns)


def test_a_change_beside_a_restless_tile_is_not_covered_by_it():
    screen = TileScreen()
    screen.play(spinner, 100, 80)
    both = Rect(130, 130, 100, 20)
    assert screen.volatility.restless(both, screen.now_ns)
    screen.pixels[140:150, 200:220] = 255
    screen.show(screen.now_ns / MS + 100)
    assert not screen.volatility.restless(both, screen.now_ns)


def test_heat_is_the_rate_and_cools_down():
    screen = TileScreen()
    screen.play(spinner, 100, 400)
    heat = screen.volatility.heat(screen.now_ns)
    assert heat.dtype == np.float32
    assert heat.shape == (4, 5)
    assert heat[2, 2] == pytest.approx(10, rel=0.1)
    assert heat[0, 0] == 0
    assert screen.volatility.heat(screen.now_ns + 60 * SECOND).max() < 0.01


def test_parts_are_named_with_their_box_and_rate():
    screen = TileScreen()

    def both(pixels, step):
        spinner(pixels, step)
        if step % 5 == 0:
            caret(pixels, step // 5)

    screen.play(both, 100, 200)
    first, second = screen.volatility.parts(screen.now_ns)
    assert (first.kind, first.box) == (Kind.CARET, Rect(70, 80, 2, 16))
    assert second.kind == Kind.MOVING
    assert second.box == Rect(140, 140, 16, 8)
    assert second.rate > first.rate


def test_it_does_not_grow():
    screen = TileScreen()
    arrays = {name: value.nbytes for name, value in vars(screen.volatility).items() if isinstance(value, np.ndarray)}
    screen.play(video, 40, 300)
    after = {name: value.nbytes for name, value in vars(screen.volatility).items() if isinstance(value, np.ndarray)}
    assert after == arrays
