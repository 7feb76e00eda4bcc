"""The keys of the settings.json that this project's plan had, and of its MEMORY_CONFIG, and what has become of them.

    values, notices = from_plan({"vision": {"parallel_workers": 8}}, "settings.json")
    values                                # {"text": {"threads": 8}}

A key with a setting of the same meaning is mapped to it; for the others a notice says what does their work now.
"""

from __future__ import annotations

from typing import Any, cast

from ironcliw.errors import SettingsError
from ironcliw.memory.plan import KEYS as MEMORY_KEYS
from ironcliw.memory.plan import plan_sizes

KEYS = ("enable_rust_acceleration", "rust_memory_pool_mb", "enable_metal_gpu", "parallel_workers")
_TABLE = "vision"
_MEMORY = "memory"
"""The table that may hold what the plan called MEMORY_CONFIG."""
_MOST_THREADS = 64


def is_plan(data: Any) -> bool:
    """Whether parsed JSON has the plan's table with one of its keys, and so is meant for us."""
    tables: dict[str, Any] = cast(dict[str, Any], data) if isinstance(data, dict) else {}
    known = ((tables.get(_TABLE), KEYS), (tables.get(_MEMORY), MEMORY_KEYS))
    return any(isinstance(table, dict) and any(key in table for key in keys) for table, keys in known)


def from_plan(data: dict[str, Any], file: str) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Our values for the plan's, and a notice for each key; SettingsError for other keys and impossible values."""
    for key in data:
        if key not in (_TABLE, _MEMORY):
            known = f"only '{_TABLE}' and '{_MEMORY}' are read from a settings.json"
            raise SettingsError(f"{file}: {key}: unknown key; {known}")
    table = data.get(_TABLE, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: {_TABLE}: expected an object, got {table!r}")
    values: dict[str, dict[str, Any]] = {}
    notices: list[str] = []
    for key, value in cast(dict[str, Any], table).items():
        where = f"{file}: {_TABLE}.{key}"
        if key not in KEYS:
            raise SettingsError(f"{where}: unknown key; of the old file only {', '.join(KEYS)} are accepted")
        notices.append(f"{where}: {_accept(key, value, where, values)}")
    if _MEMORY in data:
        notices.append(f"{file}: {_MEMORY}: {_accept_memory(data[_MEMORY], file, values)}")
    return values, tuple(notices)


def _accept_memory(table: Any, file: str, values: dict[str, dict[str, Any]]) -> str:
    """Add what MEMORY_CONFIG maps to, and say what became of it."""
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: {_MEMORY}: expected an object, got {table!r}")
    try:
        total, budgets = plan_sizes(cast(dict[str, Any], table))
    except SettingsError as error:
        raise SettingsError(f"{file}: {_MEMORY}: {error}") from None
    memory: dict[str, Any] = {} if total is None else {"total": f"{total}B"}
    if budgets:
        memory["budgets"] = [f"{name}={size}B" for name, size in budgets.items()]
    values["memory"] = memory
    return f"is now {', '.join(f'memory.{key}' for key in memory) or 'nothing'} in ironcliw.toml"


def _accept(key: str, value: Any, where: str, values: dict[str, dict[str, Any]]) -> str:
    """Check one key, add what it maps to, and say what became of it."""
    if key == "enable_rust_acceleration":
        if _flag(value, where):
            return "not needed: the native part is used wherever it is installed; 'ironcliw doctor' shows it"
        return "not a setting: IRONCLIW_KERNELS=reference in the environment does without the native part"
    if key == "enable_metal_gpu":
        _flag(value, where)
        return "not used: all work is done on the processor; 'ironcliw doctor' shows what runs natively"
    number = _number(value, where)
    if key == "rust_memory_pool_mb":
        return "not used: nothing is reserved ahead; memory.total in ironcliw.toml bounds what is held in all"
    if number > _MOST_THREADS:
        raise SettingsError(f"{where}: expected 1 to {_MOST_THREADS}, got {number}")
    values["text"] = {"threads": number}
    return f"is now text.threads = {number} in ironcliw.toml"


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{where}: expected true or false, got {value!r}")
    return value


def _number(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SettingsError(f"{where}: expected a whole number from 1 on, got {value!r}")
    return value
