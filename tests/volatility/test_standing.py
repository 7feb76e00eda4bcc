"""What comes to stand inside of what moves, and what begins to move again."""

import numpy as np
import pytest

from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.volatility import Standing

WIDTH, HEIGHT = 320, 256
EVERYWHERE = np.ones((HEIGHT // 64, WIDTH // 64), np.bool_)
NOWHERE = ~EVERYWHERE


class Noise:
    def __init__(self, *, exact: bool = True, every_ms: int = 40) -> None:
        self.standing = Standing(WIDTH, HEIGHT, exact=exact)
        self.random = np.random.default_rng(3)
        self.every_ms, self.time_ms = every_ms, 0
        self.still: list[Rect] = []
        self.pixels = self.random.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)

    def play(self, frames: int, where=EVERYWHERE, moving=EVERYWHERE) -> list[tuple[int, Rect]]:
        found = []
        for _ in range(frames):
            fresh = self.random.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
            for box in self.still:
                inside = slice(box.y, box.bottom), slice(box.x, box.right)
                fresh[inside] = self.pixels[inside]
            self.pixels = fresh
            self.time_ms += self.every_ms
            rects = self.standing.look(self.pixels, where, moving, self.time_ms * MS)
            found += [(self.time_ms, rect) for rect in rects]
        return found


TOAST = Rect(70, 100, 120, 40)


def test_nothing_stands_in_noise():
    assert Noise().play(200) == []


@pytest.mark.parametrize("box", [TOAST, Rect(3, 3, 80, 30), Rect(250, 220, 70, 36), Rect(64, 64, 64, 64)])
def test_what_comes_to_stand_is_found_once_within_a_fifth_of_a_second(box):
    noise = Noise()
    noise.play(50)
    noise.still.append(box)
    ((time_ms, rect),) = noise.play(100)
    assert time_ms - 50 * 40 <= 200 + 40
    assert rect.intersection(box) == box
    assert rect.area <= box.grown(32, 16).area


def test_what_begins_to_move_again_is_found_too():
    noise = Noise()
    noise.play(50)
    noise.still.append(TOAST)
    noise.play(50)
    noise.still.clear()
    ((_, rect),) = noise.play(3)
    assert rect.overlaps(TOAST)


def test_what_keeps_standing_for_nothing_has_to_stand_longer_each_time():
    noise = Noise()
    noise.play(50)
    took = []
    for _ in range(4):
        before_ms = noise.time_ms
        noise.still.append(TOAST)
        took.append(noise.play(60)[0][0] - before_ms)
        noise.still.clear()
        noise.play(30)
    assert took == sorted(took)
    assert took[-1] > 3 * took[0]
    assert took[-1] < 1_600 + 100


def test_too_small_for_words():
    noise = Noise()
    noise.play(50)
    noise.still.append(Rect(64, 96, 16, 8))
    assert noise.play(50) == []


def test_where_nothing_moves_on_it_is_seen_otherwise():
    noise = Noise()
    noise.play(50)
    noise.still.append(Rect(0, 0, WIDTH, HEIGHT))
    assert noise.play(50, moving=NOWHERE) == []


def test_where_nothing_waits_nothing_is_looked_at():
    noise = Noise()
    noise.play(50, where=NOWHERE)
    assert noise.standing._last is None


def test_on_lossy_video_what_stands_is_never_quite_still():
    noise = Noise(exact=False)
    noise.play(50)
    noise.still.append(TOAST)
    found = []
    for _ in range(10):
        shade = noise.random.integers(-6, 7, noise.pixels.shape)
        noise.pixels = np.clip(noise.pixels.astype(np.int16) + shade, 40, 200).astype(np.uint8)
        found += noise.play(1)
    assert [rect for _, rect in found if rect.overlaps(TOAST)]
