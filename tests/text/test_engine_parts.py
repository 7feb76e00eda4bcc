"""Components, blank parts, decoding and the cache: what needs no network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ocr_pictures import DARK, picture_of

from ironcliw.frame import Rect
from ironcliw.text.paddle.cache import ENTRY_BYTES, LineCache, fingerprint
from ironcliw.text.paddle.components import components
from ironcliw.text.paddle.content import CELL_PX, STEP, content, occupied_cells
from ironcliw.text.paddle.decode import Decoder, Reading
from ironcliw.text.paddle.detector import detections


def flood_filled(values: np.ndarray, threshold: int) -> list[tuple[int, int, int, int, float]]:
    """Boxes and mean values of 8-connected components, the slow and obvious way."""
    height, width = values.shape
    left_over = {(y, x) for y in range(height) for x in range(width) if values[y, x] > threshold}
    found: list[tuple[int, int, int, int, float]] = []
    while left_over:
        stack = [left_over.pop()]
        members = []
        while stack:
            y, x = stack.pop()
            members.append((y, x))
            for near in ((y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
                if near in left_over:
                    left_over.remove(near)
                    stack.append(near)
        ys, xs = [y for y, _ in members], [x for _, x in members]
        mean = sum(int(values[y, x]) for y, x in members) / len(members)
        found.append((min(xs), min(ys), max(xs) + 1, max(ys) + 1, round(mean, 6)))
    return found


maps = arrays.arrays(
    np.uint8,
    st.tuples(st.integers(1, 14), st.integers(1, 14)),
    elements=st.sampled_from([0, 0, 0, 76, 77, 78, 200, 255]),
)


@given(maps)
def test_components_are_those_of_a_flood_fill(values: np.ndarray) -> None:
    found = components(values, 77)
    boxes = zip(found.left, found.top, found.right, found.bottom, found.score, strict=True)
    as_plain = [
        (int(left), int(top), int(right), int(bottom), round(float(s), 6)) for left, top, right, bottom, s in boxes
    ]
    assert sorted(as_plain) == sorted(flood_filled(values, 77))


def test_a_spiral_is_one_component() -> None:
    spiral = np.zeros((9, 9), np.uint8)
    spiral[0, :] = spiral[:, 8] = spiral[8, :] = spiral[2:, 0] = spiral[2, :7] = spiral[2:7, 6] = spiral[6, 2:7] = 255
    assert components(spiral, 77).left.size == 1


def test_no_component_in_an_empty_map() -> None:
    assert components(np.zeros((5, 5), np.uint8), 77).score.size == 0


def test_gradients_and_ruled_lines_are_blank() -> None:
    pixels = np.full((200, 300, 4), 40, np.uint8)
    pixels[:, :, 0] = np.linspace(0, 255, 300).astype(np.uint8)
    pixels[60:62] = 255
    pixels[:, 120:122, :3] = 255
    occupied = occupied_cells(pixels)
    assert occupied.sum() <= 1  # the crossing alone steps both ways
    assert occupied_cells(np.full((64, 64, 4), 9, np.uint8)).sum() == 0


def test_faint_text_is_content_and_fainter_noise_is_not() -> None:
    faint = picture_of((50, 50, "disabled"), theme=((119, 119, 119), (136, 136, 136)))
    assert len(content(faint)) >= 1
    noise = np.random.default_rng(3).integers(100, 100 + STEP + 1, (90, 90, 4), np.uint8)
    assert content(noise) == []


def test_the_fourth_byte_is_no_content() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :, 3] = np.random.default_rng(4).integers(0, 256, (64, 64))
    assert content(pixels) == []


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 16), st.integers(1, 16))
def test_a_mark_no_larger_than_a_cell_is_seen_wherever_it_stands(y: int, x: int, height: int, width: int) -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[y : y + height, x : x + width] = 255
    assert occupied_cells(pixels).any()


@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6),
)
def test_content_covers_every_occupied_cell_once(height: int, width: int, dots: list[tuple[int, int]]) -> None:
    pixels = np.zeros((height, width, 4), np.uint8)
    for y, x in dots:
        pixels[y : y + 3, x : x + 3] = 200
    parts = content(pixels)
    covered = np.zeros((height, width), np.int64)
    for part in parts:
        assert part.clipped(width, height) == part
        covered[part.y : part.bottom, part.x : part.right] += 1
    assert covered.max(initial=0) <= 1
    for row, column in np.argwhere(occupied_cells(pixels)):
        assert covered[row * CELL_PX, column * CELL_PX] == 1


def test_far_apart_texts_are_parted() -> None:
    pixels = picture_of((20, 20, "one"), (1700, 1000, "two"), width=1920, height=1080, theme=DARK)
    parts = content(pixels)
    assert len(parts) == 2
    assert sum(part.area for part in parts) < 10_000


def test_the_detector_passes_over_edges_of_the_picture() -> None:
    probability = np.zeros((100, 200), np.uint8)
    probability[5:60, 195:199] = 250  # what the network makes of a bright column at the border of a video
    probability[20:28, 20:120] = 250
    probability[40:52, 20:24] = 250  # as slim as a single letter
    assert [each.core for each in detections(probability)] == [Rect(20, 20, 100, 8), Rect(20, 40, 4, 12)]


def test_the_detector_wants_sure_and_large_enough_cores() -> None:
    probability = np.zeros((100, 200), np.uint8)
    probability[20:28, 20:120] = round(0.4 * 255)
    probability[50:52, 20:120] = 250
    assert detections(probability) == []


CHARACTERS = ["", "l", "1", "0", "O", "o", "a", "-", "\u2013", "\uff1a", "\u25a1", " ", ".", "/"]


def probabilities(*steps: dict[str, float]) -> np.ndarray:
    table = np.full((len(steps), len(CHARACTERS)), 1e-6, np.float32)
    for row, step in enumerate(steps):
        for character, share in step.items():
            table[row, CHARACTERS.index(character)] = share
    return table


def spelled(text: str) -> list[dict[str, float]]:
    return [step for character in text for step in ({character: 0.9}, {"": 0.9})]


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([{"a": 0.9}, {"a": 0.8}, {"": 0.9}, {"a": 0.9}], "aa"),
        ([{"": 0.9}], ""),
        ([{" ": 0.9}], ""),
        ([*spelled(" a a ")], "a a"),
        ([*spelled("a\u2013a\uff1a")], "a-a:"),
        ([*spelled("a\u25a1")], "a"),
        ([*spelled("aa..")], "aa..."),
        ([*spelled("aa.. a")], "aa... a"),
        ([*spelled("../a")], "../a"),
        ([*spelled("a..a")], "a..a"),
        ([*spelled("\u25a1a")], "\u25a1a"),
        ([*spelled("0a"), {"l": 0.6, "1": 0.1}], "0al"),
        ([*spelled("1a"), {"l": 0.6, "1": 0.1}], "1a1"),
        ([*spelled("1a"), {"l": 0.9, "1": 0.0001}], "1al"),
        ([*spelled("aa"), {"l": 0.5, "1": 0.4}], "aa1"),
        ([{"0": 0.5, "O": 0.2}, *spelled("aa")], "Oaa"),
        ([{"0": 0.5, "O": 0.2}, *spelled("a1a")], "0a1a"),
        ([{"0": 0.5, "O": 0.2}, *spelled("a1l")], "Oa1l"),
        ([{"1": 0.5, "l": 0.45}, *spelled("aa")], "1aa"),
        ([*spelled("1 a"), {"l": 0.6, "1": 0.1}], "1 al"),
        ([{"o": 0.8, "0": 0.2}, *spelled("a1a")], "0a1a"),
        ([{"o": 0.8, "0": 0.0001}, *spelled("a1a")], "oa1a"),
        ([{"o": 0.8, "0": 0.2}, *spelled("a1l")], "oa1l"),
        ([{"o": 0.8, "0": 0.2}, *spelled("aaa")], "oaaa"),
    ],
)
def test_decoding(steps: list[dict[str, float]], text: str) -> None:
    assert Decoder(CHARACTERS).decode(probabilities(*steps)).text == text


def test_confidence_is_the_mean_over_characters() -> None:
    reading = Decoder(CHARACTERS).decode(probabilities({"a": 0.5}, {"a": 0.7}, {"": 0.9}, {"0": 0.9}))
    assert reading.text == "a0"
    assert reading.confidence == pytest.approx(0.8)
    assert Decoder(CHARACTERS).decode(probabilities({"": 0.9})) == Reading("", 0.0)


def test_fingerprints_follow_colours_and_size_only() -> None:
    crop = picture_of((5, 5, "fingerprint"), width=90, height=24)
    other = crop.copy()
    other[:, :, 3] = 7
    assert fingerprint(crop) == fingerprint(other)
    wide = np.zeros((24, 91, 4), np.uint8)
    wide[:, :90] = crop
    assert fingerprint(wide[:, :90]) == fingerprint(crop)
    assert fingerprint(crop.reshape(90, 24, 4)) != fingerprint(crop)
    other[3, 3, 0] ^= 1
    assert fingerprint(crop) != fingerprint(other)


def test_the_cache_forgets_the_least_recently_used() -> None:
    cache = LineCache(entries=2, size_bytes=1 << 20)
    for key in (b"a", b"b"):
        cache.put(key, Reading(key.decode(), 1.0))
    assert cache.get(b"a") == Reading("a", 1.0)
    cache.put(b"c", Reading("c", 1.0))
    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None
    assert len(cache) == 2


def test_the_cache_is_bounded_in_bytes() -> None:
    cache = LineCache(entries=1000, size_bytes=3 * (ENTRY_BYTES + 10))
    for number in range(20):
        cache.put(bytes([number]), Reading("x" * 10, 0.5))
    assert len(cache) == 3
    cache.put(b"big", Reading("y" * 10_000, 0.5))
    assert len(cache) == 0
    assert cache.get(b"big") is None


def test_storing_a_key_again_replaces_it() -> None:
    cache = LineCache(entries=10, size_bytes=2 * (ENTRY_BYTES + 10))
    for _ in range(50):
        cache.put(b"key", Reading("x" * 10, 0.5))
    cache.put(b"other", Reading("x" * 10, 0.5))
    assert len(cache) == 2


def test_rects_of_content_are_rects() -> None:
    assert all(isinstance(part, Rect) for part in content(picture_of((5, 5, "rect"))))
