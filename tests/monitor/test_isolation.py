"""One bad frame is left out; where none works any more, the watch says that it is blind, and does not spin."""

import logging

import numpy as np
import pytest
from scripted_source import ScriptedSource, shot

from ironcliw import kernels
from ironcliw.change import ChangeTracker
from ironcliw.monitor import Watch, WatchOptions
from painted import PaintedEngine, blank, paint

WORDS = "SECRET PLAN"


def shots(count: int):
    """A line comes with the third frame, and another with the sixth."""
    for number in range(count):
        pixels = blank()
        pixels[470:474, number * 4 : number * 4 + 4] = 200
        if number >= 2:
            paint(pixels, WORDS, 40, 60)
        if number >= 5:
            paint(pixels, "NEXT LINE", 40, 120)
        yield shot(number, number * 0.4, pixels)


def failing(monkeypatch, at, error=None) -> list[int]:
    """Let captures of these numbers, from 0, fail; counts the calls."""
    apply, calls = ChangeTracker.apply, []

    def applied(tracker, pixels, damage=None):
        calls.append(len(calls))
        if calls[-1] in at:
            raise error or RuntimeError(WORDS)
        return apply(tracker, pixels, damage)

    monkeypatch.setattr(ChangeTracker, "apply", applied)
    return calls


def run(count: int, *, live: bool) -> list:
    options = WatchOptions(engine=PaintedEngine(), pace="real" if live else "max", fps=100)
    steps = [step for each in shots(count) for step in (each, 0.25)] if live else shots(count)
    with Watch(ScriptedSource(steps, live=False), options) as running:
        return list(running)


@pytest.mark.parametrize("live", [True, False])
def test_a_bad_frame_costs_itself_and_nothing_else(monkeypatch, caplog, live):
    caplog.set_level(logging.DEBUG, "ironcliw")
    failing(monkeypatch, {2, 7})
    events = run(10, live=live)
    frames = events[-1].data["frames"]
    assert frames["dropped"]["error"] == 2
    assert frames["captured"] == frames["changed"] + frames["duplicate"] + sum(frames["dropped"].values())
    assert [event.text for event in events if event.type == "text_appeared"] == [WORDS, "NEXT LINE"]
    assert [event for event in events if event.type in ("gap", "text_vanished")] == []
    assert sum("could not be looked at" in record.message for record in caplog.records) == 1
    assert WORDS not in caplog.text


def test_where_no_frame_works_any_more_it_is_blind_until_one_does(monkeypatch):
    calls = failing(monkeypatch, range(1, 6))
    events = run(9, live=True)
    gaps = [(event.data["reason"], event.data["state"]) for event in events if event.type == "gap"]
    assert gaps == [("error", "begin"), ("error", "end")]
    assert events[-1].data["frames"]["dropped"]["error"] == 5
    assert len(calls) <= 9


def test_frames_that_all_fail_do_not_make_it_spin(monkeypatch):
    calls = failing(monkeypatch, range(1, 10**6))
    steps = ScriptedSource(shot(number, number * 0.001, blank()) for number in range(10**6))
    with Watch(steps, WatchOptions(text=False)) as running:
        while next(running).type != "gap":
            pass
        before = len(calls)
        assert running.get(1.0) is None
        assert len(calls) - before <= 4


def test_a_reading_that_fails_is_left_out(monkeypatch, caplog):
    from ironcliw.monitor.engine import Engine

    finish, calls = Engine.finish_reading, []

    def finished(engine, reading, lines):
        calls.append(len(calls))
        if calls[-1] == 1:
            raise KeyError(WORDS)
        finish(engine, reading, lines)

    monkeypatch.setattr(Engine, "finish_reading", finished)
    events = run(10, live=True)
    assert "NEXT LINE" in [event.text for event in events if event.type == "text_appeared"]
    assert events[-1].type == "summary"
    assert WORDS not in caplog.text


@pytest.mark.skipif(kernels.IMPLEMENTATION != "native", reason="nothing native to panic")
def test_a_panic_is_an_exception_like_any_other(monkeypatch):
    from ironcliw import _native  # noqa: TID251 - what panics is in there

    with pytest.raises(Exception, match="on purpose") as raised:
        _native.panic_on_purpose()
    assert isinstance(raised.value, Exception)
    failing(monkeypatch, {2}, raised.value)
    events = run(10, live=False)
    assert events[-1].data["frames"]["dropped"] == {"error": 1}
    assert np.isfinite(events[-1].time)
