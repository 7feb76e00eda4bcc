"""The original plan's MEMORY_CONFIG, as a ledger.

ledger = ledger_from_plan(MEMORY_CONFIG)
ledger.total_bytes                    # total_ram_gb * jarvis_allocation_percent
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ironcliw.errors import SettingsError
from ironcliw.memory.budget import GROUPS
from ironcliw.memory.ledger import Ledger
from ironcliw.memory.machine import Machine

KEYS = ("total_ram_gb", "jarvis_allocation_percent", "component_budgets")
MIB = 1 << 20


def plan_sizes(config: Mapping[str, Any]) -> tuple[int | None, dict[str, int]]:
    """The total (None where the plan's two keys for it are missing) and the component budgets, all in bytes.

    The plan counts in MB of 1,048,576 bytes. Raises SettingsError for other keys and impossible values.
    """
    for key in config:
        if key not in KEYS:
            raise SettingsError(f"MEMORY_CONFIG: {key}: unknown key; known: {', '.join(KEYS)}")
    total = None
    if "total_ram_gb" in config or "jarvis_allocation_percent" in config:
        gigabytes = _number(config.get("total_ram_gb"), "total_ram_gb", 1, 1 << 20)
        percent = _number(config.get("jarvis_allocation_percent"), "jarvis_allocation_percent", 1, 100)
        total = int(gigabytes * 1024) * MIB * int(percent) // 100
    given = config.get("component_budgets", {})
    if not isinstance(given, Mapping):
        raise SettingsError(f"MEMORY_CONFIG: component_budgets: expected names and MB, got {given!r}")
    budgets: dict[str, int] = {}
    for name, size in cast("Mapping[str, Any]", given).items():
        if name not in GROUPS:
            raise SettingsError(f"MEMORY_CONFIG: component_budgets.{name}: unknown; known: {', '.join(GROUPS)}")
        budgets[name] = int(_number(size, f"component_budgets.{name}", 0, 1 << 20)) * MIB
    return total, budgets


def ledger_from_plan(config: Mapping[str, Any], machine: Machine | None = None) -> Ledger:
    """A ledger with the plan's total and budgets. SettingsError, also where the machine has not so much."""
    total, budgets = plan_sizes(config)
    return Ledger(total, fixed=budgets, machine=machine)


def _number(value: Any, key: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise SettingsError(f"MEMORY_CONFIG: {key}: expected a number from {least} to {most}, got {value!r}")
    return value
