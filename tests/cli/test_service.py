"""``ironcliw start``, ``status``, ``stop`` and ``pause`` as somebody uses them for the first time."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import eventually
from ironcliw.ipc import Connection
from watcher_home import ended, write_whole

IRONCLIW = [sys.executable, "-m", "ironcliw"]
PLANTED = Path(__file__).resolve().parents[1] / "planted"


class Home:
    """A user's folders, empty; every watcher that is started in them is ended."""

    def __init__(self, folder: Path) -> None:
        self.run, self.state, self.board = folder / "run", folder / "state", folder / "board.txt"
        for made in (self.run, self.state):
            made.mkdir(mode=0o700)
        self.board.write_text("READY")
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(self.run),
            "XDG_STATE_HOME": str(self.state),
            "PYTHONPATH": os.pathsep.join([str(PLANTED), os.environ.get("PYTHONPATH", "")]).strip(":"),
        }

    @property
    def source(self) -> str:
        return f"board:{self.board}"

    def call(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """What the command printed; on standard error where it fails."""
        done = subprocess.run(
            [*IRONCLIW, *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    def status(self, name: str = "watch", **arguments) -> dict:
        """What ``status --format json`` prints, without a process for each look."""
        with Connection(self.run / "ironcliw" / f"{name}.sock") as connection:
            return connection.ask("status", **arguments).data

    def log(self, name: str = "watch") -> str:
        return (self.state / "ironcliw" / f"{name}.log").read_text()

    def pids(self) -> list[int]:
        """Every process that was started with this home."""
        ours = f"XDG_RUNTIME_DIR={self.run}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if ours in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    yield made
    eventually(lambda: ended(made.pids()), "every process to be gone")


def test_a_newcomer_starts_asks_pauses_and_stops(home):
    assert "no watcher is running" in home.call("status", code=1)
    assert "no watcher is running" in home.call("stop", code=1)
    said = home.call("start", home.source, "--when", "text:BUILD FAILED")
    first = home.status()
    assert str(first["pid"]) in said
    assert (first["state"], first["source"], first["kernels"]) == ("watching", "board:board.txt", "native")
    assert first["memory_bytes"]["service"] < 64 << 20
    assert str(first["pid"]) in home.call("start", home.source, code=2)

    eventually(lambda: home.status()["frames"]["captured"] > 0, "the first look")
    write_whole(home.board, "READY\nBUILD FAILED")
    eventually(lambda: home.status()["alerts"] == 1, "the alert")
    alert = home.status()["last_alert"]
    assert alert["kind"] == "text"
    assert "FAILED" not in json.dumps(alert)
    assert json.loads(home.call("status", "--words", "--format", "json"))["last_alert"]["text"] == "BUILD FAILED"
    assert "1 alerts, the last (text)" in home.call("status")

    home.call("pause", "5s")
    assert home.status()["state"] == "paused"
    captured = home.status()["frames"]["captured"]
    write_whole(home.board, "READY\nUNSEEN")
    eventually(lambda: home.status()["state"] == "watching", "the end of the pause")
    eventually(lambda: home.status()["frames"]["captured"] > captured, "what came meanwhile to be seen")

    os.kill(home.status()["engine_pid"], signal.SIGSEGV)
    eventually(lambda: home.status()["restarts"] == 1 and home.status()["state"] == "watching", "another engine", 60)
    home.call("pause")
    assert "paused" in home.call("status")
    home.call("resume")
    assert str(first["pid"]) in home.call("stop")
    assert "no watcher is running" in home.call("status", code=1)
    eventually(lambda: home.pids() == [], "both processes to end")
    assert [path.name for path in (home.run / "ironcliw").iterdir()] == ["watch.lock"]
    log = home.state / "ironcliw" / "watch.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "SIGSEGV" in log.read_text()
    assert not any(word in log.read_text() for word in ("FAILED", "READY", "UNSEEN"))


def test_two_names_stand_side_by_side_and_a_killed_one_is_started_again(home):
    home.call("start", home.source, "--name", "one", "--no-text")
    home.call("start", home.source, "--name", "two", "--no-text")
    one, two = home.status("one"), home.status("two")
    assert one["pid"] != two["pid"]
    os.kill(one["pid"], signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{one['engine_pid']}").exists(), "the engine to end with its service")
    assert (home.run / "ironcliw" / "one.sock").exists()  # nobody could remove it
    assert "no watcher called 'one'" in home.call("status", "--name", "one", code=1)
    home.call("start", home.source, "--name", "one", "--no-text")
    assert home.status("one")["pid"] != one["pid"]
    os.kill(two["pid"], signal.SIGTERM)
    eventually(lambda: not Path(f"/proc/{two['pid']}").exists(), "the end of the other")
    assert "stopped" in home.log("two")


def test_what_keeps_it_from_starting_is_one_line(home, tmp_path):
    assert "no such file" in home.call("start", "nowhere.mp4", code=2)
    assert "column" in home.call("start", home.source, "--when", "txt:x", code=2)
    assert "names no watcher" in home.call("start", home.source, "--name", "../x", code=2)
    blocked = tmp_path / "file"
    blocked.write_text("")
    said = home.call("start", home.source, code=2, XDG_STATE_HOME=str(blocked / "state"))
    assert "XDG_STATE_HOME" in said
    assert len(said.splitlines()) == 1
    assert home.pids() == []


def test_files_that_others_left_do_not_keep_it_from_starting(home):
    folder = home.run / "ironcliw"
    folder.mkdir(mode=0o700)
    (folder / "watch.lock").write_text("1\n")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "watch.sock"))
    home.call("start", home.source, "--no-text", XDG_STATE_HOME="", HOME=str(home.state))
    assert (home.state / ".local" / "state" / "ironcliw" / "watch.log").exists()
    home.call("stop")
