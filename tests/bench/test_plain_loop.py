"""The plan's loop in plain Python: right, or there would be no point in being faster."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.bench import plain
from ironcliw.bench.harness import Case, Timing
from ironcliw.bench.plain import PlainLoop
from ironcliw.bench.reels import Reel
from ironcliw.bench.targets import FPS, OURS, PLAIN, batch_cases, duplicate_cases, frame_cases, rows_of
from ironcliw.frame import Rect


def frame(value: int = 10, channels: int = 4) -> np.ndarray:
    return np.full((40, 60, channels), value, np.uint8)


def test_a_frame_is_new_once():
    loop = PlainLoop()
    assert not loop.seen(frame())
    assert loop.seen(frame())
    changed = frame()
    changed[39, 59, 2] += 1
    assert not loop.seen(changed)
    assert loop.seen(frame()), "what was seen stays seen"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 59), st.integers(0, 39), st.integers(1, 60), st.integers(1, 40), st.sampled_from([3, 4]))
def test_the_rectangle_is_around_what_changed(x, y, width, height, channels):
    loop, after = PlainLoop(), frame(channels=channels)
    assert loop.process(frame(channels=channels)) is None
    after[y : y + height, x : x + width, 1] = 200
    assert loop.process(after) == Rect(x, y, min(width, 60 - x), min(height, 40 - y))
    assert loop.process(after) is None


def test_the_fourth_byte_and_what_stays_within_the_threshold_do_not_count():
    loop, after = PlainLoop(threshold=12), frame()
    loop.process(frame())
    after[:, :, 3] = 99
    after[3, 4, :3] += 2
    assert loop.process(after) is None


def test_it_keeps_no_more_than_the_plan_gives_it(monkeypatch):
    monkeypatch.setattr(plain, "KEPT_BYTES", 5 * frame().nbytes)
    loop = PlainLoop()
    for value in range(20):
        loop.process(frame(value))
    assert len(loop._kept) == 5
    assert loop._kept[-1] == frame(19).tobytes()


@pytest.mark.parametrize("scene", ["typing", "all new"])
def test_both_sides_of_the_plan_find_the_same(scene):
    reel = Reel.of(scene, 640, 1111, frames=3)
    assert verdicts(frame_cases(reel)) == {OURS: None, PLAIN: None}


def test_both_sides_know_a_frame_again_and_not_another():
    still = Reel.of("still", 300, 400, frames=3)
    assert verdicts(duplicate_cases(still)) == {OURS: None, PLAIN: None}
    moving = Reel.of("all new", 300, 400, frames=3)
    refused = verdicts(duplicate_cases(moving))
    assert all(verdict is not None for verdict in refused.values())


def test_ten_frames_have_ten_results():
    assert verdicts(batch_cases(90, 130, seed=1)) == {OURS: None, PLAIN: None}


def verdicts(cases: list[Case]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for case in cases:
        case.run(0)
        assert case.check is not None
        found[case.name] = case.check(case.run(1))
    return found


def pair(ours_ms: float, plain_ms: float) -> tuple[Timing, Timing]:
    made = [Timing(Case(name, lambda i: None)) for name in (OURS, PLAIN)]
    for timing, value in zip(made, (ours_ms, plain_ms), strict=True):
        timing.kept_ms = [value] * 9
        timing.cpu_ms = [value / 2] * 9
    return made[0], made[1]


def test_targets_are_met_or_not_by_what_was_measured():
    rows = {row["target"]: row for row in rows_of(pair(0.4, 3.0), {"typing": pair(10.0, 60.0)}, pair(250.0, 900.0))}
    assert rows["a duplicate check"]["met"] is True
    assert rows["a duplicate check, against plain Python"]["met"] is False
    assert rows["a duplicate check, against plain Python"]["times"] == pytest.approx(7.5)
    assert rows["a frame, typing"]["met"] is True
    assert rows["a frame, typing, against plain Python"]["met"] is True
    assert rows["ten random frames handed over together"]["met"] is False
    cpu = rows[f"CPU at {FPS} frames a second, typing"]
    assert (cpu["ours"], cpu["plain"], cpu["met"]) == (5.0, 30.0, True)


def test_a_target_that_could_not_be_measured_is_not_met_and_says_why():
    ours, plain_ = pair(0.4, 3.0)
    plain_.kept_ms = []
    ours.refused = "took a frame for another"
    (row, *_) = rows_of((ours, plain_), {}, pair(1, 1))
    assert "met" not in row
    assert "took a frame for another" in row["why"]
    assert "too few" in row["why"]
