"""How a watch ends when nobody ends it: dropped, cancelled, one of many."""

import asyncio
import gc
import threading
import time

import numpy as np
import pytest
from scripted_source import ScriptedSource, shot

import ironcliw
from conftest import eventually
from painted import PaintedEngine, blank


@pytest.fixture(autouse=True)
def painted(monkeypatch):
    reader = PaintedEngine()
    monkeypatch.setattr("ironcliw.monitor.watching.open_engine", lambda threads, name: reader)


@pytest.fixture(autouse=True)
def nothing_left_running():
    yield
    eventually(lambda: not ours(), "our threads to end", seconds=10)


def ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ironcliw-")]


def still_screen() -> ScriptedSource:
    return ScriptedSource([shot(0, 0, blank())])


def test_a_loop_that_is_left_leaves_nothing_running():
    source = still_screen()
    for event in ironcliw.watch(source):
        assert event.type == "start"
        break
    gc.collect()
    eventually(lambda: source.closed and not ours(), "the watch to end", seconds=10)


def test_a_recording_that_is_left_is_closed():
    frames = (np.full((32, 32, 3), number, np.uint8) for number in range(10))
    for _ in ironcliw.watch(frames, pace="max", text=False):
        break
    gc.collect()
    assert ours() == []


async def first_events(source, seen: list) -> None:
    async for event in ironcliw.awatch(source):
        seen.append(event)


def test_many_still_screens_at_once_are_all_watched_and_all_given_back():
    """More than the loop's shared threads: none of them may wait for another's event."""
    sources = [still_screen() for _ in range(40)]
    seen: list[list] = [[] for _ in sources]

    async def run() -> None:
        tasks = [asyncio.create_task(first_events(*pair)) for pair in zip(sources, seen, strict=True)]
        deadline_s = time.monotonic() + 30
        while not all(seen) and time.monotonic() < deadline_s:
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)

    asyncio.run(run())
    assert all(seen)
    assert all(source.closed for source in sources)


def test_one_that_is_cancelled_while_it_opens_is_closed():
    source = still_screen()
    opening = threading.Event()
    opens = source.open

    def slow_open():
        opening.set()
        time.sleep(0.3)
        return opens()

    source.open = slow_open

    async def run() -> None:
        task = asyncio.create_task(first_events(source, []))
        while not opening.is_set():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert source.closed


def test_what_is_wrong_with_the_source_reaches_who_awaits():
    async def run() -> None:
        async for _ in ironcliw.awatch("no-such-file.mp4"):
            pass

    with pytest.raises(ironcliw.SourceError, match="no such file"):
        asyncio.run(run())


def test_the_loop_goes_on_while_a_watch_waits():
    async def run() -> int:
        task = asyncio.create_task(first_events(still_screen(), []))
        turns = 0
        for _ in range(20):
            await asyncio.sleep(0.01)
            turns += 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return turns

    assert asyncio.run(run()) == 20
