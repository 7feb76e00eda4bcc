"""The whole line on real displays: real servers, real terminals, the commands as a user runs them."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import ironcliw
from conftest import eventually, need

pytestmark = pytest.mark.live

IRONCLIW = [sys.executable, "-m", "ironcliw"]
XTERM = ["xterm", "-fa", "DejaVu Sans Mono", "-fs", "12", "-geometry", "80x20+20+20"]


class Watched:
    """``ironcliw watch --format jsonl`` on a display, its events collected in a file."""

    def __init__(self, display, folder: Path, *options: str, kernels: str = "auto") -> None:
        self._file = folder / "events.jsonl"
        self._errors = folder / "errors.txt"
        environment = {name: value for name, value in os.environ.items() if name != "WINDOWID"}
        environment |= {"DISPLAY": display.display, "IRONCLIW_KERNELS": kernels}
        command = [*IRONCLIW, "watch", "--format", "jsonl", *options]
        with self._file.open("w") as out, self._errors.open("w") as errors:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=errors)
        eventually(lambda: bool(self.of("start")) or self.process.poll() is not None, "the watch to start")
        assert self.process.poll() is None, self._errors.read_text()

    def of(self, *types: str) -> list[dict]:
        lines = self._file.read_text().splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return [event for event in events if event["type"] in types]

    def texts(self) -> str:
        return "\n".join(event["text"] for event in self.of("text_appeared"))

    def settled(self) -> None:
        """Give the watch time to read what was there when it began."""
        time.sleep(3.0)

    def stop(self, number: int = signal.SIGINT) -> dict:
        self.process.send_signal(number)
        assert self.process.wait(30) == 0, self._errors.read_text()
        (summary,) = self.of("summary")
        return summary


@pytest.fixture
def watching(tmp_path):
    started: list[Watched] = []

    def start(display, *options: str, **more) -> Watched:
        started.append(Watched(display, tmp_path, *options, **more))
        return started[-1]

    yield start
    for watched in started:
        watched.process.kill()
        watched.process.wait()


def shell(display, script: str, *options: str, **environ: str) -> subprocess.Popen[bytes]:
    need("xterm")
    return display.run(*XTERM, *options, "-e", "bash", "-c", script, **environ)


@pytest.mark.parametrize("kernels", ["native", "reference"])
def test_a_line_with_a_random_token_is_read_back(xvfb, watching, tmp_path, kernels):
    display, go = xvfb(1280, 720), tmp_path / "go"
    token = "-".join(f"{byte:02d}" for byte in os.urandom(3))
    shell(display, f"echo ready; until [ -e {go} ]; do sleep 0.1; done; echo 'the token is {token}'; sleep 60")
    eventually(lambda: bool(display.find_windows("xterm")), "the terminal")
    watched = watching(display, "--when", f"text:{token}", kernels=kernels)
    watched.settled()
    go.touch()
    eventually(lambda: bool(watched.of("alert")), f"an alert for {token}")
    summary = watched.stop()
    (alert,) = watched.of("alert")
    assert alert["text"] == f"the token is {token}"
    assert alert["latency_ms"] > 0
    frames = summary["frames"]
    parts = frames["duplicate"] + frames["changed"] + frames["excluded"] + sum(frames["dropped"].values())
    assert frames["captured"] == parts


def test_a_dialog_that_comes_twice_alerts_twice(xvfb, watching):
    display = xvfb(1280, 720)
    need("xmessage", "xsetroot")
    display.call("xsetroot", "-solid", "#305070")
    watched = watching(display, "--when", "text:permission to read")
    watched.settled()
    for count in (1, 2):
        dialog = display.run("xmessage", "-geometry", "+300+300", "Backup wants permission to read /home")
        eventually(lambda wanted=count: len(watched.of("alert")) >= wanted, f"alert {count}")
        time.sleep(1.2)
        dialog.terminate()
        dialog.wait(10)
        eventually(
            lambda wanted=count: sum("permission" in e["text"] for e in watched.of("text_vanished")) >= wanted, "gone"
        )
        time.sleep(1.2)
    watched.stop()
    assert len(watched.of("alert")) == 2


def test_the_server_dies_and_returns(xvfb, watching):
    display = xvfb(1024, 600)
    watched = watching(display, "--when", "text:after the gap")
    watched.settled()
    display.stop()
    eventually(lambda: bool(watched.of("gap")), "the gap")
    display.restart()
    eventually(lambda: len(watched.of("gap")) == 2, "the return")
    shell(display, "sleep 2; echo this comes after the gap; sleep 60")
    eventually(lambda: bool(watched.of("alert")), "an alert after the return")
    watched.stop()
    assert [event["state"] for event in watched.of("gap")] == ["begin", "end"]


def test_wait_does_not_see_its_own_command_line(xvfb, tmp_path):
    display, code = xvfb(1280, 720), tmp_path / "code"
    script = textwrap.dedent(f"""
        echo "$ ironcliw wait text:failed"
        {sys.executable} -m ironcliw wait text:failed --timeout 5s
        echo $? > {code}.part; mv {code}.part {code}; sleep 60
    """)
    shell(display, script)
    eventually(code.exists, "wait to end")
    assert code.read_text().strip() == "1"


def test_wait_sees_itself_where_it_is_asked_to(xvfb, tmp_path):
    display, code = xvfb(1280, 720), tmp_path / "code"
    script = textwrap.dedent(f"""
        echo "the build has failed"
        {sys.executable} -m ironcliw wait 'text:build has failed' --include-self --timeout 20s
        echo $? > {code}.part; mv {code}.part {code}; sleep 60
    """)
    shell(display, script)
    eventually(code.exists, "wait to end")
    assert code.read_text().strip() == "0"


def test_where_the_terminal_cannot_be_found_its_echo_is_dropped(xvfb, tmp_path):
    """In a session that no terminal on this display is an ancestor of, as in tmux, only the echo can be known."""
    display, code = xvfb(1280, 720), tmp_path / "code"
    inner = tmp_path / "inner.sh"
    inner.write_text(
        f"exec > $1 2>&1; echo '$ ironcliw wait text:failed --timeout 5s'\n"
        f"{sys.executable} -m ironcliw wait text:failed --timeout 5s\n"
        f"echo $? > {code}.part; mv {code}.part {code}\n"
    )
    shell(display, f"tty > {tmp_path}/tty; sleep 60")
    eventually((tmp_path / "tty").exists, "the terminal")
    eventually(lambda: bool((tmp_path / "tty").read_text()), "the terminal's name")
    tty = (tmp_path / "tty").read_text().strip()
    environment = {name: value for name, value in os.environ.items() if name != "WINDOWID"}
    environment["DISPLAY"] = display.display
    subprocess.run(["bash", str(inner), tty], env=environment, timeout=60, check=False)
    assert code.read_text().strip() == "1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_a_watch_with_its_summary(xvfb, watching, number):
    watched = watching(xvfb(320, 240))
    summary = watched.stop(number)
    assert summary["frames"]["captured"] >= 1


def test_a_still_screen_is_not_captured_again(xvfb, watching):
    watched = watching(xvfb(1280, 720))
    watched.settled()
    summary = watched.stop()
    assert summary["frames"]["captured"] == 1
    assert watched.of("change") == []


def test_doctor_says_what_the_screen_can_do(xvfb):
    display = xvfb(800, 600)
    environment = {**os.environ, "DISPLAY": display.display}
    done = subprocess.run([*IRONCLIW, "doctor"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "800x600" in done.stdout
    assert "FAIL" not in done.stdout


def test_from_python(xvfb, monkeypatch):
    display = xvfb(800, 600)
    shell(display, "sleep 5; echo a word from python; sleep 60")
    eventually(lambda: bool(display.find_windows("xterm")), "the terminal")
    monkeypatch.setenv("DISPLAY", display.display)
    alert = ironcliw.wait(ironcliw.text("word from python"), timeout_s=30)
    assert alert is not None
    assert alert.text == "a word from python"
    assert ironcliw.wait("text:never to be seen", timeout_s=0.5) is None


def test_what_it_prints_on_the_watched_screen_is_not_read_again_and_again(xvfb, tmp_path):
    """The terminal is none of our ancestors: each line that is taken for news would make the next one."""
    display, go = xvfb(1280, 720), tmp_path / "go"
    shell(display, f"tty > {tmp_path}/tty; sleep 60")
    boils = f"until [ -e {go} ]; do sleep 0.1; done; echo the kettle boils; sleep 60"
    shell(display, boils, "-geometry", "40x6+20+500")
    eventually(lambda: (tmp_path / "tty").exists() and bool((tmp_path / "tty").read_text()), "the terminal's name")
    tty = (tmp_path / "tty").read_text().strip()
    environment = {name: value for name, value in os.environ.items() if name != "WINDOWID"}
    environment["DISPLAY"] = display.display
    script = f"{sys.executable} -m ironcliw watch --for 9s 2>&1 | tee {tmp_path}/printed > {tty}"
    (tmp_path / "printed").touch()
    process = subprocess.Popen(["bash", "-c", script], env=environment)
    try:
        eventually(lambda: "0.00s start" in " ".join((tmp_path / "printed").read_text().split()), "the start")
        time.sleep(3)
        go.touch()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    printed = [line for line in (tmp_path / "printed").read_text().splitlines() if "summary" not in line]
    assert sum(" text " in line and "the kettle boils" in line for line in printed) == 1, printed
    assert len(printed) < 8, printed
