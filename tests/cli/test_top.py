"""``ironcliw top`` against a real ``ironcliw watch`` in another process, and without one."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import eventually, listens
from ironcliw.cli.top import as_json, rates
from ironcliw.ipc import Reply, Server
from ironcliw.metrics import Registry

IRONCLIW = [sys.executable, "-m", "ironcliw"]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(folder))
        patched.setenv("COLUMNS", "40")
        yield folder


def top(*options: str) -> subprocess.CompletedProcess[str]:
    command = [*IRONCLIW, "top", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def watch(runtime: Path) -> Iterator[subprocess.Popen[str]]:
    """One watch for all; ``test_it_ends_with_the_watch`` comes last."""
    command = [*IRONCLIW, "watch", "synthetic:terminal?seconds=3600", "--no-text", "--serve", "desk"]
    command += ["--metrics-port", "0", "--format", "jsonl", "--exec", "true", "--in-process"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        eventually(lambda: listens(runtime / "ironcliw" / "desk.sock") or process.poll() is not None, "the socket")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_without_a_watcher_it_is_one_clear_line(runtime: Path) -> None:
    done = top("--once")
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["ironcliw: no watcher is running: start one with 'ironcliw start'"]
    assert done.stdout == ""


def test_once_shows_a_running_watch_in_a_plain_pipe(watch: subprocess.Popen[str]) -> None:
    done = top("--once", "--name", "desk", "--interval", "0.5")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    for words in (
        "ironcliw top: desk, up 0:0",
        "captures ",
        "CPU ",
        "change  ",
        "queue ",
        "events  ",
        "dropped: nothing",
    ):
        assert words in done.stdout
    for room in ("program", "capture", "change"):
        assert room in done.stdout


def test_json_has_rates_and_every_number(watch: subprocess.Popen[str]) -> None:
    done = top("--once", "--name", "desk", "--format", "json", "--interval", "1")
    (line,) = done.stdout.splitlines()
    shown = json.loads(line)
    assert set(shown) == {"rates", "uptime_s", "metrics", "stages", "absent"}
    assert 0 < shown["rates"]["interval_s"] < shown["uptime_s"]
    assert shown["rates"]["captures"] >= 0
    assert shown["metrics"]["frames_captured"]["values"][""] > 0
    assert set(shown["metrics"]["queue_bound"]["values"]) == {"events", "regions", "kept", "exec"}
    assert shown["metrics"]["actions_failed"]["values"] == {"exec": 0}


def test_ctrl_c_ends_it_quietly(watch: subprocess.Popen[str]) -> None:
    command = [*IRONCLIW, "top", "--name", "desk", "--format", "json", "--interval", "0.2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_in_a_terminal_it_is_redrawn_and_leaves_the_screen_as_it_was(watch: subprocess.Popen[str]) -> None:
    ours, theirs = pty.openpty()
    command = [*IRONCLIW, "top", "--name", "desk", "--interval", "0.2"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    )
    os.close(theirs)
    shown = b""
    while shown.count(b"ironcliw top: desk") < 3:
        shown += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(OSError):  # what a terminal says whose last user has gone
        while got := os.read(ours, 65536):
            shown += got
    os.close(ours)
    assert process.wait(60) == 0
    assert b"captures " in shown
    assert shown.startswith(b"\x1b[?1049h")
    assert shown.endswith(b"\x1b[?1049l")


def test_prometheus_is_shown_where_it_says(watch: subprocess.Popen[str]) -> None:
    assert watch.stderr is not None
    line = next(line for line in watch.stderr if "metrics: " in line)
    with urllib.request.urlopen(line.split("metrics: ")[1].strip(), timeout=30) as answer:
        assert b"\nironcliw_frames_captured_total " in answer.read()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "xml"], "format must be human or json"),
        (["--interval", "0"], "interval must be 0.1 to 3600"),
        (["--interval", "nan"], "interval must be 0.1 to 3600"),
        (["--name", "../x"], "names no watcher"),
    ],
)
def test_bad_options_are_one_line(runtime: Path, options: list[str], words: str) -> None:
    done = top("--once", *options)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_a_name_that_is_taken_ends_the_watch_with_one_line(watch: subprocess.Popen[str]) -> None:
    command = [*IRONCLIW, "watch", "synthetic:terminal?seconds=60", "--no-text", "--serve", "desk"]
    command += ["--log-level", "error"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "another watcher answers at" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_answer_that_is_no_snapshot_is_one_line(runtime: Path) -> None:
    (runtime / "ironcliw").mkdir(mode=0o700, exist_ok=True)
    server = Server(runtime / "ironcliw" / "other.sock", {"metrics": lambda request: Reply({"metrics": "?"})})
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        done = top("--once", "--name", "other")
    finally:
        server.close()
        thread.join()
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "ironcliw: the watcher's answer is not a snapshot of metrics: AttributeError: use one version on both sides"
    ]


def test_rates_are_what_happened_between() -> None:
    registry = Registry()
    captured = registry.counter("frames_captured", "Frames.")
    events = registry.counter("events", "Events.", "type")
    captured.add(10)
    before = registry.snapshot()
    captured.add(30)
    events.add(5, "change")
    events.add(1, "alert")
    eventually(lambda: registry.snapshot().uptime_s > before.uptime_s, "a millisecond to pass")
    now = registry.snapshot()
    since = rates(before, now)
    seconds = now.uptime_s - before.uptime_s
    assert since.captures == pytest.approx(30 / seconds)
    assert since.events == pytest.approx(6 / seconds)
    assert since.alerts == pytest.approx(1 / seconds)
    assert since.readings is None
    assert as_json(now, since)["rates"]["cpu"] is None


def test_of_a_watch_that_was_restarted_no_rate_is_known() -> None:
    old = Registry()
    eventually(lambda: old.snapshot().uptime_s > 0.1, "some time to pass")
    new = Registry()
    for registry in (old, new):
        registry.counter("frames_captured", "Frames.").add(5)
    now = new.snapshot()
    eventually(lambda: old.snapshot().uptime_s > now.uptime_s, "the old one to be older")
    assert rates(old.snapshot(), now).captures is None


def test_it_ends_with_the_watch(watch: subprocess.Popen[str], runtime: Path) -> None:
    command = [*IRONCLIW, "top", "--name", "desk", "--format", "json", "--interval", "0.2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["uptime_s"] > 0
    watch.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith("ironcliw: the watcher went away")
    assert len(errors.splitlines()) == 1
    watch.wait(30)
    assert not (runtime / "ironcliw" / "desk.sock").exists()
