"""Our own output on the watched screen: the terminal that runs us, and the lines we print where it cannot be found.

terminal = find_terminal(capture)     # its windows, or none and why
printed = PrintedLines(sys.argv)
printed.add("12:00:01 BUILD FAILED")
printed.is_echo("12:00:01  BUILD FAlLED")   # True: read back from our own terminal
"""

from __future__ import annotations

import difflib
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MOST_ANCESTORS = 64


class WindowFinder(Protocol):
    """The questions about windows that a display answers; ``X11Capture`` is one."""

    def window_exists(self, window: int) -> bool:
        """Whether there is such a window."""
        ...

    def top_level(self, window: int) -> int | None:
        """The child of the root window that holds it, such as a window manager's frame."""
        ...

    def windows_of(self, pids: Sequence[int]) -> list[tuple[int, int]]:
        """The windows that these processes show, as (window, process), in the order of ``pids``."""
        ...


@dataclass(frozen=True, slots=True)
class Terminal:
    """The windows of the terminal that runs us; none, and the reason why, where it was not found."""

    windows: tuple[int, ...]
    how: str

    def __str__(self) -> str:
        if not self.windows:
            return f"not found: {self.how}"
        ids = ", ".join(hex(window) for window in self.windows)
        return f"window {ids} blanked, found by {self.how}"


def find_terminal(
    display: WindowFinder,
    environ: Mapping[str, str] = os.environ,
    pid: int | None = None,
    proc: Path = Path("/proc"),
) -> Terminal:
    """The terminal that process ``pid`` (None: this one) runs in, with the window manager's frame around it.

    First the window that WINDOWID names, where the display has it; else the windows of the nearest ancestor process
    that shows any. ``proc`` is where process status files are.
    """
    named = environ.get("WINDOWID", "")
    if named.isascii() and named.isdigit() and 0 < int(named) < 2**32 and display.window_exists(int(named)):
        return Terminal(_frames(display, [int(named)]), "WINDOWID")
    lineage = list(_lineage(os.getpid() if pid is None else pid, proc))
    if not lineage or lineage[0].tty == 0:
        return Terminal((), "this process has no terminal")
    ancestors = [process.pid for process in lineage[1:]]
    found = display.windows_of(ancestors)
    if not found:
        return Terminal((), "no ancestor process shows a window on this display")
    owner = found[0][1]
    windows = [window for window, window_owner in found if window_owner == owner]
    return Terminal(_frames(display, windows), f"its process {owner}")


def _frames(display: WindowFinder, windows: Sequence[int]) -> tuple[int, ...]:
    """The frames that hold the windows: a title bar shows the command line too."""
    frames = (display.top_level(window) or window for window in windows)
    return tuple(dict.fromkeys(frames))


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    tty: int


def _lineage(pid: int, proc: Path) -> Iterator[_Process]:
    """The process and its ancestors, nearest first, without the first process of the system."""
    for _ in range(MOST_ANCESTORS):
        if pid <= 1:
            return
        try:
            status = (proc / str(pid) / "stat").read_text(errors="replace")
            # The second field is the name, in parentheses, and may hold anything, even parentheses.
            fields = status.rpartition(")")[2].split()
            parent, tty = int(fields[1]), int(fields[4])
        except (OSError, ValueError, IndexError):
            return
        yield _Process(pid, tty)
        pid = parent


MOST_LINES = 256
MOST_FOREIGN = 1024
SHORTEST_FUZZY = 6
SHORTEST_PART = 12
ALIKE = 0.85


class PrintedLines:
    """The lines that we printed lately, and our command line, to tell our own output when it is read from the screen.

    Only whole lines and their beginnings count as echoes, and what follows such a beginning where the terminal wrapped
    it: a text that merely occurs inside a line of ours, as everything that was once reported does, is news when it
    appears again. Ask for lines in reading order.

    command: our command line, as ``sys.argv`` or ``sys.orig_argv`` has it
    capacity: lines that are remembered
    """

    def __init__(self, command: Sequence[str] = (), capacity: int = MOST_LINES) -> None:
        self._lines: deque[str] = deque(maxlen=capacity)
        self._count = 0
        # Lines that are no echo of what was printed until then: after a scroll all that stand on the screen come again.
        self._foreign: dict[str, int] = {}
        self._command = _normal(" ".join([Path(command[0]).name, *command[1:]])) if command else ""
        self._rest = ""

    def add(self, text: str) -> None:
        """Remember what was printed: one line or several."""
        for line in filter(None, map(_normal, text.splitlines())):
            self._lines.append(line)
            self._count += 1  # after the line: what is counted as compared with was there

    def is_echo(self, text: str) -> bool:
        """Whether a line read from the screen is one of ours, read with a slip or cut by the terminal's edge."""
        line = _normal(text)
        if not line:
            return False
        rest, self._rest = self._rest, ""
        if rest and _begins(rest, line):
            self._rest = rest[len(line) :].strip()
            return True
        count = self._count
        for printed in self._candidates(line, self._foreign.get(line)):
            if _same(printed, line):
                return True
            if len(line) >= SHORTEST_PART and _begins(printed, line):
                self._rest = printed[len(line) :].strip()
                return True
        if len(self._foreign) >= MOST_FOREIGN:
            self._foreign.clear()
        self._foreign[line] = count
        return False

    def _candidates(self, line: str, since: int | None) -> Iterator[str]:
        """The lines to compare with, of a line that is none of the first ``since`` only the later ones.

        Our command line comes with the prompt that stands before it on the screen.
        """
        lines = list(self._lines)  # a copy: lines are printed by another thread
        yield from reversed(lines if since is None else lines[max(0, len(lines) - (self._count - since)) :])
        if self._command and since is None:
            program = self._command.partition(" ")[0]
            prompt = line[: max(0, line.rfind(program))]
            yield prompt + self._command


def _normal(text: str) -> str:
    """Lower case, single spaces, no quotes: what a shell and an OCR engine may both change."""
    return " ".join(text.translate(_NO_QUOTES).casefold().split())


_NO_QUOTES = str.maketrans("", "", "'\"`\\\u2018\u2019\u201c\u201d")


def _same(ours: str, read: str) -> bool:
    if ours == read:
        return True
    return min(len(ours), len(read)) >= SHORTEST_FUZZY and _alike(ours, read)


def _begins(ours: str, read: str) -> bool:
    """Whether the line read is a beginning of ours."""
    beginning = ours[: len(read)].strip()
    return len(read) <= len(ours) and (beginning == read or (len(read) >= SHORTEST_FUZZY and _alike(beginning, read)))


def _alike(a: str, b: str) -> bool:
    """Whether difflib's ratio says so; its two upper bounds first, without the table that it makes of ``b``."""
    enough = ALIKE * (len(a) + len(b)) / 2
    if min(len(a), len(b)) < enough or sum(min(a.count(each), b.count(each)) for each in set(a)) < enough:
        return False
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE
