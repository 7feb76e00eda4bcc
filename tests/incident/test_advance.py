"""Progress: one incident, however often it ticks."""

import pytest
from incident_screen import IncidentScreen, states


def play(screen: IncidentScreen, values, text="Unpacking {}%", step_s=1.0, start_s=0.0):
    for count, value in enumerate(values):
        screen.show(start_s + count * step_s, {(10, 10): text.format(value)})


def test_progress_has_a_begin_marks_and_an_end():
    screen = IncidentScreen()
    play(screen, range(0, 101, 2))
    assert states(screen.reports) == [("progress", state) for state in ("begin", "update", "update", "update", "end")]
    begin, *marks, end = screen.reports
    assert [round(mark.data["value"]) for mark in marks] == [26, 50, 76]
    assert (end.data["reason"], end.data["value"]) == ("done", 100)
    assert begin.data["rate"] == pytest.approx(2)
    assert begin.data["eta_s"] == pytest.approx(48)
    assert len({report.incident.id for report in screen.reports}) == 1


def test_counts_are_progress_and_say_so():
    screen = IncidentScreen()
    play(screen, [1, 2, 3], "[{}/8] Building C object")
    (begin,) = screen.reports
    assert (begin.data["done"], begin.data["total"], begin.data["value"]) == (3, 8, 37.5)


def test_a_gauge_that_rises_and_falls_is_no_progress():
    screen = IncidentScreen()
    play(screen, [12, 15, 11, 30, 12, 18, 9, 22, 14, 25, 13], "CPU {}%")
    assert screen.reports == []


def test_one_step_is_no_progress_yet():
    screen = IncidentScreen()
    play(screen, [99, 100])
    assert screen.reports == []


def test_what_stalls_is_told_and_told_again_when_it_moves():
    screen = IncidentScreen()
    play(screen, [1, 2, 3, 4])
    assert screen.tick(20) == []
    (stall,) = screen.tick(40)
    assert (stall.incident.kind, stall.state, stall.data["value"]) == ("stall", "begin", 4)
    assert stall.data["of"] == screen.reports[0].incident.id
    play(screen, [5], start_s=50)
    assert (screen.reports[-1].incident.id, screen.reports[-1].state) == (stall.incident.id, "end")


def test_slow_progress_is_no_stall():
    screen = IncidentScreen()
    play(screen, [1, 2, 3, 4], step_s=20)
    assert screen.tick(60 + 100) == []


def test_what_vanishes_is_over_with_its_last_value():
    screen = IncidentScreen()
    play(screen, [40, 50, 60])
    screen.show(3, {(10, 200): "prompt"})
    screen.tick(5)
    end = screen.reports[-1]
    assert (end.state, end.data["reason"], end.data["value"]) == ("end", "gone", 60)


def test_what_begins_again_is_another():
    screen = IncidentScreen()
    play(screen, [40, 50, 60, 0, 5, 10, 15])
    ids = [report.incident.id for report in screen.reports if report.state == "begin"]
    assert len(set(ids)) == 2
    assert [report.data["reason"] for report in screen.reports if report.state == "end"] == ["restarted"]
