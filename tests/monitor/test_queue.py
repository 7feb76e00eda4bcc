"""The queue between the watcher and whoever reads its events."""

import threading

from ironcliw.event import Event
from ironcliw.monitor.queue import EventQueue


def event(number: int, kind: str = "alert") -> Event:
    return Event(id=str(number), type=kind, time=0.0, wall="2026-01-01T00:00:00Z", source="test")


def drain(queue: EventQueue) -> list[str]:
    return [found.id for found in iter(lambda: queue.get(0), None)]


def test_first_in_first_out():
    queue = EventQueue()
    for number in range(5):
        queue.put(event(number))
    assert drain(queue) == ["0", "1", "2", "3", "4"]


def test_an_empty_queue_answers_none_in_time():
    assert EventQueue().get(timeout_s=0.01) is None


def test_when_full_the_oldest_change_goes_first():
    queue = EventQueue(capacity=3)
    for number, kind in enumerate(["alert", "change", "text_appeared", "alert", "alert"]):
        queue.put(event(number, kind))
    assert drain(queue) == ["0", "3", "4"]
    assert queue.dropped == {"change": 1, "text_appeared": 1}


def test_a_thousand_alerts_beyond_the_bound_are_dropped_and_counted():
    queue = EventQueue(capacity=10)
    for number in range(1010):
        queue.put(event(number))
    assert drain(queue) == [str(number) for number in range(1000, 1010)]
    assert queue.dropped == {"alert": 1000}


def test_closing_wakes_a_waiting_reader_and_keeps_what_is_queued():
    queue = EventQueue()
    queue.put(event(1))
    assert not queue.closed
    found = []
    reader = threading.Thread(target=lambda: found.extend(iter(queue.get, None)))
    reader.start()
    queue.close()
    reader.join(60)
    assert [item.id for item in found] == ["1"]
    assert queue.closed


def test_a_waiting_reader_sleeps_until_it_is_woken_and_then_gets_everything():
    queue = EventQueue()
    found: list[str] = []
    both = threading.Event()

    def read() -> None:
        while (item := queue.get()) is not None:
            found.append(item.id)
            if len(found) == 2:
                both.set()

    reader = threading.Thread(target=read)
    reader.start()
    queue.put(event(1))
    queue.put(event(2))
    queue.wake()
    assert both.wait(60)
    queue.close()
    reader.join(60)
    assert found == ["1", "2"]


def test_waking_without_anything_new_lets_nobody_through():
    queue = EventQueue()
    queue.wake()
    queue.put(event(1))
    queue.wake()
    queue.wake()
    assert drain(queue) == ["1"]
    assert queue.get(timeout_s=0.01) is None
