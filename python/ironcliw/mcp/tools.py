"""The tools of the server; none of them changes anything.

add_tools(server, Asked(watcher, cleaner, painter, audit), default_wait_s=50)

Their names, descriptions and arguments are pinned by a test: what a model is told must not change unnoticed.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, ImageContent, TextContent, ToolAnnotations
from pydantic import Field

from ironcliw import clock
from ironcliw.errors import IroncliwError, NotArmedError, NoWatcherError, PeerGoneError
from ironcliw.mcp import answers
from ironcliw.mcp.audit import Audit
from ironcliw.mcp.cleaning import Cleaner
from ironcliw.mcp.waits import Waits
from ironcliw.mcp.watcher import Watcher
from ironcliw.service.client import Client

T = TypeVar("T")

LONGEST_WAIT_S = 600.0
_SLICE_S = 2.0
"""A call that was cancelled holds a thread for so long at most."""
_PROGRESS_S = 5.0
_TRIES, _BETWEEN_TRIES_S = 5, 0.2
_THREADS = 24
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_TOLD_OF = ("text_appeared", "text_changed", "text_vanished", "incident", "alert", "gap", "start", "summary")

EventKind = Literal[
    "change", "text_appeared", "text_changed", "text_moved", "text_vanished", "incident", "alert", "gap", "start",
    "summary",
]  # fmt: skip
Region = Annotated[list[int] | None, Field(description="Only lines that reach into [x, y, width, height], in pixels.")]
Condition = Annotated[
    str,
    Field(
        description="What to wait for: text:WORDS, text:/regex/i, gone:WORDS, error, success, dialog:WORDS, still:30s, "
        "change:x,y,w,h. Matching words that are on the screen already count, unless new is true.",
        max_length=4000,
    ),
]
Cursor = Annotated[str | None, Field(description="The cursor that came with an earlier answer.", max_length=100)]
Screen = Annotated[str | None, Field(description="Which one, where several are watched.", max_length=100)]
Moment = Annotated[str | None, Field(description="30s or 5m (ago), 12:03:05 (today), or ISO 8601.", max_length=40)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the tools work with."""

    watcher: Watcher
    cleaner: Cleaner
    audit: Audit
    redacted: bool
    default_wait_s: float
    waits: Waits


def add_tools(server: MCPServer[Any], asked: Asked) -> None:
    """All of them."""
    tools = Tools(asked)
    for tool in (
        tools.screen_text,
        tools.what_changed_since,
        tools.wait_for,
        tools.search_events,
        tools.frame,
        tools.list_rules,
    ):
        described = " ".join((tool.__doc__ or "").split())
        server.add_tool(tool, description=described, annotations=_READS, structured_output=False)


class Tools:
    """The tools of one server; each is described to the model by its docstring."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._painter: Any = None
        self._limiter: anyio.CapacityLimiter | None = None

    async def screen_text(self, region: Region = None, boxes: bool = False, screen: Screen = None) -> CallToolResult:
        """What the watched screen says now, line by line."""

        def read(client: Client) -> str:
            shown = client.screen_text(region)
            return answers.screen(shown, self._asked.cleaner, boxes=boxes, state=client.status()["state"])

        given = {"region": region, "boxes": boxes or None, "screen": screen}
        return await self._answer("screen_text", given, read)

    async def what_changed_since(
        self, cursor: Cursor = None, limit: Annotated[int, Field(ge=1, le=100)] = 30, screen: Screen = None
    ) -> CallToolResult:
        """What happened on the screen after a cursor, oldest first; without one the latest events and a cursor."""

        def read(client: Client) -> str:
            return answers.events(client.what_changed_since(cursor, limit=limit, types=_TOLD_OF), self._asked.cleaner)

        given = {"cursor": cursor, "limit": limit, "screen": screen}
        return await self._answer("what_changed_since", given, read)

    async def search_events(
        self,
        words: Annotated[
            str | None, Field(description="Words that the event says, in any case.", max_length=500)
        ] = None,
        since: Moment = None,
        types: list[EventKind] | None = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
        screen: Screen = None,
    ) -> CallToolResult:
        """The latest events that say these words, since then, of these types."""

        def read(client: Client) -> str:
            found = client.search_events(words, since=since, types=types or _TOLD_OF, limit=limit)
            return answers.events(found, self._asked.cleaner)

        given = {"words": words, "since": since, "types": types, "limit": limit, "screen": screen}
        return await self._answer("search_events", given, read)

    async def list_rules(self, screen: Screen = None) -> CallToolResult:
        """The conditions that are watched for: the user's, and those that are waited for."""
        return await self._answer(
            "list_rules", {"screen": screen}, lambda client: answers.rules(client.list_rules(), self._asked.cleaner)
        )

    async def frame(self, time: Moment = None, screen: Screen = None) -> CallToolResult:
        """A picture of the watched screen, now or at a time. It costs far more than screen_text."""

        def read(client: Client) -> CallToolResult:
            from ironcliw.mcp.picture import Painter  # noqa: PLC0415 - NumPy and the networks, for who wants pictures
            from ironcliw.redaction import Gate  # noqa: PLC0415

            shown = client.frame(time)
            self._painter = self._painter or Painter(Gate() if self._asked.redacted else None)
            picture = self._painter.picture(shown.pixels)
            facts = {"shown_since": clock.rfc3339(shown.wall_ns), "size": list(picture.size)}
            blacked = {"blacked_out": picture.blacked} if picture.blacked else {}
            text = answers.told({**facts, **blacked, "picture": "untrusted screen content"})
            encoded = Image(data=picture.data, format=picture.mime_type.removeprefix("image/")).to_image_content()
            return _result(text, encoded)

        return await self._answer("frame", {"time": time, "screen": screen}, read)

    async def wait_for(
        self,
        condition: Condition,
        context: Context[Any, Any],
        timeout: Annotated[
            float | None, Field(description="Seconds to wait in this call.", ge=0, le=LONGEST_WAIT_S)
        ] = None,
        cursor: Cursor = None,
        new: bool = False,
        screen: Screen = None,
    ) -> CallToolResult:
        """Wait until a condition is met. Answers "pending" when the time is up: call again with the same condition
        (nothing that happens in between is lost). Costs no polling: prefer it to reading the screen again and again.
        """
        wait_s = self._asked.default_wait_s if timeout is None else timeout
        given = {"condition": condition, "timeout": timeout, "cursor": cursor, "new": new or None, "screen": screen}
        return await self._audited(
            "wait_for", given, lambda: self._wait(condition, wait_s, cursor, new, context, screen)
        )

    async def _wait(
        self,
        condition: str,
        wait_s: float,
        given: str | None,
        new: bool,
        context: Context[Any, Any],
        screen: str | None,
    ) -> CallToolResult:
        waits, began_s = self._asked.waits, time.monotonic()
        client, cursor = await self._armed(condition, new=new, given=given, screen=screen)
        reported_s = began_s
        while True:
            now_s = time.monotonic()
            if now_s - reported_s >= _PROGRESS_S:
                reported_s = now_s
                await context.report_progress(now_s - began_s, wait_s)
            slice_s = min(_SLICE_S, max(0.0, began_s + wait_s - now_s))
            try:
                awaited = await self._thread(lambda: client.wait_on(cursor, slice_s))  # noqa: B023 - called at once
            except (NotArmedError, NoWatcherError, PeerGoneError):  # it may be another watcher that answers now
                waits.over(condition, new=new, screen=screen)
                client, cursor = await self._armed(condition, new=new, given=None, screen=screen)
                continue
            if awaited.met is not None:
                waits.over(condition, new=new, screen=screen)
                met = answers.happened(awaited.met, self._asked.cleaner)
                return _result(answers.told({"status": "met", "cursor": awaited.cursor}, met))
            if time.monotonic() - began_s >= wait_s:
                seen = {} if awaited.state == "watching" else {"state": awaited.state}
                return _result(answers.told({"status": "pending", "cursor": cursor, **seen}))

    async def _armed(self, condition: str, *, new: bool, given: str | None, screen: str | None) -> tuple[Client, str]:
        """Whoever watches now, and its cursor. One that is just going away answers for a moment longer."""
        left = _TRIES
        while True:
            try:
                client = await self._thread(lambda: self._asked.watcher.client(screen))
                return client, await self._thread(
                    lambda: self._asked.waits.cursor(client, condition, new=new, given=given)  # noqa: B023
                )
            except (NoWatcherError, PeerGoneError):
                left -= 1
                if left == 0:
                    raise
            await anyio.sleep(_BETWEEN_TRIES_S)

    # -- how all of them answer --------------------------------------------------------------------------------

    async def _answer(
        self, tool: str, given: dict[str, Any], read: Callable[[Client], str | CallToolResult]
    ) -> CallToolResult:
        async def answered() -> CallToolResult:
            result = await self._thread(lambda: read(self._asked.watcher.client(given.get("screen"))))
            return _result(result) if isinstance(result, str) else result

        return await self._audited(tool, given, answered)

    async def _audited(
        self, tool: str, given: dict[str, Any], answered: Callable[[], Awaitable[CallToolResult]]
    ) -> CallToolResult:
        began_s, outcome, characters = time.monotonic(), "cancelled", 0
        try:
            result = await answered()
            outcome = "ok"
            characters = sum(len(part.text) for part in result.content if isinstance(part, TextContent))
            return result
        except IroncliwError as error:
            outcome = type(error).__name__
            raise ToolError(str(error)) from None
        finally:
            passed_ms = round((time.monotonic() - began_s) * 1000)
            self._asked.audit.note(tool, given, outcome, milliseconds=passed_ms, characters=characters)

    async def _thread(self, call: Callable[[], T]) -> T:
        self._limiter = self._limiter or anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=self._limiter)


def _result(text: str, *pictures: ImageContent) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text), *pictures])
