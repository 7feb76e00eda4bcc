"""What is done about alerts, end to end: real commands, a real board to watch, a web server on loopback."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "action"))
from webhook_server import receiver

from conftest import eventually
from ironcliw.ipc import Connection

IRONCLIW = [sys.executable, "-m", "ironcliw"]
PLANTED = Path(__file__).resolve().parents[1] / "planted"
TOKEN = "ghp_" + "x9Fk2LmQ7tRb" * 3


class Home:
    """A user's folders, and a board whose text can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.board = folder, folder / "board.txt"
        for name in ("run", "state"):
            (folder / name).mkdir(mode=0o700)
        self.board.write_text("READY")
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONPATH": os.pathsep.join([str(PLANTED), os.environ.get("PYTHONPATH", "")]).strip(":"),
        }
        self.started: list[subprocess.Popen[bytes]] = []

    @property
    def source(self) -> str:
        return f"board:{self.board}"

    def config(self, text: str) -> str:
        (self.folder / "ironcliw.toml").write_text(text)
        return str(self.folder / "ironcliw.toml")

    def call(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [*IRONCLIW, *arguments], env=self.environment, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == code, (done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    def ask(self, verb: str, **arguments: object) -> dict:
        with Connection(self.folder / "run" / "ironcliw" / "watch.sock") as connection:
            return connection.ask(verb, **arguments).data

    def files(self) -> list[Path]:
        return [path for path in (self.folder / "state").rglob("*") if path.is_file()]


@pytest.fixture
def home(tmp_path: Path):
    made = Home(tmp_path)
    yield made
    subprocess.run([*IRONCLIW, "stop"], env=made.environment, capture_output=True, timeout=60, check=False)


def test_alerts_reach_the_actions_and_are_accounted_for(home: Home) -> None:
    lines = home.folder / "alerts.jsonl"
    with receiver() as server, receiver() as heart:
        config = home.config(f"""
            [action]
            allow_private = ["localhost"]
            webhook_picture = true
            webhook_secret = "canary-of-the-secret"
            then = ["webhook:{server.url}", "jsonl:{lines}"]
            heartbeat = "{heart.url}"
        """)
        home.call("start", home.source, "--when", "text:FAILED", "--config", config)
        eventually(lambda: len(heart.seen) > 0, "a heartbeat")
        home.board.write_text(f"build FAILED {TOKEN}")
        eventually(lambda: len(server.taken) == 1 and lines.exists() and lines.read_text(), "the alert")
        (sent,) = server.json()
        assert "FAILED" in sent["text"]
        assert TOKEN[8:20] not in json.dumps(sent)
        assert "[key]" in sent["text"]
        (picture,) = sent["pictures"]
        assert picture["when"] == "after"
        shown = Image.open(BytesIO(base64.b64decode(picture["data"])))
        assert shown.size[0] > 50
        assert json.loads(lines.read_text())["id"] == sent["id"]
        eventually(lambda: home.ask("status")["actions"]["webhook"]["delivered"] == 1, "the count")
        status = home.ask("status")
        assert status["heartbeat"]["sent"] >= 1
        assert status["actions"]["jsonl"]["failed"] == 0
        eventually(lambda: "actions_delivered" in home.ask("metrics")["metrics"], "the count in the engine's metrics")
        assert home.ask("metrics")["metrics"]["actions_delivered"]["values"] == {"webhook": 1, "jsonl": 1}
        said = home.call("status")
        assert "action    webhook: 1 delivered" in said
        assert "heartbeat 1 sent" in said

        # What people say of it.
        eventually(lambda: (home.folder / "state/ironcliw/feedback.json").exists(), "the alert to be remembered")
        assert "useful" in home.call("feedback", "last", "useful")
        assert "text:FAILED: 1 useful, 0 not useful; estimated useful 80%" in home.call("feedback", "--show")
        home.call("feedback", sent["id"], "mute", "1h")
        home.board.write_text("READY again")
        time.sleep(0.5)
        home.board.write_text("the test FAILED, too")
        eventually(lambda: home.ask("status")["actions"]["webhook"]["held"] >= 1, "the alert to be held back")
        assert len(server.taken) == 1
        assert "nothing was said" in home.call("feedback", "--reset", "text:other", code=2)
        home.call("feedback", "--reset", "text:FAILED")
        home.call("stop")
        for path in home.files():
            data = path.read_bytes()
            for canary in (TOKEN[8:].encode(), b"canary-of-the-secret", b"t0ken-in-the-path", b"build FAILED"):
                assert canary not in data, path


def test_later_reminds_although_the_watch_was_started_again(home: Home) -> None:
    with receiver() as server:
        config = home.config(f"""
            [action]
            allow_private = ["localhost"]
            then = ["webhook:{server.url}"]
        """)
        home.call("start", home.source, "--when", "text:FAILED", "--config", config)
        time.sleep(0.5)
        home.board.write_text("FAILED")
        eventually(lambda: len(server.taken) == 1, "the alert")
        eventually(lambda: (home.folder / "state/ironcliw/feedback.json").exists(), "the alert to be remembered")
        home.call("feedback", "last", "later", "2s")
        home.call("stop")
        home.board.write_text("READY")
        time.sleep(2)
        home.call("start", home.source, "--when", "text:FAILED", "--config", config)
        eventually(lambda: len(server.taken) == 2, "the reminder")
        first, reminder = server.json()
    assert reminder["reminder_of"] == first["id"]
    assert reminder["rule"] == "text:FAILED"
    assert "text" not in reminder


def test_what_was_not_delivered_is_said_at_the_next_start_of_a_watch_with_a_log(home: Home) -> None:
    with receiver(["hang"]) as server:
        config = home.config(f"""
            [action]
            allow_private = ["localhost"]
            then = ["webhook:{server.url}"]
        """)
        log = f"--log={home.folder / 'events.db'}"
        home.call("start", home.source, "--when", "text:FAILED", "--config", config, log)
        time.sleep(0.5)
        home.board.write_text("FAILED")
        eventually(lambda: len(server.seen) == 1, "the alert")
        home.call("stop")
        home.call("start", home.source, "--when", "text:FAILED", "--config", config, log)
        text = (home.folder / "state/ironcliw/watch.log").read_text()
    assert "webhook had not delivered all alerts when the last watch ended: event" in text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--then", "mail:me"), "'mail' is no action; there are notify"),
        (("--then", "webhook:http://example.org/"), "without TLS"),
        (("--then", "terminal"), "no terminal"),
        (("--then", "jsonl:/none/such/x"), "no such file"),
        (("--heartbeat", "example.org"), "begins with https://"),
        (("--exec", "none-such-command"), "is not found"),
    ],
)
def test_what_cannot_be_done_is_one_line_before_anything_is_watched(
    home: Home, options: tuple[str, str], says: str
) -> None:
    said = home.call("watch", home.source, "--when", "text:x", "--for", "1s", *options, code=2)
    assert says in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [("last", "useful"), (), ("last",), ("last", "mute", "1x"), ("--reset", "none")])
def test_feedback_that_cannot_be_taken_in(home: Home, arguments: tuple[str, ...]) -> None:
    assert home.call("feedback", *arguments, code=2)
