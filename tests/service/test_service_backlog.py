"""The bounded memory of the last events: pages, cursors, and what is lost."""

import pytest

from ironcliw.errors import IpcError
from ironcliw.event import Event
from ironcliw.service.backlog import Backlog


def event(number: int, text: str = "") -> Event:
    return Event(
        f"run-{number}", "text_appeared", float(number), "2026-11-27T12:00:00Z", "test", text=text or str(number)
    )


def numbers(page) -> list[str]:
    return [each.text for each in page.events]


def filled(count: int, **bounds) -> Backlog:
    backlog = Backlog(**bounds)
    for number in range(1, count + 1):
        backlog.put(event(number))
    return backlog


def test_a_reader_of_pages_gets_every_event_once():
    backlog = Backlog()
    cursor, got = backlog.cursor, []
    for number in range(1, 1001):
        backlog.put(event(number))
        if number % 7 == 0:
            page = backlog.since(cursor, limit=5)
            cursor = page.cursor
            got += numbers(page)
    while (page := backlog.since(cursor, limit=5)).events:
        assert page.more == (int(numbers(page)[-1]) < 1000)
        cursor = page.cursor
        got += numbers(page)
    assert got == [str(number) for number in range(1, 1001)]


def test_a_cursor_that_fell_out_says_how_many_are_lost():
    backlog = Backlog(most_events=10)
    cursor = backlog.cursor
    for number in range(1, 101):
        backlog.put(event(number))
    page = backlog.since(cursor, limit=500)
    assert (numbers(page), page.lost, page.more) == ([str(number) for number in range(91, 101)], 90, False)
    assert backlog.since(page.cursor, limit=500).lost == 0


def test_what_is_filtered_out_is_passed_over_and_not_lost():
    backlog = filled(100)
    page = backlog.since(backlog.cursor.replace(".100", ".0"), limit=2, wanted=lambda each: each.text.endswith("7"))
    assert (numbers(page), page.more) == (["7", "17"], True)
    page = backlog.since(page.cursor, limit=50, wanted=lambda each: each.text.endswith("7"))
    assert (numbers(page)[0], len(page.events), page.more) == ("27", 8, False)
    assert page.cursor == backlog.cursor
    assert numbers(backlog.since(None, limit=3)) == ["98", "99", "100"]


def test_bytes_are_bounded_too_and_so_is_an_answer():
    backlog = Backlog(most_bytes=100_000)
    for number in range(1000):
        backlog.put(event(number, "x" * 5000))
    assert backlog.bytes <= 100_000
    large = Backlog(most_bytes=50_000_000)
    for number in range(400):
        large.put(event(number, "x" * 5000))
    page = large.since(large.cursor.replace(".400", ".0"), limit=400)
    assert page.more
    assert sum(len(each.to_json()) for each in page.events) < 1 << 19


def test_a_cursor_of_another_run_says_that_what_was_lost_is_unknown():
    page = filled(3).since(filled(3).cursor, limit=10)
    assert (numbers(page), page.lost) == (["1", "2", "3"], None)


@pytest.mark.parametrize("cursor", ["", "7", "a.b", "a.-1", "a.1.2", "\x00", "a." + "9" * 40])
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(IpcError, match="no cursor"):
        filled(1).since(cursor, limit=1)
