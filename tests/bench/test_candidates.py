"""Every candidate answers what it says it answers, and one that does less or wrong is found out."""

from dataclasses import replace

import numpy as np
import pytest

from ironcliw.bench import descriptors, extras
from ironcliw.bench.harness import Case
from ironcliw.bench.ours import (
    COPY,
    READ,
    TrackerStep,
    change_right,
    floors,
    moved_right,
    own_cases,
    reference_cases,
    regions_right,
    step_right,
    tiles_right,
)
from ironcliw.bench.peers import peer_cases
from ironcliw.bench.reels import SCENES, Reel
from ironcliw.change import ChangeTracker
from ironcliw.errors import MissingExtraError
from ironcliw.frame import Rect
from ironcliw.kernels import reference

ODD = (700, 1111)
HASHES = ("imagehash: phash", "imagehash: dhash")


def verdict(case: Case) -> str | None:
    case.run(0)
    answer = case.run(1)
    return case.check(answer) if case.check else None


@pytest.fixture(params=SCENES)
def reel(request) -> Reel:
    return Reel.of(request.param, *ODD, frames=4)


def test_ours_and_the_floors_are_right(reel):
    truth = reel.truth()
    for case in [*floors(reel), *own_cases(reel, truth), *reference_cases(reel, truth)]:
        assert verdict(case) is None, case.name
        # And still after every frame has had its turn.
        for number in (2, 3, 0):
            case.run(number)
        assert case.check is not None
        assert case.check(case.run(1)) is None, case.name


def test_peers_are_right_where_they_look_closely(reel):
    cases, missing = peer_cases(reel, reel.truth())
    if missing:
        pytest.skip(missing[0])
    for case in cases:
        if case.name not in HASHES:
            assert verdict(case) is None, case.name
            assert case.check is not None
            for number in (2, 3, 0):
                case.run(number)
            assert case.check(case.run(1)) is None, case.name


def test_a_perceptual_hash_does_not_see_a_line_of_text():
    reel = Reel.of("typing", 1080, 1920, frames=2)
    cases, missing = peer_cases(reel, reel.truth())
    if missing:
        pytest.skip(missing[0])
    verdicts = {case.name: verdict(case) for case in cases if case.name in HASHES}
    assert verdicts == dict.fromkeys(HASHES, "says unchanged, which is wrong")


def test_a_package_that_is_missing_is_said_and_the_rest_goes_on(monkeypatch):
    import importlib

    def without(name: str):
        if name in ("cv2", "numba"):
            raise ImportError(name)
        return importlib.__import__(name)

    monkeypatch.setattr(extras.importlib, "import_module", without)
    reel = Reel.of("typing", *ODD, frames=2)
    cases, missing = peer_cases(reel, reel.truth())
    assert [line for line in missing if "opencv-python-headless" in line or "numba" in line]
    assert all("ironcliw[bench]" in line for line in missing)
    assert any("array_equal" in case.name for case in cases)
    with pytest.raises(MissingExtraError, match="bench"):
        extras.peer("cv2")


def test_what_describes_and_stores_is_right_and_checked(monkeypatch):
    monkeypatch.setitem(descriptors.SIZES, "1080p", ODD)
    table = descriptors.measure_descriptors(rounds=1, seed=1)
    assert [row["refused"] for row in table.rows] == [""] * len(table.rows)
    own = [row["case"] for row in table.rows if row["own"]]
    assert {descriptors.WHOLE, descriptors.TYPED, descriptors.LETTER} < set(own)
    monkeypatch.setattr(descriptors.kernels, "describe", lambda *arguments: 0)
    monkeypatch.setattr(descriptors.kernels, "store_tiles", lambda *arguments: 0)
    refused = {row["case"] for row in descriptors.measure_descriptors(rounds=1, seed=1).rows if row["refused"]}
    assert refused == {name for name in own if "describe," in name or "store" in name}


def test_every_kernel_is_called_with_nothing_to_do():
    rows = descriptors.measure_calls().rows
    assert len(rows) >= 7
    assert all(row["us"] > 0 for row in rows)


def test_one_more_or_less_is_wrong():
    reel = Reel.of("typing", *ODD, frames=2)
    truth = reel.truth()
    step = TrackerStep(reel, reference)
    step(0)
    tiles, counts, boxes, kept = (array.copy() for array in step(1))
    check = step_right(reel, truth)
    assert check((tiles, counts, boxes, kept)) is None
    row, column = np.argwhere(tiles)[0]
    counts[row, column] -= 1
    assert check((tiles, counts, boxes, kept)) == "wrong counts"
    kept[0, 0, 0] ^= 1
    boxes[row, column, 2] += 1
    assert check((tiles, counts, boxes, kept)) == "wrong counts, boxes, kept pixels"
    tiles[row, column] = False
    assert tiles_right(truth)(tiles) == f"1 of {tiles.size} tiles wrong"


def test_a_change_of_another_extent_or_number_is_wrong():
    reel = Reel.of("scroll", *ODD, frames=2)
    truth, tracker = reel.truth(), ChangeTracker(*ODD)
    tracker.apply(reel.frames[0])
    change = tracker.apply(reel.frames[1])
    assert change_right(truth)(change) is None
    assert "instead of" in (change_right(truth)(replace(change, pixels=change.pixels + 1)) or "")
    assert "instead of" in (change_right(truth)(replace(change, regions=(Rect(0, 0, 1, 1),))) or "")
    assert "instead of" in (regions_right(truth)([Rect(0, 0, 1, 1)]) or "")
    assert regions_right(truth)([]) is not None


def test_yes_and_no_are_told_apart():
    still, moved = Reel.of("still", *ODD, frames=2).truth(), Reel.of("all new", *ODD, frames=2).truth()
    assert moved_right(still)(False) is None
    assert moved_right(moved)(True) is None
    assert moved_right(still)(True) == "says changed, which is wrong"
    assert moved_right(moved)(False) == "says unchanged, which is wrong"


def test_a_read_that_stops_early_and_a_copy_of_something_else_are_wrong():
    reel = Reel.of("still", *ODD, frames=2)
    cases = {case.name: case for case in floors(reel)}
    assert cases[COPY].check is not None
    assert cases[READ].check is not None
    assert cases[COPY].check(np.zeros(reel.size_bytes, np.uint8)) == "copied something else"
    reel.frames[1][5, 5, 1] = 255
    assert cases[READ].check(cases[READ].run(1)) == "stopped before the end of the frame"
