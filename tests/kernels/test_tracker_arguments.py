"""What Tracker refuses: one clear line, the same from both implementations, and nothing written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernel_arguments import BAD_FRAMES, ROWS, bad_cells, frame, read_only, refusal
from kernel_conformance import implementations, noise

from ironcliw.kernels.protocol import Kernels

IMPLEMENTATIONS = implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)

HEIGHT, WIDTH, GRID = 65, 130, (2, 3)
MARK = 77
NAMES = ("shown", "grid", "changed", "counts", "boxes", "threshold", "blinks_after")


def arguments(**other: Any) -> dict[str, Any]:
    """Those of a tracker, what is written marked, but for some."""
    good = {
        "shown": np.full((HEIGHT, WIDTH, 4), MARK, np.uint8),
        "grid": np.full(GRID, MARK, np.uint64),
        "changed": np.full(GRID, MARK, np.uint8),
        "counts": np.full(GRID, MARK, np.uint32),
        "boxes": np.full((*GRID, 4), MARK, np.int32),
        "threshold": 0,
        "blinks_after": 2,
    }
    return good | other


def untouched(given: dict[str, Any]) -> bool:
    return all((given[name] == MARK).all() for name in NAMES[:5])


def refused(kernels: Kernels, **bad: Any) -> str:
    given = arguments(**bad)
    text = refusal(kernels.Tracker, *given.values())
    assert untouched(arguments(**{name: given[name] for name in NAMES[:5] if name not in bad}))
    return text


SHOWN = "expected a uint8 array of shape (height, width, 4), got "


@each_implementation
@pytest.mark.parametrize("bad", BAD_FRAMES)
def test_shown(kernels: Kernels, bad: str) -> None:
    make, text = BAD_FRAMES[bad]
    expected = text.replace("(height, width, 3 or 4)", "(height, width, 4)")
    if expected.startswith(ROWS) or "at least" in expected:
        value = make()
        if value.shape[2] != 4:
            expected = f"{SHOWN}uint8 {value.shape}"
    assert refused(kernels, shown=make()) == f"shown: {expected}"


@each_implementation
def test_shown_has_four_channels_and_can_be_written(kernels: Kernels) -> None:
    assert refused(kernels, shown=frame(HEIGHT, WIDTH, 3)) == f"shown: {SHOWN}uint8 (65, 130, 3)"
    locked = read_only(frame(HEIGHT, WIDTH, 4))
    assert refused(kernels, shown=locked) == "shown: expected a writable array, got a read-only one"


CELLS = [
    ("grid", np.uint64, GRID, "a uint64 array of shape (2, 3)"),
    ("changed", np.bool_, GRID, "a bool or uint8 array of shape (2, 3)"),
    ("counts", np.uint32, GRID, "a uint32 array of shape (2, 3)"),
    ("boxes", np.int32, (*GRID, 4), "an int32 array of shape (2, 3, 4)"),
]


@each_implementation
@pytest.mark.parametrize(("name", "dtype", "shape", "expected"), CELLS, ids=[each[0] for each in CELLS])
def test_cells(kernels: Kernels, name: str, dtype: Any, shape: tuple[int, ...], expected: str) -> None:
    for value, text in bad_cells(dtype, shape, expected, True):
        assert refused(kernels, **{name: value}).startswith(f"{name}: expected {text}")


@each_implementation
def test_arrays_that_overlap(kernels: Kernels) -> None:
    memory = np.full(1024, MARK, np.uint8)
    places = {
        "grid": memory[:48].view(np.uint64).reshape(GRID),
        "changed": memory[40:46].reshape(GRID),
        "counts": memory[40:64].view(np.uint32).reshape(GRID),
        "boxes": memory[40 : 40 + 96].view(np.int32).reshape(*GRID, 4),
    }
    names = list(places)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            text = refused(kernels, **{first: places[first], second: places[second]})
            assert text == f"{first} and {second} overlap in memory"
    shown = frame(HEIGHT, WIDTH, 4)
    inside = shown.reshape(-1)[-6:].reshape(GRID)
    assert refused(kernels, shown=shown, changed=inside) == "shown and changed overlap in memory"
    assert (memory == MARK).all()


@each_implementation
def test_numbers(kernels: Kernels) -> None:
    for value, got in (
        (-1, "-1"),
        (195_076, "195076"),
        (-(10**30), str(-(10**30))),
        (2**32, str(2**32)),
        (0.5, "float"),
        ("1", "str"),
        (None, "NoneType"),
    ):
        assert refused(kernels, threshold=value) == f"threshold: expected an integer 0 to 195075, got {got}"
    for value, got in (
        (0, "0"),
        (256, "256"),
        (-1, "-1"),
        (10**30, str(10**30)),
        (1.0, "1.0"),
        ("2", "'2'"),
        (None, "None"),
        (np.uint16(256), "np.uint16(256)"),
        (False, "False"),
    ):
        assert refused(kernels, blinks_after=value) == f"blinks_after: expected an integer 1 to 255, got {got}"
    for threshold, blinks_after in ((True, True), (np.int64(195_075), np.uint8(255)), (0, 1)):
        kernels.Tracker(*arguments(threshold=threshold, blinks_after=blinks_after).values())


@each_implementation
def test_arguments_are_needed_and_may_be_named(kernels: Kernels) -> None:
    kernels.Tracker(**arguments())
    for name in NAMES:
        given = arguments()
        del given[name]
        with pytest.raises(TypeError):
            kernels.Tracker(**given)


def started(kernels: Kernels) -> tuple[Any, dict[str, Any]]:
    """A tracker that has seen a frame, and its arrays."""
    given = arguments()
    tracker = kernels.Tracker(*given.values())
    tracker.apply(noise(HEIGHT, WIDTH))
    return tracker, given


def state(given: dict[str, Any]) -> list[bytes]:
    return [given[name].tobytes() for name in NAMES[:5]]


SIZED = "pixels: expected a uint8 array of shape (65, 130, 3 or 4), got "


@each_implementation
@pytest.mark.parametrize("bad", BAD_FRAMES)
def test_frames(kernels: Kernels, bad: str) -> None:
    make, text = BAD_FRAMES[bad]
    got = text.rsplit("got ", 1)[1]
    if not got.startswith("strides"):
        fresh = arguments()
        assert refusal(kernels.Tracker(*fresh.values()).apply, make()) == SIZED + got
        assert untouched(fresh)


@each_implementation
def test_frames_of_another_size_or_order(kernels: Kernels) -> None:
    for tracker, given in (started(kernels), (None, arguments())):
        before = state(given)
        apply = (tracker or kernels.Tracker(*given.values())).apply
        for bad, got in (
            (frame(HEIGHT + 1, WIDTH, 4), "uint8 (66, 130, 4)"),
            (frame(WIDTH, HEIGHT, 4), "uint8 (130, 65, 4)"),
            (frame(HEIGHT, WIDTH, 1), "uint8 (65, 130, 1)"),
            (frame(HEIGHT, WIDTH, 4, dtype=np.int8), "int8 (65, 130, 4)"),
            ("text", "str"),
        ):
            assert refusal(apply, bad) == SIZED + got
        assert refusal(apply, frame(HEIGHT, WIDTH, 4)[::-1]) == f"pixels: {ROWS}strides (-520, 4, 1)"
        assert state(given) == before


@each_implementation
def test_frames_that_overlap_the_arrays(kernels: Kernels) -> None:
    memory = np.zeros(HEIGHT * WIDTH * 4 + 1024, np.uint8)
    pixels = memory[: HEIGHT * WIDTH * 4].reshape(HEIGHT, WIDTH, 4)
    start = HEIGHT * WIDTH * 4 - 8
    for name, dtype, shape, _ in CELLS:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        given = arguments(**{name: memory[start : start + size].view(dtype).reshape(shape)})
        before = state(given)
        tracker = kernels.Tracker(*given.values())
        assert refusal(tracker.apply, pixels) == f"{name} and pixels overlap in memory"
        assert state(given) == before
    tracker, given = started(kernels)
    before = state(given)
    assert refusal(tracker.apply, given["shown"]) == "shown and pixels overlap in memory"
    assert state(given) == before


DAMAGE = "damage: expected a sequence of (x, y, width, height), integers of 64 bits"
BAD_DAMAGE: dict[str, Any] = {
    "a number": 5,
    "one rectangle": (0, 0, 5, 5),
    "three numbers": [(0, 0, 5)],
    "five numbers": [(0, 0, 5, 5, 5)],
    "no numbers": [()],
    "a float": [(0, 0, 5.0, 5)],
    "None in it": [(0, 0, 5, 5), None],
    "None for a number": [(0, 0, 5, None)],
    "lists": [[0, 0, 5, 5]],
    "text": "text",
    "no text": "",
    "text in it": ["0055"],
    "a set": {(0, 0, 5, 5)},
    "a generator": (each for each in [(0, 0, 5, 5)]),
    "an array": np.zeros((1, 4), np.int64),
    "too much": [(0, 0, 2**63, 5)],
    "too little": [(0, -(2**63) - 1, 5, 5)],
    "far too much": [(10**30, 0, 5, 5)],
    "a dict": {"x": 0},
}


@each_implementation
@pytest.mark.parametrize("bad", BAD_DAMAGE)
def test_damage(kernels: Kernels, bad: str) -> None:
    for tracker, given in (started(kernels), (None, arguments())):
        before = state(given)
        apply = (tracker or kernels.Tracker(*given.values())).apply
        assert refusal(apply, noise(HEIGHT, WIDTH, seed=1), BAD_DAMAGE[bad]) == DAMAGE
        assert state(given) == before


@each_implementation
def test_a_refused_frame_leaves_no_trace(kernels: Kernels) -> None:
    """What comes after is found as if it had not been."""
    tracker, given = started(kernels)
    other = noise(HEIGHT, WIDTH)
    other[3, 3, 0] ^= 1
    refusal(tracker.apply, other, 5)
    refusal(tracker.apply, other[:, 1:])
    assert tracker.apply(other)[:2] == (1, 1)
    assert [tuple(each) for each in tracker.apply(noise(HEIGHT, WIDTH))[3]] == [(3, 3, 1, 1)]
    assert given["counts"].sum() == 1
