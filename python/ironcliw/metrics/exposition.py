"""A snapshot as Prometheus reads it.

text, content_type = exposition(registry.snapshot())
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector as PrometheusCollector

from ironcliw.metrics.registry import Registry
from ironcliw.metrics.snapshot import Family

PREFIX = "ironcliw_"
CONTENT_TYPE = CONTENT_TYPE_LATEST

_FIRST_BITS, _LAST_BITS = 14, 36
"""The least bucket holds durations up to 2**14 ns (16 us), the largest finite one up to 2**36 ns (69 s)."""


class _Collected(PrometheusCollector):
    """What a registry knows, asked anew each time."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """Every family; numbers that are not known are left out, as Prometheus wants it."""
        taken = self._registry.snapshot()
        uptime = GaugeMetricFamily(f"{PREFIX}uptime_seconds", "Since the watch began.", value=taken.uptime_s)
        yield uptime
        for family in taken.families.values():
            yield _metric(family)
        yield self._stages()

    def _stages(self) -> HistogramMetricFamily:
        stages = HistogramMetricFamily(
            f"{PREFIX}stage_seconds", "How long each stage of the work takes.", labels=["stage"]
        )
        for name, histogram in self._registry.stages.histograms.items():
            below, count, sum_ns = histogram.cumulative(_FIRST_BITS, _LAST_BITS)
            buckets = [(repr(2**bits / 1e9), float(inside)) for bits, inside in below]
            stages.add_metric([name], [*buckets, ("+Inf", float(count))], sum_value=sum_ns / 1e9)
        return stages


def _metric(family: Family) -> Metric:
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(f"{PREFIX}{family.name}", family.help, labels=[family.label] if family.label else [])
    for label, value in family.values.items():
        metric.add_metric([label] if family.label else [], float(value))
    return metric


def exposition(registry: Registry) -> bytes:
    """Everything a registry knows, in Prometheus' text format (``CONTENT_TYPE``)."""
    own = CollectorRegistry(auto_describe=False)
    own.register(_Collected(registry))
    return generate_latest(own)
