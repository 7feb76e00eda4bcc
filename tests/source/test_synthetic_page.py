"""The page on synthetic desktops: its examples run, and it leaves out no script, key, theme, font or kind of event."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ironcliw.source import open_source
from ironcliw.source.synthetic import FONTS, KINDS, NAMES, THEMES, Look, Script, truth
from ironcliw.source.synthetic.spec import KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "synthetic.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_examples_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "synthetic.md", "exec"), {})
    assert "print(" not in example or "3.0 text" in capsys.readouterr().out


def test_the_spec_in_the_shell_example_opens() -> None:
    (spec,) = re.findall(r'watch "(synthetic:[^"]+)"', PAGE)
    open_source(spec).open()


@pytest.mark.parametrize("word", [*NAMES, *KEYS, *THEMES, *FONTS])
def test_every_word_of_a_spec_is_there(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_every_kind_and_field_of_an_event_is_there() -> None:
    told = truth(Script.random(1, 900, KINDS), Look())["events"]
    assert all(f"`{event['type']}`" in PAGE for event in told)
    assert all(f"| `{field}` |" in PAGE for event in told for field in event)
