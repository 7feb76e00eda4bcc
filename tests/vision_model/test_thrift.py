"""When a question is worth a request: what changed, what it has to do with it, and what was asked in vain."""

from __future__ import annotations

import numpy as np

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.vision_model.cells import cell_means
from ironcliw.vision_model.relevance import Topic
from ironcliw.vision_model.reserve import Bucket
from ironcliw.vision_model.shapes import VAIN_FIRST_NS, Vain, shape_of
from ironcliw.vision_model.thrift import PATIENCE_FIRST_NS, STOOD_NS, State, Thrift


def state(seconds: float, *lines: str, dot: int = 0, restless: bool = False) -> State:
    pixels = np.full((200, 400, 4), 30, np.uint8)
    pixels[44:52, 10:18, 1] = dot
    placed = [(line, Rect(30, 40 * at, 200, 20)) for at, line in enumerate(lines)]
    return State((400, 200), cell_means(pixels), placed, int(seconds * SECOND), lambda rect: restless)


def test_what_is_to_the_point_is_asked_at_once_and_what_is_not_with_patience() -> None:
    thrift = Thrift("the deploy of api-server is green")
    start = state(0, "shop", "api-server waiting")
    assert thrift.decide(start).what == "ask"
    thrift.asked(start, "no", thrift.decide(start))
    assert thrift.decide(state(1, "shop", "api-server waiting")).what == "same"
    assert thrift.decide(state(2, "shop", "api-server waiting", dot=200, restless=True)).what == "same"
    dot = thrift.decide(state(3, "shop", "api-server waiting", dot=200))
    assert (dot.what, dot.due_ns) == ("later", 3 * SECOND + STOOD_NS)  # its words may not be read yet
    assert thrift.decide(state(6, "shop", "api-server waiting", dot=200)).reason == "pixels"
    assert thrift.decide(state(7, "shop opens", "api-server waiting")).what == "later"
    assert thrift.decide(state(8, "shop", "api-server deployed")).what == "ask"
    late = state(PATIENCE_FIRST_NS / SECOND + 1, "shop opens", "api-server waiting")
    assert thrift.decide(late).reason == "patience"


def test_a_flood_that_is_to_the_point_is_asked_about_now_and_then() -> None:
    thrift, asked = Thrift("the build failed"), 0
    for second in range(0, 3_600, 5):
        now = state(second, f"build step {chr(97 + second % 26)}{chr(97 + second // 26 % 26)}")
        decision = thrift.decide(now)
        if decision.what == "ask":
            asked += 1
            thrift.asked(now, "no", decision)
    assert 20 <= asked <= 60


def asked(thrift: Thrift, now: State, verdict: str, quote: str | None = None) -> bool:
    """Whether it was worth a request; then it was answered so."""
    decision = thrift.decide(now)
    if decision.what == "ask":
        thrift.asked(now, verdict, decision, quote)  # pyright: ignore[reportArgumentType]
    return decision.what == "ask"


def test_what_is_as_it_was_before_it_was_so_is_not_so_any_more_and_nobody_is_asked() -> None:
    thrift = Thrift("there is a message from Anna")
    assert asked(thrift, state(0, "shop", "mails"), "no")
    for second in (10, 30, 50):
        assert asked(thrift, state(second, "shop", "Anna: hello", dot=200), "yes")
        undone = state(second + 5, "shop", "mails")
        decision = thrift.decide(undone)
        assert (decision.what, decision.known) == ("known", "no")
        thrift.asked(undone, "no", decision)
        assert thrift.verdict == "no"


def test_where_something_else_has_come_as_well_it_is_asked() -> None:
    thrift = Thrift("there is a message from Anna")
    assert asked(thrift, state(0, "shop", "mails"), "no")
    assert asked(thrift, state(10, "shop", "Anna: hello"), "yes")
    assert thrift.decide(state(15, "shop", "mails", "and one more message from her")).what == "ask"


def test_no_is_concluded_from_nothing_that_does_not_show_where_it_was() -> None:
    """A crop of another place holds no message, and says nothing about the one that is still there."""
    thrift = Thrift("there is a message from Anna")
    start = State((400, 800), state(0).cells.repeat(4, axis=0), [("shop", Rect(30, 0, 200, 20))], 0)
    message, other = ("Anna: hello", Rect(30, 100, 200, 20)), ("a message", Rect(30, 700, 200, 20))
    thrift.asked(start, "no", thrift.decide(start))
    came = State(start.size, start.cells, [*start.lines, message], 10 * SECOND)
    assert asked(thrift, came, "yes")
    more = State(start.size, start.cells, [*start.lines, message, other], 30 * SECOND)
    decision = thrift.decide(more)
    assert decision.what == "ask"
    for box in (message[1], other[1]):
        assert any(part.intersection(box) == box for part in decision.parts)


def test_a_yes_of_which_nobody_knows_where_is_only_taken_back_by_a_look_at_all_of_it() -> None:
    thrift = Thrift("the build is green")
    assert asked(thrift, state(0, "shop", "mails"), "yes")
    decision = thrift.decide(state(10, "shop", "mails", "a build"))
    assert (decision.what, decision.parts) == ("ask", ())


def test_what_was_asked_in_vain_waits_and_then_is_asked_again() -> None:
    thrift = Thrift("the newest build has failed", Bucket(1, 10**18))
    assert asked(thrift, state(0, "shop"), "no")
    assert asked(thrift, state(10, "shop", "build 7 passed"), "no")
    assert asked(thrift, state(20, "shop"), "no")  # it has gone
    assert not asked(thrift, state(30, "shop", "build 8 passed"), "no")
    assert asked(thrift, state(40, "shop", "build 0 passed"), "no")  # none is another thing than some
    late_s = VAIN_FIRST_NS // SECOND + 60
    assert not asked(thrift, state(50, "shop", "build 0 passed", "build 4 passed"), "no")
    assert asked(thrift, state(late_s, "shop", "build 9 passed"), "yes")
    assert asked(thrift, state(late_s + 10, "shop", "build 9 passed", "build 10 passed with 0 errors"), "no")


def test_a_block_of_words_that_were_never_there_is_worth_a_look_where_nothing_is_to_the_point() -> None:
    thrift = Thrift("somebody wants to be let in", Bucket(1, 10**18))
    assert asked(thrift, state(0, "shop"), "no")
    assert not asked(thrift, state(10, "shop", "one line"), "no")
    block = state(20, "shop", "one line", "Updater", "needs the keys")
    assert asked(thrift, block, "no")
    assert not asked(thrift, state(30, "shop", "one line"), "no")
    assert not asked(thrift, state(40, "shop", "one line", "Updater", "needs the keys"), "no")


def test_patience_is_shared_by_all_that_ask() -> None:
    reserve = Bucket(1, 3_600 * SECOND)
    first, second = Thrift("the build is green", reserve), Thrift("the tests are through", reserve)
    for thrift in (first, second):
        assert asked(thrift, state(0, "shop"), "no")
    late = state(PATIENCE_FIRST_NS / SECOND + 1, "shop opens")
    assert asked(first, late, "no")
    decision = second.decide(late)
    assert decision.what == "later"
    assert decision.due_ns > late.time_ns + 3_000 * SECOND


def test_shapes_and_what_is_vain() -> None:
    assert shape_of("BUILD 12 FAILED: 3 errors") == shape_of("build 7 failed 1 Errors")
    assert shape_of("0 errors") != shape_of("3 errors")
    vain = Vain()
    vain.add("a", 0)
    assert vain.holds("a", VAIN_FIRST_NS - 1)
    assert not vain.holds("a", VAIN_FIRST_NS)
    vain.add("a", VAIN_FIRST_NS)
    assert vain.holds("a", 3 * VAIN_FIRST_NS - 1)
    assert not vain.holds("b", 0)
    vain.forget()
    assert not vain.holds("a", 1)


def test_the_same_words_once_more_are_news_and_a_figure_that_goes_on_is_none() -> None:
    thrift = Thrift("the newest build has failed")
    assert asked(thrift, state(0, "build 1 failed", "build 1 passed"), "no")
    assert thrift.decide(state(10, "build 2 failed", "build 1 passed")).what == "same"  # in its place
    assert asked(thrift, state(30, "build 2 failed", "build 1 passed", "build 2 failed"), "yes")


def test_in_a_list_that_scrolls_the_new_line_is_news_and_that_the_others_moved_is_not() -> None:
    thrift = Thrift("the newest build has failed", Bucket(0, 10**18))
    assert asked(thrift, state(0, "build 1 passed", "build 1 failed", "built a wheel", "shop"), "no")
    assert thrift.decide(state(10, "build 1 failed", "built a wheel", "shop", "mails")).what == "later"
    moved = state(20, "built a wheel", "shop", "mails", "build 2 failed")  # where an older one was, others came
    decision = thrift.decide(moved)
    assert (decision.reason, decision.about) == ("words", ("+build # failed",))
    thrift.asked(moved, "yes", decision, "build 2 failed")
    assert thrift.decide(state(40, "shop", "mails", "build 2 failed", "opens")).what == "later"


def test_what_has_turned_the_answer_is_asked_about_although_it_was_in_vain_since() -> None:
    thrift = Thrift("the newest build has failed", Bucket(0, 10**18))
    assert asked(thrift, state(0, "shop"), "no")
    assert asked(thrift, state(10, "shop", "build 1 failed"), "yes", "build 1 failed")
    assert asked(thrift, state(20, "shop", "build 1 failed", "build 1 passed"), "no", "build 1 passed")
    both = ("shop", "build 1 failed", "build 1 passed", "build 2 failed", "build 2 passed")
    assert asked(thrift, state(200, *both), "no")
    assert not asked(thrift, state(400, *both[:4], "build 2 passed", "build 3 passed"), "no")
    assert asked(thrift, state(600, *both, "build 3 passed", "build 4 failed"), "yes", "build 4 failed")


def test_a_word_that_stands_for_one_of_the_question_counts_beside_its_own_words_or_where_there_are_none() -> None:
    thrift = Thrift("the light beside queue is red", Bucket(0, 10**18))
    assert asked(thrift, state(0, "queue: running", "", "", "", "shop"), "no")
    assert thrift.decide(state(10, "queue: running", "", "", "", "shop", "build failed")).what == "later"
    assert thrift.decide(state(20, "queue: running", "failed", "", "", "shop")).reason == "words"
    alone = Thrift("the light beside queue is red", Bucket(0, 10**18))
    assert asked(alone, state(0, "shop"), "no")
    assert asked(alone, state(10, "shop", "", "", "", "failed"), "no")


def test_what_blinks_at_the_end_of_a_line_beside_is_no_change_of_the_one_that_is_asked_about() -> None:
    topic = Topic("the newest build has failed")
    lines = [("build 7 passed", Rect(30, 100, 140, 16)), ("$ git log", Rect(30, 120, 90, 16))]
    assert topic.near(Rect(160, 96, 32, 16), lines)  # a mark behind its own line
    assert topic.near(Rect(0, 112, 32, 32), lines)  # and before the next
    assert not topic.near(Rect(112, 112, 16, 32), lines)
