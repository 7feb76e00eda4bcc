"""Plain words for a model, and conditions that were only misspelt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ironcliw.cli.plain_words import as_condition, dollars
from ironcliw.errors import SettingsError

DEPLOYED = "the deploy page shows a green check for api-server"


@pytest.mark.parametrize("words", [DEPLOYED, "somebody's build, it seems, has failed", "is the login form filled in?"])
def test_a_sentence_is_for_a_model(words: str):
    assert as_condition(words) == f'says("{words}")'


@pytest.mark.parametrize(
    "words",
    [
        "text:BUILD FAILED and it is late",
        'text:"a" and not text:"b"',
        "error",
        'says("the deploy is green")',
        "tetx:BUILD FAILED in the terminal",  # misspelt, each of them
        "text BUILD FAILED once more",
        "(error or permision) for five seconds",
        "BUILD FAILED",
        "progress is above ninety per cent",
    ],
)
def test_a_condition_well_spelt_or_not_is_none(words: str):
    assert as_condition(words) == words


@pytest.mark.parametrize(
    ("text", "amount"), [("20ct", 0.2), ("$0.20", 0.2), ("0.2usd", 0.2), ("1.5 $", 1.5), ("5c", 0.05)]
)
def test_money(text: str, amount: float):
    assert dollars(text) == pytest.approx(amount)


@pytest.mark.parametrize("text", ["20", "", "much", "-1ct", "1e3ct", "20000$", "ct", "nan$"])
def test_what_is_no_money_is_refused(text: str):
    with pytest.raises(SettingsError, match="--budget"):
        dollars(text)


def test_without_a_model_wait_says_what_is_missing(tmp_path: Path):
    command = [sys.executable, "-m", "ironcliw", "wait", DEPLOYED, "--source", "synthetic:terminal?seconds=5"]
    done = subprocess.run(
        command, env=os.environ, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "[model]" in done.stderr
    assert "text:WORDS" in done.stderr
