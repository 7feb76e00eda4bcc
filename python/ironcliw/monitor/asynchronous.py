"""Watching within asyncio: ``async for event in awatch("screen", when="text:BUILD FAILED")``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ironcliw.event import Event
from ironcliw.monitor.watching import Watch, watch


async def awatch(source: Any = "screen", **options: Any) -> AsyncIterator[Event]:
    """The asyncio twin of ``watch``: the same events, without blocking the loop."""
    import asyncio  # noqa: PLC0415 - four MB that most watches do without

    # A thread of its own: those that the loop shares may all be waiting for other screens.
    own = ThreadPoolExecutor(1, "ironcliw-awatch")
    opening = own.submit(watch, source, **options)
    try:
        running = await asyncio.wrap_future(opening)
        loop = asyncio.get_running_loop()
        while (event := await loop.run_in_executor(own, next, running, None)) is not None:
            yield event
    finally:
        opening.add_done_callback(_stop_opened)  # which frees the thread, where it waits for an event
        closing = own.submit(_close_opened, opening)
        own.shutdown(wait=False)
        # Shielded: a cancelled task must still give the screen back.
        await asyncio.shield(asyncio.wrap_future(closing))


def _opened(opening: Future[Watch]) -> Watch | None:
    failed = opening.cancelled() or opening.exception() is not None
    return None if failed else opening.result()


def _stop_opened(opening: Future[Watch]) -> None:
    if (running := _opened(opening)) is not None:
        running.stop()


def _close_opened(opening: Future[Watch]) -> None:
    if (running := _opened(opening)) is not None:
        running.close()
