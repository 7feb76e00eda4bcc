"""What the synthetic desktop says it shows is what its pixels show, when and where it says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_frames import SMALL, cut, frames, time_ns_of

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.source import open_source
from ironcliw.source.synthetic import KINDS, NAMES, Look, Moment, Script, SyntheticSource, from_spec, truth, write
from ironcliw.source.synthetic.action import (
    Clear,
    Fade,
    Hide,
    Move,
    Print,
    SetDot,
    SetProgress,
    SetText,
    Show,
    ShowDialog,
    ShowToast,
    Type,
)
from ironcliw.source.synthetic.font import Font, fonts_here
from ironcliw.source.synthetic.layout import furnished
from ironcliw.source.synthetic.widget import Window

CARET_PX = 2 * 16
"""A caret may blink in any box, and does in no truth."""

ALL_KINDS = {
    "text", "status", "dialog", "notification", "progress", "window", "cleared", "transition", "layout",
}  # fmt: skip


def events(*happening: tuple[int, Any], duration_s: float = 20, look: Look = SMALL) -> list[dict[str, Any]]:
    script = Script.of([Moment(at_ms, action) for at_ms, action in happening], duration_s)
    return truth(script, look)["events"]


def differing(a: np.ndarray, b: np.ndarray) -> int:
    """Pixels in which two pictures differ."""
    return int((a != b).any(axis=2).sum())


def shown_text(pixels: np.ndarray, box: Rect, text: str, font: Font, look: Look) -> bool:
    """Whether exactly this text is drawn in exactly this box."""
    picture = font.picture(text, look.colours.ink, look.colours.window)
    return np.array_equal(cut(pixels, box), picture.view(np.uint8).reshape(*picture.shape, 4)[:, :, :3])


@pytest.mark.parametrize("look", [SMALL, Look(scale=1.5, theme="light"), Look(scale=2.0, theme="low-contrast")])
@pytest.mark.parametrize("name", ["terminal", "dashboard"])
def test_words_are_drawn_at_their_time_in_their_box_and_not_before(name: str, look: Look) -> None:
    script, font = Script.named(name, 8, 100), Font(look)
    told = [event for event in truth(script, look)["events"] if event["type"] in ("text", "status") and event["words"]]
    assert len(told) > 5
    before = None
    for capture, pixels in frames(script, look):
        for event in [event for event in told if time_ns_of(event["t"]) == capture.time_ns]:
            x, y, width, height = event["bbox"]
            text = event["words"][0]
            text = f"$ {text}" if event["what"] == "line typed" else text  # a prompt stands in its box, too
            assert (width, height) == (look.cell_px * len(text), look.line_px)
            assert shown_text(pixels, Rect(x, y, width, height), text, font, look)
            assert before is not None
            assert not shown_text(before, Rect(x, y, width, height), text, font, look)
            event["seen"] = True
        before = pixels.copy()
    assert all("seen" in event for event in told)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("restless", "video", "clear", "drag")])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_box_changes_when_truth_says_so_and_not_before(name: str, seed: int) -> None:
    """For the first event of each script: its box is as at the start until it begins, and differs when it is there."""
    script = Script.named(name, seed, 60)
    told = truth(script, SMALL)["events"]
    first = min((event for event in told if "bbox" in event), key=lambda event: event.get("from", event["t"]))
    box = Rect(*first["bbox"])
    start = None
    for capture, pixels in frames(script):
        begun, there = time_ns_of(first.get("from", first["t"])), time_ns_of(first["t"])
        now = cut(pixels, box)
        start = now if start is None else start
        if capture.time_ns < begun:
            assert differing(now, start) <= CARET_PX
        if capture.time_ns == there:
            assert differing(now, start) > CARET_PX
            return
    raise AssertionError("no capture at the event's time")


@pytest.mark.parametrize("name", ["dialog", "toast_short", "toast_long", "switch"])
def test_what_ends_is_gone_at_its_end(name: str) -> None:
    script = Script.named(name, 2)
    (event,) = truth(script, SMALL)["events"]
    box, end_ns = Rect(*event["bbox"]), time_ns_of(event["end"])
    pictures = {capture.time_ns: cut(pixels, box) for capture, pixels in frames(script)}
    last = pictures[max(time_ns for time_ns in pictures if time_ns < end_ns)]
    assert differing(last, pictures[0]) > CARET_PX
    assert differing(pictures[end_ns], pictures[0]) <= CARET_PX


def test_the_fields_are_those_of_labelled_recordings() -> None:
    script = Script.named("office", 1, 900)
    told = truth(script, Look(scale=1.5))
    assert {"id", "media", "width", "height", "duration_s", "events", "still_intervals", "rule_expectations"} <= set(
        told
    )
    assert (told["width"], told["height"], told["duration_s"]) == (1920, 1080, 900.0)
    assert {event["type"] for event in told["events"]} == ALL_KINDS
    assert told == json.loads(json.dumps(told))
    for event in told["events"]:
        assert set(event) <= {"t", "from", "t1", "end", "type", "what", "words", "bbox"}
        assert 0 <= event.get("from", 0) <= event["t"] <= event.get("t1", 900) <= 900
        assert event["t"] < event.get("end", 901)
        x, y, width, height = event.get("bbox", (0, 0, 1, 1))
        assert Rect(0, 0, 1920, 1080).intersection(Rect(x, y, width, height)) == (x, y, width, height)
    assert [event["t"] for event in told["events"]] == sorted(event["t"] for event in told["events"])
    assert told["scene_transitions"]
    assert all(0.7 < scene["t1"] - scene["t0"] < 1.4 for scene in told["scene_transitions"])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**63 - 1), st.sampled_from([kind for kind in KINDS if kind not in ("videos", "figures")]))
def test_nothing_is_told_time_ns_of_a_still_interval(seed: int, kind: str) -> None:
    told = truth(Script.random(seed, 120, [kind]), SMALL)
    assert told["still_intervals"]
    for start, end in told["still_intervals"]:
        assert 0 <= start < end <= 120
        for event in told["events"]:
            for key in ("from", "t", "t1", "end"):
                assert not start < event.get(key, -1) < end


@pytest.mark.parametrize("font", fonts_here())
def test_theme_and_font_change_no_truth(font: str) -> None:
    script = Script.named("office", 4, 300)
    usual, other = truth(script, Look()), truth(script, Look(theme="light", font=font))
    for key in ("id", "media"):
        del usual[key], other[key]
    assert usual == other


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([1.0, 1.25, 1.5, 1.75, 2.0]), st.integers(0, 99))
def test_scale_moves_boxes_and_nothing_else(scale: float, seed: int) -> None:
    script = Script.named("dashboard", seed, 120)
    usual, scaled = truth(script, Look())["events"], truth(script, Look(scale=scale))["events"]
    assert len(usual) == len(scaled)
    for one, other in zip(usual, scaled, strict=True):
        assert {key: one[key] for key in one if key != "bbox"} == {key: other[key] for key in other if key != "bbox"}
        assert all(abs(a * scale - b) <= 0.06 * a * scale + 3 for a, b in zip(one["bbox"], other["bbox"], strict=True))


def test_truth_is_the_same_everywhere() -> None:
    """Written down once, on another machine: another Python, font or NumPy must not change it."""
    told = truth(Script.named("command", 7), Look())
    lines = [(event["t"], *event["words"]) for event in told["events"]]
    assert lines == GOLDEN


GOLDEN = [
    (5.322, "cargo build --release"),
    (5.972, "09:00:05 retrying request c7833a (attempt 7)"),
    (7.996, "09:00:07 worker 2 finished task 29d89b"),
    (10.485, "09:00:10 checkpoint 5190a5 saved"),
    (11.244, "09:00:11 compiled module ee4f75 in 28 ms"),
    (12.721, "09:00:12 cache hit ratio 0.26 on shard 3"),
    (13.847, "09:00:13 worker 4 finished task b63f54"),
    (16.308, "09:00:16 worker 1 finished task 0a667a"),
    (17.774, "connection refused after 37 s (job a49ba2)"),
]


def test_a_covered_line_is_told_when_it_is_uncovered() -> None:
    hidden, seen, gone = "under the browser", "never covered", "covered and scrolled off"
    told = events(
        (500, Print("terminal", seen)),
        (1_000, Show("browser")),
        (2_000, Print("terminal", gone)),
        *((2_500, Print("terminal", "")) for _ in range(40)),
        (3_000, Print("terminal", hidden)),
        (5_000, Hide("browser")),
    )
    lines = {event["words"][0]: event for event in told if event["type"] == "text"}
    assert set(lines) == {seen, hidden}
    assert (lines[hidden]["t"], lines[hidden]["from"]) == (5.0, 3.0)
    assert (lines[seen]["t"], lines[seen]["end"]) == (0.5, 2.5)


def test_lines_that_scroll_past_time_ns_of_one_moment_were_never_there() -> None:
    told = events(*((1_000, Print("terminal", f"line {number}")) for number in range(100)))
    assert [event["words"] for event in told][-1] == ["line 99"]
    assert 10 < len(told) < 40
    assert all("end" not in event for event in told)


def test_a_toast_that_fades_in_is_told_when_it_is_wholly_there() -> None:
    (told,) = events((1_000, ShowToast("t", "Mail", "New", opacity=64)), (1_200, Fade("t", 256)), (1_700, Hide("t")))
    assert (told["from"], told["t"], told["end"], told["words"]) == (1.0, 1.2, 1.7, ["Mail", "New"])


def test_a_toast_that_never_fades_in_is_not_told() -> None:
    assert events((1_000, ShowToast("t", "Mail", "New", opacity=64)), (1_700, Hide("t"))) == []


def test_the_same_dialog_twice_is_told_twice() -> None:
    dialog = ShowDialog("d", "Delete?", "Really?", ("Yes", "No"))
    first, second = events((1_000, dialog), (2_000, Hide("d")), (3_000, dialog))
    assert (first["t"], first["end"], second["t"]) == (1.0, 2.0, 3.0)
    assert first["words"] == second["words"] == ["Delete?", "Really?", "Yes", "No"]
    assert first["bbox"] == second["bbox"]
    assert "end" not in second


def test_a_b_a_is_two_changes_and_a_cleared_label_is_cleared() -> None:
    states = ("failed", "running", "failed", "")
    told = events(*((1_000 * (at + 1), SetText("queue label", state)) for at, state in enumerate(states)))
    assert [(event["type"], *event["words"]) for event in told] == [
        ("status", "failed"), ("status", "running"), ("status", "failed"), ("cleared",),
    ]  # fmt: skip
    assert [event.get("end") for event in told] == [2.0, 3.0, 4.0, None]


def test_progress_is_told_at_its_start_and_its_end() -> None:
    steps = [(1_000, 1), (2_000, 50), (3_000, 99), (4_000, 100), (6_000, None)]
    told = events(*((at, SetProgress("progress", "Copying", percent)) for at, percent in steps))
    assert [(event["t"], event["type"], *event["words"]) for event in told] == [
        (1.0, "progress", "Copying"), (4.0, "progress", "Copying 100%"), (6.0, "cleared"),
    ]  # fmt: skip
    assert [event.get("end") for event in told] == [6.0, 6.0, None]


def test_figures_dots_in_the_same_colour_and_blank_lines_are_no_news() -> None:
    assert (
        events(
            (1_000, SetText("load", "load 7")), (2_000, SetDot("queue dot", "good")), (3_000, Print("terminal", " "))
        )
        == []
    )


def test_a_dot_is_told_without_words() -> None:
    (told,) = events((1_000, SetDot("queue dot", "bad")), look=Look(scale=2.0))
    assert (told["type"], told["words"], told["bbox"][2:]) == ("status", [], [32, 32])


def test_moving_a_window_tells_no_words() -> None:
    told = events((1_000, Move("notes", -50, 0)), (1_100, Move("notes", -200, 0, began_ms=1_000)))
    assert [(event["type"], event["t"], event["t1"], event["words"]) for event in told] == [("layout", 1.0, 1.1, [])]


def test_typing_is_told_when_the_last_letter_is_there() -> None:
    told = events((1_000, Type("terminal", "$ ", "l")), (1_200, Type("terminal", "$ ", "ls", began_ms=1_000)))
    assert [(event["from"], event["t"], event["words"]) for event in told] == [(1.0, 1.2, ["ls"])]


def test_raising_a_window_that_nothing_covers_is_no_news() -> None:
    assert events((1_000, Show("services"))) == []


def test_raising_a_window_under_a_toast_is_no_news_nor_is_its_being_uncovered_later() -> None:
    toast = ShowToast("t", "Mail", "New message")
    told = events((1_000, toast), (2_000, Show("notes")), (3_000, Hide("t")))
    assert [event["type"] for event in told] == ["notification"]
    box, notes = Rect(*told[0]["bbox"]), furnished(SMALL, 1, None).find("notes", Window).box
    assert box.overlaps(notes)


def test_raising_a_window_that_another_one_covers_is_news() -> None:
    told = events((1_000, Move("notes", -300, 0)), (2_000, Show("terminal window")), (3_000, Show("notes")))
    assert [(event["type"], event["t"], event["words"][0]) for event in told if event["type"] == "window"] == [
        ("window", 3.0, "Notes")
    ]


def test_clearing_ends_every_line() -> None:
    told = events((1_000, Print("terminal", "one")), (2_000, Print("terminal", "two")), (3_000, Clear("terminal")))
    assert [event.get("end") for event in told] == [3.0, 3.0, None]


def test_rules_fire_when_their_words_are_told() -> None:
    happening = [
        Moment(1_000, Print("terminal", "BUILD FAILED")),
        Moment(2_000, ShowToast("t", "Mail", "New message")),
        Moment(9_500, Print("terminal", "BUILD FAILED again")),
        Moment(5_000, Hide("t")),
    ]
    script = Script.of(happening, 10, ["BUILD FAILED", "New message", "permission denied"])
    assert truth(script, SMALL)["rule_expectations"] == [
        {"rule": "text matches /BUILD FAILED/", "fires": [1.0, 9.5], "tolerance_s": 0.5, "ignore_from": 9.0},
        {"rule": "text matches /New message/", "fires": [2.0], "tolerance_s": 0.5},
        {"rule": "notification /New message/ gone", "fires": [5.0], "tolerance_s": 0.5},
        {"rule": "text matches /permission denied/", "fires": [], "tolerance_s": 0},
    ]


def test_what_stands_there_at_the_start_is_no_news() -> None:
    told = truth(Script.named("restless"), SMALL)
    assert told["events"] == []
    assert told["still_intervals"] == [[0.1, 299.9]]
    assert all(rule["fires"] == [] for rule in told["rule_expectations"])


def test_what_is_written_plays_again(tmp_path: Path) -> None:
    script, look = Script.named("toast", 5, 12), Look(scale=1.25, theme="light")
    path = write(tmp_path / "new", script, look)
    told = json.loads(path.read_text())
    assert path.name == f"{told['id']}.gt.json"
    described = json.loads((tmp_path / "new" / f"{told['id']}.source.json").read_text())
    assert described["source"] == told["media"]
    source = open_source(described["source"])
    assert isinstance(source, SyntheticSource)
    assert source.truth() == told
    assert (source.script, source.look) == (script, look) == from_spec(told["media"])
    assert sorted(entry.name for entry in (tmp_path / "new").iterdir()) == sorted(
        [path.name, f"{told['id']}.source.json"]
    )


def test_a_script_of_ones_own_cannot_be_written_down(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'custom' is no script that can be played again by its name"):
        write(tmp_path, Script.of([], 5), SMALL)
    assert not list(tmp_path.iterdir())
