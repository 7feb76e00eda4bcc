"""Arrays as frames: what is taken, in which order, and what is refused with which words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ironcliw.errors import SettingsError, SourceError
from ironcliw.memory import FrameMemory
from ironcliw.source.arrays import ArraySource
from ironcliw.source.protocol import Capture, End, Resized
from making import Played, cards


def play(*arguments: Any, **options: Any) -> Played:
    played = Played(ArraySource(*arguments, **options))
    assert played.error is None
    return played


def test_frames_come_in_order_at_their_interval() -> None:
    frames = cards(4)
    played = play(frames, interval_s=0.1)
    assert played.kinds == "CCCCE"
    assert played.times_ms == [0, 100, 200, 300]
    assert played.messages[-1] == End(400_000_000)
    assert all(np.array_equal(picture, frame) for picture, frame in zip(played.pictures, frames, strict=True))


def test_times_of_their_own() -> None:
    played = play(cards(3), interval_s=0.5, times=[0.25, 0.25, 7.125])
    assert played.times_ms == [250, 250, 7125]
    assert played.messages[-1] == End(7_625_000_000)


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
@pytest.mark.parametrize("depth", [3, 4])
def test_channels(channels: str, depth: int) -> None:
    frame = np.full((3, 2, depth), 9, np.uint8)
    frame[:, :, :3] = (1, 2, 3)
    expected = [1, 2, 3] if channels == "rgb" else [3, 2, 1]
    assert play([frame], channels=channels).pictures[0][0, 0].tolist() == expected


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    depth=st.sampled_from([3, 4]),
    steps=st.tuples(*[st.sampled_from([-2, -1, 1, 2])] * 2),
    seed=st.integers(0, 99),
)
def test_strides_of_any_kind(height: int, width: int, depth: int, steps: tuple[int, int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    whole = generator.integers(0, 256, (2 * height, 2 * width, depth + 1), dtype=np.uint8)
    frame = whole[:: steps[0], :: steps[1], :depth]
    assert np.array_equal(play([frame]).pictures[0], frame[:, :, :3])


def test_fortran_order_and_repeated_rows() -> None:
    frame = np.asfortranarray(cards(1)[0])
    repeated = np.broadcast_to(np.arange(12, dtype=np.uint8).reshape(1, 4, 3), (5, 4, 3))
    assert np.array_equal(play([frame]).pictures[0], frame)
    assert np.array_equal(play([repeated]).pictures[0], repeated)


def test_a_stack_of_frames_is_an_iterable_of_frames() -> None:
    assert len(play(np.stack(cards(5))).captures) == 5


def test_frames_are_taken_one_at_a_time() -> None:
    taken: list[int] = []

    def frames() -> Iterator[NDArray[np.uint8]]:
        for number, frame in enumerate(cards(3)):
            taken.append(number)
            yield frame

    source = ArraySource(frames())
    assert taken == []
    geometry = source.open()
    assert taken == [0]
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    source.read(0)
    assert taken == [0]
    source.read(0)
    assert taken == [0, 1]
    source.close()
    memory.close()


def test_the_caller_may_write_over_its_array_after_the_read() -> None:
    reused = np.zeros((4, 4, 3), np.uint8)

    def frames() -> Iterator[NDArray[np.uint8]]:
        for value in (10, 20, 30):
            reused.fill(value)
            yield reused

    assert [picture[0, 0, 0] for picture in play(frames()).pictures] == [10, 20, 30]


def test_a_change_of_size_asks_for_new_memory() -> None:
    source = ArraySource([*cards(1, 8, 6), *cards(2, 9, 6)])
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    assert isinstance(source.read(0), Capture)
    resized = source.read(0)
    assert isinstance(resized, Resized)
    assert (resized.geometry.width, resized.geometry.height, resized.time_ns) == (9, 6, 1_000_000_000)
    with pytest.raises(ValueError, match="read before memory for 9x6 was attached"):
        source.read(0)
    with pytest.raises(ValueError, match="expected memory for 9x6 pixels, got 8x6"):
        source.attach(memory)
    larger = FrameMemory(9, 6)
    source.attach(larger)
    capture = source.read(0)
    assert isinstance(capture, Capture)
    assert capture.sequence == 1
    memory.close()
    larger.close()
    source.close()


def test_what_kind_of_source_it_is() -> None:
    source = ArraySource(cards(1))
    assert (source.live, source.lossless, source.name) == (False, True, "arrays")
    source.open()
    assert source.describe() == {"source": "arrays", "size": "77x51"}
    source.close()


@pytest.mark.parametrize(
    ("frame", "got"),
    [
        ("frame.png", "str"),
        (None, "NoneType"),
        ([[1, 2], [3, 4]], "list"),
        (np.zeros((4, 4, 3)), "dtype float64"),
        (np.zeros((4, 4, 3), np.int8), "dtype int8"),
        (np.zeros((4, 4, 3), bool), "dtype bool"),
        (np.zeros((4, 4), np.uint8), "shape (4, 4)"),
        (np.zeros((4, 4, 2), np.uint8), "shape (4, 4, 2)"),
        (np.zeros((1, 4, 4, 3), np.uint8), "shape (1, 4, 4, 3)"),
        (np.zeros((0, 4, 3), np.uint8), "shape (0, 4, 3)"),
        (np.zeros((1, 32_769, 3), np.uint8), "shape (1, 32769, 3)"),
    ],
)
def test_what_is_not_a_frame_is_refused_with_its_number(frame: Any, got: str) -> None:
    source = ArraySource([*cards(2), frame])
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    source.read(0)
    source.read(0)
    for _ in range(2):  # it stays refused
        with pytest.raises(ValueError, match=r"^frame 2: expected a \(height, width, 3 or 4\) uint8 array") as caught:
            source.read(0)
        assert str(caught.value).endswith(f"got {got}")
    source.close()
    memory.close()


def test_a_bad_first_frame_is_told_by_open() -> None:
    with pytest.raises(ValueError, match=r"frame 0: .* got dtype float32"):
        ArraySource([np.zeros((2, 2, 3), np.float32)]).open()  # pyright: ignore[reportArgumentType]


def test_a_single_frame_is_not_an_iterable_of_frames() -> None:
    with pytest.raises(ValueError, match=r"pass \[frame\]"):
        ArraySource(cards(1)[0])


def test_no_frames() -> None:
    with pytest.raises(SourceError, match="no frame was given"):
        ArraySource([]).open()


def test_what_the_iterable_raises_reaches_the_reader() -> None:
    def frames() -> Iterator[NDArray[np.uint8]]:
        yield cards(1)[0]
        raise LookupError("camera unplugged")

    source = ArraySource(frames())
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    source.read(0)
    for _ in range(2):
        with pytest.raises(LookupError, match="camera unplugged"):
            source.read(0)
    source.close()
    memory.close()


@pytest.mark.parametrize("interval_s", [0, -1, float("nan"), float("inf"), 1e9, True])
def test_impossible_intervals(interval_s: float) -> None:
    with pytest.raises(SettingsError, match="interval_s: expected seconds above 0"):
        ArraySource(cards(1), interval_s=interval_s)


def test_unknown_channel_order() -> None:
    with pytest.raises(SettingsError, match="channels: expected 'rgb' or 'bgr', got 'hsv'"):
        ArraySource(cards(1), channels="hsv")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([0.0], "frame 1: there is no time for it; 1 were given"),
        ([0.0, float("nan")], "frame 1: expected a time from 0.0 s on, got nan"),
        ([0.0, float("inf")], "got inf"),
        ([2.0, 1.0], "frame 1: expected a time from 2.0 s on, got 1.0"),
        ([-1.0, 1.0], "frame 0: expected a time from 0.0 s on, got -1.0"),
    ],
)
def test_impossible_times(times: list[float], message: str) -> None:
    source = ArraySource(cards(2), times=times)
    memory = FrameMemory(77, 51)

    def read_both() -> None:
        source.open()
        source.attach(memory)
        source.read(0)
        source.read(0)

    with pytest.raises(ValueError, match="frame") as caught:
        read_both()
    assert message in str(caught.value)
    source.close()
    memory.close()


@pytest.mark.parametrize("shape", [(5, 7, 3), (5, 7, 4), (1, 1, 3), (64, 65, 4)])
@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_pixels_of_any_strides_arrive_as_they_are_and_the_fourth_byte_stays(shape, channels):
    pixels = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    source = ArraySource([pixels[::-1], pixels[:, ::-1], pixels], channels=channels)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    memory.pixels[:, :, 3] = 77
    source.attach(memory)
    order = [2, 1, 0] if channels == "rgb" else [0, 1, 2]
    for expected in (pixels[::-1], pixels[:, ::-1], pixels):
        assert isinstance(source.read(0), Capture)
        assert np.array_equal(memory.pixels[:, :, :3], expected[:, :, order])
        assert (memory.pixels[:, :, 3] == 77).all()
    memory.close()
