"""Phrases and regexes match what they should, in time linear to the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.rule.pattern import MATCHES_MAX, RegexError, longest_literal, phrase, plain, regex


def found(pattern: str, text: str) -> list[str]:
    text = plain(text)
    return [text[start:end] for start, end in phrase(pattern).find(text)]


@pytest.mark.parametrize(
    ("words", "text", "matches"),
    [
        ("BUILD FAILED", "the build failed again", ["build failed"]),
        ("build  failed", "BUILD \t FAILED", ["BUILD FAILED"]),
        ("fail", "FAILED, failing", ["FAIL", "fail"]),
        ("aa", "aaaaa", ["aa", "aa"]),
        ("build failed", "build was failed", []),
        ("strasse", "Die Straße hier", ["Straße"]),
        ("STRASSE", "xßß straße", ["straße"]),
        ("ﬁle", "no such file", ["file"]),
        ("Error:5", "Error\uff1a\uff15", ["Error:5"]),
        ("İstanbul", "İSTANBUL", ["İSTANBUL"]),
        ("构建失败", "今天构建失败了", ["构建失败"]),
        ("café", "cafe\u0301 au lait", ["café"]),
        ("...", "Loading…", ["..."]),
        ("a b", "a\u00a0\u3000b", ["a b"]),
    ],
)
def test_phrases(words: str, text: str, matches: list[str]) -> None:
    assert found(words, text) == matches


def test_a_phrase_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        phrase(" \u3000 ")


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "matches"),
    [
        (r"\d+ errors?", "", "12 errors, 1 error", ["12 errors", "1 error"]),
        ("failed", "", "FAILED", []),
        ("failed", "i", "FAILED", ["FAILED"]),
        ("a.b", "", "a\nb", []),
        ("a.b", "s", "a\nb", ["a\nb"]),
        ("^b", "", "a\nb", []),
        ("^b", "m", "a\nb", ["b"]),
        ("A.B$", "ims", "x\na\nb", ["a\nb"]),
        (r"a\/b", "", "a/b", ["a/b"]),
        (r"x|\b", "", "x y", ["x"]),
        ("\uff08\uff15\uff09", "", "(5)", ["(5)"]),
        ("[\uff08]", "", "((", ["(", "("]),
        ("…done", "", "...done", ["...done"]),
    ],
)
def test_regexes(pattern: str, flags: str, text: str, matches: list[str]) -> None:
    assert [text[start:end] for start, end in regex(pattern, flags).find(text)] == matches


def test_positions_count_characters_not_bytes() -> None:
    assert regex("失败").find("构建失败 失败") == [(2, 4), (5, 7)]


def test_matches_are_bounded() -> None:
    assert len(regex(".").find("x" * 5_000)) == MATCHES_MAX
    assert len(phrase("x").find("x" * 5_000)) == MATCHES_MAX


def test_patterns_that_choke_other_engines_answer() -> None:
    assert regex("(a+)+$").find("a" * 20_000 + "b") == []
    assert regex("(a|aa|a?)+x", "i").find("a" * 20_000) == []
    assert regex("(.*)(.*)(.*)(.*)(.*)y").find("x" * 20_000) == []


@pytest.mark.parametrize(
    ("pattern", "offset", "says"),
    [("ab(c", 0, "missing )"), ("ab[z-a]", 3, "range"), (r"ab\q", 2, "escape"), ("a*", 0, "no text at all")],
)
def test_bad_regexes_say_where(pattern: str, offset: int, says: str) -> None:
    with pytest.raises(RegexError, match=says.replace(")", r"\)")) as caught:
        regex(pattern)
    assert caught.value.offset == offset
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("BUILD FAILED", "BUILD FAILED"),
        ("passed|failure", "failure"),
        (r"\d+ errors? found", "error"),
        (r"^\s*Finished (in|at) \d+", "Finished"),
        ("[abc]def[ghi]j", "def"),
        (r"a\.b\.c", "a.b.c"),
        ("ab{2,30}cd", "cd"),
        ("(?i)foo", "foo"),
        ("(?:foo)barn", "barn"),
        ("(?P<name>foo)", "foo"),
        (r"\d\w\s", ""),
        ("x{", ""),
        ("a(?", "a"),
        ("", ""),
        ("\\", "\\"),
    ],
)
def test_the_longest_literal_of_a_pattern(pattern: str, literal: str) -> None:
    assert longest_literal(pattern) == literal


@settings(deadline=None)
@given(st.text(alphabet="ab\\[](){}?*+|^$.1:<>P-", max_size=30))
def test_the_longest_literal_never_fails(pattern: str) -> None:
    assert len(longest_literal(pattern)) <= len(pattern)


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=10))
def test_a_phrase_finds_itself_in_any_surroundings(around: str, words: str) -> None:
    text = plain(f"{around} «{words}» {around}")
    try:
        pattern = phrase(words)
    except ValueError:
        return
    spans = pattern.find(text)
    assert spans
    assert all(pattern.words in text[start:end].casefold() for start, end in spans)


@settings(deadline=None)
@given(st.text())
def test_plain_text_is_plain_already(text: str) -> None:
    assert plain(plain(text)) == plain(text)
