"""Detectors whose score is known beforehand: if the scorer lets one of these pass, it measures nothing.

for name, control in MUST_FAIL.items():
    below(Totals.of([score_recording(truth, control(truth))]))     # never empty

They watch nothing; they know the truth and report it wrongly. ``perfect`` reports it rightly and must pass.
"""

from __future__ import annotations

from collections.abc import Callable

from ironcliw.frame import Rect
from ironcliw.quality.observing import Alert, Observed, TextSeen
from ironcliw.quality.truth import Truth

EVERY_S = 0.5
SHIFT_S = 2.0

_NOWHERE = Rect(0, 0, 0, 0)


def silent(truth: Truth) -> Observed:
    """Never says anything."""
    return Observed()


def always(truth: Truth) -> Observed:
    """Fires every rule and shows every labelled word twice a second."""
    moments = [count * EVERY_S for count in range(int(truth.duration_s / EVERY_S) + 1)]
    words = list(dict.fromkeys(words for event in truth.events for words in event.words))
    return Observed(
        tuple(Alert(condition, moment, moment) for moment in moments for condition in truth.conditions),
        tuple(TextSeen(text, _NOWHERE, moment, moment) for moment in moments for text in words),
    )


def perfect(truth: Truth) -> Observed:
    """Says everything when it is due, and nothing else."""
    return _reported(truth, 0.0)


def shifted(truth: Truth) -> Observed:
    """Says everything, ``SHIFT_S`` too late."""
    return _reported(truth, SHIFT_S)


def _reported(truth: Truth, late_s: float) -> Observed:
    alerts = {
        (window.due_s + late_s, expectation.condition)
        for expectation in truth.expectations
        for window in expectation.windows
        if window.due_s < expectation.ignore_from_s
    }
    texts = [(event.window.last_s + late_s, text) for event in truth.events for text in dict.fromkeys(event.words)]
    return Observed(
        tuple(Alert(condition, moment, moment) for moment, condition in sorted(alerts)),
        tuple(TextSeen(text, _NOWHERE, moment, moment) for moment, text in sorted(texts)),
    )


MUST_FAIL: dict[str, Callable[[Truth], Observed]] = {"silent": silent, "always": always, "shifted": shifted}
