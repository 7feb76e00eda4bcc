"""Rules for what many want to be told of. None is on unless ``rules.toml`` names its pack: ``packs = ["builds"]``.

pack("builds")                        # tables, as they would stand in rules.toml
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PACKS: Mapping[str, str] = {
    "builds": "a build or a test run fails, or succeeds after it had failed",
    "errors": "any error that tools report, each one once in ten minutes",
    "dialogs": "a dialog opens, or somebody is asked to allow something",
    "downloads": "something that makes progress is nearly done, or done",
    "stalls": "progress that does not move any more",
}

_FAILED = r"text:/BUILD FAILED|\bbuild failed\b|[1-9]\d* (tests? )?failed|FAILED \(|compilation (error|failed)/i"

_TABLES: Mapping[str, list[dict[str, Any]]] = {
    "builds": [
        {"name": "build failed", "when": _FAILED, "hold": "1s", "cooldown": "2m", "priority": "high"},
        {"name": "build fixed", "when": f"{_FAILED} then success within 2h", "cooldown": "2m"},
    ],
    "errors": [{"name": "error", "when": "error", "cooldown": "10m", "rate": "12/1h"}],
    "dialogs": [
        {"name": "dialog", "when": "dialog", "cooldown": "1m"},
        {"name": "permission", "when": "permission", "cooldown": "1m", "priority": "high"},
    ],
    "downloads": [
        {"name": "nearly done", "when": "progress >= 90%", "cooldown": "5m"},
        {"name": "done", "when": "progress >= 100%", "cooldown": "1m"},
    ],
    "stalls": [{"name": "stalled", "when": "stall", "cooldown": "10m", "resolved": True}],
}


def pack(name: str) -> list[dict[str, Any]]:
    """The rules of a pack as tables; names begin with the pack's. KeyError where there is no such pack."""
    return [{**table, "name": f"{name}: {table['name']}"} for table in _TABLES[name]]
