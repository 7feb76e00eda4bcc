"""What the reference page shows is so."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from ironcliw.errors import ConditionError
from ironcliw.rule import parse
from ironcliw.rule.parse import CONDITION_LENGTH_MAX
from ironcliw.rule.pattern import REGEX_LENGTH_MAX
from ironcliw.rule.ruleset import CONDITIONS_MAX
from ironcliw.rule.sighting import SIGHTINGS_MAX

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "conditions.md").read_text(encoding="utf-8")
CALLED = ("stalled", "count", "object", "window", "image", "similar", "says", "incident")
SHOWN = [shown for shown in re.findall(r"`((?:text|gone|change|still):[^`]+)`", PAGE) if shown != "gone:/regex/flags"]


def test_the_page_shows_every_kind() -> None:
    assert {shown.partition(":")[0] for shown in SHOWN} == {"text", "gone", "change", "still"}


@pytest.mark.parametrize("shown", SHOWN)
def test_every_condition_shown_is_one(shown: str) -> None:
    assert str(parse(shown)) == shown


def test_the_python_shown_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, {})
    assert "'text:BUILD FAILED', 'text:/passed|failed/i', 'gone:Loading'" in capsys.readouterr().out


def test_the_refusal_shown_is_what_is_said() -> None:
    (shown,) = re.findall(r"```text\n>>> (.*?)```", PAGE, re.DOTALL)
    condition, _, said = shown.partition("\n")
    with pytest.raises(ConditionError) as caught:
        parse(condition)
    assert f"{caught.value}\n" == said


@pytest.mark.parametrize("limit", [CONDITION_LENGTH_MAX, REGEX_LENGTH_MAX, CONDITIONS_MAX, SIGHTINGS_MAX])
def test_the_limits_are_named(limit: int) -> None:
    assert f"{limit:,}" in PAGE


def test_the_grammar_shown_is_the_grammar() -> None:
    (shown,) = re.findall(r"```lark\n(.*?)```", PAGE, re.DOTALL)
    assert shown == resources.files("ironcliw.rule").joinpath("grammar.lark").read_text(encoding="utf-8")


def test_the_conditions_made_of_conditions_are_some() -> None:
    (block,) = re.findall(r"followed by more:\n\n```\n(.*?)```", PAGE, re.DOTALL)
    shown = block.splitlines()
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    atoms = [each for each in re.findall(r"`([^`]+)`", prose) if each.partition("(")[0] in CALLED]
    assert len(shown) >= 5
    assert len(atoms) >= 8
    for each in [*shown, *atoms]:
        parse(each)
