"""A scorer that lets a detector pass which says nothing, everything, or everything too late, measures nothing."""

from __future__ import annotations

import os

import pytest
from labelled_folder import truth

from ironcliw.quality.bar import below
from ironcliw.quality.controls import MOMENTS_MAX, MUST_FAIL, perfect
from ironcliw.quality.measuring import score_controls
from ironcliw.quality.recordings import Recording, find_recordings
from ironcliw.quality.scoring import Totals, score_recording

ONLY_RULES = {"events": [], "still_intervals": []}
ONLY_EVENTS = {"rule_expectations": [], "still_intervals": []}
LABELS = {"everything": {}, "only rules": ONLY_RULES, "only events": ONLY_EVENTS}
DATA = os.environ.get("IRONCLIW_DATA")


@pytest.mark.parametrize("control", MUST_FAIL)
@pytest.mark.parametrize("labels", LABELS)
def test_it_fails_whatever_is_labelled(control, labels):
    known = truth(**LABELS[labels])
    assert below(Totals.of([score_recording(known, MUST_FAIL[control](known))]))


@pytest.mark.parametrize("labels", LABELS)
def test_a_perfect_detector_clears_the_bar_with_nothing_to_spare(labels):
    known = truth(**LABELS[labels])
    score = score_recording(known, perfect(known))
    totals = Totals.of([score])
    assert below(totals) == []
    assert totals.text_rules.recall in (1.0, None)
    assert totals.text_rules.precision in (1.0, None)
    assert totals.event_recall in (1.0, None)
    assert (score.repeats_s, score.still_texts_s, totals.false_per_hour) == ((), (), 0.0)
    assert totals.lag_s.p95 in (0.0, None)


def test_why_each_of_them_fails():
    known = truth()
    why = {name: " ".join(below(totals)) for name, totals in score_controls([Recording("", known)]).items()}
    assert why["perfect"] == ""
    assert "recall of text rules 0.00" in why["silent"]
    assert "precision of text rules" in why["always"]
    assert "recall of text rules" not in why["always"]
    assert "recall of text rules 0.00" in why["shifted"]
    assert "precision of text rules 0.00" in why["shifted"]


def test_rules_that_must_never_fire_alone_catch_only_what_always_fires():
    known = truth(events=[], still_intervals=[], rule_expectations=[{"rule": "text /all well/", "fires": []}])
    failing = {name for name, totals in score_controls([Recording("", known)]).items() if below(totals)}
    assert failing == {"always"}


def test_always_says_no_more_of_a_week_than_can_be_counted():
    week_s = 7 * 24 * 3600
    known = truth(
        duration_s=week_s, events=[{"t": 1000.0 * at, "type": "text", "words": [f"w{at}"]} for at in range(600)]
    )
    said = MUST_FAIL["always"](known)
    assert len(said.alerts) <= len(known.conditions) * (MOMENTS_MAX + 1)
    assert {seen.text for seen in said.texts} == {f"w{at}" for at in range(600)}
    assert len(said.texts) < 600 * 3


@pytest.mark.skipif(not DATA, reason="IRONCLIW_DATA names no folder of recordings")
def test_on_each_labelled_recording_the_controls_fail_and_perfection_passes():
    for recording in find_recordings([DATA or ""]):
        controls = score_controls([recording])
        passing = {name for name, totals in controls.items() if not below(totals)}
        assert passing == {"perfect"}, recording.truth.name
