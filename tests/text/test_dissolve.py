"""What turns into something else by and by, and what does not."""

from collections.abc import Iterator

import numpy as np

from ironcliw.clock import MS
from ironcliw.text.dissolve import HOLD_NS, Dissolve

HEIGHT, WIDTH = 360, 640


def page(seed: int, ground: int, ink: int) -> np.ndarray:
    """Something like text: short strokes on a plain ground."""
    random = np.random.default_rng(seed)
    pixels = np.full((HEIGHT, WIDTH, 4), ground, np.uint8)
    for top in range(10, HEIGHT - 20, 18):
        for left in range(10, WIDTH - 30, 9):
            if random.random() < 0.6:
                pixels[top : top + 11, left : left + random.integers(2, 7), :3] = ink
    return pixels


def faded(before: np.ndarray, after: np.ndarray, frames: int) -> Iterator[np.ndarray]:
    for step in range(frames + 1):
        yield (before + (after.astype(float) - before) * step / frames).astype(np.uint8)


def told(frames: Iterator[np.ndarray], every_ms: int) -> list[int]:
    """The source times (ms) at which a dissolve was seen to go on."""
    dissolve, found = Dissolve(), []
    for index, frame in enumerate(frames):
        before = dissolve.until_ns
        dissolve.look(frame, index * every_ms * MS)
        if dissolve.until_ns != before:
            assert dissolve.until_ns == index * every_ms * MS + HOLD_NS
            found.append(index * every_ms)
    return found


def test_one_page_turning_into_another_is_seen_after_three_looks_and_until_its_end() -> None:
    seen = told(faded(page(1, 20, 220), page(2, 235, 30), 30), 33)
    assert seen[0] <= 140
    assert seen[-1] >= 900


def test_words_alone_turning_into_others_on_the_same_ground_are_enough() -> None:
    assert told(faded(page(1, 20, 220), page(2, 20, 220), 30), 33)


def test_with_the_noise_of_a_codec() -> None:
    random = np.random.default_rng(3)
    noisy = (
        np.clip(frame + random.integers(-2, 3, frame.shape), 0, 255).astype(np.uint8)
        for frame in faded(page(1, 20, 220), page(2, 235, 30), 30)
    )
    assert told(noisy, 33)


def test_a_log_that_scrolls_is_none() -> None:
    long = np.concatenate([page(seed, 20, 220) for seed in range(4)])
    assert not told((long[step * 18 : step * 18 + HEIGHT] for step in range(40)), 33)


def test_pages_that_follow_each_other_at_once_are_none() -> None:
    assert not told((page(seed, 20 + 200 * (seed % 2), 120) for seed in range(20)), 66)


def test_noise_is_none() -> None:
    random = np.random.default_rng(5)
    assert not told((random.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8) for _ in range(20)), 66)


def test_a_still_page_is_none_nor_is_one_of_another_size() -> None:
    assert not told((page(1, 20, 220) for _ in range(5)), 66)
    dissolve = Dissolve()
    for index, frame in enumerate(faded(page(1, 20, 220), page(2, 235, 30), 30)):
        dissolve.look(frame if index % 4 < 2 else frame[:-8], index * 66 * MS)
    assert dissolve.until_ns == -1


def test_frames_far_apart_are_not_one_movement() -> None:
    assert not told(faded(page(1, 20, 220), page(2, 235, 30), 6), 500)
