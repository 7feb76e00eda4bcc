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

import jsonschema
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "action"))
from webhook_server import receiver

from conftest import eventually, threads
from ironcliw.errors import ActionError
from ironcliw.event import Event, schema
from ironcliw.ipc import Connection
from ironcliw.rule.occurrence import FLICKER_NS
from ironcliw.service.acting import Acting, Wanted
from watcher_home import write_whole

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

    def show(self, text: str) -> None:
        write_whole(self.board, text)

    def read(self, text: str) -> bool:
        """Whether this is what the watcher knows to be on the screen."""
        return [line["text"] for line in self.ask("screen_text")["lines"]] == [text]

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
        rules, paged = home.folder / "rules.toml", home.folder / "paged.jsonl"
        rules.write_text(f'[[rule]]\nname = "outage"\nwhen = "text:OUTAGE"\nthen = ["jsonl:{paged}"]\n')
        home.call("start", home.source, "--when", "text:FAILED", "--rules", str(rules), "--config", config)
        eventually(lambda: len(heart.seen) > 0, "a heartbeat")
        home.show(f"build FAILED {TOKEN}")
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
        assert home.ask("metrics")["metrics"]["actions_delivered"]["values"] == {"webhook": 1, "jsonl": 1, "jsonl-2": 0}
        said = home.call("status")
        assert "action    webhook: 1 delivered" in said
        assert "heartbeat 1 sent" in said

        # What people say of it.
        eventually(lambda: (home.folder / "state/ironcliw/feedback.json").exists(), "the alert to be remembered")
        assert "useful" in home.call("feedback", "last", "useful")
        assert "text:FAILED: 1 useful, 0 not useful; estimated useful 80%" in home.call("feedback", "--show")
        home.call("feedback", sent["id"], "mute", "1h")
        home.show("READY again")
        eventually(lambda: home.read("READY again"), "the alert's line to be gone")
        time.sleep(2 * FLICKER_NS / 1e9)  # what comes back sooner was only misread
        home.show("the test FAILED, too")
        eventually(lambda: home.ask("status")["actions"]["webhook"]["held"] >= 1, "the alert to be held back")
        assert len(server.taken) == 1
        assert "nothing was said" in home.call("feedback", "--reset", "text:other", code=2)
        home.call("feedback", "--reset", "text:FAILED")

        # A rule that says itself what is done about it.
        home.show("an OUTAGE of it all")
        eventually(lambda: paged.exists() and paged.read_text().endswith("\n"), "the rule's own action")
        assert json.loads(paged.read_text())["rule"] == "outage"
        assert (len(server.taken), len(lines.read_text().splitlines())) == (1, 1)
        home.call("stop")
        for path in home.files():
            data = path.read_bytes()
            for canary in (TOKEN[8:].encode(), b"canary-of-the-secret", b"t0ken-in-the-path", b"build FAILED"):
                assert canary not in data, path


def test_after_a_restart_it_reminds_and_says_what_was_not_delivered(home: Home) -> None:
    with receiver(["ok", "hang", "ok"]) as server:
        config = home.config(f"""
            [action]
            allow_private = ["localhost"]
            then = ["webhook:{server.url}"]
        """)
        watch = (
            "start",
            home.source,
            "--when",
            "text:FAILED",
            "--when",
            "text:BROKEN",
            "--config",
            config,
            f"--log={home.folder / 'events.db'}",
        )
        home.call(*watch)
        eventually(lambda: home.read("READY"), "the first look")
        home.show("the build FAILED")
        eventually(lambda: len(server.taken) == 1, "the alert")
        eventually(lambda: (home.folder / "state/ironcliw/feedback.json").exists(), "the alert to be remembered")
        home.call("feedback", "last", "later", "10m")
        home.show("it is all BROKEN now")
        eventually(lambda: len(server.seen) == 2, "the alert that is not taken")
        home.call("stop")
        home.board.write_text("READY")
        kept = home.folder / "state/ironcliw/feedback.json"
        said = json.loads(kept.read_text())
        said["later"][0]["at_ns"] = time.time_ns()  # ten minutes later
        kept.write_text(json.dumps(said))
        home.call(*watch)
        eventually(lambda: len(server.taken) == 2, "the reminder")
        first, reminder = server.json()
    text = (home.folder / "state/ironcliw/watch.log").read_text()
    assert "webhook had not delivered all alerts when the last watch ended: event" in text
    assert reminder["reminder_of"] == first["id"]
    assert reminder["rule"] == "text:FAILED"
    assert "text" not in reminder
    jsonschema.validate(reminder, schema())


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted(then=("mail:me",)), "'mail' is no action; there are notify"),
        (Wanted(then=("webhook:http://example.org/",)), "without TLS"),
        (Wanted(then=("terminal",)), "no terminal"),
        (Wanted(then=("jsonl:/none/such/x",)), "no such file"),
        (Wanted(heartbeat="example.org"), "begins with https://"),
        (Wanted(exec="none-such-command"), "is not found"),
        (Wanted(rules={"broke": ["mail:me"]}), "'mail' is no action"),
        (Wanted(settings={"then": ["sound:/none/such"]}), "cannot be read"),
        (Wanted(settings={"webhook_secret_file": "/none/such"}), "no such file"),
        (Wanted(settings={"proxy": "socks5://x"}, then=("webhook:https://example.org/",)), "http://HOST:PORT"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_nothing_stays(
    wanted: Wanted, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Running:
        seconds_since_verified = 0.0

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    before = threads()
    with pytest.raises(ActionError, match=says) as caught:
        Acting(wanted, Running())
    assert "\n" not in str(caught.value)
    assert threads() <= before  # those of tests before may have gone meanwhile


def test_the_command_line_says_so_before_anything_is_watched(home: Home) -> None:
    said = home.call("watch", home.source, "--when", "text:x", "--for", "1s", "--then", "mail:me", code=2)
    assert said.startswith("ironcliw: 'mail' is no action; there are notify, ")
    assert len(said.strip().splitlines()) == 1
    assert home.call("feedback", "last", "useful", code=2).startswith("ironcliw: no alert has come yet")


def test_given_actions_replace_those_that_are_set() -> None:
    settings = {"notify": False, "exec": "true", "then": ["sound"]}
    assert [spec.kind for spec in Wanted(settings=settings).specs] == ["sound", "exec"]
    assert [spec.kind for spec in Wanted(then=("jsonl:x", "jsonl:x"), settings=settings).specs] == ["jsonl", "exec"]
    assert [spec.kind for spec in Wanted(notify=True, exec="date", settings=settings).specs] == ["notify", "exec"]


def test_a_heartbeat_is_for_a_screen_that_is_truly_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Running:
        seconds_since_verified: float | None = None

    def gap(reason: str, state: str) -> Event:
        return Event(id="1", type="gap", time=0, wall="", source="s", data={"reason": reason, "state": state})

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    running = Running()
    with Acting(Wanted(), running) as acting:
        assert not acting.sees()
        for verified_s, sees in ((0.5, True), (59.0, True), (61.0, False), (0.5, True)):
            running.seconds_since_verified = verified_s
            assert acting.sees() == sees
        for reason in ("black", "paused"):
            acting.take(gap(reason, "begin"))
        acting.take(gap("paused", "end"))
        assert not acting.sees()
        acting.take(gap("black", "end"))
        assert acting.sees()
