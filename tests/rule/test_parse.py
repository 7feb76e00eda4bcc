"""Conditions are understood as written, and refused with a finger on the fault."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw import rule
from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.rule import ChangeCondition, Condition, GoneCondition, StillCondition, TextCondition, parse
from ironcliw.rule.pattern import Phrase, Regex

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    "words",
    [
        "text:BUILD FAILED",
        "  text:BUILD FAILED  ",
        "text: BUILD   FAILED",
        "gone:Loading...",
        "text:/passed|failed/i",
        r"text:/a\/b/ims",
        r"text:\/usr/bin",
        "text:a:b:c",
        "change:0,0,640,480",
        "change: 1, 2, 3, 4",
        "still:30s",
        "still:1.5m@0,0,10,10",
        "still: 250 ms @ 1,2,3,4",
        "text:Ошибка сборки",
        "text:构建失败",
    ],
)
def test_a_condition_gives_the_users_words_back(words: str) -> None:
    assert str(parse(words)) == words.strip()


def test_each_kind_becomes_its_own_class() -> None:
    condition = parse("text:Build   Failed")
    assert condition == TextCondition(Phrase("build failed"), "text:Build   Failed")
    condition = parse("gone:/Load(ing)?/i")
    assert isinstance(condition, GoneCondition)
    assert isinstance(condition.pattern, Regex)
    assert (condition.pattern.pattern, condition.pattern.flags) == ("Load(ing)?", "i")
    assert parse("change:1,2,3,4") == ChangeCondition(Rect(1, 2, 3, 4), "change:1,2,3,4")
    assert parse("still:30s") == StillCondition(30 * SECOND, None, "still:30s")
    assert parse("still:2h@5,6,7,8") == StillCondition(7_200 * SECOND, Rect(5, 6, 7, 8), "still:2h@5,6,7,8")


@pytest.mark.parametrize(
    ("duration", "expected_ns"),
    [
        ("1ms", 1_000_000),
        ("250ms", 250_000_000),
        ("30s", 30 * SECOND),
        (".5s", SECOND // 2),
        ("1.s", SECOND),
        ("0.1m", 6 * SECOND),
        ("+2m", 120 * SECOND),
        ("168h", 604_800 * SECOND),
    ],
)
def test_durations(duration: str, expected_ns: int) -> None:
    condition = parse(f"still:{duration}")
    assert isinstance(condition, StillCondition)
    assert condition.duration_ns == expected_ns


def test_a_phrase_may_begin_with_an_escaped_slash() -> None:
    condition = parse(r"text:\/etc/hosts")
    assert isinstance(condition, TextCondition)
    assert condition.pattern == Phrase("/etc/hosts")


@pytest.mark.parametrize(
    ("condition", "column", "says"),
    [
        ("", 1, "an empty condition"),
        ("BUILD FAILED", 1, "starts with its kind"),
        ("failure: disk full now", 1, "unknown kind"),
        ("disk full: now", 1, "starts with its kind"),
        (":x", 1, "starts with its kind"),
        ("tex:foo", 1, "did you mean 'text'"),
        ("stil:30s", 1, "did you mean 'still'"),
        ("Gone:foo", 1, "did you mean 'gone'"),
        ("  chnage:1,2,3,4", 3, "did you mean 'change'"),
        ("zzzz:foo", 1, "there are text, gone, change, still"),
        ("text", 5, "followed by a colon"),
        ("text:", 6, "nothing to look for"),
        ("gone:  \t ", 6, "nothing to look for"),
        (r"text:\/", None, None),
        ("text:/", 6, "not closed"),
        ("text:/foo", 6, "not closed"),
        (r"text:/foo\/", 6, "not closed"),
        ("text://", 7, "empty regex"),
        ("text:/foo/x", 11, "unknown flag 'x'"),
        ("text:/foo/ig", 12, "unknown flag 'g'"),
        ("text:/usr/bin/ls", 11, "is written \\/"),
        ("text:/a(b/i", 7, "missing )"),
        ("text:/[a/", 7, "missing ]"),
        ("text:/foo(?=bar)/", 10, "(?="),
        (r"text:/(a)\1/", 10, r"\1"),
        ("text:/a**/", 8, "**"),
        ("text:/x*/", 7, "met by no text"),
        ("text:/a{1001}/", 8, "repetition"),
        ("change:", 8, "four numbers"),
        ("change:1,2,3", 8, "here are 3"),
        ("change:1,2,3,4,5", 8, "here are 5"),
        ("change:1,,3,4", 10, "y is missing"),
        ("change:1,2,3,-4", 14, "negative"),
        ("change:1,2,0,4", 12, "no pixels"),
        ("change:1,2,3,00", 14, "no pixels"),
        ("change:1,2.5,3,4", 10, "whole number"),
        ("change:nan,2,3,4", 8, "whole number"),
        ("change:\u0661,2,3,4", 8, "whole number"),
        ("change:1,2,3,32769", 14, "beyond 32768"),
        ("change:1,2,3," + "9" * 3000, 14, "beyond 32768"),
        ("still:", 7, "a duration is missing"),
        ("still:@1,2,3,4", 7, "a duration is missing"),
        ("still:soon", 7, "not a duration"),
        ("still:30", 9, "write 30s".capitalize()),
        ("still:-3s", 7, "negative"),
        ("still:nan", 7, "'nan' is no duration"),
        ("still:inf s", 7, "'inf' is no duration"),
        ("still:0s", 7, "below 1ms"),
        ("still:0.0001ms", 7, "below 1ms"),
        ("still:169h", 7, "beyond 168h"),
        ("still:" + "9" * 3000 + "s", 7, "beyond 168h"),
        ("still:5d", 8, "unknown unit 'd'"),
        ("still:1e5s", 8, "unknown unit"),
        ("still:3s@", 10, "four numbers"),
        ("still:3s@1,2,3,0", 16, "no pixels"),
        ("text:a\x1b[31m", 7, "control character"),
        ("text:a\x00", 7, "control character"),
        ("text:\udcff", 6, "control character"),
    ],
)
def test_refusals_point_at_the_fault(condition: str, column: int | None, says: str | None) -> None:
    if column is None or says is None:
        assert str(parse(condition)) == condition
        return
    with pytest.raises(ConditionError, match=re.escape(says)) as caught:
        parse(condition)
    if column <= 200 and len(condition) < 200:
        assert caught.value.column == column
    message = str(caught.value).splitlines()
    assert len(message) == 3
    assert message[2].index("^") == caught.value.column + 1
    assert not any(character in str(caught.value) for character in "\x1b\x00\udcff")


def test_a_fault_far_out_is_shown_with_what_stands_around_it() -> None:
    with pytest.raises(ConditionError, match="column 508 of the whole") as caught:
        parse("text:/" + "a" * 500 + "/x")
    shown = caught.value.condition
    assert shown[caught.value.column - 1] == "x"
    assert len(shown) <= 200


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(ConditionError, match="4000 is the most"):
        parse("text:" + "x" * 4_000)
    with pytest.raises(ConditionError, match="2000 is the most"):
        parse("text:/" + "x" * 2_001 + "/")


def test_a_regex_that_would_need_much_memory_is_refused() -> None:
    with pytest.raises(ConditionError, match="bad regex"):
        parse("text:/" + "(((x{30}){30}){30})" * 30 + "/")


@pytest.mark.parametrize("value", [None, 3, b"text:foo", ["text:foo"]])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="a condition is a string"):
        parse(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a string"):
        rule.text(value)  # type: ignore[arg-type]


def test_constructors_make_what_the_words_make() -> None:
    assert rule.text("BUILD FAILED") == parse("text:BUILD FAILED")
    assert str(rule.text("/failed/i")) == "text:/failed/i"
    assert rule.gone("Loading") == parse("gone:Loading")
    assert rule.change(1, 2, 3, 4) == parse("change:1,2,3,4")
    assert rule.still("30s") == parse("still:30s")
    assert rule.still("30s", region=(0, 0, 640, 480)) == parse("still:30s@0,0,640,480")
    assert rule.still("30s", region=Rect(0, 0, 640, 480)) == parse("still:30s@0,0,640,480")


def test_constructors_refuse_like_the_words() -> None:
    with pytest.raises(ConditionError, match="nothing to look for"):
        rule.text("")
    with pytest.raises(ConditionError, match="negative"):
        rule.change(0, 0, -1, 4)
    with pytest.raises(ConditionError, match="whole number"):
        rule.change(0, 0, 1.5, 4)  # type: ignore[arg-type]
    with pytest.raises(ConditionError, match="30 of what"):
        rule.still("30")
    with pytest.raises(ConditionError, match="four numbers"):
        rule.still("30s", region=(1, 2, 3))  # type: ignore[arg-type]


def test_conditions_are_values() -> None:
    assert parse("text:a b") == parse("text:a b")
    assert len({parse("text:/a/i"), parse("text:/a/i"), parse("text:/a/")}) == 2
    with pytest.raises(AttributeError):
        parse("text:a").source = "text:b"  # type: ignore[misc]


@settings(deadline=None, max_examples=400)
@given(st.text(max_size=60) | st.text(alphabet="textgonechangestill:/@,.0123456789-smh\\()[]*+? ", max_size=60))
def test_whatever_is_written_is_understood_or_refused(words: str) -> None:
    refusal: ConditionError | None = None
    condition: Condition | None = None
    try:
        condition = parse(words)
    except ConditionError as error:
        refusal = error
    if condition is not None:
        assert parse(str(condition)) == condition
    else:
        assert refusal is not None
        assert 1 <= refusal.column <= len(refusal.condition) + 1


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 9_999)] * 2, *[st.integers(1, 9_999)] * 2))
def test_every_sound_region_is_taken(region: tuple[int, int, int, int]) -> None:
    condition = rule.change(*region)
    assert isinstance(condition, ChangeCondition)
    assert condition.region == Rect(*region)
