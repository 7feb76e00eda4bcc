"""Events reach every action, and no action holds up anybody."""

from __future__ import annotations

import logging
import threading
import time

import pytest
from action_events import alert

from ironcliw.action import Dispatcher
from ironcliw.errors import ActionError, SettingsError
from ironcliw.event import Event

WAIT_S = 60.0


class Recorder:
    """An action that remembers, fails where told to, and waits while ``gate`` is closed."""

    def __init__(self, name: str = "recorder") -> None:
        self.name = name
        self.ids: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.busy = threading.Event()
        self.closed = 0
        self.fault: Exception | None = None

    def deliver(self, event: Event) -> None:
        self.busy.set()
        assert self.gate.wait(WAIT_S)
        if self.fault is not None:
            raise self.fault
        self.ids.append(event.id)

    def close(self) -> None:
        self.closed += 1
        self.gate.set()


def counts(dispatcher: Dispatcher, index: int = 0) -> tuple[int, int, int, int, int]:
    deliveries = dispatcher.deliveries()[index][1]
    return (
        deliveries.submitted,
        deliveries.delivered,
        deliveries.failed,
        deliveries.dropped,
        deliveries.waiting,
    )


def test_every_action_gets_every_event_in_order() -> None:
    actions = Recorder("one"), Recorder("two")
    dispatcher = Dispatcher(actions)
    for number in range(10):
        dispatcher.submit(alert(number))
    final = dispatcher.close(timeout_s=WAIT_S)
    assert [name for name, _ in final] == ["one", "two"]
    for action, (_, deliveries) in zip(actions, final, strict=True):
        assert action.ids == [str(number) for number in range(10)]
        assert (deliveries.delivered, deliveries.dropped, deliveries.waiting) == (10, 0, 0)
        assert action.closed == 1


def test_a_stuck_action_holds_up_nobody_and_drops_the_oldest(caplog: pytest.LogCaptureFixture) -> None:
    stuck, free = Recorder("stuck"), Recorder("free")
    stuck.gate.clear()
    dispatcher = Dispatcher([stuck, free], queue_depth=16)
    dispatcher.submit(alert(0))
    assert stuck.busy.wait(WAIT_S)
    with caplog.at_level(logging.WARNING):
        for number in range(1, 101):
            dispatcher.submit(alert(number))
    assert counts(dispatcher) == (101, 0, 0, 84, 17)
    assert [record.getMessage() for record in caplog.records if "stuck" in record.getMessage()] == [
        "stuck cannot keep up: the oldest of its waiting events are dropped"
    ]
    stuck.gate.set()
    dispatcher.close(timeout_s=WAIT_S)
    assert stuck.ids == ["0", *[str(number) for number in range(85, 101)]]
    assert counts(dispatcher) == (101, 17, 0, 84, 0)
    submitted, delivered, failed, dropped, waiting = counts(dispatcher, 1)
    assert (submitted, failed, waiting) == (101, 0, 0)
    assert delivered + dropped == 101
    assert free.ids[-1] == "100"


def test_failures_are_one_line_each_kind_and_delivery_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    action = Recorder("exec")
    dispatcher = Dispatcher([action])

    def deliver(fault: Exception | None) -> None:
        action.fault = fault
        before = sum(counts(dispatcher)[1:3])
        dispatcher.submit(alert(text="hunter2"))
        for _ in range(6_000):
            if sum(counts(dispatcher)[1:3]) > before:
                return
            time.sleep(0.01)
        raise AssertionError("not delivered")

    with caplog.at_level(logging.DEBUG):
        for fault in (ActionError("ended with 3"), ActionError("ended with 3"), ActionError("ended with 4")):
            deliver(fault)
        deliver(None)
        deliver(ActionError("ended with 4"))
        deliver(RuntimeError("hunter2"))
    dispatcher.close(timeout_s=WAIT_S)
    assert [record.getMessage() for record in caplog.records] == [
        "exec: ended with 3",
        "exec: ended with 4",
        "exec: ended with 4",
        "exec: failed on an event: RuntimeError",
    ]
    assert counts(dispatcher) == (6, 1, 5, 0, 0)
    assert "hunter2" not in caplog.text


def test_closing_gives_up_what_is_stuck_and_counts_what_was_left(caplog: pytest.LogCaptureFixture) -> None:
    action = Recorder("stuck")
    action.gate.clear()
    dispatcher = Dispatcher([action])
    for number in range(5):
        dispatcher.submit(alert(number))
    assert action.busy.wait(WAIT_S)
    with caplog.at_level(logging.WARNING):
        ((_, final),) = dispatcher.close(timeout_s=0.05)
    assert action.closed == 1
    assert (final.submitted, final.dropped, final.waiting) == (5, 4, 0)
    assert "stuck did not get to 4 events before the end" in caplog.text


def test_one_that_cannot_be_stopped_is_left_behind(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ironcliw.action.dispatcher._ABANDON_S", 0.05)

    class Deaf(Recorder):
        def close(self) -> None:
            self.closed += 1

    action = Deaf("deaf")
    action.gate.clear()
    dispatcher = Dispatcher([action])
    dispatcher.submit(alert())
    assert action.busy.wait(WAIT_S)
    with caplog.at_level(logging.WARNING):
        ((_, final),) = dispatcher.close(timeout_s=0)
    assert final.waiting == 1
    assert "deaf is still busy with an event and is left behind" in caplog.text
    action.gate.set()


def test_what_comes_after_closing_counts_as_dropped() -> None:
    action = Recorder()
    dispatcher = Dispatcher([action])
    dispatcher.close()
    dispatcher.submit(alert())
    assert counts(dispatcher) == (1, 0, 0, 1, 0)
    assert action.ids == []
    dispatcher.close()
    assert action.closed == 2


def test_threads_are_named_and_end() -> None:
    dispatcher = Dispatcher([Recorder("bell")])
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "ironcliw-bell"]
    assert thread.daemon
    dispatcher.close(timeout_s=WAIT_S)
    assert not thread.is_alive()


def test_no_actions_and_no_queue() -> None:
    dispatcher = Dispatcher([])
    dispatcher.submit(alert())
    assert dispatcher.close() == []
    with pytest.raises(SettingsError, match="at least 1"):
        Dispatcher([Recorder()], queue_depth=0)
