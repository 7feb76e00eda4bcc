"""Whatever stands on a screen, printing it steers nothing and hides nothing."""

from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw.action.printable import capped, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 12 %", "plain words, 12 %"),
        ("", ""),
        ("größer, 构建失败, שלום, 👍", "größer, 构建失败, שלום, 👍"),
        ("C:\\temp\\new", "C:\\temp\\new"),
        ("two\nlines\r\n\tin", "two\\nlines\\r\\n\\tin"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("\u2066a\u2069\u200f\u061c", "\\u2066a\\u2069\\u200f\\u061c"),
        ("z\u200be\u200dr\ufeffo\u2060", "z\\u200be\\u200dr\\ufeffo\\u2060"),
        ("so\u00adft", "so\\xadft"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ue000\U0010ffff", "\\ue000\\U0010ffff"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("a\ufe0f", "a\\ufe0f"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 50 + "x", "e" + "\u0301" * 4 + "x"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters()))
def test_nothing_shown_steers_or_hides(text: str) -> None:
    shown = printable(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    shown.encode()


@settings(deadline=None)
@given(st.text(), st.integers(1, 30))
def test_capped_never_cuts_an_escape(text: str, length_max: int) -> None:
    def escape(part: str) -> str:
        return html.escape(printable(part), quote=False)

    cut = capped(text, length_max, escape)
    assert len(cut) <= length_max
    if cut != escape(text):
        assert cut.endswith("…")
        assert escape(text).startswith(cut[:-1])
