"""Hours in which nothing happens: which sessions there are, what counts, and how it is added up."""

from __future__ import annotations

import pytest

from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.quality.restless import LISTED, MUST_FAIL, run_restless, score_restless, sessions, silent
from ironcliw.quality.told import UNPROMPTED_TYPES, Told, unprompted_types
from ironcliw.source import open_source


def event(kind: str, **fields) -> Event:
    return Event(id="x-1", type=kind, time=2.0, wall="2026-01-01T00:00:00Z", source="s", **fields)  # type: ignore[arg-type]


def test_hours_are_cut_into_sessions_that_look_different():
    cut = list(sessions(1.25))
    assert [session.duration_s for session in cut] == [1800, 1800, 900]
    assert len({session.spec for session in cut}) == 3
    for session in cut:
        truth = open_source(session.spec).truth()  # type: ignore[attr-defined]
        assert truth["events"] == []
        assert truth["duration_s"] == session.duration_s


@pytest.mark.parametrize("hours", [0.0, -1.0, 0.0001, 1e9, float("nan"), float("inf")])
def test_other_hours_are_refused(hours):
    with pytest.raises(ValueError, match="hours must be"):
        list(sessions(hours))


def test_what_nobody_asked_for():
    assert unprompted_types(("change", "incident", "text_appeared")) == UNPROMPTED_TYPES == ("incident",)
    assert unprompted_types(("change", "text_appeared")) == ("incident", "text_appeared", "text_changed")


def test_an_event_is_reduced_to_what_is_scored():
    told = Told.of(event("incident", text="Copying", regions=(Rect(1, 2, 3, 4),), data={"kind": "dialog"}), 2.5)
    assert told == Told("incident", "dialog", "Copying", (Rect(1, 2, 3, 4),), 2.0, 2.5)
    assert Told.of(event("text_appeared", data={"kind": "dialog"}), 2.0).kind == ""


def test_the_value_of_progress_can_be_read():
    for kind, text in (("progress", "Copying 100%"), ("stall", "Copying")):
        assert Told.of(event("incident", text="Copying", data={"kind": kind, "value": 100}), 2.0).text == text


def test_silence_is_right_and_a_watcher_that_never_stops_is_wrong():
    quiet = score_restless(1.5, silent)
    assert (quiet.false_events, quiet.false_per_hour, quiet.hours) == (0, 0.0, 1.5)
    loud = score_restless(1.5, MUST_FAIL["always"])
    assert loud.false_per_hour == 7200.0
    assert [len(each.first) for each in loud.sessions] == [LISTED] * 3
    assert loud.to_dict()["false_events"] == loud.false_events == 1.5 * 7200


def test_the_watcher_is_watched():
    said: list[str] = []
    score = run_restless(8 / 3600, said.append)
    assert score.types == unprompted_types()
    assert score.hours == pytest.approx(8 / 3600)
    assert score.media_hours_a_minute is not None
    assert score.media_hours_a_minute > 0
    assert set(score.sessions[0].counts) <= {"text_appeared", "text_changed", "incident progress", "incident stall"}
    assert len(said) == 1
