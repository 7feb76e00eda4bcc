"""What a registry knows at one moment: plain numbers with plain names.

taken = registry.snapshot()
taken.value("events", "alert")        # 3, or None where nothing is known of it
taken.stages["change"].p95_ms
taken.absent["gpu_busy_ratio"]        # why there is no such number
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ironcliw.metrics.histogram import StageSummary

Value = int | float
Kind = Literal["counter", "gauge"]


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers of one name. ``counter`` only grows; ``gauge`` goes up and down.

    help: what is counted, with its unit, in one line
    label: what tells the values apart (``room``, ``reason``); empty for a single value, whose key is empty
    values: by the label's value
    """

    name: str
    kind: Kind
    help: str
    values: Mapping[str, Value]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A number that is not known, and why: nothing here is ever estimated or made up."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a registry knew at one moment.

    uptime_s: seconds since the registry was made
    families: counters and gauges by name
    stages: durations by stage
    absent: by name, why a number is not known
    """

    uptime_s: float
    families: Mapping[str, Family] = field(default_factory=dict[str, Family])
    stages: Mapping[str, StageSummary] = field(default_factory=dict[str, StageSummary])
    absent: Mapping[str, str] = field(default_factory=dict[str, str])

    def value(self, name: str, label: str = "") -> Value | None:
        """One number; None where it is not known."""
        family = self.families.get(name)
        return None if family is None else family.values.get(label)

    def values(self, name: str) -> Mapping[str, Value]:
        """All numbers of a name by label; empty where none is known."""
        family = self.families.get(name)
        return {} if family is None else family.values

    def to_dict(self) -> dict[str, Any]:
        """The same in JSON's types: ``from_dict`` reads it back."""
        families = {
            family.name: {
                "kind": family.kind,
                "help": family.help,
                **({"label": family.label} if family.label else {}),
                "values": dict(family.values),
            }
            for family in self.families.values()
        }
        stages = {name: summary.to_dict() for name, summary in self.stages.items()}
        return {"uptime_s": self.uptime_s, "metrics": families, "stages": stages, "absent": dict(self.absent)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Snapshot:
        """A snapshot that another process sent. ValueError where it is none."""
        try:
            families = {
                name: Family(
                    name,
                    _kind(each["kind"]),
                    str(each["help"]),
                    {str(label): _number(value) for label, value in each["values"].items()},
                    str(each.get("label", "")),
                )
                for name, each in data["metrics"].items()
            }
            stages = {
                str(name): StageSummary(**{key: _number(value) for key, value in each.items()})
                for name, each in data["stages"].items()
            }
            absent = {str(name): str(reason) for name, reason in data["absent"].items()}
            return cls(_number(data["uptime_s"]), families, stages, absent)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a snapshot of metrics: {type(error).__name__}") from None


def _kind(value: object) -> Kind:
    if value == "counter":
        return "counter"
    if value == "gauge":
        return "gauge"
    raise ValueError("not a snapshot of metrics: a kind that is none")


def _number(value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a snapshot of metrics: a value that is no number")
    return value
