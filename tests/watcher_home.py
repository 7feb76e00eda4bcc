"""A user's folders with a watcher in the background whose screen a test draws; see ``tests/planted``."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import eventually
from ironcliw.service import Client

IRONCLIW = [sys.executable, "-m", "ironcliw"]
PLANTED = Path(__file__).resolve().parent / "planted"


def ended(pids: list[int]) -> bool:
    """Kill them; whether there were none. One that is about to go may be gone, and start another before that."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not pids


def write_whole(path: Path, text: str) -> None:
    """Replace a file by one that holds this: whoever looks at any moment sees the one or the other."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


class WatcherHome:
    """Every process that is started in these folders is ended."""

    def __init__(self, folder: Path) -> None:
        self.run, self.state, self.board = folder / "run", folder / "state", folder / "board.txt"
        for made in (self.run, self.state):
            made.mkdir(mode=0o700)
        self.show("READY")

    @property
    def source(self) -> str:
        return f"board:{self.board}"

    def show(self, *lines: str) -> None:
        """Draw these lines."""
        write_whole(self.board, "\n".join(lines))

    def call(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run([*IRONCLIW, *arguments], capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == code, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    def start(self, *arguments: str, name: str = "watch") -> Client:
        self.call("start", self.source, "--name", name, *arguments)
        client = Client(name)
        eventually(lambda: "READY" in client.screen_text().text, "the screen to be read")
        return client

    def crash_engine(self, client: Client) -> None:
        """Kill the engine, and wait until another one sees."""
        before = client.status()
        os.kill(before["engine_pid"], signal.SIGKILL)

        def recovered() -> bool:
            status = client.status()
            return status["restarts"] > before["restarts"] and status["state"] == "watching"

        eventually(recovered, "another engine", 60)

    def pids(self) -> list[int]:
        ours = f"XDG_RUNTIME_DIR={self.run}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if int(entry.name) != os.getpid() and ours in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


@pytest.fixture
def watcher_home(tmp_path, monkeypatch):
    made = WatcherHome(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(made.run))
    monkeypatch.setenv("XDG_STATE_HOME", str(made.state))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PLANTED), os.environ.get("PYTHONPATH", "")]).strip(":"))
    yield made
    eventually(lambda: ended(made.pids()), "every process to be gone")
