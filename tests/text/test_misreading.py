"""Which strings may be readings of one, and which never are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.text.misreading import misread


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("build failed", "BUILD FAILED"),
        ("build failed", "BU1LD FAlLED"),
        ("build failed", "buildfailed"),
        ("modern", "modem"),
        ("can't", "cant"),
        ("8 of 20", "B of 2O"),
        ("cannot open the file", "cannot open tbe file"),
        ("one, two", "one. two"),
        ("", ""),
    ],
)
def test_readings_of_one(a: str, b: str) -> None:
    assert misread(a, b)
    assert misread(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("integration tests passed", "integration tests failed"),
        ("3 failed", "4 failed"),
        ("1 failed", "11 failed"),
        ("took 1.5 seconds", "took 15 seconds"),
        ("all the tests ✓", "all the tests ✗"),
        ("balance: -5 euro", "balance: 5 euro"),
        ("!?", "??"),
        ("on", "of"),
        ("the service is up now", "the service is now up"),
        ("you can deploy it", "you can not deploy it"),
    ],
)
def test_never_readings_of_one(a: str, b: str) -> None:
    assert not misread(a, b)
    assert not misread(b, a)


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_no_two_numbers_are_readings_of_one(a: int, b: int) -> None:
    assert misread(f"{a} tests failed", f"{b} tests failed") == (a == b)


@settings(deadline=None)
@given(st.text())
def test_every_text_is_a_reading_of_itself(text: str) -> None:
    assert misread(text, text)
