"""A soak for people and for programs.

markdown(result), as_json(result)
"""

from __future__ import annotations

from typing import Any

from ironcliw.bench.machine import commit, load, machine
from ironcliw.soak.desktop import FPS, FRAMES_A_ROUND
from ironcliw.soak.judging import MIB, NOT_ALL, Check, memory_slope, warm
from ironcliw.soak.running import Plan, Result
from ironcliw.soak.sampling import COLUMNS


def as_json(result: Result) -> dict[str, Any]:
    """Everything in JSON's types, each sample too."""
    plan = result.plan
    return {
        "good": result.good,
        "plan": {name: getattr(plan, name) for name in Plan.__dataclass_fields__},
        "done": result.done,
        "seconds": round(result.seconds, 1),
        "checks": [
            {"name": each.name, "found": round(each.found, 4), "most": round(each.most, 4), "unit": each.unit,
             "good": each.good} for each in result.checks
        ],
        "frames": result.frames,
        "events": result.events,
        "event_bytes": result.event_bytes,
        "stages": result.stages,
        "read": result.read,
        "read_anew": result.read_anew,
        "looked": result.looked,
        "looked_anew": result.looked_anew,
        "crash": result.crash,
        "machine": machine(),
        "load": load(),
        "commit": commit(),
        "samples": {name: [round(value, 3) for value in result.samples.column(name)] for name in COLUMNS},
    }  # fmt: skip


def markdown(result: Result) -> str:
    """The report, in Markdown."""
    return "\n".join(
        [
            "# Soak",
            "",
            _verdict(result),
            "",
            "| what | found | at most | good |",
            "| --- | --- | --- | --- |",
            *(_row(check) for check in result.checks),
            "",
            *_done(result),
            "",
            "| held | first, after the warm-up | last | least | most |",
            "| --- | --- | --- | --- | --- |",
            *_held(result),
            "",
            "| stage | count | mean ms | p95 | p99 | max |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_stage(name, each) for name, each in result.stages.items()),
            "",
            *_where(result),
            "",
        ]
    )


def _verdict(result: Result) -> str:
    plan = result.plan
    hours = result.done / FPS / 3600
    how = "in real time" if plan.real_time else "accelerated"
    planted = f", with {plan.leak_bytes} bytes planted a frame" if plan.leak_bytes else ""
    asked = "" if result.done == plan.frames else f" of the {plan.frames:,} that were asked for"
    what = (
        f"{result.done:,} frames{asked} ({hours:.1f} h at {FPS} a second, {how}), {plan.width}x{plan.height}{planted}"
    )
    failed = [check.name for check in result.checks if not check.good]
    word = "Failed" if failed else "Passed"
    if failed == [NOT_ALL]:
        word = "Ended early, with nothing found so far"
    return f"**{word}**: {what}, in {result.seconds / 60:.1f} minutes."


def _row(check: Check) -> str:
    unit = f" {check.unit}" if check.unit else ""
    return f"| {check.name} | {check.found:,.3g}{unit} | {check.most:,.3g}{unit} | {'yes' if check.good else 'NO'} |"


def _done(result: Result) -> list[str]:
    frames, events = result.frames, result.events
    told = ", ".join(f"{count:,} {name}" for name, count in events.items())
    counted = f"{frames.get('duplicate', 0):,} duplicate + {frames.get('changed', 0):,} changed"
    counted += f" + {frames.get('excluded', 0):,} excluded + {sum(frames.get('dropped', {}).values()):,} dropped"
    lines = [
        f"- frames: {frames.get('captured', 0):,} captured = {counted}",
        f"- events: {told} ({result.event_bytes / MIB:,.1f} MiB of JSON)",
    ]
    if not result.plan.text:
        lines.append("- text was not read")
    elif result.plan.real_time:
        lines.append(f"- pictures read: {result.read:,}, all of them by the engine")
    else:
        lines += [
            f"- pictures read: {result.read:,}, of which the engine was given the {result.read_anew:,} that differ; "
            f"looks: {result.looked:,}, of which the detector was given {result.looked_anew:,}. The script of "
            f"{FRAMES_A_ROUND / FPS / 60:g} minutes comes again and again, and a picture that was read before keeps "
            "its reading, with other figures in each round: everything behind the networks worked on every one of "
            "them, the networks themselves on the distinct ones only",
        ]
    if result.crash:
        lines.append(f"- it ended with {result.crash}")
    return lines


def _held(result: Result) -> list[str]:
    rows: list[str] = []
    for name in COLUMNS[2:]:
        column = warm(result.samples, name)
        if not len(column):
            continue
        scale, unit, digits = (MIB, " MiB", 1) if name.endswith("_bytes") else (1, "", 0)
        shown = (column[0], column[-1], column.min(), column.max())
        cells = (f"{float(each) / scale:,.{digits}f}{unit}" for each in shown)
        rows.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    return rows


def _stage(name: str, each: dict[str, float]) -> str:
    times = (each[key] for key in ("mean_ms", "p95_ms", "p99_ms", "max_ms"))
    return f"| {name} | {each['count']:,} | {' | '.join(f'{time:,.3f}' for time in times)} |"


def _where(result: Result) -> list[str]:
    here = machine()
    lines: list[str] = []
    if len(warm(result.samples, "frame")) >= 3:
        slope = memory_slope(result.samples)
        lines.append(
            f"- slope of resident memory (Theil-Sen, after a warm-up of a tenth): {slope.per_step:.4f} MiB per 100,000 "
            f"frames, 95 % between {slope.lower:.4f} and {slope.upper:.4f}; {len(result.samples):,} samples, one every "
            f"{result.plan.sample_frames:,} frames"
        )
    busy = " / ".join(f"{each:.2f}" for each in load() or ())
    lines.append(f"- machine: {here['cpu']}, {here['cores']} cores, {here['memory_mb']} MB, {here['system']}")
    lines.append(f"- Python {here['python']}; kernels {here['kernels']}; load at the end {busy}")
    lines.append(f"- commit {commit() or 'unknown'}; command: `{command(result.plan)}`")
    return lines


def command(plan: Plan) -> str:
    """What was asked for, as a command line."""
    parts = ["ironcliw soak", f"--frames {plan.frames}", f"--size {plan.width}x{plan.height}"]
    parts += ["--no-text"] if not plan.text else []
    parts += ["--real-time"] if plan.real_time else []
    parts += [f"--leak {plan.leak_bytes}"] if plan.leak_bytes else []
    return " ".join(parts)
