"""Real notifications, over a real (private) session bus, to a made-up desktop."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from action_events import alert

from conftest import eventually
from ironcliw.action import Dispatcher, Notifier, Picture
from ironcliw.action.desktop import Desktop, Words
from ironcliw.errors import ActionError
from ironcliw.frame import Rect

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("desktop_notifier") is None, reason="the extra 'notify' is missing"),
]
FAKE = Path(__file__).with_name("fake_notifications.py")


class Printed:
    """The lines a program prints; ``next`` fails rather than wait for ever."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\n"))

    def next(self) -> str:
        return self._lines.get(timeout=60)

    def join(self) -> None:
        """Wait for the end of what it prints: a stream must not be closed while it is read."""
        self._reader.join(60)


@contextmanager
def running(arguments: list[str]) -> Iterator[Printed]:
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        printed = Printed(process.stdout)
        try:
            yield printed
        finally:
            process.kill()
            process.wait()
            printed.join()


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus of our own, on which nobody answers yet."""
    config = tmp_path / "bus.conf"
    config.write_text(
        f"<busconfig><type>session</type><listen>unix:path={tmp_path / 'bus'}</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>'
        "</busconfig>"
    )
    with running(["dbus-daemon", "--nofork", "--print-address=1", f"--config-file={config}"]) as printed:
        address = printed.next()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@contextmanager
def desktop(mode: str) -> Iterator[Printed]:
    """What shows notifications; after the block the bus knows that there is none."""
    with running([sys.executable, str(FAKE), mode]) as printed:
        assert printed.next() == "ready"
        yield printed
    eventually(lambda: not asyncio.run(is_owned("org.freedesktop.Notifications")), "its name to be given back")


async def is_owned(name: str) -> bool:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

    asked = "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner"
    bus = await MessageBus().connect()
    try:
        reply = await bus.call(Message(*asked, signature="s", body=[name]))
        return bool(reply is not None and reply.body[0])
    finally:
        bus.disconnect()


def shown(printed: Printed) -> list[str]:
    return json.loads(printed.next())


@pytest.mark.usefixtures("bus")
def test_a_notification_arrives_without_text_from_the_screen() -> None:
    with desktop("ok") as printed:
        Notifier().deliver(alert(rule="text:<b>&", text="secret"))
        assert shown(printed) == ["Ironcliw", "Ironcliw: alert", "text:&lt;b&gt;&amp;\nscreen :1"]


@pytest.mark.usefixtures("bus")
def test_the_text_is_shown_where_that_is_asked_for() -> None:
    with desktop("ok") as printed:
        Notifier(show_text=True).deliver(alert(text="a <i>line\x1b[2J\u202e"))
        assert shown(printed)[2].splitlines()[2] == "a &lt;i&gt;line\\x1b[2J\\u202e"


@pytest.mark.usefixtures("bus")
def test_it_goes_through_a_dispatcher_and_from_within_an_event_loop() -> None:
    async def inside_a_loop() -> Notifier:
        return Notifier()

    with desktop("ok") as printed:
        dispatcher = Dispatcher([asyncio.run(inside_a_loop())])
        for number in range(3):
            dispatcher.submit(alert(number, rule=f"text:{number}"))
        ((name, counts),) = dispatcher.close(timeout_s=60)
        assert (name, counts.delivered, counts.failed, counts.dropped) == ("notify", 3, 0, 0)
        assert [shown(printed)[2].partition("\n")[0] for _ in range(3)] == ["text:0", "text:1", "text:2"]


@pytest.mark.usefixtures("bus")
def test_a_desktop_that_was_restarted_is_found_again() -> None:
    with desktop("ok") as printed:
        notifier = Notifier()
        notifier.deliver(alert())
        shown(printed)
    with pytest.raises(ActionError, match="no notification service can be reached"):
        notifier.deliver(alert())
    with desktop("ok") as printed:
        notifier.deliver(alert())
        assert shown(printed)[0] == "Ironcliw"


@pytest.mark.usefixtures("bus")
def test_without_a_desktop_it_is_refused_at_once() -> None:
    with pytest.raises(ActionError, match="no notification service can be reached") as caught:
        Notifier()
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("bus")
def test_a_desktop_that_refuses_is_reported() -> None:
    with desktop("failing"):
        notifier = Notifier()
        with pytest.raises(ActionError, match="did not take the notification"):
            notifier.deliver(alert())


@pytest.mark.usefixtures("bus")
def test_a_desktop_that_hangs_is_given_up() -> None:
    with desktop("hung"):
        hung = Desktop(timeout_s=2.0)
        hung.check()
        with pytest.raises(ActionError, match="no answer from the notification service"):
            hung.show(Words("title", "message"))


@pytest.mark.usefixtures("bus")
def test_buttons_say_what_was_pressed_and_the_picture_is_in_memory() -> None:
    said: queue.Queue[tuple[str, str]] = queue.Queue()
    png = b"\x89PNG of the screen"
    with desktop("buttons") as printed:
        notifier = Notifier(
            pictures=lambda event: (Picture("after", Rect(0, 0, 1, 1), png),),
            answered=lambda alert_id, verdict: said.put((alert_id, verdict)),
        )
        for number in range(4):
            notifier.deliver(alert(number, text="secret"))
            title, message, buttons, picture = json.loads(printed.next())
            assert (title, message) == ("Ironcliw: alert", "text:BUILD FAILED\nscreen :1")
            assert [each for each in buttons if each] == ["Useful", "Not useful", "Later", "Mute 1 h"]
            assert bytes.fromhex(picture) == png
        pressed = [said.get(timeout=60) for _ in range(4)]
        notifier.close()
    assert pressed == [("0", "useful"), ("1", "not-useful"), ("2", "later"), ("3", "mute")]


@pytest.mark.usefixtures("bus")
def test_with_buttons_a_desktop_that_was_restarted_is_found_again_too() -> None:
    notifier = None
    for _ in range(2):
        with desktop("buttons") as printed:
            notifier = notifier or Notifier(answered=lambda alert_id, verdict: None)
            notifier.deliver(alert())
            json.loads(printed.next())
    assert notifier is not None
    with pytest.raises(ActionError, match=r"no notification service can be reached|did not take"):
        notifier.deliver(alert())
    notifier.close()


def test_without_a_bus_it_is_refused_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    with pytest.raises(ActionError, match="no notification service can be reached") as caught:
        Notifier()
    assert "\n" not in str(caught.value)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(ActionError, match="no notification service can be reached"):
        Notifier()
