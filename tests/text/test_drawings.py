"""What is left out of readings because it is drawn, not written."""

import pytest

from ironcliw.frame import Rect
from ironcliw.text.paddle.engine import is_drawing


@pytest.mark.parametrize(
    ("text", "width", "height", "confidence"),
    [
        ("O", 12, 12, 0.58),  # an icon
        ("θ7", 25, 15, 0.69),  # two icons
        ("+", 173, 9, 0.91),  # the frame of a table
        ("________", 86, 1, 0.74),  # a rule
        ("EEEEEE", 46, 4, 0.7),  # a row of dashes
    ],
)
def test_icons_and_rules_are_left_out(text: str, width: int, height: int, confidence: float):
    assert is_drawing(text, Rect(0, 0, width, height), confidence)


@pytest.mark.parametrize(
    ("text", "width", "height", "confidence"),
    [
        ("7", 8, 12, 0.97),  # a counter
        ("OK", 18, 12, 0.92),
        ("No", 20, 12, 0.75),
        ("No!", 26, 12, 0.55),
        ("......", 60, 2, 0.8),  # tests that pass
        ("...", 20, 3, 0.6),
        ("run", 24, 7, 0.9),
        ("—— 3 passed ——", 200, 11, 0.9),
    ],
)
def test_what_is_written_stays(text: str, width: int, height: int, confidence: float):
    assert not is_drawing(text, Rect(0, 0, width, height), confidence)
