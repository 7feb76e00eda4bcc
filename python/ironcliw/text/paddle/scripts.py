"""Characters beyond Latin script: asked for at the few steps of a line where no Latin character fits.

scripts = Scripts(lambda: Network(files.scripts, threads=1), classes)
probabilities, further = scripts.probabilities(logits, features)
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import ModelError
from ironcliw.text.paddle.session import Network

DOUBTFUL = 15.0
"""A step whose best Latin character, or blank, scores less than this may show another script.

Measured on rendered lines: at steps that show Chinese, Japanese or Greek the best Latin score was 13.6 at most, its
median on Latin lines is 23. A step asked in vain costs a tenth of a millisecond.
"""

STEPS_AT_ONCE = 64
"""Bounds what the network holds beside its result: each step has 75 kB of probabilities."""


class Scripts:
    """The recogniser's full last layer; its network is opened the first time that a step asks for it."""

    def __init__(self, open_network: Callable[[], Network], classes: Sequence[int]) -> None:
        self._open_network = open_network
        self._classes = np.asarray(classes, np.intp)
        self._loaded: tuple[Network, list[str], NDArray[np.bool_]] | None = None
        self._loading = threading.Lock()

    def probabilities(
        self, logits: NDArray[np.float32], features: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], list[str]]:
        """From (steps, Latin characters) scores and (steps, n) features: probabilities, and what further columns name.

        float32; first the Latin characters' columns, then one for each other character that wins a step.
        """
        latin = softmax(logits)
        doubtful = np.flatnonzero(logits.max(axis=1) < DOUBTFUL)
        if doubtful.size == 0:
            return latin, []
        network, characters, others = self._full()
        full = _run(network, features[doubtful])
        if not others[full.argmax(axis=1)].any():
            latin[doubtful] = full[:, self._classes]
            return latin, []
        # A line that shows another script may show its likenesses of Latin letters, too: all its steps are asked.
        full = _run(network, features)
        best = full.argmax(axis=1)
        classes = np.unique(best[others[best]])
        return np.hstack((full[:, self._classes], full[:, classes])), [characters[index] for index in classes]

    def _full(self) -> tuple[Network, list[str], NDArray[np.bool_]]:
        with self._loading:  # lines are read by several threads
            if self._loaded is None:
                network = self._open_network()
                characters = listed(network, "characters")
                others = np.ones(len(characters), np.bool_)
                others[self._classes] = False
                self._loaded = network, characters, others
            return self._loaded


def _run(network: Network, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """(steps, all characters) probabilities, STEPS_AT_ONCE in one run."""
    parts = [features[first : first + STEPS_AT_ONCE] for first in range(0, len(features), STEPS_AT_ONCE)]
    return np.concatenate([network.run(part)[0] for part in parts])


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of (steps, characters) scores, along the characters."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def listed(network: Network, key: str) -> list[str]:
    """A list that set-up stored in the network's file. ModelError where there is none."""
    text = network.metadata(key)
    if text is None:
        raise ModelError(f"the recognition model does not carry its list of {key}: run make setup")
    return json.loads(text)
