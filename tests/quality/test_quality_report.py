"""One run from labels to report, on small recordings made here."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelled_folder import truth, write_labelled

from ironcliw.quality import Report, markdown, measure, write_report
from ironcliw.quality.comparison import DOTS, EVENTS, LINES, STILL
from ironcliw.quality.controls import MUST_FAIL
from ironcliw.quality.gates import OURS
from ironcliw.quality.measuring import score_controls
from ironcliw.quality.observing import Alert, Observed, observe
from ironcliw.quality.plots import Bar, bar_chart, cumulative_chart
from ironcliw.quality.recordings import Recording, find_recordings
from ironcliw.quality.scoring import Totals, score_recording


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_labelled(tmp_path_factory.mktemp("labelled"))


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def report(folder, said) -> Report:
    return measure([str(folder)], say=said.append)


def test_everything_is_found_and_nothing_else_said(report):
    totals = report.totals
    assert (totals.text_rules.recall, totals.text_rules.precision) == (1.0, 1.0)
    assert totals.event_recall == 1.0
    assert (totals.false_per_hour, totals.still_alerts, totals.still_texts, totals.repeats) == (0.0, 0, 0, 0)
    assert report.failures == []


def test_latencies_are_in_media_time(report):
    assert report.totals.lag_s.p95 == pytest.approx(0.0)
    # A change is read when it has stood still for 100 ms.
    assert report.totals.delay_s.p50 == pytest.approx(0.1)


def test_reading_costs_a_part_of_reading_whole_frames(report):
    cost = report.scores[0].cost
    assert cost is not None
    assert 0 < cost.pixels_read < cost.pixels_of_changed_frames
    assert cost.pixels_at_start == cost.pixels_of_changed_frames / 2 == 640 * 360
    assert cost.readings >= 3
    assert cost.pixels_of_whole_readings == (cost.readings - 1) * 640 * 360
    assert cost.wall_s > 0
    assert cost.cpu_s > 0


def test_the_gates_are_shown_the_same_moments(report):
    assert {kind: report.gates[kind].cases for kind in (EVENTS, STILL, LINES, DOTS)} == {
        EVENTS: 2,
        STILL: 2,
        LINES: 24,
        DOTS: 24,
    }
    assert report.gates[STILL].noticed[OURS] == 0


def test_each_step_is_said(report, said):
    assert said[0] == "a_build: 4.0 s"


def test_the_json_has_all_of_it_and_is_json(report):
    fields = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert fields["passed"] is True
    assert fields["failures"] == []
    assert fields["totals"]["event_recall"] == 1.0
    assert fields["recordings"][0]["rules"][0]["answers"][0]["due_s"] == 2.5
    assert fields["controls"]["silent"]["below"]
    assert fields["controls"]["perfect"]["below"] == []
    assert fields["gates"][DOTS]["cases"] == 24
    assert fields["circumstances"]["commit"]


def test_text_from_the_screen_is_not_in_the_report(report, folder):
    for shown in (json.dumps(report.to_dict()), markdown(report)):
        assert "make all" not in shown
        assert str(folder.parent) not in shown or shown.startswith("{")


def test_the_same_recording_has_the_same_score_but_for_what_it_cost(report, folder):
    (recording,) = find_recordings([str(folder)])
    again = score_recording(recording.truth, observe(recording))
    assert replace(again, cost=None) == replace(report.scores[0], cost=None)
    assert markdown(report) == markdown(report)


def test_the_markdown_has_its_tables(report):
    text = markdown(report, "ironcliw quality here")
    assert "**Clears the bar.**" in text
    assert "ironcliw quality here" in text
    assert "| text rules | recall 1 of 1 (100.0%), precision 1 of 1 (100.0%) |" in text
    assert "| a_build | `text matches /BUILD FAILED/` | 2.50 | 2.50 | - | - |" in text
    assert "Of the rules that must never fire, 1 did not." in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") - line.count("\\|") for line in table.splitlines()}) == 1


def test_what_is_below_the_bar_stands_at_the_top(report):
    missed = score_recording(truth(), Observed())
    text = markdown(replace(report, scores=(missed,), totals=Totals.of([missed])))
    assert "**Below the bar:**\n\n- recall of text rules 0.00, wanted 0.90" in text
    assert "| a_build | 2.50 | text | **missed** | `BUILD FAILED`, `4711` |" in text


def test_labels_that_cannot_tell_a_silent_detector_fail_the_run(report):
    empty = truth(events=[], rule_expectations=[], still_intervals=[])
    blind = replace(report, controls=score_controls([Recording("", empty)]))
    assert blind.failures == [
        f"the labels do not tell a detector that is '{name}' from a good one" for name in MUST_FAIL
    ]


def test_a_rule_that_must_never_fire_and_did_is_in_the_table(report):
    fired = Observed((Alert("notification:/all well/", 0.7, 0.8),))
    text = markdown(replace(report, scores=(score_recording(truth(), fired),)))
    assert "| a_build | `notification /all well/` | never | 0.70 | - | 0.70 |" in text
    assert "must never fire" not in text


def test_marks_in_labels_do_not_break_a_table(report):
    events = [{"t": 1.0, "type": "a|b", "words": ["left | `right`\nbelow"]}]
    missed = score_recording(truth(events=events), Observed())
    text = markdown(replace(report, scores=(missed,)))
    assert "| a_build | 1.00 | a\\|b | **missed** | `left \\| 'right' below` |" in text


def test_a_rule_that_must_never_fire_and_does_is_an_error(folder):
    recording = Recording(
        str(folder / "recordings" / "a_build.mkv"),
        truth(rule_expectations=[{"rule": "text /BUILD FAILED/", "fires": []}]),
    )
    score = score_recording(recording.truth, observe(recording))
    assert score.rules[0].extra_s == (2.5,)


def test_the_report_is_written_with_its_plots(report, tmp_path):
    path = write_report(report, "here", tmp_path / "new" / "results", "ironcliw quality here")
    text = path.read_text()
    plots = re.findall(r"!\[\w+\]\((.*)\)", text)
    assert plots == [f"quality-here-{name}.png" for name in ("found", "latency", "pixels", "gates")]
    assert all((path.parent / plot).stat().st_size > 1000 for plot in plots)
    assert path.name == "quality-here.md"


def test_bars_are_as_long_as_their_share():
    chart = np.asarray(
        bar_chart("title", [("group", [Bar("all", 1.0, "8"), Bar("half", 0.5, "4"), Bar("none", 0.0, "0")])])
    )
    blue = (chart == (0x09, 0x69, 0xDA)).all(axis=2).sum(axis=1)
    lengths = [int(length) for length in blue if length]
    assert max(lengths) == pytest.approx(2 * min(lengths), abs=4)
    assert len(set(lengths)) == 2


def test_shares_beyond_all_stay_on_the_paper():
    chart = bar_chart("title", [("group", [Bar("more", 7.5, "750 %"), Bar("less", -1.0, "-")])])
    assert chart.width == 1720


@pytest.mark.parametrize("values", [[0.0], [-312.5, 20.0, 95.0, 4000.0], [50.0] * 9, [1e6]])
def test_curves_of_any_range_are_drawn(values):
    chart = np.asarray(cumulative_chart("title", [("one", values), ("other", [value + 100 for value in values])]))
    assert (chart == (0x09, 0x69, 0xDA)).all(axis=2).sum() > 500
