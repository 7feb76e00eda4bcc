"""While memory is too scarce to read, that is said, and what changed meanwhile is read afterwards."""

from test_monitor_engine import Bench

from ironcliw.clock import MS, SECOND
from painted import erase, paint


def told(bench: Bench) -> list[tuple[str, str, float]]:
    return [(event.data["reason"], event.data["state"], event.time) for event in bench.of("gap")]


def test_a_pause_is_a_gap_and_what_came_meanwhile_is_read_after_it():
    bench = Bench("text:BUILD FAILED", "gone:hello")
    paint(bench.pixels, "hello", 40, 60)
    bench.show(0)
    bench.settle(1000)
    bench.engine.pause_text(1000 * MS, "memory is scarce")
    bench.engine.pause_text(1001 * MS, "memory is scarce")
    erase(bench.pixels, 40, 60, 40, 16)
    paint(bench.pixels, "BUILD FAILED", 40, 160)
    bench.show(2000)
    bench.settle(20_000)
    assert bench.engine.take_reading(20 * SECOND) is None
    assert bench.alerts() == []
    assert len(bench.of("change")) == 1
    bench.engine.resume_text(21 * SECOND, "text is read again")
    bench.settle(30_000)
    assert told(bench) == [("memory", "begin", 1.0), ("memory", "end", 21.0)]
    assert [text for _, text in bench.alerts()] == ["BUILD FAILED", "hello"]


def test_a_reading_that_is_given_up_is_due_again_and_its_words_are_news():
    bench = Bench()
    bench.show(0)
    bench.settle(500)
    paint(bench.pixels, "hello", 40, 60)
    bench.show(1000)
    bench.settle(1050)
    reading = bench.engine.take_reading(1200 * MS)
    assert reading is not None
    bench.engine.put_back(reading)
    bench.settle(3000)
    assert [event.text for event in bench.of("text_appeared")] == ["hello"]


def test_the_control_a_reading_that_is_lost_loses_its_words():
    bench = Bench()
    bench.show(0)
    bench.settle(500)
    paint(bench.pixels, "hello", 40, 60)
    bench.show(1000)
    bench.settle(1050)
    assert bench.engine.take_reading(1200 * MS) is not None
    bench.settle(3000)
    assert bench.of("text_appeared") == []
