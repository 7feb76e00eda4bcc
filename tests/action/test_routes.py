"""Alerts go to the actions of their rule; what is not delivered is known after a crash."""

from __future__ import annotations

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from action_events import alert

from ironcliw.action import Dispatcher, Undelivered, undelivered_path
from ironcliw.errors import ActionError
from ironcliw.event import Event


class Collected:
    def __init__(self, name: str, *, fails: bool = False, waits: threading.Event | None = None) -> None:
        self.name, self.ids = name, list[str]()
        self._fails, self._waits = fails, waits

    def deliver(self, event: Event) -> None:
        if self._waits is not None:
            self._waits.wait(30)
        if self._fails:
            raise ActionError("it does not work")
        self.ids.append(event.id)

    def close(self) -> None:
        if self._waits is not None:
            self._waits.set()


def named(number: int, name: str) -> Event:
    return Event(id=str(number), type="alert", time=1, wall="", source="s", rule="text:a", data={"name": name})


def test_each_rule_has_its_actions_and_the_others_the_default() -> None:
    usual, paged, both = Collected("usual"), Collected("exec"), Collected("exec")
    dispatcher = Dispatcher([usual], routes={"outage": [paged, both], "text:b": [both], "silent": []})
    for event in (named(1, "outage"), named(2, "silent"), alert(3, rule="text:b"), alert(4, rule="text:c")):
        dispatcher.submit(event)
    counts = dict(dispatcher.close())
    assert (usual.ids, paged.ids, both.ids) == (["4"], ["1"], ["1", "3"])
    assert {name: each.delivered for name, each in counts.items()} == {"usual": 1, "exec": 1, "exec-2": 2}


def test_one_that_does_not_work_keeps_none_from_hearing() -> None:
    hung = threading.Event()
    slow, broken, good = Collected("slow", waits=hung), Collected("broken", fails=True), Collected("good")
    dispatcher = Dispatcher([slow, broken, good])
    for number in range(5):
        dispatcher.submit(alert(number))
    deadline = time.monotonic() + 30
    while len(good.ids) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert good.ids == ["0", "1", "2", "3", "4"]
    hung.set()
    counts = dict(dispatcher.close(30))
    assert (counts["broken"].lost, counts["slow"].lost, counts["good"].lost) == (5, 0, 0)


def test_what_was_not_delivered_is_said_at_the_next_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = undelivered_path(tmp_path / "events.db")
    hung = threading.Event()
    kept = Undelivered(path)
    dispatcher = Dispatcher([Collected("webhook", fails=True), Collected("exec")], undelivered=kept)
    for number in range(3):
        dispatcher.submit(alert(number, text="canary"))
    dispatcher.close()
    kept.close()
    hung.set()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "canary" not in path.read_text()
    caplog.set_level(logging.WARNING)
    after = Undelivered(path)
    assert after.before == {"webhook": ["0", "1", "2"]}
    after.say_before()
    assert "webhook had not delivered all alerts when the last watch ended: 3 events, 0 to 2" in caplog.text
    after.close()
    assert not path.exists()


_VICTIM = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from action_events import alert
from ironcliw.action import Dispatcher, Undelivered
class Half:
    name = "half"
    def deliver(self, event):
        if int(event.id) >= 3: time.sleep(600)
    def close(self): pass
dispatcher = Dispatcher([Half()], undelivered=Undelivered(Path(sys.argv[1])))
for number in range(6): dispatcher.submit(alert(number))
time.sleep(600)
"""


def test_a_killed_watch_leaves_what_it_did_not_deliver(tmp_path: Path) -> None:
    path = tmp_path / "undelivered"
    command = [sys.executable, "-c", _VICTIM, str(path), str(Path(__file__).parent)]
    with subprocess.Popen(command) as victim:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if path.exists() and json.loads(path.read_text())["undelivered"].get("half") == ["3", "4", "5"]:
                break
            time.sleep(0.05)
        os.kill(victim.pid, signal.SIGKILL)
    left = Undelivered(path)
    assert left.before == {"half": ["3", "4", "5"]}
    left.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"undelivered": 3}', '{"v": 1}'])
def test_a_file_that_is_none_of_ours_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "undelivered"
    path.write_text(text)
    kept = Undelivered(path)
    assert kept.before == {}
    kept.close()
