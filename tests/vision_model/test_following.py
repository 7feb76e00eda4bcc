"""Lines from one look to the next: of a list that scrolls, what was printed is new, whatever else goes on."""

from __future__ import annotations

import random

from ironcliw.frame import Rect
from ironcliw.vision_model.following import Words, followed_to
from rounds import rounds

ROWS, PITCH_PX = 12, 20
SEEDS = range(rounds(short=40, full=2_000))
KINDS = ("BUILD {} FAILED with {} errors", "BUILD {} passed in {} s", "worker {} took {} items", "# {} of {}")


class Screen:
    """A terminal that scrolls, with a counter beside it and a notification that comes and goes."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.number, self.seconds, self.toast = chance, 0, 0, False
        self.rows = [self.printed() for _ in range(ROWS)]

    def printed(self) -> str:
        self.number += 1
        return self.chance.choice(KINDS).format(self.number, self.chance.randrange(1, 9))

    def lines(self) -> list[Words]:
        jitter = self.chance.randrange(-2, 3)
        lines = [
            (text, Rect(20 + jitter, 40 + PITCH_PX * row, 9 * len(text), 16)) for row, text in enumerate(self.rows)
        ]
        lines.append((f"visits {self.seconds + 1}", Rect(700, 10, 80, 16)))
        return lines + ([("Backup finished", Rect(600, 300, 150, 16))] if self.toast else [])


def played(seed: int, times: int = 30) -> list[tuple[list[Words], list[Words], set[str], set[str]]]:
    """What there was, what there is, and which texts came and went otherwise than by scrolling out."""
    chance = random.Random(seed)
    screen, looks = Screen(chance), []
    before = screen.lines()
    for _ in range(times):
        came, gone, had = [], set(), screen.toast
        screen.seconds += chance.randrange(1, 40)
        for _ in range(chance.choice((0, 0, 1, 1, 2, 5))):
            came.append(screen.printed())
            screen.rows = [*screen.rows[1:], came[-1]]
        screen.toast = chance.random() < 0.3
        new = set(came) | ({"Backup finished"} if screen.toast and not had else set())
        gone = {"Backup finished"} if had and not screen.toast else set()
        now = screen.lines()
        looks.append((before, now, new, gone))
        before = now
    return looks


def test_what_was_printed_is_new_and_what_scrolled_is_not() -> None:
    for seed in SEEDS:
        for before, now, new, gone in played(seed):
            followed = followed_to(before, now)
            assert {text for text, _ in followed.new} == new, f"seed {seed}"
            assert {text for text, _ in followed.gone} == gone, f"seed {seed}"
            assert sorted(map(str, followed.lines + followed.new)) == sorted(map(str, now)), f"seed {seed}"


def test_that_would_fail_where_lines_are_compared_by_place_first() -> None:
    """The control: a line on the place of a like one counted as the same, which is how failures were missed."""
    from ironcliw.vision_model.following import _counts_on, _matched

    assert any(
        {text for text, _ in _matched(before, now, _counts_on)[2]} != new
        for seed in SEEDS
        for before, now, new, _ in played(seed)
    )


def test_the_same_words_twice_are_two_lines() -> None:
    line = ("FAILED", Rect(20, 40, 60, 16))
    second = ("FAILED", Rect(20, 60, 60, 16))
    assert followed_to([line], [line, second]).new == [second]
    assert followed_to([line, second], [second]).gone == [line]
    assert followed_to([line, second], [second, line]).new == []
