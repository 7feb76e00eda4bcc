"""Where did it change?"""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.change import BLINKS_AFTER, ChangeTracker
from ironcliw.frame import Rect
from ironcliw.kernels import reference
from ironcliw.kernels.protocol import Kernels


def grey(height: int = 300, width: int = 400, channels: int = 4) -> np.ndarray:
    return np.full((height, width, channels), 40, np.uint8)


def tracker_of(pixels: np.ndarray, threshold: int = 0) -> ChangeTracker:
    tracker = ChangeTracker(*pixels.shape[:2], threshold)
    first = tracker.apply(pixels)
    assert first.first
    assert first.regions == (Rect(0, 0, pixels.shape[1], pixels.shape[0]),)
    return tracker


def test_an_unchanged_frame_has_no_regions():
    pixels = grey()
    change = tracker_of(pixels).apply(pixels)
    assert (change.regions, change.tiles, change.pixels, change.first) == ((), 0, 0, False)


def test_one_pixel_is_found_exactly():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[123, 301, 1] += 1
    change = tracker.apply(pixels)
    assert change.regions == (Rect(301, 123, 1, 1),)
    assert (change.tiles, change.pixels) == (1, 1)


def test_the_fourth_byte_is_not_looked_at():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[:, :, 3] = 255
    assert tracker.apply(pixels).regions == ()


def test_a_line_across_tiles_is_one_region():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[100:112, 20:330, 0] = 200
    assert tracker.apply(pixels).regions == (Rect(20, 100, 310, 12),)


def test_far_corners_are_two_regions():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[5:15, 5:15] = 200
    pixels[280:290, 380:390] = 200
    assert tracker.apply(pixels).regions == (Rect(5, 5, 10, 10), Rect(380, 280, 10, 10))


def test_a_status_line_and_a_scroll_bar_are_not_the_whole_screen():
    pixels = grey(640, 1280)
    tracker = tracker_of(pixels)
    pixels[620:636, :, 0] = 200
    pixels[:620, 1270:1278, 0] = 200
    regions = tracker.apply(pixels).regions
    assert sum(region.area for region in regions) < 0.2 * 640 * 1280


def test_only_damaged_tiles_are_looked_at():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[10, 10] = 90
    pixels[200, 300] = 90
    assert tracker.apply(pixels, [Rect(290, 190, 20, 20)]).regions == (Rect(300, 200, 1, 1),)
    assert tracker.apply(pixels, [Rect(0, 0, 64, 64)]).regions == (Rect(10, 10, 1, 1),)


def test_there_and_back_is_two_changes():
    pixels = grey()
    tracker = tracker_of(pixels)
    other = pixels.copy()
    other[50:90, 50:90] = 200
    assert tracker.apply(other).regions == (Rect(50, 50, 40, 40),)
    assert tracker.apply(pixels).regions == (Rect(50, 50, 40, 40),)


def test_blinking_is_known_after_a_few_returns_and_still_a_change():
    pixels = grey()
    tracker = tracker_of(pixels)
    lit = pixels.copy()
    lit[100:116, 200:202] = 220
    changes = [tracker.apply(lit if step % 2 == 0 else pixels) for step in range(8)]
    assert all(change.regions == (Rect(200, 100, 2, 16),) for change in changes)
    assert [bool(change.blinking) for change in changes] == [False] * BLINKS_AFTER + [True] * (8 - BLINKS_AFTER)


def test_a_third_state_ends_the_blinking():
    pixels = grey()
    tracker = tracker_of(pixels)
    lit = pixels.copy()
    lit[100:116, 200:202] = 220
    for step in range(8):
        tracker.apply(lit if step % 2 == 0 else pixels)
    lit[100:116, 220:230] = 90
    assert tracker.apply(lit).blinking == ()


def test_black_is_told():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[:] = 0
    assert tracker.apply(pixels).black
    pixels[299, 399, 0] = 1
    assert not tracker.apply(pixels).black


def test_on_lossy_video_noise_is_nothing_and_slow_drift_adds_up():
    pixels = grey()
    tracker = tracker_of(pixels, threshold=1600)
    regions = []
    for _ in range(10):
        pixels[10:20, 10:20, :3] += 5
        regions += tracker.apply(pixels).regions
    assert 1 <= len(regions) <= 3


def test_what_is_shown_is_the_last_state():
    pixels = grey()
    tracker = tracker_of(pixels)
    pixels[7:90, 5:300] = 99
    tracker.apply(pixels)
    assert np.array_equal(tracker.shown[:, :, :3], pixels[:, :, :3])


def test_three_channels_do_as_well():
    pixels = grey(channels=3)
    tracker = tracker_of(pixels)
    pixels[33, 44] = 0
    assert tracker.apply(pixels).regions == (Rect(44, 33, 1, 1),)


@pytest.mark.parametrize("bad", [grey().astype(np.float32), grey()[:, :, :2], grey(10, 10), grey()[0]])
def test_frames_of_another_kind_are_refused(bad):
    tracker = tracker_of(grey())
    with pytest.raises(ValueError, match=r"uint8|shape|expected"):
        tracker.apply(bad)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    rects=st.lists(
        st.tuples(st.integers(0, 199), st.integers(0, 199), st.integers(1, 90), st.integers(1, 90)), max_size=6
    ),
)
def test_every_changed_pixel_is_inside_a_region_and_no_region_is_empty(size, rects):
    pixels = grey(*size)
    tracker = tracker_of(pixels)
    for x, y, width, height in rects:
        pixels[y : y + height, x : x + width, 2] ^= 64
    moved = pixels[:, :, 2] != 40
    change = tracker.apply(pixels)
    covered = np.zeros_like(moved)
    for region in change.regions:
        inside = moved[region.y : region.bottom, region.x : region.right]
        assert inside.any()
        covered[region.y : region.bottom, region.x : region.right] = True
    assert not (moved & ~covered).any()
    assert change.pixels == moved.sum()


def implementations() -> dict[str, Kernels]:
    """Both; only the reference where the environment says that there is no other."""
    found = {"reference": reference.KERNELS}
    if os.environ.get("IRONCLIW_KERNELS") != "reference":
        from ironcliw import _native  # noqa: TID251 - what is to be tested, whatever the door chose

        found["native"] = Kernels(*(getattr(_native, name) for name in Kernels._fields))
    return found


IMPLEMENTATIONS = implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)


def joined(kernels: Kernels, height: int, width: int, drawn: list[Rect]) -> list[Rect]:
    """The regions of a frame on which rectangles were drawn."""
    rows, columns = -(-height // 64), -(-width // 64)
    tracker = kernels.Tracker(
        np.zeros((height, width, 4), np.uint8),
        np.zeros((rows, columns), np.uint64),
        np.zeros((rows, columns), np.bool_),
        np.zeros((rows, columns), np.uint32),
        np.zeros((rows, columns, 4), np.int32),
        0,
        1,
    )
    pixels = np.zeros((height, width, 3), np.uint8)
    tracker.apply(pixels)
    for rect in drawn:
        pixels[rect.y : rect.bottom, rect.x : rect.right] = 9
    regions, blinking = tracker.apply(pixels)[3:]
    assert list(blinking) == []
    return [Rect(*region) for region in regions]


@each_implementation
def test_joining_nothing_is_nothing(kernels):
    assert joined(kernels, 192, 256, []) == []


@each_implementation
def test_a_whole_4k_screen_is_one_region(kernels):
    whole = Rect(0, 0, 3840, 2160)
    assert joined(kernels, 2160, 3840, [whole]) == [whole]


def belong(a: Rect, b: Rect) -> bool:
    """Whether two boxes are one region, put as rectangles put it."""
    shared = a.intersection(b)
    covered = a.area + b.area - (shared.area if shared else 0)
    gap_area = 24 * (min(a.height, b.height) + min(a.width, b.width))
    return a.grown(24, 24).overlaps(b) and 10 * a.union(b).area <= 13 * covered + 10 * gap_area


@st.composite
def in_tile(draw: st.DrawFn, row: int, column: int) -> Rect:
    """A rectangle of one tile, so that it is one box."""
    y0, x0 = draw(st.integers(0, 63)), draw(st.integers(0, 63))
    height, width = draw(st.integers(1, 64 - y0)), draw(st.integers(1, 64 - x0))
    return Rect(64 * column + x0, 64 * row + y0, width, height)


@each_implementation
@settings(max_examples=150, deadline=None)
@given(a=in_tile(1, 1), other=st.sampled_from([(1, 2), (2, 0), (2, 1), (2, 2)]), data=st.data())
def test_two_boxes_are_joined_exactly_where_they_belong_together(kernels, a, other, data):
    b = data.draw(in_tile(*other))
    apart = sorted((a, b), key=lambda region: (region.y, region.x))
    assert joined(kernels, 192, 192, [a, b]) == ([a.union(b)] if belong(a, b) else apart)
