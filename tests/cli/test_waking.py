"""How often ``watch`` wakes up where there is a status line to keep, and where there is none."""

import io
import sys

from ironcliw.cli.human import HumanOutput
from ironcliw.cli.watching import _events


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Quiet:
    """A watch without events that ends after three looks."""

    name = "x11"
    seconds_since_verified = 1.0

    def __init__(self) -> None:
        self.waits_s: list[float] = []
        self.asked_cpu = 0
        self.stopped = False

    @property
    def ended(self) -> bool:
        return len(self.waits_s) == 3

    @property
    def cpu_s(self) -> float:
        self.asked_cpu += 1
        return 0.0

    def get(self, timeout_s: float) -> None:
        self.waits_s.append(timeout_s)

    def stop(self) -> None:
        self.stopped = True


def test_without_a_terminal_only_events_wake_it(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    quiet = Quiet()
    assert list(_events(quiet, None, HumanOutput(print, verbose=False))) == []
    assert min(quiet.waits_s) >= 60
    assert quiet.asked_cpu == 0


def test_a_status_line_is_kept_up_to_date(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    quiet = Quiet()
    assert list(_events(quiet, None, HumanOutput(print, verbose=False))) == []
    assert max(quiet.waits_s) <= 1
    assert quiet.asked_cpu == 3
    assert "x11: verified 1 s ago" in terminal.getvalue()


def test_an_end_is_kept_without_a_terminal_too(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    quiet = Quiet()
    list(_events(quiet, 0.0, HumanOutput(print, verbose=False)))
    assert max(quiet.waits_s) <= 1
    assert quiet.stopped
