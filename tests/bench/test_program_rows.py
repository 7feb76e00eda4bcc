"""What a watcher that did not do its work is told, and how latencies are put together."""

import itertools
from pathlib import Path

import pytest

from ironcliw.bench import latency, program, scenes
from ironcliw.bench.displays import HEIGHT, WIDTH
from ironcliw.bench.latency import _summary, burst_summary, read_log, squares_in
from ironcliw.bench.program import STILL, TYPING, finished, median
from ironcliw.errors import MissingExtraError
from ironcliw.frame import Rect

ROW = {"own_percent": 0.5, "server_cpu_percent": 1.25, "rss_mb": 80.0, "peak_mb": 81.0, "changes": 200}


def test_the_server_is_charged_for_what_it_does_for_the_watcher():
    row = finished("ours", ROW, unwatched_percent=1.0, scene=TYPING)
    assert row["watcher"] == "ours"
    assert row["server_percent"] == 0.25
    assert row["sum_percent"] == 0.75


def test_one_disturbed_turn_does_not_move_the_figure():
    turns = [{**ROW, "own_percent": own, "peak_mb": 80.0 + own} for own in (0.5, 9.0, 0.4)]
    assert median(turns) == {**ROW, "peak_mb": 89.0, "changes": 600}


@pytest.mark.parametrize(
    ("scene", "changes", "says"), [(TYPING, 0, "saw nothing move"), (STILL, 3, "told 3 changes of a still screen")]
)
def test_a_watcher_that_does_not_do_its_work_has_no_figures(scene, changes, says):
    row = finished("blind", {**ROW, "changes": changes}, 1.0, scene)
    assert row == {"watcher": f"blind ({says})", "changes": changes}


def test_without_the_extra_the_loop_of_today_is_left_out_and_that_is_said(monkeypatch):
    def missing(module: str) -> None:
        raise MissingExtraError(f"comparing with {module}", "bench")

    monkeypatch.setattr(program, "peer", missing)
    watchers, notes = program.installed()
    assert [watcher.name for watcher in watchers] == [program.WITHOUT_TEXT, program.WITH_TEXT]
    assert "ironcliw[bench]" in notes[0]


def test_latencies_are_between_what_was_drawn_and_what_was_told():
    drawn = {str(n): n * 1_000_000_000 for n in range(20)}
    told = {name: moment + (int(name) + 1) * 1_000_000 for name, moment in drawn.items() if name != "7"}
    row = _summary("x", drawn, told | {"99": 5})
    assert (row["drawn"], row["missed"]) == (20, 1)
    assert (row["p50_ms"], row["p95_ms"], row["max_ms"]) == (11.0, 20.0, 20.0)


def test_nothing_told_is_all_missed_and_no_figure():
    assert _summary("x", {"0": 1, "1": 2}, {}) == {"what": "x", "drawn": 2, "missed": 2}


def test_of_a_burst_the_last_line_told_counts():
    second = 1_000_000_000
    drawn = {"a": second, "b": second, "c": 9 * second, "d": 9 * second}
    told = {"a": 3 * second, "b": 2 * second, "c": 10 * second}
    row = burst_summary(drawn, told, [0, second // 10, second // 5])
    assert row["what"] == latency.BURST
    assert (row["drawn"], row["missed"]) == (4, 1)
    assert (row["p50_ms"], row["max_ms"]) == (1000.0, 2000.0)
    assert row["captures_per_s"] == pytest.approx(10.0)


def test_bursts_of_which_nothing_is_told_have_no_figure():
    assert burst_summary({"a": 1, "b": 1}, {}, [5]) == {"what": latency.BURST, "drawn": 2, "missed": 2}


def test_a_log_is_read_up_to_its_last_whole_line(tmp_path: Path):
    log = tmp_path / "drawn"
    assert read_log(log) == {}
    log.write_text("0 100\nkeft 2000\n2 30")
    assert read_log(log) == {"0": 100, "keft": 2000}


def test_squares_are_found_in_regions_that_touch_them():
    x, y = scenes.cell(3)
    tight = Rect(x, y, scenes.SQUARE_PX, scenes.SQUARE_PX)
    assert squares_in((tight,), 100) == [3]
    left, right = scenes.cell(3), scenes.cell(5)
    row = Rect(left[0], left[1], right[0] + scenes.SQUARE_PX - left[0], scenes.SQUARE_PX)
    assert squares_in((row,), 100) == [3, 4, 5]
    assert squares_in((row,), 4) == [3]
    assert squares_in((Rect(0, 0, WIDTH, HEIGHT),), 100) == [], "that is the window they are drawn on"
    assert squares_in((), 100) == []


def test_squares_lie_apart_and_on_the_screen():
    places = [Rect(*scenes.cell(number), scenes.SQUARE_PX, scenes.SQUARE_PX) for number in range(scenes.CELLS)]
    assert len({(place.x, place.y) for place in places}) == scenes.CELLS
    assert all(place.right <= WIDTH and place.bottom <= HEIGHT for place in places)
    assert not any(one.grown(4, 4).overlaps(other) for one, other in itertools.pairwise(places))
    for number in (-1, scenes.CELLS):
        with pytest.raises(ValueError, match="there are cells for"):
            scenes.cell(number)


def test_as_many_squares_as_are_drawn_have_cells():
    assert latency.SQUARES[0] < latency.SQUARES[1] <= scenes.CELLS
