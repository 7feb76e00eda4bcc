"""The [[screen]] tables of the settings as sources that are watched together: ``named_sources(settings.load())``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ironcliw.errors import SettingsError
from ironcliw.monitor.named import Named
from ironcliw.monitor.options import options_from
from ironcliw.rule import Rule
from ironcliw.rule.rules_file import load_rules
from ironcliw.settings import Settings


def named_sources(loaded: Settings, rules_state: str | None = None, *, share: bool = False) -> list[Named]:
    """The tables as sources and options, their files of rules read; those without a budget share the common one.

    rules_state: beginning of the names of the files in which it is kept what the rules of each have told
    share: whether other processes of this user may read the frames of each

    Raises SettingsError where there is none or two share a name, RulesError, and what ``WatchOptions`` raises.
    """
    if not loaded.screens:
        raise SettingsError("--all watches what [[screen]] tables in ironcliw.toml name, and there is none")
    common = loaded.memory.ledger()
    named: list[Named] = []
    for screen in loaded.screens:
        given: dict[str, Any] = {
            name: value
            for name, value in screen.model_dump(exclude={"name", "source", "password_file"}).items()
            if value not in (None, ())
        }
        options = options_from(loaded, {**given, "share": share})
        options = replace(
            options,
            when=[*options.conditions, *load_rules(options.rules)],
            rules=None,
            rules_state=None if rules_state is None else f"{rules_state}.{screen.name}",
            memory=common if screen.memory is None else options.memory,
        )
        named.append(Named(screen.name, screen.source, options, screen.password_file))
    return named


def then_of(named: Sequence[Named]) -> dict[str, dict[str, list[str]]]:
    """By source, for each rule that says itself what is done about its alerts, what that is."""
    return {each.name: _then(each) for each in named}


def _then(named: Named) -> dict[str, list[str]]:
    return {rule.name: list(rule.then) for rule in named.options.conditions if isinstance(rule, Rule) and rule.then}
