"""The verbs of ``Client`` for asyncio.

    async with await aconnect() as watcher:
        met = await watcher.wait_for("text:/passed|failed/i", timeout_s=600)

Cancelling a wait takes its condition back; nothing is left behind in the watcher.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ironcliw.errors import IpcError
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.service.client import Changes, Client, ScreenText, deadline, seconds_left

if TYPE_CHECKING:
    from ironcliw.history import ArchivedFrame

T = TypeVar("T")

_SLICE_S = 2.0
"""A wait that was cancelled holds a thread for so long at most."""
_THREADS = 16


class AsyncClient:
    """A ``Client`` whose calls are awaited: the same arguments, results and errors. Get one with ``aconnect``."""

    def __init__(self, client: Client, threads: ThreadPoolExecutor) -> None:
        self._client, self._threads = client, threads

    async def _call(self, call: Callable[..., T], *arguments: Any, **named: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: call(*arguments, **named))

    async def status(self) -> dict[str, Any]:
        """As ``Client.status``."""
        return await self._call(self._client.status)

    async def screen_text(self, region: Rect | Sequence[int] | None = None) -> ScreenText:
        """As ``Client.screen_text``."""
        return await self._call(self._client.screen_text, region)

    async def what_changed_since(
        self, cursor: str | None = None, *, limit: int = 100, types: Sequence[str] | None = None
    ) -> Changes:
        """As ``Client.what_changed_since``."""
        return await self._call(self._client.what_changed_since, cursor, limit=limit, types=types)

    async def search_events(
        self,
        words: str | None = None,
        *,
        since: datetime | str | None = None,
        types: Sequence[str] | None = None,
        limit: int = 50,
    ) -> Changes:
        """As ``Client.search_events``."""
        return await self._call(self._client.search_events, words, since=since, types=types, limit=limit)

    async def wait_for(self, condition: str, timeout_s: float | None = None, *, now: bool = True) -> Event | None:
        """As ``Client.wait_for``."""
        deadline_ns = deadline(timeout_s)
        cursor = await self._arm(condition, now)
        try:
            while (left_s := seconds_left(deadline_ns)) > 0 or timeout_s == 0:
                awaited = await self._call(self._client.wait_on, cursor, min(left_s, _SLICE_S))
                cursor = awaited.cursor
                if awaited.met is not None or timeout_s == 0:
                    return awaited.met
            return None
        finally:
            # Shielded: a cancelled task must still take its condition back.
            await asyncio.shield(self._call(self._client.disarm, cursor))

    async def _arm(self, condition: str, now: bool) -> str:
        arming = self._threads.submit(self._client.arm, condition, now=now)
        try:
            return await asyncio.wrap_future(arming)
        except asyncio.CancelledError:
            # The watcher may have armed it although the answer finds nobody waiting any more.
            arming.add_done_callback(self._take_back)
            raise

    def _take_back(self, arming: Future[str]) -> None:
        if arming.cancelled() or arming.exception() is not None:
            return
        # Not in the thread that calls back, which may be the event loop's; not in the pool, which may be closed.
        Thread(target=self._disarm_quietly, args=(arming.result(),), name="ironcliw-disarm", daemon=True).start()

    def _disarm_quietly(self, cursor: str) -> None:
        with contextlib.suppress(IpcError):  # with the watcher, its conditions are gone, too
            self._client.disarm(cursor)

    async def frame(self, time: datetime | str | None = None) -> ArchivedFrame:
        """As ``Client.frame``."""
        return await self._call(self._client.frame, time)

    async def list_rules(self) -> list[dict[str, Any]]:
        """As ``Client.list_rules``."""
        return await self._call(self._client.list_rules)

    async def aclose(self) -> None:
        """Let the threads go; a call that is under way ends by itself."""
        self._threads.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def aconnect(name: str = "watch", *, screen: str | None = None) -> AsyncClient:
    """The asyncio twin of ``connect``."""
    threads = ThreadPoolExecutor(_THREADS, "ironcliw-aconnect")
    try:
        client = await asyncio.get_running_loop().run_in_executor(threads, Client, name, screen)
    except BaseException:
        threads.shutdown(wait=False)
        raise
    return AsyncClient(client, threads)
