"""Rules as they stand in a file: ``rules.toml``.

    [[rule]]
    name = "build broke"
    when = 'text:/BUILD FAILED/ in window "Terminal"'
    hold = "2s"

load_rules("rules.toml")              # [Rule(name='build broke', ...)]
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, cast

from ironcliw.errors import ConditionError, RulesError, SettingsError
from ironcliw.rule import expression as ast
from ironcliw.rule.condition import Condition
from ironcliw.rule.hours import Hours
from ironcliw.rule.packs import PACKS, pack
from ironcliw.rule.parse import parse, parse_duration
from ironcliw.rule.policy import PRIORITIES, Deadline, Rate, Rule

KEYS = (
    "name",
    "when",
    "hold",
    "release",
    "cooldown",
    "once",
    "deadline",
    "quiet",
    "zone",
    "rate",
    "priority",
    "resolved",
    "then",
    "latency",
    "enabled",
)
FILE_KEYS = ("rule", "packs", "zone", "quiet", "then", "rate_together")
FILE_BYTES_MAX = 4 << 20


def load_rules(path: str | Path | None) -> list[Rule]:
    """The rules of a file, in its order, then those of the packs it names; none for None.

    Raises RulesError, on few lines, for a file that cannot be read and for whatever in it is not understood.
    """
    if path is None:
        return []
    try:
        with Path(path).open("rb") as file:
            text = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({(error.strerror or 'no reason given').lower()})") from None
    if len(text) > FILE_BYTES_MAX:
        raise RulesError(f"{path}: more than {FILE_BYTES_MAX >> 20} MiB of rules")
    try:
        loaded = tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise RulesError(f"{path}: not UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RulesError(f"{path}: not TOML: {error}") from None
    folder = Path(path).absolute().parent
    return [replace(rule, when=_located(rule.when, folder)) for rule in rules_from(loaded, str(path))]


def _located(condition: Condition, folder: Path) -> Condition:
    """The same, pictures looked for beside the file of rules."""
    match condition:
        case ast.ImageCondition() | ast.SimilarCondition():
            return replace(condition, file=str(folder / condition.file))
        case ast.And() | ast.Or():
            return replace(condition, parts=tuple(_located(part, folder) for part in condition.parts))
        case ast.Then():
            first, second = _located(condition.first, folder), _located(condition.second, folder)
            return replace(condition, first=first, second=second)
        case ast.Not() | ast.For() | ast.InRegion() | ast.InWindow() | ast.During():
            return replace(condition, part=_located(condition.part, folder))
        case _:
            return condition


def rules_from(loaded: Mapping[str, Any], path: str = "rules") -> list[Rule]:
    """The rules that a table of TOML states; ``path`` is what an error names."""
    _check_keys(loaded, FILE_KEYS, path)
    shared = {name: loaded[name] for name in ("zone", "quiet", "then", "rate_together") if name in loaded}
    tables: Any = loaded.get("rule", [])
    if not isinstance(tables, list):
        raise RulesError(f"{path}: each rule begins with [[rule]]")
    names: Any = loaded.get("packs", [])
    rules: list[Rule] = []
    listed = [(f"{path}: rule {at + 1}", table) for at, table in enumerate(cast("list[Any]", tables))]
    for name in _strings(names, f"{path}: packs"):
        if name not in PACKS:
            raise RulesError(f"{path}: packs: {_unknown(name, tuple(PACKS), 'pack')}")
        listed += [(f"pack {name}: rule {at + 1}", table) for at, table in enumerate(pack(name))]
    for where, table in listed:
        rule = _rule_of(table, where, shared)
        if rule is not None:
            rules.append(rule)
    names_seen = [rule.name for rule in rules]
    twice = next((name for name in names_seen if names_seen.count(name) > 1), None)
    if twice is not None:
        raise RulesError(f"{path}: two rules are called {twice!r:.80}")
    return rules


def _rule_of(table: Any, where: str, shared: Mapping[str, Any]) -> Rule | None:
    if not isinstance(table, dict):
        raise RulesError(f"{where}: each rule begins with [[rule]]")
    fields = cast("dict[str, Any]", table)
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip():
        raise RulesError(f'{where}: it needs a name, as in name = "build broke"')
    where = f"{where} ({name:.60})"
    _check_keys(fields, KEYS, where)
    if "when" not in fields:
        raise RulesError(f"{where}: it needs a condition, as in when = 'text:\"BUILD FAILED\"'")
    given = {**shared, **fields}
    made: dict[str, Any] = {"name": name.strip(), "when": None}
    for key, value in given.items():
        if key in _READERS:
            field, read = _READERS[key]
            made[field] = _read(read, value, f"{where}: {key}")
    made["written"] = str(fields["when"]).strip()
    try:
        rule = Rule(**made)
    except SettingsError as error:
        raise RulesError(f"{where}: {error}") from None
    return rule if made_enabled(fields, where) else None


def made_enabled(fields: Mapping[str, Any], where: str) -> bool:
    """Whether a rule is on; one that is off must be a sound one all the same."""
    return bool(_read(_flag, fields.get("enabled", True), f"{where}: enabled"))


def _read(read: Callable[[Any], Any], value: Any, where: str) -> Any:
    try:
        return read(value)
    except ConditionError as error:
        raise RulesError(f"{where}: {error}") from None
    except ValueError as error:
        raise RulesError(f"{where}: {error}") from None


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise RulesError(f"{where}: {_unknown(key, known, 'key')}")


def _unknown(name: str, known: tuple[str, ...], what: str) -> str:
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
    return f"unknown {what} '{name:.60}': {hint}"


def _fail(message: str) -> NoReturn:
    raise ValueError(message)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _fail(f"a string is meant, not {value!r:.60}")


def _flag(value: Any) -> bool:
    return value if isinstance(value, bool) else _fail(f"true or false is meant, not {value!r:.60}")


def _duration(value: Any) -> int:
    return parse_duration(_text(value))


def _strings(value: Any, where: str = "") -> tuple[str, ...]:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        message = f"a list of strings is meant, not {value!r:.60}"
        raise RulesError(f"{where}: {message}") if where else ValueError(message)
    return tuple(values)


def _priority(value: Any) -> str:
    return value if value in PRIORITIES else _fail(f"one of {', '.join(PRIORITIES)} is meant, not {value!r:.60}")


def _rate(value: Any) -> Rate:
    match = re.fullmatch(r"\s*(\d{1,4})\s*/\s*(.+?)\s*", _text(value))
    if match is None or int(match[1]) == 0:
        _fail(f"a rate such as 4/1h is meant: alerts at most, and in what time; not {value!r:.60}")
    length = match[2] if match[2][0].isdigit() else f"1{match[2]}"
    return Rate(int(match[1]), parse_duration(length))


def _deadline(value: Any) -> Deadline:
    text = _text(value).strip()
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if match is None:
        return Deadline(after_ns=parse_duration(text))
    if int(match[1]) > 23 or int(match[2]) > 59:
        _fail(f"there is no time {text}")
    return Deadline(minute=int(match[1]) * 60 + int(match[2]))


def _quiet(value: Any) -> tuple[Hours, ...]:
    from ironcliw.rule.grammar import parse_hours  # noqa: PLC0415 - most rules do without a grammar

    return tuple(parse_hours(each) for each in _strings(value))


_READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "when": ("when", lambda value: parse(_text(value))),
    "hold": ("hold_ns", _duration),
    "release": ("release_ns", _duration),
    "cooldown": ("cooldown_ns", _duration),
    "once": ("once", _flag),
    "deadline": ("deadline", _deadline),
    "quiet": ("quiet", _quiet),
    "zone": ("zone", _text),
    "rate": ("rate", _rate),
    "rate_together": ("together", _rate),
    "priority": ("priority", _priority),
    "resolved": ("resolved", _flag),
    "then": ("then", _strings),
    "latency": ("latency_ns", _duration),
}
