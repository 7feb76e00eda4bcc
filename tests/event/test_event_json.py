"""Every event becomes one line that the published schema allows, and becomes the same event again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw import clock
from ironcliw.event import Event, EventType, schema
from ironcliw.frame import Rect
from ironcliw.incident import KINDS, State

VALIDATOR = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())

COMMON: dict[str, Any] = {"id": "7-1", "time": 1.5, "wall": "2026-11-23T12:00:00.123456Z", "source": "screen :1"}

START = {
    "geometry": {"width": 1920, "height": 1080, "x": 0, "y": 0},
    "scale": 1.0,
    "monitor": "HDMI-1",
    "kernels": {"implementation": "native", "reason": "the native module is there"},
    "source_kind": "screen",
    "text_engine": "ppocr",
}
SUMMARY = {
    "frames": {"captured": 9, "duplicate": 5, "changed": 2, "excluded": 1, "dropped": {"busy": 1}},
    "stages": {"text": {"count": 2, "mean_ms": 20.5, "p95_ms": 30, "max_ms": 31.25}},
    "reading": {"pixels_read": 10_000, "pixels_full": 2_073_600, "lines": 3, "skipped": 0},
    "alerts": 1,
    "duration_s": 12.5,
}
REGIONS = (Rect(0, 0, 100, 20), Rect(5, 50, 1, 1))

EVENTS: dict[str, Event] = {
    "start": Event(type="start", data=START, **COMMON),
    "change": Event(type="change", frame=3, regions=REGIONS, latency_ms=1.25, **COMMON),
    "text_appeared": Event(
        type="text_appeared", frame=3, regions=REGIONS[:1], text="a line", confidence=0.5, latency_ms=80.125, **COMMON
    ),
    "text_changed": Event(
        type="text_changed",
        frame=3,
        regions=REGIONS[:1],
        text="42 %",
        data={"before": "41 %", "removed": "1", "added": "2"},
        **COMMON,
    ),
    "text_moved": Event(
        type="text_moved", frame=3, regions=REGIONS[:1], data={"dx": 0, "dy": -18, "lines": 2}, **COMMON
    ),
    "text_vanished": Event(type="text_vanished", frame=4, regions=REGIONS[:1], text="a line", **COMMON),
    "incident": Event(
        type="incident",
        frame=3,
        regions=REGIONS[:1],
        text="Unpacking 41 %",
        confidence=0.9,
        data={
            "incident": 3,
            "kind": "progress",
            "state": "begin",
            "identity": ["unpacking"],
            "since": 1.5,
            "value": 41.0,
            "rate": 2.0,
            "eta_s": 29.5,
        },
        **COMMON,
    ),
    "alert": Event(
        type="alert",
        frame=3,
        regions=REGIONS,
        text="BUILD FAILED",
        rule="text:build failed",
        confidence=0.9,
        data={"merged": 2},
        **COMMON,
    ),
    "gap": Event(type="gap", data={"reason": "lost", "state": "begin", "detail": "the server is gone"}, **COMMON),
    "summary": Event(type="summary", data=SUMMARY, **COMMON),
}


def test_the_schema_is_a_schema_and_names_no_host_of_its_own() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$id"].startswith("urn:")


def test_there_is_an_example_and_a_definition_of_every_type() -> None:
    assert set(EVENTS) == set(get_args(EventType))
    assert [part["$ref"].rpartition("/")[2] for part in schema()["oneOf"]] == list(get_args(EventType))


@pytest.mark.parametrize("name", EVENTS)
def test_every_type_meets_the_schema_and_comes_back(name: str) -> None:
    event = EVENTS[name]
    line = event.to_json()
    assert "\n" not in line
    VALIDATOR.validate(json.loads(line))
    assert Event.from_json(line) == event
    assert Event.from_json(line.encode()) == event


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("missing", ["v", "id", "type", "time", "wall", "source"])
def test_what_all_have_is_required(name: str, missing: str) -> None:
    fields = EVENTS[name].to_dict()
    del fields[missing]
    assert not VALIDATOR.is_valid(fields)
    with pytest.raises(ValueError, match="not an event"):
        Event.from_dict(fields)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("start", "geometry"),
        ("start", "kernels"),
        ("change", "regions"),
        ("change", "frame"),
        ("text_appeared", "text"),
        ("text_appeared", "regions"),
        ("text_changed", "text"),
        ("text_changed", "before"),
        ("text_moved", "dy"),
        ("text_vanished", "text"),
        ("incident", "kind"),
        ("incident", "state"),
        ("alert", "rule"),
        ("gap", "reason"),
        ("gap", "state"),
        ("summary", "frames"),
        ("summary", "stages"),
        ("summary", "alerts"),
        ("summary", "duration_s"),
    ],
)
def test_what_a_type_must_have(name: str, missing: str) -> None:
    fields = EVENTS[name].to_dict()
    del fields[missing]
    assert not VALIDATOR.is_valid(fields)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("change", {"text": "words"}),
        ("change", {"regions": []}),
        ("change", {"regions": [[0, 0, 0, 5]]}),
        ("change", {"regions": [[0, 0, 5]]}),
        ("change", {"regions": [[0, 0, 5, 5, 5]]}),
        ("change", {"frame": -1}),
        ("change", {"frame": 1.5}),
        ("change", {"unknown": 1}),
        ("text_appeared", {"confidence": 1.5}),
        ("text_appeared", {"text": None}),
        ("text_appeared", {"rule": "text:x"}),
        ("alert", {"rule": ""}),
        ("alert", {"merged": -1}),
        ("gap", {"reason": "tired"}),
        ("gap", {"state": "middle"}),
        ("gap", {"time": -1}),
        ("start", {"geometry": {"width": 0, "height": 5}}),
        ("start", {"geometry": {"width": 5, "height": 5, "depth": 24}}),
        ("start", {"kernels": {"implementation": "magic", "reason": ""}}),
        ("summary", {"frames": {"captured": 1}}),
        ("summary", {"stages": {"text": {"count": 1}}}),
        ("summary", {"v": 2}),
        ("summary", {"wall": "yesterday"}),
        ("summary", {"wall": "2026-11-23T12:00:00"}),
        ("summary", {"type": "sumary"}),
    ],
)
def test_what_the_schema_does_not_allow(name: str, change: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**EVENTS[name].to_dict(), **change})


def test_start_and_summary_may_grow() -> None:
    assert VALIDATOR.is_valid({**EVENTS["start"].to_dict(), "capabilities": {"damage": "yes"}})
    assert VALIDATOR.is_valid({**EVENTS["summary"].to_dict(), "cpu_s": 1.5})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"v":1} {"v":1}', "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "a JSON object was expected, not list"),
        ("null", "a JSON object was expected, not NoneType"),
        ("{}", "version 1: v is None"),
        ('{"v":2}', "version 1: v is 2"),
        ('{"v":true}', "version 1: v is True"),
        ('{"v":1,"type":"nap"}', "type is 'nap'; there are start, change"),
        ('{"v":1,"type":["alert"]}', "type is"),
        (b"\xff\xfe", "not JSON"),
        ('{"v":1,"type":"gap","time":NaN}', "NaN is no number"),
    ],
)
def test_lines_that_are_no_events(line: str | bytes, says: str) -> None:
    with pytest.raises(ValueError, match="not an event") as caught:
        Event.from_json(line)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("id", 7, "id is 7, not a string"),
        ("id", None, "id is missing, not a string"),
        ("time", "soon", "time is 'soon', not a number"),
        ("time", True, "time is True"),
        ("time", 1e999, "beyond all numbers"),
        ("time", 10**400, "beyond all numbers"),
        ("frame", 1.5, "frame is 1.5, not a whole number"),
        ("regions", {}, "regions is {}, not a list"),
        ("regions", [[1, 2, 3]], "a region is [1, 2, 3], not [x, y, width, height]"),
        ("regions", [[1, 2, 3, 4.5]], "a region is"),
        ("regions", ["1234"], "a region is"),
        ("text", ["a"], "text is ['a'], not a string"),
        ("confidence", "high", "confidence is 'high', not a number"),
        ("rule", "x" * 0 or 5, "rule is 5, not a string"),
    ],
)
def test_fields_of_the_wrong_kind(field: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match="not an event") as caught:
        Event.from_dict({**EVENTS["alert"].to_dict(), field: value})
    assert says in str(caught.value)


def test_a_wrong_value_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="rule is") as caught:
        Event.from_dict({**EVENTS["alert"].to_dict(), "rule": ["secret"] * 1_000})
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("text", ["a\u2028b\u0085c\nd", "\x1b[31m\x9b31m\x7f", "a\u202egnp.exe", "file\udcff.mp4"])
def test_what_steers_terminals_or_ends_lines_is_escaped(text: str) -> None:
    event = replace(EVENTS["text_vanished"], text=text)
    line = event.to_json()
    assert line.encode().decode() == line
    assert not set(line) & set("\u2028\u0085\n\x1b\x9b\x7f\u202e\udcff")
    assert Event.from_json(line) == event


@pytest.mark.parametrize("name", ["v", "text", "time", "regions"])
def test_data_does_not_hide_a_field(name: str) -> None:
    with pytest.raises(ValueError, match=f"data cannot hold {name}"):
        replace(EVENTS["summary"], data={name: 1})


def test_numbers_that_are_none_are_not_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        replace(EVENTS["change"], time=float("nan")).to_json()


TEXTS = st.text(max_size=40)
REGION = st.builds(Rect, *[st.integers(0, 9_999)] * 2, *[st.integers(1, 9_999)] * 2)
COUNTS = st.integers(0, 10**12)
NUMBERS = st.floats(0, 1e9).map(lambda number: round(number, 3))
STAGE = st.fixed_dictionaries({"count": COUNTS, "mean_ms": NUMBERS, "p95_ms": NUMBERS, "max_ms": NUMBERS})
DATA: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "start": st.just(START),
    "text_changed": st.fixed_dictionaries(dict.fromkeys(("before", "removed", "added"), TEXTS)),
    "text_moved": st.fixed_dictionaries(
        {"dx": st.integers(-9_999, 9_999), "dy": st.integers(-9_999, 9_999), "lines": st.integers(1, 999)}
    ),
    "incident": st.fixed_dictionaries(
        {
            "incident": st.integers(1, 9_999),
            "kind": st.sampled_from(KINDS),
            "state": st.sampled_from(get_args(State)),
            "identity": st.lists(TEXTS, max_size=3),
            "since": st.floats(0, 9_999),
        },
        optional={"also": st.lists(st.sampled_from(KINDS), max_size=2), "value": st.floats(0, 100)},
    ),
    "alert": st.fixed_dictionaries({}, optional={"merged": COUNTS}),
    "gap": st.fixed_dictionaries(
        {
            "reason": st.sampled_from(["lost", "no_reply", "denied", "missed_damage", "black"]),
            "state": st.sampled_from(["begin", "end"]),
        },
        optional={"detail": TEXTS},
    ),
    "summary": st.fixed_dictionaries(
        {
            "frames": st.fixed_dictionaries(
                dict.fromkeys(("captured", "duplicate", "changed", "excluded"), COUNTS)
                | {"dropped": st.dictionaries(TEXTS, COUNTS, max_size=3)}
            ),
            "stages": st.dictionaries(TEXTS, STAGE, max_size=3),
            "alerts": COUNTS,
            "duration_s": NUMBERS,
        }
    ),
}


CONFIDENCES = st.floats(0, 1).map(lambda value: round(value, 4))


@st.composite
def events(draw: st.DrawFn, types: Sequence[EventType] = get_args(EventType)) -> Event:
    """Any event of these types that the rest of Ironcliw may make."""
    type_: EventType = draw(st.sampled_from(types))
    shows_text = type_ in ("text_appeared", "text_changed", "text_vanished", "incident")
    shows_frame = type_ in ("change", "alert", "text_moved") or shows_text
    return Event(
        id=draw(st.text(min_size=1, max_size=20)),
        type=type_,
        time=draw(NUMBERS),
        wall=clock.rfc3339(draw(st.integers(0, 4_000_000_000)) * clock.SECOND),
        source=draw(st.text(min_size=1, max_size=20)),
        frame=draw(COUNTS) if shows_frame else None,
        latency_ms=draw(st.none() | NUMBERS),
        regions=tuple(draw(st.lists(REGION, min_size=1, max_size=4))) if shows_frame else None,
        text=draw(TEXTS) if shows_text or type_ == "alert" else None,
        rule=draw(st.text(min_size=1)) if type_ == "alert" else None,
        confidence=draw(CONFIDENCES if type_ == "incident" else st.none() | CONFIDENCES) if shows_text else None,
        data=draw(DATA.get(type_, st.just({}))),
    )


@settings(deadline=None, max_examples=200)
@given(events())
def test_any_event_meets_the_schema_and_comes_back(event: Event) -> None:
    line = event.to_json()
    assert len(line.splitlines()) == 1
    VALIDATOR.validate(json.loads(line))
    assert Event.from_json(line) == event
    assert Event.from_json(line).to_json() == line


@settings(deadline=None, max_examples=200)
@given(events(types=("change",)))
def test_a_change_is_written_as_the_encoder_writes_it(event: Event) -> None:
    plain = json.dumps(event.to_dict(), ensure_ascii=False, separators=(",", ":"))
    assert json.loads(event.to_json()) == json.loads(plain)
    if plain.isprintable():
        assert event.to_json() == plain


@pytest.mark.parametrize("wrong", [{"time": float("nan")}, {"latency_ms": float("inf")}])
def test_a_change_with_a_number_that_json_has_not_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        replace(EVENTS["change"], **wrong).to_json()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.sampled_from(sorted(EVENTS["alert"].to_dict())), JSON))
def test_anything_else_is_an_event_or_refused_in_one_line(name: str, change: dict[str, Any]) -> None:
    line = json.dumps({**EVENTS[name].to_dict(), **change})
    refusal = ""
    event: Event | None = None
    try:
        event = Event.from_json(line)
    except ValueError as error:
        refusal = str(error)
    if event is None:
        assert refusal.startswith("not an event")
        assert len(refusal.splitlines()) == 1
    else:
        assert Event.from_json(event.to_json()) == replace(event, time=round(event.time, 6), **_rounded(event))


def _rounded(event: Event) -> dict[str, float]:
    rounded = {}
    if event.latency_ms is not None:
        rounded["latency_ms"] = round(event.latency_ms, 3)
    if event.confidence is not None:
        rounded["confidence"] = round(event.confidence, 4)
    return rounded


@pytest.mark.parametrize(
    ("wall_ns", "expected"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_795_521_599_999_999_999, "2026-11-24T11:59:59.999999Z"),
        (1_795_521_600_000_001_000, "2026-11-24T12:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_wall_time_is_rounded_down_to_the_microsecond(wall_ns: int, expected: str) -> None:
    assert clock.rfc3339(wall_ns) == expected
