"""What agents ask a watcher in the background, by the Python API: a real service and engine, and a drawn screen."""

import asyncio
import os
import signal
import threading
import time

import pytest

import ironcliw
from conftest import START_SECONDS, eventually
from ironcliw.errors import IpcError, NoWatcherError
from ironcliw.ipc import Connection, socket_path
from watcher_home import watcher_home as watcher_home


def test_without_a_watcher_one_line_says_so(watcher_home):
    with pytest.raises(NoWatcherError, match="no watcher called 'other' is running: ironcliw start --name other"):
        ironcliw.connect("other")


def test_an_agent_asks_waits_and_searches(watcher_home):
    watcher_home.start("--when", "text:NEVER")
    with ironcliw.connect() as watcher:
        screen = watcher.screen_text()
        assert [line.text for line in screen.lines] == ["READY"]
        box = screen.lines[0].box
        assert watcher.screen_text(region=box).lines == screen.lines
        assert watcher.screen_text(region=(box.right + 8, box.bottom + 8, 4, 4)).lines == ()
        with pytest.raises(IpcError, match="a region is"):
            watcher.screen_text(region=(1, 2, 3))

        changes = watcher.what_changed_since()
        assert [event.type for event in changes.events][:1] == ["start"]
        assert watcher.what_changed_since(changes.cursor).events == ()

        # What is there already meets it at once, unless only what is new counts.
        assert watcher.wait_for("text:READY", timeout_s=20).text == "READY"
        assert watcher.wait_for("text:READY", timeout_s=0.3, now=False) is None

        shown = threading.Timer(0.5, watcher_home.show, ("READY", "JOB 7 FAILED"))
        shown.start()
        met = watcher.wait_for("text:/passed|failed/i", timeout_s=60)
        shown.join()
        assert (met.type, met.text, met.rule) == ("alert", "JOB 7 FAILED", "text:/passed|failed/i")

        after = watcher.what_changed_since(changes.cursor)
        assert [event.text for event in after.events if event.type == "text_appeared"] == ["JOB 7 FAILED"]
        assert after.lost == 0
        # What an agent waits for is its own affair: no alert of the watch, no action, nothing to count.
        assert "alert" not in {event.type for event in after.events}
        assert watcher.status()["alerts"] == 0

        assert [event.text for event in watcher.search_events("job 7", types=["text_appeared"]).events] == [
            "JOB 7 FAILED"
        ]
        assert watcher.search_events("job 7", since="1h", types=["gap"]).events == ()
        assert watcher.list_rules() == [{"rule": "text:NEVER", "state": "inactive"}]  # what was waited for is disarmed
        assert watcher.frame().pixels.shape == (320, 480, 4)


def test_nothing_that_happens_between_two_calls_is_lost(watcher_home):
    watcher = watcher_home.start()
    cursor = watcher.arm("text:/DONE \\d/")
    watcher_home.show("READY", "DONE 1")
    eventually(lambda: "DONE 1" in watcher.screen_text().text, "the line to be read")
    watcher_home.show("READY")
    eventually(lambda: "DONE 1" not in watcher.screen_text().text, "the line to be gone")
    first = watcher.wait_on(cursor)
    assert first.met.text == "DONE 1"
    pending = watcher.wait_on(first.cursor, timeout_s=0.2)
    assert (pending.met, pending.cursor) == (None, first.cursor)
    assert watcher.wait_on(cursor).met == first.met  # an answer that got lost can be asked for again

    watcher_home.crash_engine(watcher)
    assert watcher.wait_on(first.cursor, timeout_s=0.2).met is None
    watcher_home.show("READY", "DONE 2")
    assert watcher.wait_on(first.cursor).met.text == "DONE 2"
    assert watcher.list_rules()[0]["met"] == 2
    assert watcher.disarm(cursor)
    assert not watcher.disarm(cursor)
    with pytest.raises(IpcError, match="not armed"):
        watcher.wait_on(cursor)


def test_an_engine_lost_in_mid_wait_does_not_end_the_wait(watcher_home):
    watcher = watcher_home.start()
    met = []
    waiting = threading.Thread(target=lambda: met.append(watcher.wait_for("text:SHIPPED", timeout_s=120)))
    waiting.start()
    eventually(lambda: len(watcher.list_rules()) == 1, "the condition to be armed")
    os.kill(watcher.status()["engine_pid"], signal.SIGKILL)
    watcher_home.show("READY", "SHIPPED")  # drawn while nobody sees
    waiting.join(90)
    assert [event.text for event in met] == ["SHIPPED"]


def test_conditions_are_checked_bounded_and_let_go(watcher_home):
    watcher = watcher_home.start()
    with pytest.raises(IpcError, match="column"):
        watcher.arm("text:/(unclosed/")
    with pytest.raises(IpcError, match="not inside the frame"):
        watcher.arm("change:4000,0,10,10")
    with pytest.raises(IpcError, match="lease_s must be 0 to"):
        watcher.arm("text:x", lease_s=1e9)
    with pytest.raises(IpcError, match="no cursor"):
        watcher.wait_on("../../etc")
    with pytest.raises(IpcError, match="no cursor"):
        watcher.what_changed_since("yesterday")
    watcher.arm("text:soon gone", lease_s=0.2)
    armed = [watcher.arm(f"text:number {number}") for number in range(63)]
    time.sleep(0.3)  # the lease's end
    armed.append(watcher.arm("text:takes the place"))
    assert len(watcher.list_rules()) == 64
    with pytest.raises(IpcError, match="64 conditions are armed"):
        watcher.arm("text:one too many")
    assert all(watcher.disarm(cursor) for cursor in armed)
    for arguments in ({"condition": 7}, {"condition": ""}, {}, {"cursor": 5}, {"timeout_s": 51}, {"timeout_s": True}):
        with Connection(socket_path("watch")) as connection, pytest.raises(IpcError):
            connection.ask("await", **arguments)
    assert watcher.status()["state"] == "watching"


def test_stillness_is_counted_from_the_arming_on(watcher_home):
    watcher = watcher_home.start()
    time.sleep(0.6)
    began = time.monotonic()
    assert watcher.wait_for("still:0.5s", timeout_s=30) is not None
    assert time.monotonic() - began > 0.4


async def until(listed, *, empty=False):
    async with asyncio.timeout(START_SECONDS):
        while bool(await listed()) == empty:
            await asyncio.sleep(0.05)


def test_a_wait_cancelled_while_it_is_being_armed_leaves_nothing_behind(watcher_home, monkeypatch):
    watcher_home.start()
    arm, armed, answered = ironcliw.Client.arm, threading.Event(), threading.Event()

    def answered_late(self, *arguments, **named):
        cursor = arm(self, *arguments, **named)
        armed.set()
        answered.wait(START_SECONDS)
        return cursor

    monkeypatch.setattr(ironcliw.Client, "arm", answered_late)

    async def ask():
        async with await ironcliw.aconnect() as watcher:
            waiting = asyncio.create_task(watcher.wait_for("text:NEVER"))
            await asyncio.to_thread(armed.wait, START_SECONDS)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await watcher.list_rules()  # armed, and its cursor on the way to nobody
            answered.set()
            await until(watcher.list_rules, empty=True)

    asyncio.run(ask())


def test_the_same_verbs_for_asyncio(watcher_home):
    watcher_home.start()

    async def ask():
        async with await ironcliw.aconnect() as watcher:
            assert (await watcher.screen_text()).text == "READY"
            cancelled = asyncio.create_task(watcher.wait_for("text:NEVER"))
            await until(watcher.list_rules)
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            await until(watcher.list_rules, empty=True)
            waits = [watcher.wait_for(f"text:{word}", timeout_s=60) for word in ("ALPHA", "BETA")]
            asyncio.get_running_loop().call_later(0.5, watcher_home.show, "READY", "ALPHA", "BETA")
            met = await asyncio.gather(*waits)
            assert [event.text for event in met] == ["ALPHA", "BETA"]
            assert (await watcher.what_changed_since()).state == "watching"
            assert (await watcher.search_events("alpha")).events
            assert (await watcher.frame()).pixels.any()

    asyncio.run(ask())


def test_with_a_log_cursors_outlast_the_watcher(watcher_home, tmp_path):
    log = str(tmp_path / "events.db")
    watcher = watcher_home.start("--log", log)
    cursor = watcher.what_changed_since().cursor
    watcher_home.show("READY", "BEFORE")
    eventually(lambda: watcher.search_events("before").events, "the line to be in the log")
    watcher_home.call("stop")
    watcher = watcher_home.start("--log", log)
    watcher_home.show("READY", "BEFORE", "AFTERWARDS")
    assert watcher.wait_for("text:AFTERWARDS", timeout_s=60)
    eventually(lambda: watcher.search_events("afterwards").events, "the line to be in the log")
    changes = watcher.what_changed_since(cursor, types=["text_appeared", "summary"])
    assert [event.text for event in changes.events] == ["BEFORE", None, "AFTERWARDS"]
    assert changes.lost == 0
