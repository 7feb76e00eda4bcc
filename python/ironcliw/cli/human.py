"""Events for people: a line each, and a status line below them where there is a terminal.

lines = HumanOutput(LineWriter().write, verbose=False)
lines.show(event)
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

from ironcliw.action import printable
from ironcliw.event import Event

_COLOURS = {
    "alert": "\x1b[1;31m",
    "text_appeared": "\x1b[32m",
    "text_changed": "\x1b[32m",
    "text_moved": "\x1b[2m",
    "text_vanished": "\x1b[2m",
    "incident": "\x1b[1;36m",
    "gap": "\x1b[33m",
}
_RESET = "\x1b[0m"
_LABELS = {"text_appeared": "text", "text_changed": "edited", "text_moved": "moved", "text_vanished": "gone"}
_FOR_THE_VERBOSE = ("change", "text_moved")


class HumanOutput:
    """Hands events as lines to ``write`` and keeps a status line on stderr where that is a terminal.

    printed: called with each line written, so that its echo on the screen can be known again
    known_again: whether that is needed. Lines are then not set in columns, which would be read as texts of their own,
        and there is no status line, whose every turn would be news
    named: whether each line begins with the name of the event's source
    """

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        verbose: bool,
        printed: Callable[[str], None] = lambda line: None,
        known_again: bool = False,
        named: bool = False,
    ) -> None:
        self._write = write
        self._verbose = verbose
        self._printed = printed
        self._colour = sys.stdout.isatty()
        self._known_again = known_again
        self._named = named
        self._live = sys.stderr.isatty() and not known_again
        self._status = ""

    @property
    def live(self) -> bool:
        """Whether there is a status line."""
        return self._live

    def show(self, event: Event) -> None:
        """Write one event; ``change`` and ``text_moved`` only where verbose."""
        if event.type in _FOR_THE_VERBOSE and not self._verbose:
            return
        line = f"{event.time:9.2f}s  {labelled(event)}"
        if self._named:
            line = f"{event.source:>12}  {line}"
        if self._known_again:
            line = " ".join(line.split())
        self._clear_status()
        self._printed(line)
        if self._colour:
            line = f"{_COLOURS.get(event.type, '')}{line}{_RESET}"
        self._write(line)
        self._draw_status()

    def status(self, text: str) -> None:
        """Replace the status line; nothing where stderr is not a terminal."""
        if self._live:
            self._clear_status()
            self._status = text
            self._draw_status()

    def close(self) -> None:
        """Take the status line away."""
        self._clear_status()
        self._status = ""

    def _clear_status(self) -> None:
        if self._live and self._status:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def _draw_status(self) -> None:
        if self._live and self._status:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{self._status[:width]}", end="", file=sys.stderr, flush=True)


def labelled(event: Event) -> str:
    """The event's type in a word, and one line about it, safe for a terminal."""
    return f"{_LABELS.get(event.type, event.type):8}  {describe(event)}"


def describe(event: Event) -> str:
    """One line about an event, safe for a terminal."""
    text = printable(event.text or "")
    if event.type == "start":
        size = event.data["geometry"]
        return f"{event.source} {size['width']}x{size['height']}, kernels: {event.data['kernels']['implementation']}"
    if event.type == "alert":
        latency = "" if event.latency_ms is None else f" ({event.latency_ms:.0f} ms)"
        state = event.data.get("state", "firing")
        rule = printable(event.rule or "") + ("" if state == "firing" else f" {state}")
        return f"{rule}: {text}{latency}" if text else f"{rule}{latency}"
    if event.type == "change":
        return " ".join(f"{r.width}x{r.height}+{r.x}+{r.y}" for r in (event.regions or ())[:6])
    if event.type == "text_moved":
        return f"{event.data['lines']} lines by {event.data['dx']:+d},{event.data['dy']:+d}"
    if event.type == "incident":
        return f"{event.data['kind']} {event.data['state']}{_progress(event)}: {text}"
    if event.type == "gap":
        return f"{event.data['reason']} {event.data['state']}: {printable(str(event.data['detail']))}"
    if event.type == "summary":
        return _summary(event)
    return text


def _progress(event: Event) -> str:
    """How far something has come, and when it will be done."""
    if "value" not in event.data:
        return ""
    eta_s = event.data.get("eta_s")
    return f" {event.data['value']:g}%" + (f", {eta_s:.0f} s left" if eta_s else "")


def _summary(event: Event) -> str:
    frames, reading = event.data["frames"], event.data["reading"]
    dropped = ", ".join(f"{count} {reason}" for reason, count in frames["dropped"].items()) or "0"
    unread = event.data.get("lines_unread", 0)
    return (
        f"{event.data['duration_s']:.1f} s, {frames['captured']} captured = {frames['duplicate']} duplicate"
        f" + {frames['changed']} changed + {frames['excluded']} excluded + {dropped} dropped;"
        f" {event.data['alerts']} alerts; {reading['readings']} readings of {reading['pixels_read'] / 1e6:.2f} Mpx"
        f" (changed frames in full: {reading['pixels_full'] / 1e6:.0f} Mpx); CPU {event.data['cpu_s']:.1f} s"
        + (f"; {unread} lines in a script that cannot be read" if unread else "")
        + _kept(event)
    )


def _kept(event: Event) -> str:
    """What became of the events in the log, where there is one."""
    kept = event.data.get("log")
    if kept is None:
        return ""
    waiting = f", {kept['waiting']} waiting" if kept.get("waiting") else ""
    return f"; log: {kept['stored']} stored, {kept['lost']} lost{waiting}"
