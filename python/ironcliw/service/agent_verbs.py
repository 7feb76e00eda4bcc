"""What agents ask a running watcher: what happened since, and to be told when something does.

    verbs = AgentVerbs(running, engine_socket)
    verbs.put(event)                      # each event of the watch
    Server(path, {**verbs.handlers()})    # "events", "arm", "disarm", "await", "rules"

``docs/reference/service.md`` says what each takes and gives.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ironcliw import clock
from ironcliw.errors import IpcError, IroncliwError, NotArmedError, NoWatcherError, PeerGoneError
from ironcliw.event import Event, EventType
from ironcliw.ipc import Connection, Handler, Reply, Request
from ironcliw.service.armed import LEASE_S, LONGEST_LEASE_S, LONGEST_WAIT_S, Armed
from ironcliw.service.backlog import MOST_AT_ONCE, Backlog, Page, Wanted

if TYPE_CHECKING:
    from ironcliw.monitor import SupervisedWatch

_RETRY_S, _RETRIES = 0.25, 40
"""An engine that was lost is there again within seconds."""
_CURSOR = re.compile(r"([0-9a-f]{8}):([0-9]{1,9})")


class AgentVerbs:
    """The verbs of one watcher.

    engine: the socket at which its engine answers
    backlog: takes its events
    state: how the watcher is just now: ``watching``, ``blind``, ``paused`` or ``restarting``
    """

    def __init__(self, running: SupervisedWatch, engine: Path, backlog: Backlog, state: Callable[[], str]) -> None:
        self._running, self._engine, self._state = running, engine, state
        self._backlog = backlog
        self._armed = Armed(self._arm_in_engine, self._disarm_in_engine)
        running.follow_armed(self._armed.again, self._armed.met)

    def put(self, event: Event) -> None:
        """An event of the watch."""
        self._backlog.put(event)

    def close(self) -> None:
        """Tell whoever waits that the watcher ends."""
        self._armed.close()

    def handlers(self) -> dict[str, Handler]:
        """By their verb."""
        return {
            "events": self._events,
            "search": self._search,
            "arm": self._arm,
            "disarm": self._disarm,
            "await": self._await,
            "rules": self._rules,
        }

    def _events(self, request: Request) -> Reply:
        limit = _number(request, "limit", 100, MOST_AT_ONCE)
        return self._told(self._backlog.since(_text(request, "cursor"), limit=int(limit), wanted=self._wanted(request)))

    def _search(self, request: Request) -> Reply:
        limit = _number(request, "limit", 50, MOST_AT_ONCE)
        since = _number(request, "since", 0, 2**63 - 1) if request.arguments.get("since") is not None else None
        since_ns = None if since is None else int(since)
        begin = "" if since_ns is None else clock.rfc3339(since_ns)
        wanted = self._wanted(request)
        page = self._backlog.search(
            limit=int(limit),
            wanted=lambda event: event.wall >= begin and wanted(event),
            since_ns=since_ns,
            words=_text(request, "words") or None,
        )
        return self._told(page)

    def _told(self, page: Page) -> Reply:
        return Reply(
            {
                "events": [event.to_dict() for event in page.events],
                "cursor": page.cursor,
                "lost": page.lost,
                "more": page.more,
                "state": self._state(),
            }
        )

    def _arm(self, request: Request) -> Reply:
        key = self._new(request)
        return Reply({"id": key, "cursor": f"{key}:0"})

    def _new(self, request: Request) -> str:
        condition = _text(request, "condition")
        if not condition:
            raise IpcError("condition must be a text such as 'text:BUILD FAILED'")
        lease_s = _number(request, "lease_s", LEASE_S, LONGEST_LEASE_S)
        now = request.arguments.get("now") is not False
        return self._armed.arm(condition, now=now, lease_s=lease_s, screen=self._screen(request))

    def _disarm(self, request: Request) -> Reply:
        return Reply({"disarmed": self._armed.disarm(_text(request, "id") or "")})

    def _await(self, request: Request) -> Reply:
        timeout_s = _number(request, "timeout_s", LONGEST_WAIT_S, LONGEST_WAIT_S)
        cursor = _text(request, "cursor")
        key, after = (self._new(request), 0) if cursor is None else _parsed(cursor)
        try:
            met = self._armed.wait(key, after=after, timeout_s=timeout_s)
        except NotArmedError:
            return Reply({"met": None, "cursor": cursor or "", "state": self._state(), "armed": False})
        state = self._state()
        if met is None:
            return Reply({"met": None, "cursor": f"{key}:{after}", "state": state})
        event = met.event.to_dict()
        del event["armed"]
        return Reply({"met": event, "cursor": f"{key}:{met.number}", "lost": met.lost, "state": state})

    def _rules(self, request: Request) -> Reply:
        screen = self._screen(request)
        try:
            with Connection(self._engine) as engine:
                own = engine.ask("rules", **({} if screen is None else {"screen": screen})).data["rules"]
        except (IroncliwError, KeyError):  # it is being started again: which rules there are is known all the same
            own = [{"rule": rule} for rule in self._running.status.about.get("rules", ())] if screen is None else []
        armed = [each for each in self._armed.listed() if screen in (None, each.get("screen"))]
        return Reply({"rules": own, "armed": armed})

    def _screen(self, request: Request) -> str | None:
        """Which of several screens is asked about. IpcError for one that is not among them."""
        screen = _text(request, "screen")
        if screen is not None and screen not in self._running.screens:
            known = ", ".join(self._running.screens) or "none, as one is watched"
            raise IpcError(f"{screen!r:.60} is no screen of this watcher: name one of {known}")
        return screen

    def _wanted(self, request: Request) -> Wanted:
        """Which events are asked for: of some types, with some words in them, of one screen."""
        types: Any = request.arguments.get("types")
        if types is not None and not (isinstance(types, list) and set(map(str, types)) <= set(get_args(EventType))):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            raise IpcError(f"types must be some of {', '.join(get_args(EventType))}")
        words, screen = (_text(request, "words") or "").casefold(), self._screen(request)

        def wanted(event: Event) -> bool:
            said = f"{event.text or ''} {event.rule or ''}"
            of_it = screen in (None, event.source) and (types is None or event.type in types)
            return of_it and (not words or words in said.casefold())

        return wanted

    # -- the engine --------------------------------------------------------------------------------------------

    def _arm_in_engine(self, entry: dict[str, Any]) -> None:
        for left in reversed(range(_RETRIES)):
            try:
                with Connection(self._engine) as engine:
                    engine.ask("arm", **entry)
                return
            except (NoWatcherError, PeerGoneError):  # the one that takes over arms what is armed, and what comes
                if not left:
                    raise IpcError("the engine is being started again: ask in a moment") from None
                time.sleep(_RETRY_S)

    def _disarm_in_engine(self, key: str) -> None:
        try:
            with Connection(self._engine) as engine:
                engine.ask("disarm", id=key)
        except IroncliwError:
            return  # the next engine is not told of it


def _text(request: Request, name: str) -> str | None:
    given = request.arguments.get(name)
    if given is not None and not isinstance(given, str):
        raise IpcError(f"{name} must be a text, not {given!r:.40}")
    return given


def _number(request: Request, name: str, otherwise: float, most: float) -> float:
    given = request.arguments.get(name, otherwise)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= most:
        raise IpcError(f"{name} must be 0 to {most:g}, not {given!r:.40}")
    return given


def _parsed(cursor: str) -> tuple[str, int]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise IpcError(f"{cursor!r:.40} is no cursor of an armed condition: use one that came with an answer")
    return found[1], int(found[2])
