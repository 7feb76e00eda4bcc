"""Rules through the engine: captures in, alerts out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from test_monitor_engine import Bench

from ironcliw.clock import MS, SECOND
from ironcliw.frame import Geometry
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.wall import WallTime, parse_start
from ironcliw.rule import Rule, RuleSet, parse
from painted import erase, paint


def test_a_condition_made_of_conditions_tells_of_what_is_there():
    bench = Bench('text:"failed" and not text:"retry"')
    bench.show(0)
    paint(bench.pixels, "it failed", 40, 60)
    paint(bench.pixels, "retry", 40, 100)
    bench.show(1000)
    bench.settle(3000)
    assert bench.alerts() == []
    erase(bench.pixels, 40, 100, 200, 16)
    bench.show(4000)
    bench.settle(6000)
    (alert,) = bench.of("alert")
    assert (alert.text, alert.time) == ("it failed", 4.4)  # read at 4.1 s, and gone for good 0.3 s later
    assert [each["condition"] for each in alert.data["because"]] == ['text:"failed"', 'not text:"retry"']


def test_an_alert_says_since_when_the_frame_shows_it():
    bench = Bench("text:failed")
    bench.show(0)
    paint(bench.pixels, "it failed", 40, 60)
    bench.show(1000)
    bench.settle(3000)
    (alert,) = bench.of("alert")
    assert (alert.time, alert.data["since"], alert.data["count"], alert.data["state"]) == (1.0, 1.0, 1, "firing")


@pytest.mark.parametrize(("now", "expected"), [(False, 0), (True, 1)])
def test_what_is_absent_at_the_start_counts_once_all_is_read(now, expected):
    bench = Bench('not text:"failed"', now=now)
    paint(bench.pixels, "all is well", 40, 60)
    bench.show(0)
    assert bench.alerts() == []
    bench.settle(3000)
    assert len(bench.alerts()) == expected


def test_being_blind_is_told_after_the_gap():
    bench = Bench("blind")
    bench.show(0)
    bench.engine.gap(2 * SECOND, "lost", "begin", "it is gone")
    assert [event.type for event in bench.of("gap", "alert")] == ["gap", "alert"]


def test_a_picture_is_seen_in_the_frame(tmp_path):
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(small).save(tmp_path / "small.png")
    bench = Bench(f'image("{tmp_path}/small.png")')
    bench.show(0)
    bench.pixels[200:216, 300:316, :3] = small[:, :, ::-1]
    bench.show(1000)
    (alert,) = bench.of("alert")
    assert (alert.time, [list(region) for region in alert.regions]) == (1.0, [[300, 200, 16, 16]])


def test_another_engine_goes_on_where_the_rules_stood():
    def engine(events: list) -> Engine:
        rule = Rule("broke", parse('text:"failed"'), cooldown_ns=60 * SECOND, resolved=True)
        rules = RuleSet([rule, 'not text:"failed" for 30s'], now=False)
        setup = EngineSetup(source="test", run="r", rules=rules, live=False, lossless=True)
        return Engine(setup, events.append)

    bench = Bench()
    bench.engine = engine(bench.events)
    bench.engine.begin(Geometry(640, 480), {"geometry": {}}, 0)
    bench.show(0)
    paint(bench.pixels, "it failed", 40, 60)
    bench.show(1000)
    bench.settle(2000)
    assert [alert.rule for alert in bench.of("alert")] == ["broke"]
    recall = json.loads(json.dumps(bench.engine.recall()))
    bench.engine = engine(bench.events)
    bench.engine.resume(Geometry(640, 480), recall, 3 * SECOND)
    bench.show(3000)
    bench.settle(5000)
    erase(bench.pixels, 40, 60, 200, 16)
    bench.show(6000)
    bench.settle(7000)
    paint(bench.pixels, "it failed", 40, 60)
    bench.show(8000)
    bench.settle(9000)
    told = [(alert.rule, alert.data["state"]) for alert in bench.of("alert")]
    assert told == [("broke", "firing"), ("broke", "resolved")], "the cooldown of before still holds"


def test_time_on_the_wall_of_a_recording_goes_with_it():
    wall = WallTime(parse_start("2026-03-29T00:30+00:00"))
    assert (wall(1800 * SECOND) - wall(0)).total_seconds() == 1800
    assert wall(0).timestamp() == parse_start("2026-03-29T01:30+01:00").timestamp()
    assert abs(wall(500 * MS).timestamp() - wall(0).timestamp() - 0.5) < 1e-6
