"""From the recogniser's output to text: greedy CTC decoding.

reading = decoded(probabilities, characters)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Reading(NamedTuple):
    """A line's text and the mean probability of its characters, 0 to 1 (0 for no text)."""

    text: str
    confidence: float


def decoded(probabilities: NDArray[np.float32], characters: Sequence[str]) -> Reading:
    """The most probable character at each step, repeats and blanks (character 0) removed.

    probabilities: (steps, characters) float32
    """
    best = probabilities.argmax(axis=1)
    starts = np.flatnonzero((best != 0) & (np.concatenate(([0], best[:-1])) != best))
    text = "".join(characters[index] for index in best[starts])
    if not text.strip():
        return Reading("", 0.0)
    return Reading(text.strip(), float(probabilities[starts, best[starts]].mean()))
