"""Nearest earlier screens: exact, bounded, each kept once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.errors import SettingsError
from ironcliw.features import SAME, Descriptor, ScreenIndex, describe_pixels
from ironcliw.features.index import SCREEN_BYTES


def screens(count: int, seed: int) -> list[Descriptor]:
    """Screens of large patches, some of which are nearly alike."""
    random = np.random.default_rng(seed)
    found: list[Descriptor] = []
    pixels = np.zeros((64, 64, 4), np.uint8)
    for _ in range(count):
        y, x = random.integers(0, 48, 2)
        pixels[y : y + random.integers(1, 32), x : x + random.integers(1, 32), :3] = random.integers(0, 256, 3)
        found.append(describe_pixels(pixels))
    return found


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_the_nearest_are_those_that_comparing_with_all_finds(size: int, count: int, seed: int) -> None:
    kept = screens(size, seed)
    wanted = screens(1, seed + 1)[0]
    index = ScreenIndex(1000 * SCREEN_BYTES, least_distance=0)
    added = [
        (wanted.distance(each), -number) for number, each in enumerate(kept) if index.add(each, number, "a", number)
    ]
    found = index.nearest(wanted, count)
    assert [(screen.distance, -screen.frame) for screen in found] == sorted(added)[:count]


def test_what_stays_the_same_is_kept_once_and_its_time_goes_on() -> None:
    one, other = describe_pixels(np.zeros((64, 64, 4), np.uint8)), screens(9, 1)[-1]
    index = ScreenIndex(10 * SCREEN_BYTES)
    assert index.add(one, 0, "a", 0)
    assert not index.add(one, 5, "a", 1)
    assert index.add(one, 6, "b", 0)
    assert index.add(other, 7, "a", 2)
    assert index.add(one, 9, "a", 3)
    assert len(index) == 4
    assert [(screen.time_ns, screen.until_ns, screen.source) for screen in index.nearest(one, 3)] == [
        (9, 9, "a"),
        (6, 6, "b"),
        (0, 5, "a"),
    ]


def test_when_it_last_looked_like_this() -> None:
    kept = screens(40, 3)
    index = ScreenIndex(100 * SCREEN_BYTES)
    assert index.last(kept[0]) is None
    for number, each in enumerate(kept):
        index.add(each, number, "a", number)
    last = index.last(kept[0], within=SAME)
    alike = [number for number, each in enumerate(kept) if kept[0].distance(each) <= SAME]
    assert last is not None
    assert last.time_ns <= max(alike) <= last.until_ns + 1
    assert index.last(screens(1, 99)[0], within=0) is None


def test_the_oldest_go_first() -> None:
    index = ScreenIndex(5 * SCREEN_BYTES, least_distance=0)
    kept = [each for number, each in enumerate(screens(40, 5)) if index.add(each, number, "a", number)]
    assert len(index) == 5
    assert index.dropped == len(kept) - 5
    held = {screen.descriptor for screen in index.nearest(kept[0], 5)}
    assert held == set(kept[-5:])


def test_an_empty_index_has_nothing() -> None:
    assert ScreenIndex(SCREEN_BYTES).nearest(screens(1, 1)[0], 3) == []


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(SettingsError, match="too little"):
        ScreenIndex(SCREEN_BYTES - 1)
    with pytest.raises(SettingsError, match="least_distance"):
        ScreenIndex(SCREEN_BYTES, least_distance=-1)
    with pytest.raises(SettingsError, match="count"):
        ScreenIndex(SCREEN_BYTES).nearest(screens(1, 1)[0], 0)
