"""What the bench has measured, as it lies beside the report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ironcliw.bench import latency, program
from ironcliw.errors import LabelError
from ironcliw.quality.bar import missed, targets
from ironcliw.quality.benched import BURST, LINE, WATCHER, Benched, from_folder
from ironcliw.quality.perception import SLUGGISH, Perception

GOOD = Benched(299.0, 0, 900.0, 0, 9.9, 261.0)


def write(folder: Path, part: str, *tables: list[dict]) -> None:
    fields = {"commit": "abc1234", "tables": [{"name": "t", "rows": rows} for rows in tables]}
    (folder / f"bench-{part}.json").write_text(json.dumps(fields))


def test_the_rows_are_those_of_the_bench():
    assert (LINE, BURST, WATCHER) == (latency.LINE, latency.BURST, program.WITH_TEXT)


def test_figures_are_taken_from_both_parts(tmp_path):
    assert from_folder(tmp_path) is None
    lines = {"what": LINE, "p95_ms": 290.5, "missed": 1}
    burst = {"what": BURST, "p95_ms": 4700.0, "missed": 2, "captures_per_s": 9.9}
    write(tmp_path, "latency", [{"what": "other", "p95_ms": 1.0}, lines, burst])
    first = Benched(290.5, 1, 4700.0, 2, 9.9, None, ("bench-latency of abc1234",))
    assert from_folder(tmp_path) == first
    scenes = [
        [{"watcher": WATCHER, "peak_mb": peak}, {"watcher": "other", "peak_mb": 2500.0}] for peak in (190.0, 509.0)
    ]
    write(tmp_path, "program", *scenes)
    commits = (*first.commits, "bench-program of abc1234")
    assert from_folder(tmp_path) == replace(first, rss_mb=509.0, commits=commits)


def test_a_watcher_that_did_not_do_its_work_has_no_figure(tmp_path):
    write(tmp_path, "program", [{"watcher": f"{WATCHER} (saw nothing move)", "changes": 0}])
    write(tmp_path, "latency", [{"what": LINE, "drawn": 5, "missed": 5}])
    found = from_folder(tmp_path)
    assert found is not None
    assert (found.rss_mb, found.line_p95_ms, found.burst_p95_ms) == (None, None, None)


@pytest.mark.parametrize("text", ["{", "[]", '{"tables": 3}', '{"tables": [3]}'])
def test_what_is_no_result_is_named(tmp_path, text):
    (tmp_path / "bench-latency.json").write_text(text)
    with pytest.raises(LabelError, match=r"bench-latency\.json"):
        from_folder(tmp_path)


def test_targets_of_the_bench():
    assert missed(targets(None, Perception(benched=GOOD))) == []
    assert len(missed(targets(None, Perception(benched=SLUGGISH)))) == 4
    for worse in ({"line_p95_ms": 301.0}, {"line_missed": 1}, {"burst_missed": 1}, {"captures_per_s": 9.0}):
        assert len(missed(targets(None, Perception(benched=replace(GOOD, **worse))))) == 1
