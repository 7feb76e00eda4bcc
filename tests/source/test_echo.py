"""Telling our own output from news."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from ironcliw.source.echo import MOST_LINES, PrintedLines, Terminal, find_terminal

TTY = 34816


class Desktop:
    """Windows with their owners; ``frames`` are what a window manager put around them."""

    def __init__(self, owners: dict[int, int], frames: dict[int, int] | None = None) -> None:
        self.owners = owners
        self.frames = frames or {}

    def window_exists(self, window: int) -> bool:
        return window in self.owners

    def top_level(self, window: int) -> int | None:
        return self.frames.get(window, window) if window in self.owners else None

    def windows_of(self, pids: Sequence[int]) -> list[tuple[int, int]]:
        found = [(window, pid) for window, pid in self.owners.items() if pid in pids]
        return sorted(found, key=lambda pair: pids.index(pair[1]))


def processes(proc: Path, *chain: tuple[int, int, int]) -> Path:
    """Status files of processes, each with its parent and terminal."""
    for pid, parent, tty in chain:
        (proc / str(pid)).mkdir()
        (proc / str(pid) / "stat").write_text(f"{pid} (a) (odd) name) S {parent} {pid} {pid} {tty} -1 4194304 0\n")
    return proc


def test_windowid_is_taken_where_the_display_has_it() -> None:
    terminal = find_terminal(Desktop({0x40000D: 7}), {"WINDOWID": str(0x40000D)})
    assert terminal == Terminal((0x40000D,), "WINDOWID")
    assert str(terminal) == "window 0x40000d blanked, found by WINDOWID"


def test_the_frame_around_the_window_is_hidden_with_it() -> None:
    assert find_terminal(Desktop({5: 7}, {5: 99}), {"WINDOWID": "5"}).windows == (99,)


@pytest.mark.parametrize("value", ["", "12", "0", "-5", "x", "99999999999", "\u0665"])
def test_a_useless_windowid_falls_back_to_the_ancestors(tmp_path: Path, value: str) -> None:
    proc = processes(tmp_path, (30, 20, TTY), (20, 10, TTY), (10, 1, 0))
    terminal = find_terminal(Desktop({5: 10}), {"WINDOWID": value}, 30, proc)
    assert terminal == Terminal((5,), "its process 10")


def test_the_nearest_ancestor_with_windows_is_the_terminal(tmp_path: Path) -> None:
    proc = processes(tmp_path, (40, 30, TTY), (30, 20, TTY), (20, 10, 0), (10, 1, 0))
    desktop = Desktop({1: 10, 5: 20, 6: 20, 9: 77})
    assert find_terminal(desktop, {}, 40, proc).windows == (5, 6)


def test_a_program_without_terminal_hides_no_window(tmp_path: Path) -> None:
    proc = processes(tmp_path, (30, 10, 0), (10, 1, 0))
    terminal = find_terminal(Desktop({5: 10}), {}, 30, proc)
    assert terminal == Terminal((), "this process has no terminal")
    assert str(terminal) == "not found: this process has no terminal"


def test_windows_of_others_are_not_ours(tmp_path: Path) -> None:
    proc = processes(tmp_path, (30, 10, TTY), (10, 1, TTY))
    assert find_terminal(Desktop({5: 77, 6: 30}), {}, 30, proc).windows == ()


def test_processes_that_end_or_loop_meanwhile_are_no_fault(tmp_path: Path) -> None:
    proc = processes(tmp_path, (30, 20, TTY), (20, 30, TTY))
    assert find_terminal(Desktop({5: 77}), {}, 30, proc).windows == ()
    (tmp_path / "50").mkdir()
    (tmp_path / "50" / "stat").write_text("50 (torn")
    assert find_terminal(Desktop({5: 77}), {}, 50, proc).how == "this process has no terminal"
    assert find_terminal(Desktop({5: 77}), {}, 4444, proc).how == "this process has no terminal"


def test_a_printed_line_is_an_echo_and_others_are_not() -> None:
    printed = PrintedLines()
    printed.add("12:00:01 alert  BUILD FAILED x7f3a\nsecond line")
    assert printed.is_echo("12:00:01 alert BUILD FAILED x7f3a")
    assert printed.is_echo("  12:00:01  ALERT BUILD FA1LED x7f3a ")
    assert printed.is_echo("second line")
    assert not printed.is_echo("third time")
    assert not printed.is_echo("")


def test_what_was_once_reported_is_news_when_it_appears_again() -> None:
    printed = PrintedLines(["/usr/bin/ironcliw", "wait", "text:failed"])
    printed.add("12:00:01 text BUILD FAILED x7f3a in module core")
    assert not printed.is_echo("BUILD FAILED x7f3a in module core")
    assert not printed.is_echo("BUILD FAILED")
    assert not printed.is_echo("failed")
    assert not printed.is_echo("text:failed")


def test_a_line_that_the_terminal_wrapped_is_one_echo() -> None:
    printed = PrintedLines()
    printed.add("12:00:01 text BUILD FAILED x7f3a in module core")
    assert printed.is_echo("12:00:01 text BUILD FA")
    assert printed.is_echo("ILED x7f3a in mod")
    assert printed.is_echo("ule core")
    assert not printed.is_echo("ule core")


def test_the_rest_of_a_wrapped_line_counts_only_directly_after_it() -> None:
    printed = PrintedLines()
    printed.add("12:00:01 text BUILD FAILED")
    assert printed.is_echo("12:00:01 text")
    assert not printed.is_echo("something else")
    assert not printed.is_echo("BUILD FAILED")


@pytest.mark.parametrize("prompt", ["", "$ ", "user@host:~/build$ ", "root@3f0c:/# "])
def test_our_command_line_is_an_echo_after_any_prompt(prompt: str) -> None:
    printed = PrintedLines(["/opt/venv/bin/ironcliw", "wait", "text:build failed", "--timeout", "10m"])
    assert printed.is_echo(f"{prompt}ironcliw wait 'text:build failed' --timeout 10m")
    assert printed.is_echo(f'{prompt}ironcliw wait "text:build fai1ed" --timeout 10m')
    assert printed.is_echo(f"{prompt}ironcliw wait 'text:buil")
    assert printed.is_echo("d failed' --timeout 10m")


def test_short_lines_must_be_the_same() -> None:
    printed = PrintedLines()
    printed.add("done")
    assert printed.is_echo("Done")
    assert not printed.is_echo("dome")


def test_only_so_many_lines_are_remembered() -> None:
    printed = PrintedLines()
    printed.add("the very first line of all")
    for number in range(MOST_LINES):
        printed.add(f"{number:08b} {number * 7919:x}")
    assert not printed.is_echo("the very first line of all")
    assert printed.is_echo(f"{MOST_LINES - 1:08b} {(MOST_LINES - 1) * 7919:x}")


def test_a_line_that_is_printed_after_it_was_seen_is_an_echo_from_then_on() -> None:
    printed = PrintedLines()
    assert not printed.is_echo("text BUILD FAILED: job 7")
    assert not printed.is_echo("text BUILD FAILED: job 7")
    printed.add("text      BUILD FAILED: job 7")
    assert printed.is_echo("text BUILD FAILED: job 7")


def test_what_was_asked_before_changes_no_answer() -> None:
    rng = random.Random(11)
    printed, said = PrintedLines(["watch", "--when", "text:failed"], capacity=5), []
    for _ in range(600):
        line = f"{rng.choice(['step', 'stop', 'job'])} {rng.randint(1, 4)} {rng.choice(['has failed', 'was fine'])}"
        if rng.random() < 0.2:
            printed.add(line)
            said.append(line)
            continue
        line = rng.choice([line, line.replace("a", "o"), line[:-1], "$ watch --when text:failed"])
        fresh = PrintedLines(["watch", "--when", "text:failed"], capacity=5)
        fresh.add("\n".join(said))
        assert printed.is_echo(line) == fresh.is_echo(line), line
