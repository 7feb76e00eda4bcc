"""The targets of perception: what reaches them, what misses them, and what was not measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from labelled_folder import truth

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.quality import battery, restless
from ironcliw.quality.bar import missed, targets
from ironcliw.quality.benched import Benched
from ironcliw.quality.controls import MUST_FAIL, perfect
from ironcliw.quality.counting import Reads
from ironcliw.quality.endings import End, Ending
from ironcliw.quality.perception import Asked, Perception, controls
from ironcliw.quality.scoring import Totals, score_recording
from ironcliw.quality.screens import Phrase, Screen
from ironcliw.text import ReadLine

ASKED = Asked(battery=8, hours=0.01, benches=Path("results"))
BENCHED = Benched(200.0, 0, 900.0, 0, 10.0, 200.0)
SCREENS = [Screen(Path("a.png"), (Phrase("Use weaker encryption", None),))]
ENDS = [End("a", (ReadLine("BUILD FAILED", Rect(10, 10, 96, 16), 1.0),)), End("black", ())]
READS = Reads(pixels=10, pixels_full=400, lines=5, lines_known=2)


def totals(control) -> Totals:
    known = truth()
    return Totals.of([score_recording(known, control(known))])


def test_nothing_measured_is_neither_reached_nor_missed():
    found = targets(None, Perception())
    assert {target.reached for target in found} == {None}
    assert {target.measured for target in found} == {"not measured"}
    assert missed(found) == []


def test_perfection_reaches_all_that_was_measured():
    found = targets(totals(perfect), controls(ASKED, SCREENS, ENDS, READS)["perfect"])
    assert missed(found) == []
    assert sum(target.reached is True for target in found) >= 6


@pytest.mark.parametrize(
    ("control", "wrong"),
    [
        ("silent", {"rule expectations met in time", "labelled events found"}),
        ("shifted", {"rule expectations met in time", "labelled events found", "firings nobody asked for"}),
        ("always", {"firings nobody asked for", "events nobody asked for, still intervals of recordings"}),
    ],
)
def test_controls_miss_those_of_recordings(control, wrong):
    found = targets(totals(MUST_FAIL[control]), Perception())
    assert {target.measure for target in found if target.reached is False} == wrong


def test_controls_miss_those_beside_recordings():
    found = controls(ASKED, SCREENS, ENDS, READS)
    assert set(found) == {"perfect", *battery.MUST_FAIL, *restless.MUST_FAIL}
    assert [name for name, seen in found.items() if not missed(targets(None, seen))] == ["perfect"]


def test_each_measure_is_failed_by_some_control():
    beside = [missed(targets(None, seen)) for seen in controls(ASKED, SCREENS, ENDS, READS).values()]
    recordings = [missed(targets(totals(control), Perception())) for control in MUST_FAIL.values()]
    failed = {line.split(":")[0] for lines in [*beside, *recordings] for line in lines}
    best = replace(controls(ASKED, SCREENS, ENDS, READS)["perfect"], reads=READS, benched=BENCHED)
    measured = targets(totals(perfect), best)
    assert missed(measured) == []
    unmeasured = [target.measure for target in measured if target.reached is None]
    assert unmeasured == ["dialogs and toasts on labelled screens"]
    assert failed == {target.measure for target in measured if target.reached is not None}


def test_seeds_come_once():
    assert Asked(battery=3, trials=(2, 9)).seeds == [1, 2, 3, 9]
    assert not Asked().anything
    assert Asked(trials=(4,)).anything


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"battery": -1}, "battery must be 0 to"),
        ({"battery": 10**9}, "battery must be 0 to"),
        ({"trials": (-3,)}, "a trial's seed must be 0 to"),
        ({"hours": -1.0}, "hours must be 0, or"),
        ({"hours": float("nan")}, "hours must be 0, or"),
        ({"hours": 1e6}, "hours must be 0, or"),
    ],
)
def test_what_cannot_be_had_is_said(given, said):
    with pytest.raises(SettingsError, match=said):
        Asked(**given)


def test_a_long_text_does_not_hide_a_short_one_at_the_end():
    endings = (Ending("long", 90, 90, 90, 9000, 0), Ending("short", 2, 2, 1, 20, 1), Ending("black", 0, 0, 0, 0, 0))
    seen = Perception(endings=endings)
    assert seen.agreement == pytest.approx(1 - 1 / 9020)
    (said,) = missed(targets(None, seen))
    assert "in 1 of 2 recordings enough" in said


def test_one_line_recognised_again_is_one_too_many():
    assert missed(targets(None, Perception(reads=READS))) == []
    assert len(missed(targets(None, Perception(reads=replace(READS, lines_again=1))))) == 1
    assert len(missed(targets(None, Perception(reads=replace(READS, pixels=21))))) == 1
