"""What a line of text says at a glance: a network of a fifth of the work, believed where nothing speaks against it.

reading = QuickRecogniser(network).read(crop)      # None: read it with the recogniser
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ironcliw.text.paddle.decode import Decoder, Reading
from ironcliw.text.paddle.picture import Pixels, network_input
from ironcliw.text.paddle.pieces import read_in_pieces, upright
from ironcliw.text.paddle.scripts import listed, softmax
from ironcliw.text.paddle.session import Network
from ironcliw.text.paddle.unread import STEP_PX, ink_of

SURE = 0.9
"""Where each character is at least so probable, the line is believed.

Of the columns of 809 different lines of labelled screens 62 % are then believed, with 8 of 15,586 characters other
than the recogniser reads them.
"""

LEAST_SPACE_PX, LARGEST_GAP_PX = 8, 14
"""Blank columns, at 48 pixels of height, that a space has at least, and that may stand where none is said."""

LEAST_SPACE_SHARE = 0.6
"""Share of the usual width of a line's spaces that the narrowest has at least: fixed-width dots are parted, too."""

Probabilities = NDArray[np.float32]
"""(steps, characters)."""

LEAST_LENGTH = 10
"""Shorter lines are icons, clocks and counts as often as words, with nothing to tell them by, and cost little."""

LIKENESS = re.compile("[a-z][BHKMT]")
"""Small letters before such a capital: words in Cyrillic that look like Latin ones ("cepBep") more often than not."""

MIXED = re.compile(r"(?=\w*\d)(?=\w*[A-Za-z])\w+")
"""Words of letters and digits: no prose tells a zero from an O there."""

ROUND = "0oO"
ROUND_SHARE = 0.01
"""In such words each of ROUND is believed where no other of them has this share of its probability.

Of 1,200 rendered lines with hashes, or with words such as "code42", 20 zeros were read as an "o"; each had left the
zero 0.008 or more, three of four true letters less than 0.006.
"""


class QuickRecogniser:
    """Reads lines in Latin script, or says that it had better not. The same crop always gives the same answer.

    The network has no attention and no memory: it sees each part of a line for itself. It errs about blanks, and about
    letters that differ in little; both shows in its probabilities and in the gaps between the ink.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        characters = listed(network, "characters")
        self._characters = characters
        self._space = characters.index(" ")
        self._round = [characters.index(character) for character in ROUND]
        self._decoder = Decoder(characters, rivals={})

    def read(self, crop: Pixels) -> Reading | None:
        """The text in ``crop`` (a single line) with its confidence, 0 to 1, or None where it is in doubt."""
        return read_in_pieces(upright(crop), self._read_piece)

    def _read_piece(self, canvas: Pixels) -> Reading | None:
        logits, other = self._network.run(network_input(canvas))
        if (other[0] > logits[0].max(axis=1)).any():
            return None  # a character of another script
        probabilities = softmax(logits[0])
        said = list(_said(probabilities))
        if any(sureness < SURE for character, sureness, _ in said if character != self._space):
            return None
        if self._confuses_round(said, probabilities):
            return None
        spaces = [steps for character, _, steps in said if character == self._space]
        if not _spaces_fit(_gaps(ink_of(canvas)), spaces):
            return None
        reading = self._decoder.decode(probabilities)
        return None if len(reading.text) < LEAST_LENGTH or LIKENESS.search(reading.text) else reading

    def _confuses_round(self, said: list[tuple[int, float, tuple[int, int]]], probabilities: Probabilities) -> bool:
        """Whether a zero may be a letter, or a letter a zero, where the word does not tell."""
        line = "".join(self._characters[character] for character, _, _ in said)
        if len(line) != len(said):
            return True
        for word in MIXED.finditer(line):
            for character, sureness, (first, end) in said[word.start() : word.end()]:
                if character in self._round:
                    others = [other for other in self._round if other != character]
                    if probabilities[first:end, others].max() >= ROUND_SHARE * sureness:
                        return True
        return False


def _said(probabilities: Probabilities) -> Iterator[tuple[int, float, tuple[int, int]]]:
    """Each character said: its column, its probability at the surest of its steps, and the steps, half-open."""
    best = probabilities.argmax(axis=1)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    for start, end in pairwise(edges):
        if best[start]:
            yield int(best[start]), float(probabilities[start:end, best[start]].max()), (start, end)


def _gaps(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges of blank columns between those that hold ink."""
    columns = np.flatnonzero(ink.any(axis=0))
    breaks = np.flatnonzero(np.diff(columns) > 1)
    return list(zip((columns[breaks] + 1).tolist(), columns[breaks + 1].tolist(), strict=True))


def _spaces_fit(gaps: list[tuple[int, int]], spaces: list[tuple[int, int]]) -> bool:
    """Whether spaces are said where the ink parts widest, and only there."""
    within = {gap: gap[1] - gap[0] for gap in gaps}
    widths: list[int] = []
    for first, end in spaces:
        near = [gap for gap in gaps if gap[0] < (end + 1) * STEP_PX and gap[1] > (first - 1) * STEP_PX]
        widest = max(near, key=lambda gap: gap[1] - gap[0], default=(0, 0))
        within.pop(widest, None)
        widths.append(widest[1] - widest[0])
    widths.sort()
    least = max(LEAST_SPACE_PX, LEAST_SPACE_SHARE * widths[len(widths) // 2]) if widths else LARGEST_GAP_PX + 1
    narrowest = widths[0] if widths else LARGEST_GAP_PX + 1
    return narrowest >= least and max(within.values(), default=0) < narrowest
