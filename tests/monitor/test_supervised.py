"""The engine in a process of its own: real signals, real restarts, and what is told after them."""

import os
import random
import signal

import pytest
from supervising import SIGNALS, following, plants  # noqa: F401 - a fixture

from conftest import eventually
from ironcliw.errors import ConditionError, SettingsError, SourceError
from ironcliw.monitor import SupervisedWatch, restarts
from rounds import rounds


def test_a_crash_is_a_gap_and_the_events_go_on(plants):  # noqa: F811
    plants.show("READY")
    with following(f"board:{plants.board}", when=["text:BUILD FAILED"]) as watch:
        eventually(lambda: watch.of("start") != [], "the start")
        plants.show("READY", "BUILD FAILED")
        eventually(lambda: watch.of("alert") != [], "the alert")
        watch.strike(signal.SIGSEGV)
        plants.show("READY", "BUILD FAILED", "ALL IS WELL")
        eventually(lambda: "ALL IS WELL" in watch.texts(), "the next line")
        events = watch.stop()
    assert watch.gaps() == [("crashed", "begin"), ("crashed", "end")]
    assert "SIGSEGV" in watch.of("gap")[0].data["detail"]
    assert watch.texts() == ["BUILD FAILED", "ALL IS WELL"]
    assert len(watch.of("alert")) == 1
    run = events[0].id.partition("-")[0]
    assert [event.id for event in events] == [f"{run}-{number + 1}" for number in range(len(events))]
    assert [event.time for event in watch.of("gap", "alert")] == sorted(
        event.time for event in watch.of("gap", "alert")
    )
    (summary,) = watch.of("summary")
    frames = summary.data["frames"]
    assert summary.data["restarts"] == 1
    assert frames["captured"] == 4  # three boards, and the second again after the crash
    assert frames["captured"] == frames["changed"] + frames["duplicate"] + frames["excluded"]


def test_what_came_while_the_engine_was_gone_is_news_and_what_went_is_gone(plants):  # noqa: F811
    plants.show("READY", "WAITING")
    with following(f"board:{plants.board}", when=["text:BUILD FAILED", "gone:WAITING"]) as watch:
        eventually(lambda: watch.of("start") != [], "the start")
        plants.show("READY", "WAITING", "FIRST")
        eventually(lambda: "FIRST" in watch.texts(), "a line")
        pid = watch.running.status.pid
        os.kill(pid, signal.SIGSTOP)
        plants.show("READY", "BUILD FAILED", "FIRST")
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: len(watch.of("alert")) == 2, "both alerts")
        watch.stop()
    assert watch.texts() == ["FIRST", "BUILD FAILED"]
    assert [event.text for event in watch.of("text_vanished")] == ["WAITING"]
    assert {event.rule for event in watch.of("alert")} == {"text:BUILD FAILED", "gone:WAITING"}


def test_an_engine_that_forgets_tells_everything_twice(plants, monkeypatch):  # noqa: F811
    """The control: without what is handed on, the tests above would fail."""
    from ironcliw.monitor.recall import Recall

    monkeypatch.setattr(Recall, "to_dict", lambda self: {**self._fields, "lines": [], "rules": {}})
    plants.show("READY")
    with following(f"board:{plants.board}", when=["text:BUILD FAILED"]) as watch:
        eventually(lambda: watch.of("start") != [], "the start")
        plants.show("READY", "BUILD FAILED")
        eventually(lambda: watch.of("alert") != [], "the alert")
        watch.strike(signal.SIGSEGV)
        eventually(lambda: len(watch.of("alert")) == 2, "the same alert")
        watch.stop()


def test_an_incident_that_nobody_follows_any_more_is_ended(plants):  # noqa: F811
    plants.show("$ make")
    with following(f"board:{plants.board}") as watch:
        eventually(lambda: watch.of("start") != [], "the start")
        plants.show("$ make", "error[E0308]: mismatched types")
        eventually(lambda: watch.of("incident") != [], "the incident")
        watch.strike(signal.SIGABRT)
        plants.show("$ make", "error[E0308]: mismatched types", "error[E0425]: cannot find value")
        eventually(lambda: len(watch.of("incident")) >= 3, "the next incident")
        watch.stop()
    told = [(event.data["incident"], event.data["state"], event.data.get("reason")) for event in watch.of("incident")]
    assert told[:3] == [(1, "begin", None), (1, "end", "lost"), (2, "begin", None)]


def test_signals_at_random_moments_lose_nothing_that_stays_on_the_screen(plants, monkeypatch):  # noqa: F811
    # Many ends within a minute make a supervisor wait for up to half a minute; a thousand would take a day's shift.
    monkeypatch.setattr(restarts, "LONGEST_DELAY_S", 0.5)
    seed = int(os.environ.get("IRONCLIW_SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed: IRONCLIW_SEED={seed}")
    chance = random.Random(seed)
    plants.show("READY")
    expected = []
    with following(f"board:{plants.board}") as watch:
        eventually(watch.begun, "the first look")
        for number in range(rounds(short=3, full=1000)):
            expected.append(f"ROUND {number:04d} {chance.randrange(10**6):06d}")
            plants.show("READY", *expected[-4:])
            pid = watch.running.status.pid
            if chance.random() < 0.5:
                eventually(lambda: expected[-1] in watch.texts(), "the line before the crash", 120)
            if pid is not None and pid == watch.running.status.pid:
                os.kill(pid, chance.choice(SIGNALS))
            eventually(lambda: expected[-1] in watch.texts(), "the line after the crash", 120)
        watch.stop()
    assert watch.texts() == expected
    assert watch.gaps().count(("crashed", "begin")) == watch.gaps().count(("crashed", "end"))


def test_what_cannot_be_watched_is_refused_as_in_process(plants):  # noqa: F811
    for source, options, error in (
        ("no-such-file.mp4", {}, SourceError),
        ("no-such-file.mp4", {"when": ["txt:x"]}, ConditionError),
        (f"board:{plants.board}", {"engine": object()}, SettingsError),
        ([], {}, SettingsError),
    ):
        with pytest.raises(error) as raised:
            SupervisedWatch(source, options)
        assert type(raised.value) is error
        assert str(raised.value)
