"""Labels as they are written, and labels that cannot be used."""

from __future__ import annotations

import math

import pytest
from labelled_folder import fields, truth

from ironcliw.errors import LabelError
from ironcliw.quality.matching import Window
from ironcliw.quality.truth import EVENT_TOLERANCE_S, Truth


def test_a_moment_a_range_and_what_comes_slowly():
    events = [
        {"t": 1.0, "type": "text", "words": ["a"]},
        {"t": 2.0, "t1": 3.0, "end": 9.0, "type": "typing", "words": ["b"]},
        {"t": 4.155, "from": 3.0, "type": "window", "words": ["c"]},
    ]
    moment, span, slow = truth(events=events).events
    assert moment.window == Window(1.0, 1.0, EVENT_TOLERANCE_S)
    assert moment.is_moment
    assert moment.until_s is None
    assert span.window == Window(2.0, 3.0, EVENT_TOLERANCE_S)
    assert not span.is_moment
    assert span.until_s == 9.0
    assert (slow.due_s, slow.window.due_s, slow.window.last_s) == (4.155, 3.0, 4.155)


@pytest.mark.parametrize(
    ("rule", "kind", "condition"),
    [
        ("text matches /Finished Installing/", "text", "text:/Finished Installing/"),
        (r"text matches /\d+ passed in/", "text", r"text:/\d+ passed in/"),
        ("text matches /a\\/b/i", "text", "text:/a\\/b/i"),
        ("notification /I am long running/ appears", "notification", "notification:/I am long running/"),
        ("notification /I am long running/ gone", "notification", "gone:/I am long running/"),
        ("dialog appeared /Delete Your Account/", "dialog", "dialog:/Delete Your Account/"),
        ("text:BUILD FAILED", "text", "text:BUILD FAILED"),
        ("gone:/Loading/", "text", "gone:/Loading/"),
        ("still:3s", "text", "still:3s"),
    ],
)
def test_a_rule_becomes_a_condition(rule, kind, condition):
    (expectation,) = truth(rule_expectations=[{"rule": rule, "fires": [2, 1.5], "tolerance_s": 0.25}]).expectations
    assert (expectation.kind, expectation.condition, expectation.rule) == (kind, condition, rule)
    assert expectation.windows == (Window(1.5, 1.5, 0.25), Window(2.0, 2.0, 0.25))
    assert expectation.ignore_from_s == math.inf


def test_two_rules_of_one_pattern_are_watched_once():
    rules = [{"rule": f"{kind} /done/", "fires": []} for kind in ("text matches", "screen")]
    assert truth(rule_expectations=rules).conditions == ["text:/done/"]


def test_what_is_not_labelled_is_empty():
    bare = Truth.from_dict({"id": "x", "duration_s": 3}, "x.gt.json")
    assert (bare.events, bare.expectations, bare.still, bare.transitions, bare.still_s) == ((), (), (), (), 0)


def test_still_intervals_and_transitions():
    known = truth(still_intervals=[[1, 2], [3.5, 4]], scene_transitions=[{"t0": 2.0, "t1": 3.0, "kind": "dissolve"}])
    assert known.still_s == 1.5
    assert known.still == ((1.0, 2.0), (3.5, 4.0))
    assert known.transitions == ((2.0, 3.0),)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"id": None}, "id is missing, not a string"),
        ({"id": " "}, "id is ' ', not a name of one line"),
        ({"id": "a\nb"}, "id is 'a\\nb', not a name of one line"),
        ({"id": "a|b"}, "id is 'a|b', not a name of one line without |"),
        ({"duration_s": None}, "duration_s is missing"),
        ({"duration_s": "4"}, "duration_s is '4', not a number of seconds"),
        ({"duration_s": True}, "duration_s is True"),
        ({"duration_s": 0}, "duration_s is 0, not above 0"),
        ({"duration_s": math.nan}, "duration_s is nan"),
        ({"duration_s": 10**400}, "duration_s is 1000"),
        ({"events": {}}, "events is {}, not a list"),
        ({"events": ["x"]}, "events[0]: a JSON object was expected, not 'x'"),
        ({"events": [{"type": "text"}]}, "events[0]: t is missing"),
        ({"events": [{"t": math.inf, "type": "text"}]}, "events[0]: t is inf"),
        ({"events": [{"t": 1}]}, "events[0]: type is missing"),
        ({"events": [{"t": 2, "t1": 1, "type": "text"}]}, "events[0]: t1 is 1, before t at 2"),
        ({"events": [{"t": 1, "type": "text", "words": "FAILED"}]}, "events[0]: words is 'FAILED', not a list"),
        ({"events": [{"t": 1, "type": "text", "words": ["ok", 5]}]}, "events[0]: words holds 5"),
        ({"events": [{"t": 1, "type": "text", "words": [" "]}]}, "words holds ' '"),
        ({"events": [{"t": 1, "type": "text", "bbox": [1, 2, 3]}]}, "events[0]: bbox is [1, 2, 3], not [x, y, width"),
        ({"events": [{"t": 1, "type": "text", "bbox": [1, 2, 3, 1e9]}]}, "events[0]: bbox is [1, 2, 3, 1000000000.0]"),
        ({"still_intervals": [[1]]}, "still_intervals holds [1], not [begin, end]"),
        ({"still_intervals": [3]}, "still_intervals holds 3, not [begin, end]"),
        ({"still_intervals": [[2, 1]]}, "[2, 1], which ends before it begins"),
        ({"rule_expectations": [{"fires": []}]}, "rule_expectations[0]: rule is missing"),
        ({"rule_expectations": [{"rule": "when it fails", "fires": []}]}, "neither a condition nor"),
        ({"rule_expectations": [{"rule": "text /(/", "fires": []}]}, "bad regex"),
        ({"rule_expectations": [{"rule": "text /x/"}]}, "fires is missing, not a list"),
        ({"rule_expectations": [{"rule": "text /x/", "fires": ["1"]}]}, "fires is '1'"),
        ({"scene_transitions": [{"t0": 1}]}, "scene_transitions[0]: t1 is missing"),
        ({"scene_transitions": [{"t0": 2, "t1": 1}]}, "scene_transitions[0]: t1 is 1, before t0 at 2"),
        ({"duration_s": 1e9}, "duration_s is 1000000000.0, not a number of seconds from 0 to 604800"),
        ({"events": [{"t": -1, "type": "text"}]}, "events[0]: t is -1, not a number of seconds from 0"),
        ({"still_intervals": [[0, 1e8]]}, "still_intervals is 100000000.0, not a number of seconds"),
        ({"rule_expectations": [{"rule": "text /x/", "fires": [1], "tolerance_s": -1}]}, "tolerance_s is -1"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(given, said):
    with pytest.raises(LabelError) as caught:
        Truth.from_dict(fields(**given), "d1.gt.json")
    message = str(caught.value)
    assert message.startswith("d1.gt.json: ")
    assert said in message
    assert "\n" not in message


def test_something_else_than_an_object_is_refused():
    with pytest.raises(LabelError, match=r"d1\.gt\.json: a JSON object was expected, not \[\]"):
        Truth.from_dict([], "d1.gt.json")
