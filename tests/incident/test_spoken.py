"""Errors, successes and prompts that the screen states in words."""

from incident_screen import IncidentScreen, states

LOG = {(10, 10): "compiling app"}


def test_an_error_begins_and_is_over_when_its_line_is_gone():
    screen = IncidentScreen()
    screen.show(0, LOG)
    (begin,) = screen.show(1, {**LOG, (10, 30): "BUILD FAILED in 3s"})
    assert (begin.incident.kind, begin.state, begin.incident.text) == ("error", "begin", "BUILD FAILED in 3s")
    assert screen.show(2, LOG) == []  # it may only be redrawn
    (end,) = screen.tick(3.1)
    assert (end.incident.id, end.state, end.data["reason"]) == (begin.incident.id, "end", "gone")


def test_what_comes_again_is_a_new_incident_that_was_seen_before():
    screen = IncidentScreen()
    for start in (0, 10, 20):
        screen.show(start, {**LOG, (10, 30): "BUILD FAILED in 3s"})
        screen.show(start + 4, LOG)
        screen.tick(start + 6)
    begun = [report.incident for report in screen.reports if report.state == "begin"]
    assert [incident.occurrence for incident in begun] == [1, 2, 3]
    assert len({incident.id for incident in begun}) == 3


def test_a_traceback_is_one_incident_and_keeps_its_error_type():
    screen = IncidentScreen()
    screen.show(0, LOG)
    first = {**LOG, (10, 30): "Traceback (most recent call last):"}
    screen.show(1, first)
    screen.show(1.4, {**first, (10, 70): "ValueError: bad literal"})
    screen.tick(2.5)
    assert states(screen.reports) == [("error", "begin"), ("error", "update")]
    last = screen.reports[-1].incident
    assert "ValueError" in last.identity
    assert last.text == "Traceback (most recent call last): ValueError: bad literal"


def test_lines_of_one_reading_are_one_incident():
    screen = IncidentScreen()
    screen.show(0, LOG)
    told = screen.show(1, {**LOG, (10, 30): "a.c:1:2: error: one", (10, 50): "b.c:3:4: error: two"})
    assert states(told) == [("error", "begin")]
    assert told[0].data["lines"] == 2


def test_errors_far_apart_in_time_or_place_are_two():
    late, aside = IncidentScreen(), IncidentScreen()
    late.show(0, {(10, 30): "a.c:1:2: error: one"})
    late.show(5, {(10, 30): "a.c:1:2: error: one", (10, 50): "b.c:3:4: error: two"})
    aside.show(0, {(10, 30): "a.c:1:2: error: one", (500, 30): "b.c:3:4: error: two"})
    assert states(late.reports) == states(aside.reports) == [("error", "begin")] * 2


def test_a_flood_is_told_at_most_once_a_second():
    screen = IncidentScreen()
    lines: dict[tuple[int, int], str] = {}
    for count in range(25):
        lines[10, 20 * count] = f"part{count}.c:7:1: error: no such thing"
        screen.show(count / 5, lines)
    assert 3 <= len(screen.reports) <= 7
    assert {report.incident.id for report in screen.reports} == {screen.reports[0].incident.id}


def test_an_error_that_turns_into_success_is_over():
    screen = IncidentScreen()
    screen.show(0, {(10, 30): "2 tests failed"})
    screen.show(5, {(10, 30): "14 tests passed"})
    screen.tick(7)
    assert states(screen.reports) == [("error", "begin"), ("success", "begin"), ("error", "end")]


def test_what_was_there_when_the_watch_began_is_no_event_but_rules_may_ask():
    screen = IncidentScreen()
    (report,) = screen.show(0, {(10, 30): "BUILD FAILED"}, at_start=True)
    assert report.at_start
    screen.show(5, LOG)
    screen.tick(9)
    assert states(screen.reports) == []


def test_part_of_an_error_that_is_covered_is_no_new_error():
    screen = IncidentScreen()
    screen.show(0, {(10, 30): "Parser Error: syntax error at end of input"})
    screen.show(1, {(10, 30): "Parser Error: syntax NATIONAL"})
    screen.show(3, {(10, 30): "Parser Error: syntax error at end of input"})
    assert [state for _, state in states(screen.reports)].count("begin") == 1
