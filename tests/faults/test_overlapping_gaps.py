"""A screen that cannot be seen for two reasons at once is seen again when both have ended."""

from ironcliw.clock import SECOND
from ironcliw.frame import Geometry
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.perceiving import Perceiver, read_nothing
from ironcliw.monitor.recorded import advance
from ironcliw.rule import RuleSet
from ironcliw.source import Capture
from painted import blank


def told(events: list) -> list[tuple]:
    return [
        (event.time, event.rule or (event.data["reason"], event.data["state"]))
        for event in events
        if event.type in ("gap", "alert")
    ]


def test_a_server_that_returns_with_a_black_screen_is_not_still():
    events = []
    setup = EngineSetup(source="test", run="r", live=False, lossless=True, rules=RuleSet(["still:3s"], now=False))
    engine = Engine(setup, events.append)
    light = blank()
    black = light * 0
    engine.begin(Geometry(640, 480), {"geometry": {}}, 0)
    for number, (second, pixels) in enumerate([(0, light), (1, black), (10, black), (20, light)]):
        if second == 10:
            engine.gap(8 * SECOND, "lost", "begin", "the server went away")
            engine.gap(9 * SECOND, "lost", "end", "the source is seen again")
        advance(engine, second * SECOND, Perceiver(read_nothing))
        engine.capture(Capture(number, second * SECOND, second * SECOND), pixels)
        advance(engine, {0: 0, 1: 7, 10: 19, 20: 30}[second] * SECOND, Perceiver(read_nothing))
    assert told(events) == [
        (4.0, "still:3s"),
        (6.0, ("black", "begin")),
        (8.0, ("lost", "begin")),
        (9.0, ("lost", "end")),
        (20.0, ("black", "end")),
        (23.0, "still:3s"),
    ]
