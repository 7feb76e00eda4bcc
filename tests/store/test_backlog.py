"""The backlog is bounded, keeps the order, and counts every event exactly once."""

from __future__ import annotations

from events import made
from hypothesis import given
from hypothesis import strategies as st

from ironcliw.store.backlog import LARGEST_EVENT_BYTES, Backlog
from ironcliw.store.row import row_of

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"), st.sampled_from(["change", "text_moved", "alert", "text_appeared"]), st.integers(0, 900)
        ),
        st.tuples(st.just("take"), st.integers(1, 6), st.integers(1, 3000)),
        st.tuples(st.just("wrote"), st.just(0), st.just(0)),
        st.tuples(st.just("back"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_events_come_out_in_order_or_are_counted(steps: list[tuple[str, object, int]]) -> None:
    backlog = Backlog(most_events=8, most_bytes=4000)
    number, kept, taken = 0, list[int](), list[int]()
    for kind, what, size in steps:
        if kind == "put":
            number += 1
            event = made(number, what, text="ü" * (size // 4) if size % 2 else "x" * size)  # pyright: ignore
            backlog.put(row_of(number, event, event.to_json()))
        elif kind == "take" and not taken:
            taken = [row.sequence for row in backlog.take(what, size)]  # pyright: ignore
            assert taken == sorted(taken)
        elif kind == "wrote":
            backlog.wrote()
            kept += taken
            taken = []
        elif kind == "back":
            backlog.give_back()
            taken = []
        assert len(backlog) <= 8 or len(backlog) == len(taken) + 1
        assert backlog.bytes <= 4000 or len(backlog) <= len(taken) + 1
        assert number == len(kept) + sum(backlog.lost.values()) + len(backlog)
        assert all(not backlog.is_lost(each) for each in kept)
    backlog.lose_all("closed")
    assert (len(backlog), backlog.bytes) == (0, 0)
    assert number == len(kept) + sum(backlog.lost.values())
    assert all(backlog.is_lost(each) for each in set(range(1, number + 1)) - set(kept))


def test_changes_go_before_alerts_and_the_oldest_first() -> None:
    backlog = Backlog(most_events=4)
    for number, kind in enumerate(("alert", "change", "alert", "change", "change", "alert", "alert", "alert")):
        event = made(number, kind)  # pyright: ignore
        backlog.put(row_of(number, event, event.to_json()))
    assert [row.sequence for row in backlog.take(9, 1 << 20)] == [2, 5, 6, 7]
    assert backlog.lost == {"behind": 4}


def test_an_event_beyond_all_measure_is_not_kept() -> None:
    backlog = Backlog()
    event = made(1, text="x" * LARGEST_EVENT_BYTES)
    assert not backlog.put(row_of(1, event, event.to_json()))
    assert (len(backlog), backlog.lost) == (0, {"too_large": 1})
