"""The parts of a soak: the trend, what is sampled, the source that knows what it painted, what is judged."""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.errors import SettingsError
from ironcliw.memory import FrameMemory
from ironcliw.soak import Plan
from ironcliw.soak.desktop import FRAMES_A_ROUND, SoakSource
from ironcliw.soak.judging import judge, unexplained
from ironcliw.soak.reading import ENTRIES_MOST, RepeatedDetector, RepeatedReader
from ironcliw.soak.sampling import Samples
from ironcliw.soak.trend import theil_sen
from ironcliw.source import Capture, End
from painted import PaintedEngine, blank, paint

# -- the trend ---------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=40))
@settings(deadline=None)
def test_the_slope_is_the_median_of_all_slopes(values: list[int]) -> None:
    at = np.arange(len(values), dtype=float)
    slopes = [(values[j] - values[i]) / (j - i) for i, j in itertools.combinations(range(len(values)), 2)]
    found = theil_sen(at, np.array(values, float))
    assert found.per_step == pytest.approx(statistics.median(slopes))
    assert found.lower <= found.per_step <= found.upper


def test_the_bounds_hold_the_true_slope_as_often_as_they_say() -> None:
    dice = np.random.default_rng(20261127)
    at = np.arange(60, dtype=float)
    inside = 0
    for _ in range(400):
        found = theil_sen(at, 0.3 * at + dice.normal(0, 5, 60))
        inside += found.lower <= 0.3 <= found.upper
    assert 0.91 <= inside / 400 <= 0.985  # 95 %; three standard deviations of 400 tries are 0.033


def test_what_does_not_last_moves_no_slope() -> None:
    at = np.arange(100, dtype=float)
    values = np.full(100, 50.0)
    values[40:45] = 500
    assert theil_sen(at, values).per_step == 0


def test_a_trend_wants_samples_in_order() -> None:
    with pytest.raises(ValueError, match="three samples"):
        theil_sen(np.arange(2.0), np.arange(2.0))
    with pytest.raises(ValueError, match="in the order"):
        theil_sen(np.array([1.0, 1.0, 2.0]), np.arange(3.0))


# -- samples -----------------------------------------------------------------------------------------------------


HOLDING = """
import os
import sys
from pathlib import Path
import numpy as np
from ironcliw.soak.sampling import COLUMNS, Samples

folder = Path(sys.argv[1])
samples = Samples(4, folder)
samples.take(0)
held = np.ones(30 << 20, np.uint8)
memory = os.memfd_create("held", os.MFD_CLOEXEC)
with open(folder / "left", "w"):
    samples.take(1)
os.close(memory)
(folder / "left").unlink()
del held
for frame in range(2, 9):
    samples.take(frame)
for name in COLUMNS:
    print(name, *samples.column(name).astype(int))
"""
"""A process of its own: in that of the tests, memory of earlier ones may go back to the system at any moment."""


def test_samples_see_what_is_held(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", HOLDING, str(tmp_path)], capture_output=True, text=True, check=True)
    taken = {name: np.array(values, int) for name, *values in map(str.split, done.stdout.splitlines())}
    assert {len(values) for values in taken.values()} == {4}
    resident, descriptors, memfds = taken["resident_bytes"], taken["descriptors"], taken["memfds"]
    assert resident[1] - resident[0] >= 28 << 20
    assert resident[2] < resident[1] - (20 << 20)
    assert list(descriptors[:3] - descriptors[0]) == [0, 2, 0]
    assert list(memfds[:3] - memfds[0]) == [0, 1, 0]
    assert list(taken["temporary_files"][:3]) == [0, 1, 0]


# -- the source --------------------------------------------------------------------------------------------------


def played(source: SoakSource) -> list[tuple[Capture, np.ndarray]]:
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    frames = []
    while not isinstance(message := source.read(0), End):
        frames.append((message, memory.pixels.copy()))
    source.close()
    memory.close()
    return frames


def test_the_source_knows_what_it_painted_and_says_where() -> None:
    source = SoakSource(250, 640, 360)
    frames = played(source)
    assert len(frames) == source.sequence == 250
    changed = 1
    for (_, before), (message, after) in itertools.pairwise(frames):
        differs = (before != after).any(axis=2)
        changed += bool(differs.any())
        for x, y, width, height in message.damage or ():
            differs[y : y + height, x : x + width] = False
        assert not differs.any() or message.damage is None
        assert message.time_ns == message.sequence * 100_000_000
    assert source.painted == changed > 50
    assert source.still == 250 - changed


def test_a_round_shows_what_the_one_before_it_showed() -> None:
    frames = [pixels for _, pixels in played(SoakSource(FRAMES_A_ROUND + 120, 320, 200))]
    assert all(np.array_equal(frames[at], frames[FRAMES_A_ROUND + at]) for at in range(120))


@pytest.mark.parametrize(("frames", "width", "height"), [(0, 640, 360), (10, 63, 360), (10, 640, 40_000)])
def test_what_cannot_be_played_is_refused(frames: int, width: int, height: int) -> None:
    with pytest.raises(SettingsError):
        SoakSource(frames, width, height)


# -- reading once ------------------------------------------------------------------------------------------------


def test_each_picture_is_read_once_and_figures_differ_by_round() -> None:
    engine = PaintedEngine()
    round_now = [0]
    reader = RepeatedReader(engine, lambda: round_now[0])
    picture = paint(blank(400, 40), "job 42 done at 99 %", 8, 8)
    assert [line.text for line in reader.read(picture)] == [line.text for line in PaintedEngine().read(picture)]
    round_now[0] = 3
    assert [line.text for line in reader.read(picture)] == ["job 3042 done at 99 %"]
    assert len(engine.sizes) == reader.known.anew == 1
    assert reader.known.asked == 2
    reader.read(paint(blank(400, 40), "job 43 done", 8, 8))
    assert reader.known.anew == 2


def test_what_is_remembered_is_bounded() -> None:
    reader = RepeatedReader(PaintedEngine(), lambda: 0)
    for number in range(ENTRIES_MOST + 50):
        picture = blank(16, 8)
        picture[0, 0, :2] = number % 256, number // 256
        reader.read(picture)
    assert len(reader.known._answers) == ENTRIES_MOST


def test_each_look_is_taken_once_and_answers_alike() -> None:
    from ironcliw.objects import ObjectDetector

    picture = blank(400, 300)
    picture[60:200, 80:300, :3] = 200
    detector = RepeatedDetector()
    first = detector.find(picture, kinds=("dialog", "toast", "window"))
    assert first == ObjectDetector().find(picture, kinds=("dialog", "toast", "window"))
    assert detector.find(picture, kinds=("dialog", "toast", "window")) == first
    detector.find(picture, kinds=("toast",))
    assert (detector.known.asked, detector.known.anew) == (3, 2)


# -- judging -----------------------------------------------------------------------------------------------------


class Held(Samples):
    """Samples as a test wants them."""

    def __init__(self, **columns: np.ndarray) -> None:
        super().__init__(100, Path())
        for frame in range(100):
            self._rows[frame, 0] = 1000 * (frame + 1)
        for name, values in columns.items():
            self._rows[:, self.names.index(name)] = values
        self._taken = 100

    @property
    def names(self) -> tuple[str, ...]:
        from ironcliw.soak.sampling import COLUMNS

        return COLUMNS


def judged(**columns: np.ndarray) -> list[str]:
    source = SoakSource(100_000, 64, 64)
    source.painted, source.still = 40_000, 60_000
    frames = {"duplicate": 60_000, "changed": 40_000, "excluded": 0, "dropped": {}}
    return [check.name for check in judge(Held(**columns), source, frames, "", exact=True) if not check.good]


def test_what_stays_as_it_is_passes() -> None:
    dice = np.random.default_rng(7)
    assert judged() == []
    assert judged(resident_bytes=150e6 + dice.normal(0, 200_000, 100), mappings=300 + dice.integers(0, 2, 100)) == []


def test_a_kib_a_frame_and_a_descriptor_an_hour_do_not() -> None:
    frames = np.arange(100) * 1000.0
    leak = judged(resident_bytes=150e6 + 1024 * frames)
    assert [name.split(",")[0] for name in leak] == ["resident memory", "resident memory"]
    for name in ("descriptors", "memfds", "threads", "temporary_files", "mappings"):
        assert len(judged(**{name: 5 + frames // 36_000})) == 1


@pytest.mark.parametrize(
    ("frames", "missing"),
    [
        ({"duplicate": 60, "changed": 40, "excluded": 0, "dropped": {}}, 0),
        ({"duplicate": 61, "changed": 39, "excluded": 0, "dropped": {}}, 2),
        ({"duplicate": 60, "changed": 39, "excluded": 0, "dropped": {}}, 2),
        ({"duplicate": 60, "changed": 39, "excluded": 0, "dropped": {"late": 1}}, 1),
        ({}, 200),
    ],
)
def test_a_frame_that_is_counted_otherwise_is_unexplained(frames: dict, missing: int) -> None:
    source = SoakSource(100, 64, 64)
    source.painted, source.still = 40, 60
    assert unexplained(source, frames, exact=True) == missing


def test_what_was_dropped_with_a_reason_is_explained_where_time_is_real() -> None:
    source = SoakSource(100, 64, 64)
    source.painted, source.still = 40, 60
    frames = {"duplicate": 60, "changed": 30, "excluded": 0, "dropped": {"late": 10}}
    assert unexplained(source, frames, exact=False) == 0
    assert unexplained(source, {**frames, "changed": 29}, exact=False) == 1


@pytest.mark.parametrize(("frames", "leak"), [(199, 0), (10**9 + 1, 0), (1000, -1), (1000, (1 << 20) + 1)])
def test_what_shows_no_trend_is_refused(frames: int, leak: int) -> None:
    with pytest.raises(SettingsError):
        Plan(frames=frames, leak_bytes=leak)
