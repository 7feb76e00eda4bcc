"""``ironcliw doctor``: a known frame through each part, and what this machine's source can do."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ironcliw import __version__, kernels, settings
from ironcliw.cli.doctor_gpu import gpu_findings
from ironcliw.cli.doctor_memory import memory_findings
from ironcliw.cli.doctor_model import model_findings
from ironcliw.cli.doctor_screens import screen_findings
from ironcliw.cli.event_log import event_log_findings
from ironcliw.errors import IroncliwError
from ironcliw.frame import Geometry
from ironcliw.memory import FrameMemory
from ironcliw.monitor.runtime import Runtime
from ironcliw.objects import ObjectDetector
from ironcliw.source import Capture, open_source
from ironcliw.text import ENGINES, open_engine, why_not

HEALTHY, UNHEALTHY = 0, 1
_SAMPLE = "ironcliw doctor 4711"
_MARKS = {True: "ok  ", False: "FAIL", None: "--  "}

Finding = tuple[bool | None, str, str]


def run_doctor(source: str, monitor: str | None, config: Path | None) -> int:
    """Print one line a finding; returns 0 where everything that was tried works, else 1."""
    screen: list[Geometry] = []
    checks: list[Callable[[], list[Finding]]] = [
        _versions,
        lambda: _settings(config),
        _kernels,
        lambda: _text(config),
        _other_engines,
        _objects,
        lambda: _source(source, monitor, screen),
        screen_findings,
        lambda: gpu_findings(screen[0] if screen else None),
        lambda: memory_findings(config, screen[0] if screen else None),
        lambda: _event_log(config),
        lambda: _model(config),
        _extras,
    ]
    healthy = True
    for check in checks:
        for good, name, detail in check():
            print(f"{_MARKS[good]}  {name:22}  {detail}")
            healthy = healthy and good is not False
    return HEALTHY if healthy else UNHEALTHY


def _versions() -> list[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cores} cores"
    return [(True, "ironcliw", f"{__version__}, {machine}"), (True, "threads", Runtime.here().describe())]


def _settings(config: Path | None) -> list[Finding]:
    try:
        loaded = settings.load(config)
    except IroncliwError as error:
        return [(False, "settings", str(error))]
    detail = "the defaults" if loaded == settings.Settings() else "read; some differ from the defaults"
    return [(True, "settings", "; ".join([detail, *loaded.notices]))]


def _kernels() -> list[Finding]:
    native = kernels.IMPLEMENTATION == "native"
    findings: list[Finding] = [(True if native else None, "kernels", f"{kernels.IMPLEMENTATION}: {kernels.REASON}")]
    return findings + [(good, f"  {name}", detail) for name, good, detail in kernels.self_test()]


def _text(config: Path | None) -> list[Finding]:
    try:
        engine = open_engine(None, settings.load(config).text.engine)
        picture = Image.new("RGB", (420, 60), (250, 250, 250))
        ImageDraw.Draw(picture).text((20, 16), _SAMPLE, fill=(20, 20, 20), font=ImageFont.load_default(22))
        pixels = np.dstack([np.asarray(picture)[:, :, ::-1], np.zeros((60, 420), np.uint8)])
        engine.read(pixels)  # the first call loads the models
        started = time.perf_counter()
        lines = engine.read(np.ascontiguousarray(pixels[::-1])[::-1])
        passed_ms = (time.perf_counter() - started) * 1000
    except IroncliwError as error:
        return [(False, "text", str(error))]
    read = " ".join(line.text for line in lines)
    good = read == _SAMPLE
    detail = f"{engine.name}: read {read!r} in {passed_ms:.0f} ms" + ("" if good else f", not {_SAMPLE!r}")
    return [(good, "text", detail), (None, "  scripts", engine.scripts)]


def _other_engines() -> list[Finding]:
    reasons = [(name, why_not(name)) for name in ENGINES]
    return [(None, f"  engine {name}", reason or "can be used here: text.engine") for name, reason in reasons]


def _objects() -> list[Finding]:
    reason = ObjectDetector().reason
    return [(True if reason == "network" else None, "objects", f"dialogs and toasts are told by {reason}")]


def _source(spec: str, monitor: str | None, screen: list[Geometry]) -> list[Finding]:
    """What the source can do; its geometry is added to ``screen``."""
    try:
        source = open_source(spec, monitor=monitor)
        geometry = source.open()
    except IroncliwError as error:
        return [(False, "source", f"{spec}: {error}")]
    screen.append(geometry)
    try:
        where = f" on {geometry.monitor}" if geometry.monitor else ""
        findings: list[Finding] = [(True, "source", f"{source.name}: {geometry.width}x{geometry.height}{where}")]
        findings += [(None, f"  {name}", detail) for name, detail in source.describe().items()]
        memory = FrameMemory(geometry.width, geometry.height)
        source.attach(memory)
        message = source.read(2000)
        seen = isinstance(message, Capture)
        colours = len(np.unique(memory.pixels[::8, ::8, :3].reshape(-1, 3), axis=0))
        detail = (
            f"{message.bytes_read / 1e6:.1f} MB, {colours} colours" if isinstance(message, Capture) else str(message)
        )
        findings.append((seen, "  first frame", detail))
        memory.close()
        return findings
    finally:
        source.close()


def _event_log(config: Path | None) -> list[Finding]:
    try:
        return event_log_findings(settings.load(config).store)
    except IroncliwError as error:
        return [(False, "event log", str(error))]


def _model(config: Path | None) -> list[Finding]:
    try:
        return model_findings(settings.load(config))
    except IroncliwError as error:
        return [(False, "model", str(error).splitlines()[0])]


_EXTRAS = (
    ("av", "video", "video files"),
    ("desktop-notifier", "notify", "notifications"),
    ("anthropic", "claude", "asking Claude"),
    ("openai", "openai", "asking others"),
)


def _extras() -> list[Finding]:
    findings: list[Finding] = []
    for package, extra, what in _EXTRAS:
        try:
            findings.append((True, what, f"{package} {version(package)}"))
        except PackageNotFoundError:
            findings.append((None, what, f"not installed: pip install 'ironcliw[{extra}]'"))
    return findings
