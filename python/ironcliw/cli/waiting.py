"""``ironcliw wait``: for scripts and agents; exits with 0 the moment a condition is met."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ironcliw import clock
from ironcliw.action import printable
from ironcliw.cli.common import check_format, duration_s, prepare, watch_options
from ironcliw.cli.human import describe
from ironcliw.cli.output import LineWriter
from ironcliw.cli.plain_words import as_condition, dollars
from ironcliw.errors import ConditionError
from ironcliw.monitor import Watch, first_alert
from ironcliw.settings import Settings

MET, NOT_MET = 0, 1


@dataclass(frozen=True, slots=True)
class WaitCommand:
    """The command line of ``wait`` as it was given."""

    source: str
    options: dict[str, Any]
    include_self: bool
    config: Path | None
    log_level: str | None
    format: str
    timeout: str | None
    budget: str | None = None


def run_wait(command: WaitCommand) -> int:
    """Wait; prints the alert that met a condition, or on stderr what came nearest. Returns the exit code."""
    check_format(command.format)
    timeout_s = None if command.timeout is None else duration_s(command.timeout)
    loaded = prepare(command.config, command.log_level)
    if command.budget is not None:
        loaded = _within(loaded, dollars(command.budget))
    options = watch_options(loaded, _understood(loaded, command.options), command.include_self)
    with Watch(command.source, options) as running:
        try:
            alert = first_alert(running, timeout_s)
        except KeyboardInterrupt:
            print("ironcliw: interrupted before the condition was met", file=sys.stderr)
            return NOT_MET
        if alert is not None:
            LineWriter().write(alert.to_json() if command.format == "jsonl" else describe(alert))
            return MET
        print(f"ironcliw: {_not_met(running, command.timeout)}", file=sys.stderr)
    return NOT_MET


def _understood(loaded: Settings, options: dict[str, Any]) -> dict[str, Any]:
    """The options with plain words written as the condition they are. ConditionError where nobody could judge them."""
    when = [as_condition(words) for words in options["when"]]
    for words, condition in zip(options["when"], when, strict=True):
        if words != condition and loaded.model.provider == "none":
            raise ConditionError(
                "plain words are for a model to judge, and [model] of the settings names none; for words that stand on"
                " the screen write text:WORDS",
                printable(words),
                1,
            )
    return {**options, "when": when}


def _within(loaded: Settings, most: float) -> Settings:
    """The settings with so many dollars for each condition and day, if they do not allow less."""
    cap = loaded.budget.rule_money_per_day
    budget = loaded.budget.model_copy(update={"rule_money_per_day": most if cap is None else min(cap, most)})
    return loaded.model_copy(update={"budget": budget})


def _not_met(running: Watch, timeout: str | None) -> str:
    why = "the source ended" if running.ended else f"not met within {timeout}"
    nearest = running.rules.nearest()
    if nearest is None:
        return f"{why}; no text that resembles the condition was seen"
    text, similarity, time_ns = nearest
    return f"{why}; nearest text seen: '{printable(text)}' at {time_ns / clock.SECOND:.1f} s ({similarity:.0%} alike)"
