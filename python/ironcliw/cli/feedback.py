"""``ironcliw feedback``: what somebody says of an alert, and what was learned of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from ironcliw import clock
from ironcliw.action import Feedback, printable
from ironcliw.action.feedback import RuleFeedback
from ironcliw.cli.common import duration_s
from ironcliw.cli.output import LineWriter
from ironcliw.errors import FeedbackError, SettingsError
from ironcliw.service.acting import feedback_path


@dataclass(frozen=True, slots=True)
class FeedbackCommand:
    """The command line of ``feedback`` as it was given."""

    alert: str | None
    verdict: str | None
    duration: str | None
    show: bool
    reset: str | None
    format: str


def run_feedback(command: FeedbackCommand) -> int:
    """Take in what was said, or show or forget it; returns 0. FeedbackError, SettingsError."""
    if command.format not in ("human", "json"):
        raise SettingsError(f"format must be human or json, not {command.format!r}")
    feedback, lines = Feedback(feedback_path()), LineWriter()
    if command.reset is not None:
        feedback.reset(command.reset)
        lines.write(f"forgot what was said of {printable(command.reset)}")
    elif command.show:
        _show(feedback.rules(), command.format, lines)
    elif command.alert is None or command.verdict is None:
        raise FeedbackError("say of which alert and what: 'ironcliw feedback last useful', or --show, or --reset RULE")
    else:
        seconds = None if command.duration is None else duration_s(command.duration)
        said = feedback.say(command.alert, command.verdict, seconds)
        until = "" if said.until_ns is None else f" until {clock.rfc3339(said.until_ns)}"
        lines.write(f"{said.alert} ({printable(said.rule)}): {said.verdict}{until}")
    lines.close()
    return 0


def _show(rules: list[RuleFeedback], format: str, lines: LineWriter) -> None:
    if format == "json":
        lines.write(json.dumps([asdict(each) for each in rules]))
        return
    if not rules:
        lines.write("nothing was said of any rule yet")
    for each in rules:
        state = "" if each.interrupts else ", held back: only one in eight interrupts"
        if each.muted_until_ns is not None:
            state += f", muted until {clock.rfc3339(each.muted_until_ns)}"
        lines.write(
            f"{printable(each.rule)}: {each.useful} useful, {each.not_useful} not useful;"
            f" estimated useful {each.estimate:.0%}{state}"
        )
