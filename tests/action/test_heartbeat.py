"""A heartbeat is sent while the screen is seen, and stops while it is not."""

from __future__ import annotations

import logging
import time

import pytest
from webhook_server import receiver

from ironcliw.action import Heartbeat
from ironcliw.action.heartbeat import Beats
from ironcliw.errors import ActionError


def wait_for(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)
    assert condition()  # type: ignore[operator]


def test_it_is_sent_while_the_screen_is_seen_and_not_while_it_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    seen = [True]
    with receiver(["ok", "500", "500", "ok"]) as server:
        beat = Heartbeat(server.url, lambda: seen[0], allow_private=("localhost",), every_s=0.02)
        wait_for(lambda: beat.beats.sent >= 3)
        seen[0] = False
        wait_for(lambda: beat.beats.skipped >= 2)
        told, answered = len(server.seen), beat.beats
        wait_for(lambda: beat.beats.skipped >= answered.skipped + 5)
        assert len(server.seen) == told
        seen[0] = True
        wait_for(lambda: beat.beats.sent > answered.sent)
        beat.close()
    assert beat.beats.failed == 2
    assert [record.getMessage() for record in caplog.records] == [f"heartbeat: localhost:{server.port}: answered 500"]
    assert set(server.paths) == {"/hook?token=t0ken-in-the-path"}


def test_a_watch_that_takes_long_to_see_is_not_asked_a_minute_later() -> None:
    looks = iter([False, False])
    with receiver() as server:
        beat = Heartbeat(server.url, lambda: next(looks, True), allow_private=("localhost",), every_s=3600)
        wait_for(lambda: beat.beats.sent == 1)
        beat.close()
    assert beat.beats == Beats(sent=1, failed=0, skipped=0)


def test_a_dead_address_is_said_once_and_its_end_is_quick(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with receiver(["reset"]) as server:
        beat = Heartbeat(server.url, lambda: True, allow_private=("localhost",), every_s=0.02)
        wait_for(lambda: beat.beats.failed >= 5)
        beat.close()
    assert len(caplog.records) == 1
    assert "t0ken" not in caplog.text


def test_private_addresses_are_refused_here_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with receiver() as server:
        beat = Heartbeat(f"https://localhost:{server.port}/", lambda: True, every_s=0.02)
        wait_for(lambda: beat.beats.failed >= 1)
        beat.close()
        assert server.seen == []
    assert "has a private address" in caplog.text
    with pytest.raises(ActionError, match="without TLS"):
        Heartbeat("http://example.org/", lambda: True)
