"""All that is done about the alerts of one watch: actions, feedback, reminders, the heartbeat.

with Acting(wanted, running, pictures, log_path) as acting:
    for event in running:
        acting.take(event)            # returns at once
acting.counts()                       # what became of them
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from ironcliw.action import (
    Action,
    ActionOptions,
    ActionSpec,
    Dispatcher,
    Feedback,
    Reminders,
    Undelivered,
    make_action,
    parse_action,
    undelivered_path,
)
from ironcliw.action.counts import counts_of
from ironcliw.action.secret import webhook_secret
from ironcliw.action.spec import Pictures
from ironcliw.errors import FeedbackError, ServiceError
from ironcliw.event import Event
from ironcliw.service.places import state_folder

if TYPE_CHECKING:
    from ironcliw.action.heartbeat import Heartbeat

log = logging.getLogger("ironcliw.service")

SEEN_WITHIN_S = 60.0
"""A screen that was last verified longer ago is not seen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done: by the command line, and by ``settings``, the table [action] as a mapping.

    then: actions as ``parse_action`` takes them, for alerts of conditions without a rule
    rules: for each rule by its name the actions it says itself
    """

    notify: bool = False
    exec: str | None = None
    then: tuple[str, ...] = ()
    heartbeat: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict[str, "Sequence[str]"])
    stdout_to_stderr: bool = True

    @property
    def specs(self) -> list[ActionSpec]:
        """The actions for alerts of conditions without a rule; those of the command line replace those that are set."""
        given = list(self.then)
        if self.notify or self.settings.get("notify"):
            given.insert(0, "notify")
        specs = [parse_action(each) for each in given or self.settings.get("then", ())]
        if (run := self.exec or self.settings.get("exec")) is not None:
            specs.append(ActionSpec("exec", run))
        return list(dict.fromkeys(specs))


class Seeing(Protocol):
    """A running watch, as far as the heartbeat asks."""

    @property
    def seconds_since_verified(self) -> float | None:
        """Seconds since the screen was last seen; None before."""
        ...


class Acting:
    """Actions of one watch, made and checked at once. Raises what ``make_action`` and ``Heartbeat`` raise.

    running: the watch
    pictures: where pictures of alerts are had; told whether secrets must be blacked out in them
    event_log: the file in which events are kept, where they are: what is not delivered is noted beside it
    changed: called with the counts after each delivery, from threads of ours
    undelivered: where that is noted instead, together with others; its owner closes it
    """

    def __init__(
        self,
        wanted: Wanted,
        running: Seeing,
        pictures: Callable[[bool], Pictures] | None = None,
        event_log: Path | None = None,
        changed: Callable[[dict[str, Any]], None] | None = None,
        undelivered: Undelivered | None = None,
    ) -> None:
        self._running = running
        self._undelivered = undelivered
        self._gaps: list[str] = []
        self._lock = threading.Lock()
        self._changed = changed
        self._heartbeat: Heartbeat | None = None
        self._stack = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            self._make(wanted, pictures, event_log, stack)
            self._stack = stack.pop_all()

    def _make(
        self,
        wanted: Wanted,
        pictures: Callable[[bool], Pictures] | None,
        event_log: Path | None,
        stack: contextlib.ExitStack,
    ) -> None:
        settings = wanted.settings
        specs = wanted.specs
        routes = {rule: [parse_action(each) for each in then] for rule, then in wanted.rules.items()}
        self._feedback = _feedback() if specs or routes else None
        redact = bool(settings.get("redact", True))
        options = ActionOptions(
            redact=redact,
            notify_text=bool(settings.get("notify_text")),
            notify_picture=bool(settings.get("notify_picture")),
            webhook_picture=bool(settings.get("webhook_picture")),
            webhook_secret=webhook_secret(settings.get("webhook_secret"), settings.get("webhook_secret_file")),
            allow_private=tuple(settings.get("allow_private", ())),
            proxy=settings.get("proxy"),
            stdout_to_stderr=wanted.stdout_to_stderr,
            answered=None if self._feedback is None else self._answered,
            **({} if pictures is None else {"pictures": pictures(redact)}),
        )
        made: dict[ActionSpec, Action] = {}

        def action(spec: ActionSpec) -> Action:
            if spec not in made:
                made[spec] = make_action(spec, options)
                stack.callback(made[spec].close)
            return made[spec]

        default = [action(spec) for spec in specs]
        by_rule = {rule: [action(spec) for spec in chosen] for rule, chosen in routes.items()}
        undelivered = self._undelivered
        if event_log is not None and made:
            undelivered = stack.enter_context(contextlib.closing(Undelivered(undelivered_path(event_log))))
            undelivered.say_before()
        feedback = self._feedback
        self.dispatcher = Dispatcher(
            default,
            routes=by_rule,
            undelivered=undelivered,
            allows=None if feedback is None else feedback.allows,
            changed=self._tell_counts,
        )
        stack.callback(self.dispatcher.close)
        self._reminders: Reminders | None = None
        if feedback is not None:
            self._reminders = stack.enter_context(contextlib.closing(Reminders(feedback, self.dispatcher.submit)))
        address = wanted.heartbeat or settings.get("heartbeat")
        if address:
            from ironcliw.action.heartbeat import Heartbeat  # noqa: PLC0415 - it brings TLS, which most do without

            heartbeat = Heartbeat(address, self.sees, allow_private=options.allow_private, proxy=options.proxy)
            self._heartbeat = stack.enter_context(contextlib.closing(heartbeat))

    def take(self, event: Event) -> None:
        """Act on an alert, and note gaps; never waits."""
        if event.type == "gap":
            with self._lock:
                self._note_gap(event)
        elif event.type == "alert":
            self.dispatcher.submit(event)
            if self._reminders is not None:
                self._reminders.remember(event)

    def sees(self) -> bool:
        """Whether the screen is truly seen now: no gap is open, and it was verified within the last minute."""
        verified_s = self._running.seconds_since_verified
        with self._lock:
            return not self._gaps and verified_s is not None and verified_s <= SEEN_WITHIN_S

    def counts(self) -> dict[str, Any]:
        """What became of alerts and heartbeats; see ``counts_of``."""
        return counts_of(self.dispatcher, self._heartbeat)

    def close(self) -> None:
        """Deliver what is queued, for up to 5 seconds, and end everything."""
        self._stack.close()

    def _tell_counts(self) -> None:
        if self._changed is not None:
            self._changed(self.counts())

    def _note_gap(self, event: Event) -> None:
        reason = event.data["reason"]
        if event.data["state"] == "begin":
            self._gaps.append(reason)
        elif reason in self._gaps:
            self._gaps.remove(reason)

    def _answered(self, alert: str, verdict: str) -> None:
        """A button was pressed."""
        try:
            if self._feedback is not None:
                self._feedback.say(alert, verdict)
        except FeedbackError as error:
            log.warning("feedback: %s", error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _feedback() -> Feedback | None:
    try:
        return Feedback(feedback_path())
    except ServiceError as error:
        log.warning("nothing can be said of alerts: %s", error)
        return None


def feedback_path() -> Path:
    """Where it is kept what was said of alerts. ServiceError where there is no such folder."""
    return state_folder() / "feedback.json"
