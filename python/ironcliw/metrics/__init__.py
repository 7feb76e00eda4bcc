"""Numbers about the work: counters, gauges, and times by stage. True or absent, never made up.

    from ironcliw import metrics

    metrics.observe("my_step", 3.2)                      # milliseconds
    metrics.snapshot().stages["my_step"].p95_ms

    with ironcliw.watch("screen") as watch:              # each watch has a registry of its own
        watch.metrics.snapshot().value("frames_captured")

Every name is described in ``docs/reference/metrics.md``. No number, name or label holds words from a screen.
"""

from ironcliw.metrics.frames import Copies, FrameCounts
from ironcliw.metrics.histogram import RELATIVE_ERROR, Histogram, StageSummary
from ironcliw.metrics.process import process_metrics
from ironcliw.metrics.registry import DEFAULT, Collector, Counter, Gauge, Registry, observe, snapshot
from ironcliw.metrics.rooms import RoomMemory, memory_metrics
from ironcliw.metrics.snapshot import Absent, Family, Snapshot, Value
from ironcliw.metrics.stages import StageTimes

DEFAULT.collect(process_metrics())

__all__ = [
    "DEFAULT",
    "RELATIVE_ERROR",
    "Absent",
    "Collector",
    "Copies",
    "Counter",
    "Family",
    "FrameCounts",
    "Gauge",
    "Histogram",
    "Registry",
    "RoomMemory",
    "Snapshot",
    "StageSummary",
    "StageTimes",
    "Value",
    "memory_metrics",
    "observe",
    "process_metrics",
    "snapshot",
]
