"""The four keys of the settings.json that this project's plan had, and what has become of them.

    values, notices = from_plan({"vision": {"parallel_workers": 8}}, "settings.json")
    values                                # {"text": {"threads": 8}}

A key with a setting of the same meaning is mapped to it; for the others a notice says what does their work now.
"""

from __future__ import annotations

from typing import Any, cast

from ironcliw.errors import SettingsError

KEYS = ("enable_rust_acceleration", "rust_memory_pool_mb", "enable_metal_gpu", "parallel_workers")
_TABLE = "vision"
_MOST_THREADS = 64


def is_plan(data: Any) -> bool:
    """Whether parsed JSON has the plan's table with one of its keys, and so is meant for us."""
    table: Any = cast(dict[str, Any], data).get(_TABLE) if isinstance(data, dict) else None
    return isinstance(table, dict) and any(key in table for key in KEYS)


def from_plan(data: dict[str, Any], file: str) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Our values for the plan's, and a notice for each key; SettingsError for other keys and impossible values."""
    for key in data:
        if key != _TABLE:
            raise SettingsError(f"{file}: {key}: unknown key; only '{_TABLE}' is read from a settings.json")
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
    return values, tuple(notices)


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
        return "not used: nothing is reserved ahead; a source holds its frames and gives them back when it closes"
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
