"""What a line of text says at a glance: a network of a fifth of the work, believed where nothing speaks against it.

parts = QuickRecogniser(network).glance(canvas)      # those without a reading are for the recogniser
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.text.paddle.decode import Decoder, Reading
from ironcliw.text.paddle.picture import Pixels, network_input
from ironcliw.text.paddle.pieces import read_in_pieces, upright
from ironcliw.text.paddle.scripts import listed, softmax
from ironcliw.text.paddle.session import Network
from ironcliw.text.paddle.spacing import Steps, gaps_of_spaces, glyphs_unsaid, stretches_of_ink
from ironcliw.text.paddle.unread import ink_of

SURE = 0.9
"""Where each character is at least so probable, the line is believed.

Of the columns of 809 different lines of labelled screens 62 % are then believed, with 8 of 15,586 characters other
than the recogniser reads them.
"""

Probabilities = NDArray[np.float32]
"""(steps, characters)."""

Said = tuple[int, float, Steps]
"""A character: its column, its probability at the surest of its steps, and the steps."""

MOST_AGAIN = 0.6
"""Share of a line's columns up to which doubtful words alone are read again: beyond, the line is read as a whole."""

TELLING = 4
"""Letters that are enough to tell how high small ones are."""

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


HEXADECIMAL = re.compile(r"\b(?=\w*\d)(?=\w*[lI])[0-9a-fA-FlIO]{4,}\b")
"""Where all else may be a hexadecimal digit, what is said to be an "l" is a "1" that the network is sure is none."""


class Part(NamedTuple):
    """Words of a line that stand side by side, in half-open columns of its canvas; no reading: they are in doubt."""

    columns: tuple[int, int]
    reading: Reading | None


class QuickRecogniser:
    """Reads lines in Latin script, or says where it had better not. The same crop always gives the same answer.

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
        """The text in ``crop`` (a single line) with its confidence, 0 to 1, or None where any of it is in doubt."""
        return read_in_pieces(upright(crop), self._read_piece)

    def _read_piece(self, canvas: Pixels) -> Reading | None:
        parts = self.glance(canvas)
        return parts[0].reading if len(parts) == 1 else None

    def glance(self, canvas: Pixels) -> list[Part]:
        """The line in ``canvas``, (48, 8 * steps, 4) uint8, in its order, parted at spaces.

        A single part is the whole line. Of more than one some are in doubt, each with a word beside it that tells how
        high its small letters are: cut out alone, a "c" is as good as a "C".
        """
        width = int(canvas.shape[1])
        whole = Part((0, width), None)
        logits, other = self._network.run(network_input(canvas))
        probabilities = softmax(logits[0])
        said = list(_said(probabilities))
        line = "".join(self._characters[character] for character, _, _ in said)
        if len(line.strip()) < LEAST_LENGTH or len(line) != len(said):
            return [whole]
        ink = stretches_of_ink(ink_of(canvas))
        gaps = gaps_of_spaces([steps for character, _, steps in said if character == self._space], ink)
        if gaps is None or glyphs_unsaid(line, [steps for _, _, steps in said], ink):
            return [whole]
        doubtful = self._doubtful(line, said, probabilities, np.flatnonzero(other[0] > logits[0].max(axis=1)))
        if any(number in doubtful for word in MIXED.finditer(line) for number in range(*word.span())):
            return [whole]  # what is no word needs all the line that there is: cut out, "81c0fb" is read as "81cOfb"
        if not doubtful:
            reading = self._decoder.decode(probabilities)
            return [Part((0, width), reading) if len(reading.text) >= LEAST_LENGTH else whole]
        words = [word.span() for word in re.finditer("[^ ]+", line)]
        places = (space.start() for space in re.finditer(" ", line))
        cuts = {place: (start + end) // 2 for place, (start, end) in zip(places, gaps, strict=True)}
        parts: list[Part] = []
        for first, end, doubted in _with_neighbours(words, doubtful):
            columns = cuts.get(first - 1, 0), cuts.get(end, width)
            steps = slice(said[first][2][0], said[end - 1][2][1])
            parts.append(Part(columns, None if doubted else self._decoder.decode(probabilities[steps])))
        again = sum(part.columns[1] - part.columns[0] for part in parts if part.reading is None)
        return parts if again <= MOST_AGAIN * width else [whole]

    def _doubtful(self, line: str, said: list[Said], probabilities: Probabilities, other: NDArray[np.intp]) -> set[int]:
        """Which characters of ``line`` may be others. other: steps at which one of another script scores best"""
        doubtful = {
            number
            for number, (character, sureness, _) in enumerate(said)
            if character != self._space and sureness < SURE
        }
        middles = np.array([(first + end - 1) / 2 for _, _, (first, end) in said])
        doubtful.update(int(np.abs(middles - step).argmin()) for step in other.tolist())
        for pattern in (LIKENESS, HEXADECIMAL):
            for word in pattern.finditer(line):
                doubtful.update(range(*word.span()))
        for word in MIXED.finditer(line):
            doubtful.update(
                number for number in range(*word.span()) if self._confuses_round(said[number], probabilities)
            )
        return doubtful

    def _confuses_round(self, one: Said, probabilities: Probabilities) -> bool:
        """Whether a zero may be a letter, or a letter a zero, where the word does not tell."""
        character, sureness, (first, end) = one
        others = [other for other in self._round if other != character]
        return character in self._round and bool(probabilities[first:end, others].max() >= ROUND_SHARE * sureness)


def _with_neighbours(words: list[tuple[int, int]], doubtful: set[int]) -> list[tuple[int, int, bool]]:
    """Runs of words, half-open in characters, and whether they are in doubt: none of those is a single word.

    A doubtful space (one said where another script scores best) puts both its words in doubt.
    """
    doubted = [any(number in doubtful for number in range(first - 1, end + 1)) for first, end in words]
    grown = doubted.copy()
    for place, (before, here, after) in enumerate(zip([False, *doubted], doubted, [*doubted[1:], False], strict=False)):
        if here and not before and not after and len(words) > 1:
            beside = [near for near in (place - 1, place + 1) if 0 <= near < len(words)]
            # Four letters tell as much as more, the word before as much as the one behind.
            grown[max(beside, key=lambda near: min(words[near][1] - words[near][0], TELLING))] = True
    runs: list[tuple[int, int, bool]] = []
    for (first, end), again in zip(words, grown, strict=True):
        if runs and runs[-1][2] == again:
            runs[-1] = (runs[-1][0], end, again)
        else:
            runs.append((first, end, again))
    return runs


def _said(probabilities: Probabilities) -> Iterator[Said]:
    best = probabilities.argmax(axis=1)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    for start, end in pairwise(edges):
        if best[start]:
            yield int(best[start]), float(probabilities[start:end, best[start]].max()), (start, end)
