"""What cannot be meant is refused at once, in one line that names it."""

import math

import numpy as np
import pytest

import ironcliw
from ironcliw.errors import SettingsError

FRAMES = [np.zeros((16, 16, 3), np.uint8)]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"threshold": -1}, "threshold must be 0 to 195075, not -1"),
        ({"threshold": math.nan}, "threshold"),
        ({"threshold": 195_076}, "threshold"),
        ({"when": [3]}, "a condition must be a string such as 'text:BUILD FAILED', not int"),
        ({"when": ["text:x"]}, "text is not read"),
        ({"when": ["gone:x"]}, "text is not read"),
    ],
)
def test_of_a_watch_and_a_monitor(options, says):
    with pytest.raises(SettingsError, match=says):
        ironcliw.watch(FRAMES, text=False, **options)
    with pytest.raises(SettingsError, match=says):
        ironcliw.Monitor(text=False, **options)


@pytest.mark.parametrize("options", [{"interval_s": 0}, {"interval_s": math.nan}, {"channels": "xyz"}])
def test_of_a_monitor(options):
    with pytest.raises(SettingsError):
        ironcliw.Monitor(text=False, **options)


@pytest.mark.parametrize("timeout_s", [-1, math.nan, math.inf, 1e30])
def test_a_timeout(timeout_s):
    with pytest.raises(SettingsError, match="timeout_s must be"):
        ironcliw.wait("change:0,0,8,8", FRAMES, timeout_s=timeout_s, text=False)


def test_one_condition_needs_no_list():
    for one in ("change:0,0,8,8", ironcliw.change(0, 0, 8, 8)):
        with ironcliw.watch(FRAMES, when=one, pace="max", text=False) as running:
            assert len(running.rules.conditions) == 1
        assert next(ironcliw.Monitor(one, text=False).process(FRAMES)).sequence == 0
