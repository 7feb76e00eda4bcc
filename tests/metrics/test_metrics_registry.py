"""Counters, gauges and collectors; what is refused; what is bounded."""

from __future__ import annotations

import json
import math
import threading

import pytest

from conftest import eventually, threads
from ironcliw import metrics
from ironcliw.metrics import Absent, Family, Registry, Snapshot, memory_metrics, process_metrics
from ironcliw.metrics.registry import NAMES_MOST, OTHER


def test_threads_that_hammer_one_counter_lose_nothing() -> None:
    registry = Registry()
    counter = registry.counter("messages", "Messages.", "peer")

    def hammer(label: str) -> None:
        for _ in range(5000):
            counter.add(1, label)
            registry.counter("messages", "Messages.", "peer").add(2, "all")

    threads = [threading.Thread(target=hammer, args=(f"p{number % 4}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        registry.snapshot()
    for thread in threads:
        thread.join()
    assert registry.snapshot().values("messages") == {**dict.fromkeys(("p0", "p1", "p2", "p3"), 10_000), "all": 80_000}


def test_a_gauge_goes_up_and_down() -> None:
    gauge = Registry().gauge("waiting", "What waits.")
    gauge.set(5)
    gauge.add(-2)
    assert gauge.family == Family("waiting", "gauge", "What waits.", {"": 3})


@pytest.mark.parametrize("by", [-1, math.nan, math.inf])
def test_a_counter_only_grows_by_numbers(by: float) -> None:
    with pytest.raises(ValueError, match="only grows"):
        Registry().counter("messages", "Messages.").add(by)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_gauge_takes_numbers(value: float) -> None:
    with pytest.raises(ValueError, match="numbers that end"):
        Registry().gauge("waiting", "What waits.").set(value)


def test_words_of_a_screen_are_no_labels_and_are_not_repeated() -> None:
    counter = Registry().counter("messages", "Messages.", "peer")
    for words in ("Password: hunter2", "", "A", "x" * 49, 'a"b', "a\nb"):
        with pytest.raises(ValueError, match="short plain name") as caught:
            counter.add(1, words)
        assert "hunter2" not in str(caught.value)
    with pytest.raises(ValueError, match="nothing as its label"):
        Registry().counter("messages", "Messages.").add(1, "peer")


@pytest.mark.parametrize("name", ["", "Frames", "a-b", "1a", "a b", "a" * 49])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(ValueError, match="names are"):
        Registry().counter(name, "Something.")


def test_a_name_is_of_one_kind() -> None:
    registry = Registry()
    registry.counter("messages", "Messages.")
    with pytest.raises(ValueError, match="counter already"):
        registry.gauge("messages", "Messages.")
    assert registry.counter("messages", "Messages.") is registry.counter("messages", "Messages.")


def test_labels_and_stages_without_end_are_counted_under_other() -> None:
    registry = Registry()
    counter = registry.counter("messages", "Messages.", "peer")
    for number in range(1000):
        counter.add(1, f"p{number}")
        registry.observe(f"s{number}", 1.0)
    taken = registry.snapshot()
    assert len(taken.values("messages")) == len(taken.stages) == NAMES_MOST + 1
    assert taken.value("messages", OTHER) == taken.stages[OTHER].count == 1000 - NAMES_MOST


@pytest.mark.parametrize(("stage", "ms"), [("work", -0.1), ("work", math.nan), ("work", math.inf), ("No Name", 1.0)])
def test_observe_refuses_what_is_no_time_or_name(stage: str, ms: float) -> None:
    registry = Registry()
    with pytest.raises(ValueError, match="stage"):
        registry.observe(stage, ms)
    assert not registry.snapshot().stages


def test_a_collector_that_fails_leaves_the_others_alone() -> None:
    registry = Registry()

    def broken() -> list[Family]:
        raise OSError("secret words")

    registry.collect(broken)
    registry.collect(lambda: [Family("good", "gauge", "Good.", {"": 1})])
    taken = registry.snapshot()
    assert taken.value("good") == 1
    assert taken.absent == {"broken": "could not be asked: OSError"}


def test_what_one_does_not_know_and_another_does_is_known() -> None:
    registry = Registry()
    registry.collect(lambda: [Absent("memory_used_bytes", "no ledger of memory is kept")])
    assert registry.snapshot().absent == {"memory_used_bytes": "no ledger of memory is kept"}
    registry.collect(memory_metrics(lambda: {"archive": (10, 50), "ring": (20, None)}, lambda: "low"))
    taken = registry.snapshot()
    assert not taken.absent
    assert taken.values("memory_used_bytes") == {"archive": 10, "ring": 20}
    assert taken.values("memory_budget_bytes") == {"archive": 50}
    assert taken.values("memory_pressure") == {"low": 1}


def test_two_collectors_may_know_some_labels_each() -> None:
    registry = Registry()
    registry.collect(lambda: [Family("queue_length", "gauge", "What waits.", {"events": 1}, "queue")])
    registry.collect(lambda: [Family("queue_length", "gauge", "What waits.", {"exec": 2}, "queue")])
    assert registry.snapshot().values("queue_length") == {"events": 1, "exec": 2}
    registry.collect(lambda: [Family("queue_length", "counter", "Another thing.", {"": 7})])
    assert registry.snapshot().values("queue_length") == {"": 7}


def test_a_snapshot_survives_json() -> None:
    registry = Registry()
    registry.observe("work", 2.5)
    registry.counter("messages", "Messages.", "peer").add(3, "archive")
    registry.collect(lambda: [Absent("gpu_busy_ratio", "none")])
    taken = registry.snapshot()
    assert Snapshot.from_dict(json.loads(json.dumps(taken.to_dict()))) == taken


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"uptime_s": "1", "metrics": {}, "stages": {}, "absent": {}},
        {"uptime_s": 1, "metrics": {"a": {"kind": "x", "help": "", "values": {}}}, "stages": {}, "absent": {}},
        {
            "uptime_s": 1,
            "metrics": {"a": {"kind": "gauge", "help": "", "values": {"": True}}},
            "stages": {},
            "absent": {},
        },
        {"uptime_s": 1, "metrics": {}, "stages": {"a": {"count": 1}}, "absent": {}},
        {"uptime_s": 1, "metrics": [], "stages": {}, "absent": {}},
    ],
)
def test_what_is_no_snapshot_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a snapshot"):
        Snapshot.from_dict(broken)


def test_the_program_has_a_registry_of_its_own() -> None:
    metrics.observe("test_step", 3.25)
    taken = metrics.snapshot()
    assert taken.stages["test_step"].max_ms == 3.25
    assert taken.value("cpu_seconds", "user") is not None
    assert taken.absent["gpu_busy_ratio"]
    assert Registry().snapshot().stages == {}


def test_the_process_is_counted_as_the_system_counts_it(tmp_path) -> None:
    registry = Registry()
    registry.collect(process_metrics())

    def told(name: str) -> float:
        return registry.snapshot().value(name)

    def one_more() -> bool:
        before = told("descriptors")
        with open(tmp_path / "held", "w"):
            return told("descriptors") == before + 1

    # What tests before this one left may go between two looks.
    eventually(one_more, "an open file is not counted")
    eventually(lambda: told("threads") == threads(), "threads are counted otherwise")
    assert told("resident_bytes") > 1 << 20
    eventually(lambda: sum(range(10_000)) > 0 and registry.snapshot().value("cpu_seconds", "user") > 0, "time to pass")
