"""Trials of small things: what each shows, how what was told of it is judged, and the watcher at some of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ironcliw.frame import Rect
from ironcliw.quality.battery import MUST_FAIL, BatteryScore, perfect, run_battery, score_battery
from ironcliw.quality.told import Told
from ironcliw.quality.trials import DOT, FALSE, FOUND, KINDS, LINE, MISREAD, MISSED, PERCENT, TOAST, VERDICTS, Trial
from ironcliw.source.synthetic import THEMES

SEEDS = range(1, 201)


def trial_of(kind: str) -> Trial:
    return next(trial for trial in map(Trial.of, range(8)) if trial.kind == kind)


def told(trial: Trial, text: str | None = None, *, late_s: float = 0.0, kind: str = "text_appeared") -> list[Told]:
    """What a good watcher says of a trial, with other words or at another time."""
    return [
        replace(each, text=each.text if text is None else text, time_s=each.time_s + late_s, type=kind)
        for each in perfect(trial)
    ]


def test_kinds_come_in_turn_and_looks_differ():
    trials = [Trial.of(seed) for seed in SEEDS]
    assert [trial.kind for trial in trials[:4]] == [*KINDS[1:], KINDS[0]]
    assert {trial.look.theme for trial in trials} == set(THEMES)
    scales = {trial.look.scale for trial in trials}
    assert (min(scales), max(scales)) == (1.0, 2.0)
    assert len({trial.place for trial in trials}) > 40
    assert len({trial.expected.box for trial in trials}) > 60


def test_a_seed_makes_the_same_trial_again():
    assert Trial.of(17).expected == Trial.of(17).expected
    assert list(Trial.of(17).script.moments()) == list(Trial.of(17).script.moments())


def test_what_is_expected_of_each_kind():
    assert trial_of(DOT).expected.words == ()
    assert trial_of(DOT).expected.box.width == trial_of(DOT).look.px(16)
    (words,) = trial_of(PERCENT).expected.words
    assert words.endswith(" 100%")
    toast = trial_of(TOAST).expected
    assert len(toast.words) == 2
    assert toast.window.last_s - toast.window.due_s == pytest.approx(0.5)
    assert len(trial_of(LINE).expected.words) == 1


@pytest.mark.parametrize("kind", [LINE, PERCENT, TOAST])
def test_words_are_judged(kind):
    trial = trial_of(kind)
    assert trial.judge(told(trial)) == FOUND
    assert trial.judge(told(trial, kind="text_vanished")) == MISSED
    assert trial.judge(told(trial, "something else")) == MISREAD
    assert trial.judge(told(trial, late_s=1.2)) == FALSE
    assert trial.judge(told(trial) + told(trial, late_s=-0.8)) == FALSE
    far = [replace(each, regions=(each.regions[0].moved(300, 200),)) for each in told(trial)]
    assert trial.judge(far) == MISSED


def test_a_toast_must_be_told_with_all_of_its_words():
    trial = trial_of(TOAST)
    assert trial.judge(told(trial)[:1]) == MISREAD


def test_a_dot_must_be_told_where_it_is():
    trial = trial_of(DOT)
    box, time_s = trial.expected.box, trial.expected.window.due_s

    def judged(region: Rect, at_s: float = time_s) -> str:
        return trial.judge([Told("change", "", "", (Rect(0, 0, 5, 5), region), at_s, at_s)])

    assert judged(box) == judged(box.grown(2, 2)) == FOUND
    assert judged(box.moved(100, 0)) == MISSED
    assert judged(Rect(0, 0, trial.look.width, trial.look.height)) == MISSED
    assert judged(box, time_s - 0.8) == FALSE
    assert trial.judge([]) == MISSED


@pytest.mark.parametrize("name", MUST_FAIL)
def test_no_control_passes_a_single_kind(name):
    score = score_battery(range(1, 41), MUST_FAIL[name])
    assert {kind: verdicts[FOUND] for kind, verdicts in score.kinds.items()} == dict.fromkeys(KINDS, 0)
    assert len(score.misses) == score.tried == 40


def test_a_perfect_detector_finds_all():
    score = score_battery(SEEDS, perfect)
    assert (score.found, score.tried, score.misses) == (200, 200, [])


def test_a_miss_is_listed_with_what_it_takes_to_repeat_it():
    score, trial = BatteryScore(), trial_of(PERCENT)
    score.add(trial, told(trial, "Copying photos 1O0%"))
    (miss,) = score.misses
    assert (miss.seed, miss.kind, miss.verdict) == (trial.seed, PERCENT, MISREAD)
    assert miss.wanted == trial.expected.words
    assert miss.read == ("Copying photos 1O0%",)
    assert score.to_dict()["misses"][0]["seed"] == trial.seed


def test_the_watcher_at_twenty_trials():
    said: list[str] = []
    score = run_battery(range(1, 21), said.append)
    assert score.tried == 20
    # Which line is misread may change with the models; a change, a word or a toast may never go by.
    assert sum(verdicts[verdict] for verdicts in score.kinds.values() for verdict in (MISSED, FALSE)) == 0
    assert score.found >= 18
    assert set(score.kinds[LINE]) == set(VERDICTS)
    assert score.wall_s > 0


@pytest.mark.parametrize("seed", [96, 104])  # a zero like an O among hexadecimal digits
def test_zeros_of_hashes_are_read_as_zeros(seed):
    assert run_battery([seed]).misses == []
