"""Where the lines go: a full disk, a closed stream, a pipe that nobody reads any more."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import eventually
from terminal_screens import write_session

IRONCLIW = [sys.executable, "-m", "ironcliw"]


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("output")
    return write_session(folder / "session.mkv", [(0, ["ready"]), (400, ["ready", "the build failed"])])


@pytest.fixture(scope="module")
def long_session(tmp_path_factory) -> Path:
    """Changes ten times a second for a minute: more lines of JSON than a pipe holds."""
    folder = tmp_path_factory.mktemp("output")
    states = [(number * 100, [f"count {number}"]) for number in range(600)]
    return write_session(folder / "long.mkv", states)


@pytest.mark.parametrize(
    "command",
    [
        ["watch", "SESSION", "--pace", "max", "--no-text"],
        ["watch", "SESSION", "--pace", "max", "--no-text", "--format", "jsonl"],
        ["wait", "text:build failed", "--source", "SESSION", "--pace", "max"],
    ],
    ids=["human", "jsonl", "wait"],
)
def test_a_full_disk_is_one_line(session, command):
    arguments = [str(session) if part == "SESSION" else part for part in command]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*IRONCLIW, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if "INFO" not in line]
    assert said == ["ironcliw: cannot write to standard output: no space left on device"]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_streams_may_be_closed(session, tmp_path, closed):
    """As for a command that is started by something that has no use for its output."""
    script = f'"$@" {closed}'
    command = [*IRONCLIW, "watch", str(session), "--pace", "max", "--when", "text:failed", "--exec", "tee alert.json"]
    done = subprocess.run(["bash", "-c", script, "sh", *command], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert "the build failed" in (tmp_path / "alert.json").read_text()


def test_a_reader_that_leaves_ends_the_watch_quietly(session):
    script = '"$@" | head -n 1; exit ${PIPESTATUS[0]}'
    command = [*IRONCLIW, "watch", str(session), "--format", "jsonl", "--no-text", "--log-level", "error"]
    done = subprocess.run(["bash", "-c", script, "sh", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_watch_ends_although_nobody_reads_its_pipe(long_session, number):
    read_end, write_end = os.pipe()
    command = [*IRONCLIW, "watch", str(long_session), "--format", "jsonl", "--no-text", "--pace", "max"]
    process = subprocess.Popen(command, stdout=write_end, stderr=subprocess.PIPE, text=True)
    os.close(write_end)
    try:
        wchan = Path(f"/proc/{process.pid}/wchan")
        eventually(lambda: "pipe_write" in wchan.read_text(), "the pipe to be full")
        process.send_signal(number)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)  # asking again does not make it wait any longer
        assert process.wait(30) == 128 + signal.SIGPIPE
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()
        os.close(read_end)
