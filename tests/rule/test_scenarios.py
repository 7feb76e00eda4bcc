"""Made-up sessions at a terminal and a desktop: as many firings as true appearances, whatever happens in between."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_screens import MS, ROW, Screen

from ironcliw.rule import RuleSet

ROWS = 12
WORDS = "BUILD FAILED"


class Terminal:
    """A terminal of ``ROWS`` rows at (x, y), whose oldest line scrolls out. It counts what appears in truth."""

    def __init__(self, screen: Screen, x: int, y: int, *, keep_ids: bool) -> None:
        self.screen, self.x, self.y, self.keep_ids = screen, x, y, keep_ids
        self.ids: list[int] = []
        self.appearances = 0
        self.printed = 0

    def print(self, text: str) -> None:
        """One more line; every line carries a number, as log lines carry their time."""
        if len(self.ids) == ROWS:
            self.screen.take(self.ids.pop(0))
            self.ids = [self.screen.move(id, 0, -ROW, keep_id=self.keep_ids) for id in self.ids]
        self.printed += 1
        self.ids.append(self.screen.put(f"[{self.printed}] {text}", self.x, self.y + len(self.ids) * ROW))
        self.appearances += WORDS in text

    def drag(self, dx: int, dy: int) -> None:
        self.x, self.y = self.x + dx, self.y + dy
        self.ids = [self.screen.move(id, dx, dy, keep_id=self.keep_ids) for id in self.ids]

    def append(self, index: int) -> None:
        """More words behind an old line."""
        if self.ids:
            id = self.ids[index % len(self.ids)]
            self.screen.edit(id, self.screen.lines[id].text + " and more")

    def clear(self) -> None:
        for id in self.ids:
            self.screen.take(id)
        self.ids = []


class Session:
    """A terminal, a dialog that comes and goes, and a reader that sometimes misreads a line for a moment."""

    def __init__(self, *, keep_ids: bool) -> None:
        self.screen = Screen()
        self.terminal = Terminal(self.screen, 0, 0, keep_ids=keep_ids)
        self.dialog: int | None = None
        self.dialogs = 0
        self.rules = RuleSet([f"text:{WORDS}"], now=False, merge_ns=0)
        self.firings = self.told = 0

    def read(self, after_ms: int) -> None:
        firings = self.rules.on_text(self.screen.read(after_ms))
        self.firings += len(firings)
        self.told += sum(1 + firing.merged for firing in firings)

    def toggle_dialog(self) -> None:
        if self.dialog is None:
            self.dialog = self.screen.put(f"Sorry: {WORDS}", 900, 500)
            self.dialogs += 1
        else:
            self.screen.take(self.dialog)
            self.dialog = None

    def misread(self, index: int) -> None:
        """A line reads as rubbish for less than the time that counts as an absence."""
        if self.terminal.ids:
            id = self.terminal.ids[index % len(self.terminal.ids)]
            text = self.screen.lines[id].text
            self.screen.edit(id, "~ ~ ~")
            self.read(200)
            self.screen.edit(id, text)

    def step(self, action: str, number: int) -> None:
        match action:
            case "fail":
                self.terminal.print(f"error: {WORDS}")
            case "pass":
                self.terminal.print(f"step {number} is done")
            case "fail twice":
                self.terminal.print(f"{WORDS} and {WORDS}")
                self.terminal.appearances += 1
            case "append":
                self.terminal.append(number)
            case "drag":
                self.terminal.drag(number % 200, number % 90)
            case "clear":
                self.terminal.clear()
            case "dialog":
                self.toggle_dialog()
            case "misread":
                self.misread(number)
            case _:
                raise AssertionError(action)
        self.read(400 + number)


ACTIONS = ["fail", "pass", "pass", "fail twice", "append", "drag", "clear", "dialog", "misread"]


@settings(deadline=None, max_examples=150)
@given(st.booleans(), st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 999)), max_size=50))
def test_as_many_firings_as_appearances(keep_ids: bool, steps: list[tuple[str, int]]) -> None:
    """Whether the text room keeps track of lines that move, or loses every one of them."""
    session = Session(keep_ids=keep_ids)
    for action, number in steps:
        session.step(action, number)
    assert session.told == session.terminal.appearances + session.dialogs


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.integers(0, 3))
def test_a_log_that_scrolls_by_several_lines_at_once(bursts: list[int], every: int) -> None:
    """Equal failing lines, several of which may leave above and arrive below in one reading."""
    screen = Screen()
    ids: list[int] = []
    rules = RuleSet([f"text:{WORDS}"], now=False, merge_ns=0)
    told = truth = 0
    for number, burst in enumerate(bursts):
        for index in range(burst):
            if len(ids) == ROWS:
                screen.take(ids.pop(0))
                for id in ids:
                    screen.move(id, 0, -ROW)
            fails = (number + index) % (every + 1) == 0
            truth += fails
            ids.append(screen.put(WORDS if fails else f"line {number}.{index}", 0, len(ids) * ROW))
        told += sum(1 + firing.merged for firing in rules.on_text(screen.read(500)))
    assert told == truth


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 999)), max_size=40))
def test_every_appearance_is_a_firing_or_merged_into_one(steps: list[tuple[str, int]]) -> None:
    session = Session(keep_ids=True)
    session.rules = RuleSet([f"text:{WORDS}"], now=False)
    for action, number in steps:
        session.step(action, number % 100)
    assert session.firings + session.rules.merged_total == session.terminal.appearances + session.dialogs


@pytest.mark.parametrize("away_ms", [350, 700, 1_500])
@given(st.integers(1, 12))
@settings(deadline=None, max_examples=20)
def test_every_return_of_a_toast_is_told(away_ms: int, times: int) -> None:
    screen, rules = Screen(), RuleSet([f"text:{WORDS}"], now=False, merge_ns=0)
    told = 0
    for _ in range(times):
        id = screen.put(WORDS, 800, 40)
        told += len(rules.on_text(screen.read(500)))
        screen.take(id)
        told += len(rules.on_text(screen.read(away_ms)))
    assert told == times


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.booleans(), st.integers(10, 900)), max_size=40))
def test_gone_fires_once_for_every_absence_that_lasts(steps: list[tuple[bool, int]]) -> None:
    """The words stand or do not stand for these many milliseconds, one reading at each change."""
    screen, rules = Screen(), RuleSet([f"gone:{WORDS}"], now=False, merge_ns=0)
    id: int | None = None
    told, expected = [], []
    seen, absent_since = False, None
    for stands, length_ms in steps:
        if stands and id is None:
            if absent_since is not None and seen and screen.now_ns - absent_since >= 300 * MS:
                expected.append(absent_since)
            id, seen, absent_since = screen.put(WORDS), True, None
        elif not stands and id is not None:
            screen.take(id)
            id, absent_since = None, screen.now_ns
        told += rules.on_text(screen.read(length_ms))
    if absent_since is not None and seen and screen.now_ns - absent_since >= 300 * MS:
        expected.append(absent_since)
    told += rules.on_time(screen.now_ns)
    assert [firing.time_ns for firing in told] == expected
