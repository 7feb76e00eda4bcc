"""Displays that die, return, freeze or refuse us: each is told, and watching goes on after each."""

import contextlib
import os
import signal

import pytest
from fault_screen import Drawing
from fault_watch import MEMORY_GROWTH_KIB, Usage, Watched, beside

from ironcliw.frame import Rect

pytestmark = pytest.mark.live

RESTARTS = 20
LAST_LINE = f"text:seen after {RESTARTS}"
COOKIE = "00112233445566778899aabbccddeeff"


def test_twenty_restarts_are_told_survived_and_leave_nothing_behind(xvfb, tmp_path):
    display = xvfb(640, 480)
    with (
        contextlib.ExitStack() as until_the_end,
        beside(display, tmp_path, "--when", LAST_LINE, faults=["nothing_is_given_back"]) as (watched, leaking),
    ):
        used: list[Usage] = []
        leaked: list[Usage] = []
        expected = []
        for number in range(RESTARTS):
            display.restart()
            watched.until_told_times(number + 1, "gap", "lost", "end")
            leaking.until_told_times(number + 1, "gap", "lost", "end")
            drawing = until_the_end.enter_context(Drawing(display.display, 640, 480))
            drawing.seen_by(watched, leaking)
            if number:
                watched.until_told("vanished", f"seen after {number}")
            words = f"seen after {number + 1}"
            drawing.say(words, 40, 60)
            watched.until_told("appeared", words)
            used.append(watched.usage())
            leaked.append(leaking.usage())
            expected += [("gap", "lost", "begin"), ("gap", "lost", "end")]
            expected += [("vanished", f"seen after {number}")] * (number > 0)
            expected += [("appeared", words)]
        watched.stop()
    assert watched.story() == [*expected, ("alert", LAST_LINE)]
    assert growth(used) == []
    assert growth(leaked) != []


def growth(used: list[Usage]) -> list[str]:
    """What a process holds more of at the end than after the first quarter."""
    first, last = used[len(used) // 4], used[-1]
    grown = [name for name in ("fds", "threads") if getattr(last, name) > getattr(first, name)]
    return grown + ["memory"] * (last.resident_kib > first.resident_kib + MEMORY_GROWTH_KIB)


def test_a_display_that_returns_with_another_size_is_told_and_watched(xvfb, tmp_path):
    display = xvfb(640, 480)
    with Watched(display, tmp_path, "--when", "still:1s") as watched:
        with Drawing(display.display, 640, 480) as drawing:
            drawing.seen_by(watched)
            watched.until_told("alert", "still:1s")
        display.stop()
        watched.until_told("gap", "lost", "begin")
        display.size = (800, 300)
        display.restart()
        watched.until_told("gap", "lost", "end")
        with Drawing(display.display, 800, 300) as drawing:
            drawing.seen_by(watched, box=Rect(700, 200, 64, 64))
            drawing.say("wider now", 600, 200)
            watched.until_told("appeared", "wider now")
            watched.until_told_times(2, "alert", "still:1s")
        watched.stop()
    assert watched.story() == [
        ("alert", "still:1s"),
        ("gap", "lost", "begin"),
        ("gap", "lost", "end"),
        ("appeared", "wider now"),
        ("alert", "still:1s"),
    ]


def test_a_display_that_is_denied_at_the_start_ends_with_what_to_do(xvfb, tmp_path):
    right = cookie_file(tmp_path / "right", "")
    display = xvfb(320, 200, "-auth", right)
    refused = Watched(display, tmp_path, XAUTHORITY=str(tmp_path / "none"))
    refused.process.wait(60)
    assert refused.process.returncode == 2
    assert refused.errors.splitlines()[-1].startswith(f"ironcliw: display '{display.display}' denies access: ")
    assert "Traceback" not in refused.errors
    assert refused.events() == []
    known = cookie_file(tmp_path / "known", display.display.lstrip(":"))
    with Watched(display, tmp_path, XAUTHORITY=known) as allowed:
        allowed.stop()
    assert allowed.story() == []


def test_a_display_that_denies_us_in_mid_run_is_told_until_it_lets_us_in(xvfb, tmp_path):
    display = xvfb(640, 480)
    with Watched(display, tmp_path, XAUTHORITY=str(tmp_path / "none")) as watched:
        with Drawing(display.display, 640, 480) as drawing:
            drawing.seen_by(watched)
        display.stop()
        watched.until_told("gap", "lost", "begin")
        display.options = ("-auth", cookie_file(tmp_path / "right", ""))
        display.restart()
        watched.until_told("gap", "denied", "begin")
        display.options = ()
        display.restart()
        watched.until_told("gap", "denied", "end")
        with Drawing(display.display, 640, 480) as drawing:
            drawing.seen_by(watched)
            drawing.say("let in", 40, 60)
            watched.until_told("appeared", "let in")
        watched.stop()
    assert watched.story() == [
        ("gap", "lost", "begin"),
        ("gap", "denied", "begin"),
        ("gap", "lost", "end"),
        ("gap", "denied", "end"),
        ("appeared", "let in"),
    ]


def cookie_file(path, number: str) -> str:
    """An X authority file that knows one cookie, for one display or any; returns its name."""
    parts = (os.uname().nodename.encode(), number.encode(), b"MIT-MAGIC-COOKIE-1", bytes.fromhex(COOKIE))
    path.write_bytes(b"\x01\x00" + b"".join(len(part).to_bytes(2, "big") + part for part in parts))
    return str(path)


def test_a_frozen_server_is_a_gap_until_it_goes_on(xvfb, tmp_path):
    display = xvfb(640, 480)
    with (
        Drawing(display.display, 640, 480) as drawing,
        beside(display, tmp_path, faults=["no_word_of_gaps"]) as (watched, silent),
    ):
        drawing.seen_by(watched, silent)
        drawing.say("before", 100, 60)
        watched.until_told("appeared", "before")
        os.kill(display.pid, signal.SIGSTOP)
        try:
            watched.until_told("gap", "no_reply", "begin")
        finally:
            os.kill(display.pid, signal.SIGCONT)
        watched.until_told("gap", "no_reply", "end")
        drawing.say("after", 100, 160)
        watched.until_told("appeared", "after")
        silent.until_told("appeared", "after")
        watched.stop()
    told = [("appeared", "before"), ("gap", "no_reply", "begin"), ("gap", "no_reply", "end"), ("appeared", "after")]
    assert watched.story() == told
    assert silent.story() != told
