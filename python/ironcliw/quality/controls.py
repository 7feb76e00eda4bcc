"""Detectors whose score is known beforehand: if the scorer lets one of these pass, it measures nothing.

for name, control in MUST_FAIL.items():
    below(Totals.of([score_recording(truth, control(truth))]))     # never empty

They watch nothing; they know the truth and report it wrongly. ``perfect`` reports it rightly and must pass.
"""

from __future__ import annotations

from collections.abc import Callable

from ironcliw.frame import Rect
from ironcliw.quality.matching import Spans
from ironcliw.quality.observing import Alert, Observed, TextSeen
from ironcliw.quality.told import Told, unprompted_types
from ironcliw.quality.truth import Truth

EVERY_S = 0.5
SHIFT_S = 2.0

AROUND_S = 30.0
"""How far from its label ``always`` shows a word: a minute of any word is wrong enough, and hours stay countable."""
MOMENTS_MAX = 20_000
"""Moments at which ``always`` says something, further apart in recordings of more than three hours."""

_NOWHERE = Rect(0, 0, 0, 0)


def silent(truth: Truth) -> Observed:
    """Never says anything."""
    return Observed()


def always(truth: Truth) -> Observed:
    """Fires every rule twice a second, speaks up unasked as often, and shows every word near its label as often."""
    every_s = max(EVERY_S, truth.duration_s / MOMENTS_MAX)
    moments = [count * every_s for count in range(int(truth.duration_s / every_s) + 1)]
    wanted: dict[str, list[tuple[float, float]]] = {}
    for event in truth.events:
        for words in dict.fromkeys(event.words):
            wanted.setdefault(words, []).append((event.window.due_s - AROUND_S, event.window.last_s + AROUND_S))
    near = [(words, Spans(spans)) for words, spans in wanted.items()]
    return Observed(
        tuple(Alert(condition, moment, moment) for moment in moments for condition in truth.conditions),
        tuple(
            TextSeen(words, _NOWHERE, moment, moment)
            for moment in moments
            for words, spans in near
            if spans.hold(moment)
        ),
        tuple(Told(unprompted_types()[-1], "", "", (_NOWHERE,), moment, moment) for moment in moments),
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
