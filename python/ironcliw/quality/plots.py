"""The report's plots, drawn with Pillow.

draw_plots(report)["gates"].save("gates.png")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from PIL import Image, ImageDraw, ImageFont

from ironcliw.quality.comparison import KINDS
from ironcliw.quality.gates import GATES
from ironcliw.quality.measuring import Report

_PX = 2
"""Plots are drawn at twice the size they are meant to be seen at."""
_WIDTH = 860
_ROW, _BAR, _LEFT, _TOP, _RIGHT, _FOOT = 22, 13, 250, 48, 70, 34
_PAPER, _INK, _FAINT, _LINE = "#ffffff", "#1f2328", "#656d76", "#d8dee4"
COLOURS = ("#0969da", "#bf8700", "#8250df", "#1a7f37", "#cf222e")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its length as a share of 1, what is written behind it, and which of ``COLOURS`` it has."""

    label: str
    share: float
    note: str
    colour: int = 0


def draw_plots(report: Report) -> dict[str, Image.Image]:
    """The plots by name, those left out for which there are no figures."""
    plots = {
        "found": _found(report),
        "latency": _latency(report),
        "pixels": _pixels(report),
        "gates": _gates(report),
    }
    return {name: picture for name, picture in plots.items() if picture is not None}


def _found(report: Report) -> Image.Image | None:
    groups: list[tuple[str, list[Bar]]] = []
    for score in report.scores:
        answered = sum(len(rule.answers) for rule in score.rules)
        due = answered + sum(len(rule.missed_s) for rule in score.rules)
        found = sum(event.found for event in score.events)
        parts = [("events", found, len(score.events), 0), ("rules", answered, due, 3)]
        bars = [Bar(label, part / whole, f"{part}/{whole}", colour) for label, part, whole, colour in parts if whole]
        if bars:
            groups.append((score.truth.name, bars))
    return bar_chart("Labelled events found and rules fired, by recording", groups) if groups else None


def _pixels(report: Report) -> Image.Image | None:
    groups: list[tuple[str, list[Bar]]] = []
    for score in report.scores:
        cost = score.cost
        if cost and cost.pixels_of_changed_frames and cost.pixels_of_whole_readings:
            shares = [
                ("of changed frames", cost.pixels_read / cost.pixels_of_changed_frames, 0),
                ("of as many whole", cost.pixels_read / cost.pixels_of_whole_readings, 1),
            ]
            groups.append(
                (score.truth.name, [Bar(label, share, f"{share:.1%}", colour) for label, share, colour in shares])
            )
    return bar_chart("Pixels read as text, as a share of reading whole frames", groups) if groups else None


def _gates(report: Report) -> Image.Image:
    groups = [
        (
            f"{kind} ({count.cases})",
            [_gate_bar(index, count.noticed[gate.name], count.cases) for index, gate in enumerate(GATES)],
        )
        for kind in KINDS
        if (count := report.gates[kind]).cases
    ]
    return bar_chart("Pairs of frames that each gate lets through as changed", groups)


def _gate_bar(index: int, noticed: int, cases: int) -> Bar:
    return Bar(GATES[index].name, noticed / cases, str(noticed), index)


def _latency(report: Report) -> Image.Image | None:
    rules = [answer for score in report.scores for rule in score.rules for answer in rule.answers]
    events = [
        event.answer for score in report.scores for event in score.events if event.answer and event.event.is_moment
    ]
    answers = [*rules, *events]
    lag_ms = [1000 * (answer.time_s - answer.due_s) for answer in answers]
    told_ms = [1000 * (answer.told_s - answer.due_s) for answer in answers]
    curves = [("label to event time", lag_ms), ("label to told", told_ms)]
    return (
        cumulative_chart("From the label: share of answers within so many ms of media time", curves)
        if answers
        else None
    )


def bar_chart(title: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> Image.Image:
    """Horizontal bars in named groups, from 0 to 100 %."""
    rows = sum(len(bars) for _, bars in groups) + len(groups)
    picture, pen = _sheet(title, _TOP + rows * _ROW + _FOOT)
    span = _WIDTH - _LEFT - _RIGHT
    bottom = _TOP + rows * _ROW
    for percent in range(0, 101, 25):
        x = _LEFT + span * percent / 100
        pen.line(_scaled(x, _TOP, x, bottom), fill=_LINE, width=_PX)
        _write(pen, x, bottom + 6, f"{percent} %", 11, _FAINT, "ma")
    y = _TOP
    for name, bars in groups:
        _write(pen, 16, y + 4, name, 12, _INK)
        y += _ROW
        for bar in bars:
            top = y + (_ROW - _BAR) / 2
            _write(pen, _LEFT - 8, y + 4, bar.label, 11, _FAINT, "ra")
            end = _LEFT + span * min(max(bar.share, 0.0), 1.0)
            if bar.share > 0:
                pen.rectangle(_scaled(_LEFT, top, max(end, _LEFT + 1), top + _BAR), fill=COLOURS[bar.colour])
            _write(pen, end + 6, y + 4, bar.note, 11, _INK)
            y += _ROW
    return picture


def cumulative_chart(title: str, curves: Sequence[tuple[str, Sequence[float]]]) -> Image.Image:
    """For each curve, which share of its values (ms) is at most x."""
    height, bottom, left, top = 330, 290, 60, 66
    picture, pen = _sheet(title, height)
    values = [value for _, series in curves for value in series]
    low, high = 100 * floor(min(values) / 100), 100 * ceil((max(values) + 1) / 100)
    span = _WIDTH - left - 30

    def place(value: float, share: float) -> tuple[float, float]:
        return left + span * (value - low) / (high - low), bottom - (bottom - top) * share

    for percent in range(0, 101, 25):
        _, y = place(low, percent / 100)
        pen.line(_scaled(left, y, left + span, y), fill=_LINE, width=_PX)
        _write(pen, left - 8, y - 7, f"{percent} %", 11, _FAINT, "ra")
    step = 100 * max(1, ceil((high - low) / 1200))
    for value in range(low, high + 1, step):
        x, _ = place(value, 0)
        _write(pen, x, bottom + 6, f"{value} ms", 11, _FAINT, "ma")
    for number, (name, series) in enumerate(curves):
        ordered = sorted(series)
        points = [place(low, 0)]
        for index, value in enumerate(ordered):
            points += [place(value, index / len(ordered)), place(value, (index + 1) / len(ordered))]
        points.append(place(high, 1))
        pen.line([(x * _PX, y * _PX) for x, y in points], fill=COLOURS[number], width=2 * _PX)
        pen.rectangle(_scaled(left + 190 * number, 42, left + 190 * number + 12, 52), fill=COLOURS[number])
        _write(pen, left + 190 * number + 18, 41, name, 11, _INK)
    return picture


def _sheet(title: str, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (_WIDTH * _PX, height * _PX), _PAPER)
    pen = ImageDraw.Draw(picture)
    _write(pen, 16, 14, title, 15, _INK)
    return picture, pen


def _write(pen: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int, colour: str, anchor: str = "la") -> None:
    pen.text((x * _PX, y * _PX), text, fill=colour, font=ImageFont.load_default(size * _PX), anchor=anchor)


def _scaled(*numbers: float) -> tuple[float, ...]:
    return tuple(number * _PX for number in numbers)
