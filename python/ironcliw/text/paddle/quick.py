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
from ironcliw.text.paddle.spacing import Steps, glyphs_unsaid, spaces_fit, stretches_of_ink
from ironcliw.text.paddle.unread import ink_of

SURE = 0.9
"""Where each character is at least so probable, the line is believed.

Of the columns of 809 different lines of labelled screens 62 % were then believed (before decision 29), with 8 of 15,586
characters other than the recogniser reads them.
"""

Probabilities = NDArray[np.float32]
"""(steps, characters)."""

Said = tuple[int, float, Steps]
"""A character: its column, its probability at the surest of its steps, and the steps."""

LEAST_LENGTH = 10
"""Shorter lines are icons, clocks and counts as often as words, with nothing to tell them by, and cost little."""

LIKENESS = re.compile("[a-z][BHKMT]")
"""Small letters before such a capital: words in Cyrillic that look like Latin ones ("cepBep") more often than not."""

MIXED = re.compile(r"(?=\w*\d)(?=\w*[A-Za-z])\w+")
"""Words of letters and digits: no prose tells a zero from an O there."""

NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
"""Words of digits alone: a "1" that may only be an "l" besides is a "1" there.

In DejaVu Sans Mono the second of "11" leaves the "l" up to 0.48; of the few lines tried with "ll" or "II" no digit came
out.
"""

ROUND = "0oO"
ROUND_SHARE = 0.01
"""In such words each of ROUND is believed where no other of them has this share of its probability.

Of 1,200 rendered lines with hashes, or with words such as "code42", 20 zeros were read as an "o"; each had left the
zero 0.008 or more, three of four true letters less than 0.006.
"""


HEXADECIMAL = re.compile(r"\b(?=\w*\d)(?=\w*[lI])[0-9a-fA-FlIO]{4,}\b")
"""Where all else may be a hexadecimal digit, what is said to be an "l" is a "1" that the network is sure is none."""


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
        self._one_or_l = [characters.index(character) for character in "1l"]
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
        line = "".join(self._characters[character] for character, _, _ in said)
        if len(line) != len(said) or self._is_doubtful(line, said, probabilities):
            return None
        ink = stretches_of_ink(ink_of(canvas))
        spaces = [steps for character, _, steps in said if character == self._space]
        if not spaces_fit(spaces, ink) or glyphs_unsaid(line, [steps for _, _, steps in said], ink):
            return None
        reading = self._decoder.decode(probabilities)
        return reading if len(reading.text) >= LEAST_LENGTH else None

    def _is_doubtful(self, line: str, said: list[Said], probabilities: Probabilities) -> bool:
        """Whether characters of ``line`` may be others of the same script."""
        if LIKENESS.search(line) or HEXADECIMAL.search(line):
            return True
        unsure = {
            number
            for number, (character, sureness, _) in enumerate(said)
            if character != self._space and sureness < SURE
        }
        for word in NUMBER.finditer(line):
            unsure.difference_update(n for n in range(*word.span()) if self._is_one(said[n], probabilities))
        mixed = (said[number] for word in MIXED.finditer(line) for number in range(*word.span()))
        return bool(unsure) or any(self._confuses_round(each, probabilities) for each in mixed)

    def _is_one(self, one: Said, probabilities: Probabilities) -> bool:
        """Whether a character of a number is a "1": said to be, and nothing else but an "l" beside."""
        character, _, (first, end) = one
        both = probabilities[first:end, self._one_or_l].sum(axis=1).max()
        return character == self._one_or_l[0] and bool(both >= SURE)

    def _confuses_round(self, one: Said, probabilities: Probabilities) -> bool:
        """Whether a zero may be a letter, or a letter a zero, where the word does not tell."""
        character, sureness, (first, end) = one
        others = [other for other in self._round if other != character]
        return character in self._round and bool(probabilities[first:end, others].max() >= ROUND_SHARE * sureness)


def _said(probabilities: Probabilities) -> Iterator[Said]:
    best = probabilities.argmax(axis=1)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    for start, end in pairwise(edges):
        if best[start]:
            yield int(best[start]), float(probabilities[start:end, best[start]].max()), (start, end)
