"""A watcher that ends while a wait is being armed with it: the one that comes after it takes the wait."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ironcliw.event import Event
from ironcliw.ipc import Reply, Request, Server, socket_path
from ironcliw.mcp.audit import Audit
from ironcliw.mcp.cleaning import Cleaner
from ironcliw.mcp.tools import Asked, Tools
from ironcliw.mcp.waits import Waits
from ironcliw.mcp.watcher import Watcher
from ironcliw.redaction import Gate

MET = Event("a-1", "alert", 1.0, "2026-11-27T12:00:00.000000Z", "screen", text="READY", rule="text:READY")


class Watchers:
    """Servers at the watcher's socket, one after the other; the first ``leaving`` end when they are told to arm."""

    def __init__(self, leaving: int) -> None:
        self.leaving, self.threads = leaving, list[threading.Thread]()
        self._begin()

    def _begin(self) -> None:
        self.server = Server(socket_path("watch"), {"status": self._status, "arm": self._arm, "await": self._await})
        self.threads.append(threading.Thread(target=self.server.run))
        self.threads[-1].start()

    def _status(self, request: Request) -> Reply:
        return Reply({})

    def _arm(self, request: Request) -> Reply:
        if self.leaving:
            self.leaving -= 1
            self.server.close()
            self._begin()
        return Reply({"id": "0000000a", "cursor": "0000000a:0"})

    def _await(self, request: Request) -> Reply:
        return Reply({"met": MET.to_dict(), "cursor": "0000000a:1", "state": "watching"})

    def close(self) -> None:
        self.server.close()
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


def waited(folder: Path, leaving: int) -> dict[str, Any]:
    watchers, watcher = Watchers(leaving), Watcher("watch", [])
    try:
        asked = Asked(watcher, Cleaner(Gate()), Audit(folder / "audit.jsonl"), True, 50.0, Waits())
        context: Any = SimpleNamespace(report_progress=None)
        result = asyncio.run(Tools(asked).wait_for("text:READY", context, timeout=5.0))
        return json.loads(result.content[0].text)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    finally:
        watcher.close()
        watchers.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], dict[str, Any]]:
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    return lambda leaving: waited(tmp_path, leaving)


@pytest.mark.parametrize("leaving", [0, 1, 3])
def test_the_first_call_of_a_wait_is_armed_with_whoever_stays(
    home: Callable[[int], dict[str, Any]], leaving: int
) -> None:
    assert home(leaving)["status"] == "met"


def test_it_is_said_where_all_of_them_leave(home: Callable[[int], dict[str, Any]]) -> None:
    """The control: there is an end to trying."""
    with pytest.raises(Exception, match="watcher"):
        home(100)
