"""The language of conditions: what is written comes back, and what is not understood is refused where it stands."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.rule import Condition, IncidentCondition, TextCondition, parse
from ironcliw.rule import expression as ast
from ironcliw.rule.condition import ChangeCondition, GoneCondition, StillCondition
from ironcliw.rule.hours import Hours
from ironcliw.rule.pattern import Phrase, phrase, regex
from rounds import rounds

SECOND = 1_000_000_000

_words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda words: bool(words.strip()) and _settled(words)
)


def _settled(words: str) -> bool:
    try:
        folded = phrase(words).words
        return phrase(folded).words == folded
    except ValueError:
        return False


_patterns = st.one_of(
    _words.map(phrase),
    st.sampled_from([("error\\[E\\d+\\]", "i"), ("a|b", ""), ("x\\/y", "ims")]).map(lambda each: regex(*each)),
)
_durations = st.integers(1, 7 * 86_400_000).map(lambda millis: millis * 1_000_000)
_regions = st.builds(Rect, st.integers(0, 999), st.integers(0, 999), st.integers(1, 999), st.integers(1, 999))
_comparisons = st.sampled_from([">=", "<=", ">", "<", "="])
_hours = st.builds(
    lambda days, begin, length: Hours(tuple(sorted(days)), begin, (begin + length) % 1440),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1439),
) | st.sets(st.integers(0, 6), min_size=1).map(lambda days: Hours(tuple(sorted(days))))


def _written(pattern: object) -> str:
    return ast.written_pattern(pattern)  # type: ignore[arg-type]


_atoms = st.one_of(
    _patterns.map(lambda pattern: TextCondition(pattern, f"text:{_written(pattern)}")),
    _patterns.map(lambda pattern: GoneCondition(pattern, f"gone:{_written(pattern)}")),
    _regions.map(lambda region: ChangeCondition(region, f"change:{ast.written_region(region)}")),
    _durations.map(lambda length: StillCondition(length, None, f"still:{ast.written_duration(length)}")),
    st.sampled_from(["error", "dialog", "success", "progress", "stall"]).map(
        lambda kind: IncidentCondition(kind, None, kind)
    ),
    _patterns.map(lambda pattern: IncidentCondition("dialog", pattern, f"dialog:{_written(pattern)}")),
    st.just(ast.BlindCondition()) | st.just(ast.ChangedCondition()),
    st.builds(ast.CountCondition, _patterns, _comparisons, st.integers(0, 999)),
    st.builds(
        lambda pattern, how, number: ast.ProgressCondition(pattern, "value", how, float(number)),
        st.none() | _patterns,
        _comparisons,
        st.integers(0, 100),
    ),
    st.builds(lambda how, length: ast.ProgressCondition(None, "eta", how, float(length)), _comparisons, _durations),
    st.builds(ast.StalledCondition, _durations),
    st.builds(ast.ImageCondition, _words, st.none() | _regions),
    st.builds(ast.SimilarCondition, _words),
    st.builds(ast.ObjectCondition, st.sampled_from(["button", "dialog", "window"]), st.none() | _patterns),
    st.builds(ast.WindowCondition, st.sampled_from(["title", "app"]), _patterns),
    st.builds(ast.SaysCondition, _words),
)


def _combined(part: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(part, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.And, several),
        st.builds(ast.Or, several),
        st.builds(ast.Not, part),
        st.builds(ast.Then, part, part, _durations),
        st.builds(ast.For, part, _durations),
        st.builds(ast.InRegion, part, _regions),
        st.builds(ast.InWindow, part, _patterns),
        st.builds(ast.During, part, _hours),
    )


@settings(deadline=None, max_examples=rounds(short=120, full=10_000))
@given(st.recursive(_atoms, _combined, max_leaves=6))
def test_every_condition_is_written_so_that_it_comes_back(condition: Condition) -> None:
    assert parse(str(condition)) == condition


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ('text:"a" and text:"b" or error', '(text:"a" and text:"b") or error'),
        ('text:"a" or text:"b" and error', 'text:"a" or (text:"b" and error)'),
        ("not error for 5s", "(not error) for 5s"),
        ('text:"a" and error for 5s', 'text:"a" and (error for 5s)'),
        ("error then dialog within 5s or blind", "(error then dialog within 5s) or blind"),
        ("error and dialog then success within 5s", "(error and dialog) then success within 5s"),
        ("error for 5s during Mon-Fri", "(error for 5s) during Mon-Fri"),
        ("incident(error)", "error"),
        ("stalled", "stall"),
        ("changed(1,2,3,4) or error", "change:1,2,3,4 or error"),
        ("error during Sat-Mon 9:00-17:00", "error during Mon,Sat-Sun 09:00-17:00"),
    ],
)
def test_what_binds_how(written: str, means: str) -> None:
    assert parse(written) == parse(means)


def test_words_without_quotes_go_on_to_the_end_as_ever() -> None:
    for words in ("text:ready and waiting", "text:meet for 5s", "text:in 1,2,3,4", "text:'tis done", "gone:a or b"):
        assert str(parse(words)) == words
    assert parse('text:"BUILD FAILED"') == TextCondition(Phrase("build failed"), 'text:"build failed"')
    assert parse('text:\\"quoted').pattern == Phrase('"quoted')  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("written", "column", "says"),
    [
        ("text:hello and text:foo", 12, "quoted"),
        ("text:hello and not text:foo", 12, "quoted"),
        ('text:hello or (gone:"x")', 12, "quoted"),
        ("gone:x then progress:y", 8, "quoted"),
        ('text:"hello', 6, "not closed"),
        ('text:"a" adn error', 10, "did you mean 'and'"),
        ("not text:BUILD", 10, "quoted"),
        ("text:/a/ and", 13, "a condition such as"),
        ("(error or blind", 16, "')'"),
        ("error)", 6, "the end"),
        ("error during 25:00-3:00", 14, "no time 25:00"),
        ("error during 9:00-9:00", 19, "end when they begin"),
        ("error in 1,2,0,4", 14, "no pixels"),
        ("error for 0s", 11, "below 1ms"),
        ("error then dialog", 18, "'within'"),
        ("progress > 10s", 12, "a percentage"),
        ("progress eta < 10%", 16, "a duration"),
        ("text:/a(b/ and error", 7, "missing )"),
        ('text:"  "', 6, "nothing stands"),
        ('count(text:"x") > 1000', 19, "999"),
        ("not " * 40 + "error", 1, "more than 32 deep"),
        ("object(dialgo)", 8, "did you mean 'dialog'"),
    ],
)
def test_refusals_point_where_it_stops_being_a_condition(written: str, column: int, says: str) -> None:
    with pytest.raises(ConditionError, match=re.escape(says)) as caught:
        parse(written)
    assert caught.value.column == column


def _read(written: str) -> tuple[Condition | None, ConditionError | None]:
    try:
        return parse(written), None
    except ConditionError as error:
        return None, error


def test_ten_thousand_strings_are_understood_or_refused() -> None:
    rng = random.Random(6)
    pieces = (
        *('text:"a"', "error", "not", "and", "or", "then", "within", "for", "5s", "in", "1,2,3,4", "during", "Mon-Fri"),
        *("9:00-17:00", "(", ")", "/a|b/i", "count(", ">=", "90%", "progress", "eta", "'x'", '"', "window", "\\", "\n"),
        *("text:", "gone:", "é", "\x00", ":", "stalled(", "image(", "says(", "1%/s", "@", "blind", ",", "\ud800"),
    )
    refused = 0
    for _ in range(10_000):
        written = rng.choice(("", " ")).join(rng.choice(pieces) for _ in range(rng.randrange(1, 14)))
        condition, error = _read(written)
        refused += error is not None
        if error is not None:
            assert 1 <= error.column <= len(error.condition) + 1
            assert "\x00" not in str(error)
        else:
            assert parse(str(condition)) == condition
    assert 5_000 < refused < 10_000


@pytest.mark.parametrize("opening", ["(", "not ", "((error) and ", 'text:"a" or (', "not (not "])
def test_a_million_levels_are_refused_without_being_walked(opening: str) -> None:
    parse("not error")  # the grammar is read once
    for length in (10**6, 3_900):
        started = time.process_time()
        with pytest.raises(ConditionError):
            parse((opening * (length // len(opening) + 1))[:length])
        assert time.process_time() - started < 5.0  # a walk through them takes minutes
