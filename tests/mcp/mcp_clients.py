"""The official client against a real ``ironcliw mcp``, started as a client starts it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

from ironcliw.mcp.answers import FIELD
from mcp import Client, StdioServerParameters, stdio_client

PASSED_ON = ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "PYTHONPATH", "DISPLAY")


def parameters(*arguments: str) -> StdioServerParameters:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return StdioServerParameters(command=sys.executable, args=["-m", "ironcliw", "mcp", *arguments], env=environment)


class Agent:
    """What an agent does: calls tools, and pays for every byte of requests and results."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.bytes = 0

    @property
    def tokens(self) -> float:
        """An estimate: 3.5 bytes of JSON a token."""
        return self.bytes / 3.5

    async def tools(self) -> list[dict[str, Any]]:
        listed = (await self.client.list_tools()).tools
        described = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
        self.bytes += len(json.dumps(described).encode()) + len((self.client.instructions or "").encode())
        return described

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer's JSON object."""
        result = await self.client.call_tool(tool, arguments)
        self.bytes += len(json.dumps({"name": tool, "arguments": arguments}).encode())
        self.bytes += len(result.model_dump_json(by_alias=True, exclude_none=True).encode())
        assert not result.is_error, result.content
        return json.loads(result.content[0].text)

    async def refused(self, tool: str, **arguments: Any) -> str:
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error
        return result.content[0].text

    async def waits(self, condition: str, **arguments: Any) -> dict[str, Any]:
        """Wait until it is met, as the tool's description says to."""
        while (answer := await self.ask("wait_for", condition=condition, **arguments))["status"] == "pending":
            pass
        return answer


@contextlib.asynccontextmanager
async def agent(*arguments: str) -> AsyncIterator[Agent]:
    async with Client(stdio_client(parameters(*arguments))) as client:
        yield Agent(client)


def content(answer: dict[str, Any]) -> Any:
    return answer[FIELD]
