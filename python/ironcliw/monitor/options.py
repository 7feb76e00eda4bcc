"""Options of a watch that come from the settings, unless they were given.

options_from(settings.load(), {"when": ["error"], "fps": 5})
"""

from __future__ import annotations

from typing import Any

from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.settings import Settings


def options_from(loaded: Settings, given: dict[str, Any]) -> WatchOptions:
    """``given`` names fields of ``WatchOptions``; the settings say the rest."""
    from_settings: dict[str, Any] = {
        "now": loaded.watch.now,
        "rules": loaded.watch.rules,
        "monitor": loaded.source.monitor,
        "fps": loaded.source.fps,
        "threads": loaded.text.threads,
        "engine": loaded.text.engine,
        "threshold": loaded.change.lossy_distance_squared,
        "settle_ms": loaded.text.settle_ms,
        "reads_per_s": loaded.text.reads_per_s,
        "ring_bytes": loaded.history.ring_bytes,
        "cpu": loaded.source.cpu,
        "latency_s": loaded.source.latency_s,
        "probe_interval_s": loaded.source.probe_interval_s,
    }
    merged = {**from_settings, **given}
    merged["when"] = list(given.get("when") or loaded.watch.when)
    merged["exclude"] = [*loaded.source.exclude, *given.get("exclude", ())]
    merged["memory"] = loaded.memory.ledger(given.get("memory"))
    merged["text"] = given.get("text", True) and loaded.text.enabled
    merged["include_self"] = given.get("include_self", False) or loaded.source.include_self
    if "asker" not in given and loaded.model.provider != "none":
        from ironcliw.vision_model import open_asker  # noqa: PLC0415 - only who has a model needs it

        merged["asker"] = open_asker(loaded.model.choice(), loaded.budget.budget())
        merged["ask_s"] = loaded.model.deadline_s
    merged.setdefault("archive", bool(given.get("share")) and loaded.history.archive)
    return WatchOptions(**merged)
