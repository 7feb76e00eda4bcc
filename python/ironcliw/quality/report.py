"""The report in Markdown, with its plots beside it.

write_report(report, "dev", Path("benches/results"), command="ironcliw quality data/dev")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ironcliw.quality.bar import below, missed
from ironcliw.quality.bar import targets as targets_of
from ironcliw.quality.comparison import KINDS
from ironcliw.quality.gates import GATES
from ironcliw.quality.measuring import Report
from ironcliw.quality.observing import Cost
from ironcliw.quality.perceived import benched_note, perceived, target_table
from ironcliw.quality.perception import Perception
from ironcliw.quality.plots import draw_plots
from ironcliw.quality.scoring import EventScore, RecordingScore, RuleScore, RuleTotals, Spread, Totals
from ironcliw.quality.tables import NOTHING, cell, of, table


def write_report(report: Report, name: str, folder: Path, command: str) -> Path:
    """Write ``quality-NAME.md`` and its plots into ``folder``, which is made where it is missing; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = draw_plots(report) if report.scores else {}
    for title, picture in plots.items():
        picture.save(folder / f"quality-{name}-{title}.png", optimize=True)
    path = folder / f"quality-{name}.md"
    links = [f"![{title}](quality-{name}-{title}.png)" for title in plots]
    path.write_text(markdown(report, command, links), encoding="utf-8")
    return path


def markdown(report: Report, command: str = "", links: Sequence[str] = ()) -> str:
    """The report. ``links`` are put behind the totals, one a paragraph."""
    sections = [
        _head(report, command),
        _verdict(report),
        target_table(report.targets),
        benched_note(report.perception),
        _totals(report.totals) if report.scores else "",
        "\n\n".join(links),
        _recordings(report.scores) if report.scores else "",
        _rules(report.scores),
        _events(report),
        perceived(report.perception),
        _controls(report),
        _gates(report) if report.gates else "",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(report: Report, command: str) -> str:
    here = report.circumstances
    load = f", load {here.load} at the start" if here.load is not None else ""
    lines = [
        f"# Quality: {', '.join(_short(place) for place in report.data) or 'synthetic desktops'}",
        "",
        f"{here.machine}{load}. Ironcliw {here.version}, commit {here.commit}; kernels: {here.kernels}.",
        "What is measured, and how, is written in `docs/reference/quality.md`.",
    ]
    return "\n".join([*lines, "", "```sh", command, "```"] if command else lines)


def _short(place: str) -> str:
    return place if place.startswith("synthetic:") else Path(place).resolve().name


def _verdict(report: Report) -> str:
    if not report.failures:
        return "**Clears the bar.**" if report.scores else "**Reaches the targets that were measured.**"
    return (
        ("**Below the bar:**" if report.scores else "**Misses targets:**")
        + "\n\n"
        + "\n".join(f"- {failure}" for failure in report.failures)
    )


def _totals(totals: Totals) -> str:
    rows = [
        (
            "recordings",
            f"{totals.recordings}, {totals.duration_s:.0f} s of media, {totals.still_s:.0f} s labelled still",
        ),
        ("text rules", _rule_totals(totals.text_rules)),
        ("notification and dialog rules", _rule_totals(totals.other_rules)),
        ("labelled events found", of(totals.events_found, totals.events_due)),
        ("sightings of labelled words that a label asked for", of(totals.sought, totals.sought + totals.repeats)),
        ("label to event time", _spread(totals.lag_s)),
        ("event time to told (the screen settles)", _spread(totals.delay_s)),
        ("firings nobody asked for", f"{totals.false_per_hour:.1f} an hour of media"),
        ("alerts in still intervals", _per_hour(totals, totals.still_alerts)),
        ("lines in still intervals", _per_hour(totals, totals.still_texts)),
        ("lines in scene transitions", str(totals.transition_texts)),
        ("lines in all", str(totals.texts)),
    ]
    return "## Totals\n\n" + table(("measure", "value"), rows)


def _rule_totals(rules: RuleTotals) -> str:
    if rules.recall is None and not rules.fired:
        return NOTHING
    recall = f"recall {of(rules.answered, rules.due)}"
    return f"{recall}, precision {of(rules.answered, rules.fired)}"


def _per_hour(totals: Totals, count: int) -> str:
    per_hour = totals.per_still_hour(count)
    return NOTHING if per_hour is None else f"{count}, {per_hour:.0f} an hour of those"


def _spread(spread: Spread) -> str:
    if spread.p50 is None or spread.p95 is None:
        return NOTHING
    return f"p50 {spread.p50 * 1000:.0f} ms, p95 {spread.p95 * 1000:.0f} ms (media time, {spread.count})"


def _recordings(scores: Sequence[RecordingScore]) -> str:
    head = (
        "recording",
        "s",
        "wall s",
        "CPU s",
        "readings",
        "ms each",
        "Mpx read",
        "of changed frames",
        "of as many whole frames",
    )
    rows = [(score.truth.name, f"{score.truth.duration_s:.1f}", *_cost(score.cost)) for score in scores]
    costs = [score.cost for score in scores if score.cost]
    total = (f"{sum(score.truth.duration_s for score in scores):.1f}", *_cost(_sum(costs)))
    note = (
        "Pixels read beside the state at the start, as a share of reading every changed frame whole, and of reading as "
        "often but whole frames."
    )
    return "## Cost\n\n" + table(head, [*rows, ("**all**", *total)]) + f"\n\n{note}"


def _sum(costs: Sequence[Cost]) -> Cost | None:
    readings = sum(cost.readings for cost in costs)
    if not costs:
        return None
    return Cost(
        wall_s=sum(cost.wall_s for cost in costs),
        cpu_s=sum(cost.cpu_s for cost in costs),
        readings=readings,
        pixels_read=sum(cost.pixels_read for cost in costs),
        pixels_at_start=sum(cost.pixels_at_start for cost in costs),
        pixels_of_changed_frames=sum(cost.pixels_of_changed_frames for cost in costs),
        pixels_of_whole_readings=sum(cost.pixels_of_whole_readings for cost in costs),
        reading_ms=sum(cost.reading_ms * cost.readings for cost in costs) / max(readings, 1),
    )


def _cost(cost: Cost | None) -> tuple[str, ...]:
    if cost is None:
        return (NOTHING,) * 7
    return (
        f"{cost.wall_s:.1f}",
        f"{cost.cpu_s:.1f}",
        str(cost.readings),
        f"{cost.reading_ms:.0f}",
        f"{cost.pixels_read / 1e6:.1f}",
        _percent(cost.pixels_read, cost.pixels_of_changed_frames),
        _percent(cost.pixels_read, cost.pixels_of_whole_readings),
    )


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else NOTHING


def _rules(scores: Sequence[RecordingScore]) -> str:
    rules = [(score.truth.name, rule) for score in scores for rule in score.rules]
    told = [(name, rule) for name, rule in rules if rule.expectation.windows or rule.extra_s]
    quiet = len(rules) - len(told)
    head = ("recording", "rule", "due s", "fired s", "missed s", "unasked s")
    parts = [table(head, [_rule(name, rule) for name, rule in told])] if told else []
    parts += [f"Of the rules that must never fire, {quiet} did not."] if quiet else []
    return "\n\n".join(["## Rules", *parts]) if parts else ""


def _rule(name: str, rule: RuleScore) -> tuple[str, ...]:
    due = [window.due_s for window in rule.expectation.windows]
    fired = sorted([answer.time_s for answer in rule.answers] + list(rule.extra_s))
    times = (_times(due) if due else "never", _times(fired), _times(rule.missed_s), _times(rule.extra_s))
    return (name, f"`{cell(rule.expectation.rule)}`", *times)


def _events(report: Report) -> str:
    names = report.pictures
    rows = [
        (
            *_event(score.truth.name, event),
            *([cell(names.get(score.truth.name, {}).get(index, NOTHING))] if names else []),
        )
        for score in report.scores
        for index, event in enumerate(score.events)
    ]
    head = ("recording", "s", "kind", "seen s", "missing words", *(["picture"] if names else []))
    return "## Labelled events\n\n" + table(head, rows) if rows else ""


def _event(name: str, event: EventScore) -> tuple[str, ...]:
    seen = f"{event.answer.time_s:.2f}" if event.answer else "**missed**"
    missing = ", ".join(f"`{cell(words)}`" for words in event.missing)
    return (name, f"{event.event.due_s:.2f}", cell(event.event.kind), seen, missing or NOTHING)


def _controls(report: Report) -> str:
    rows: list[tuple[str, str, str]] = []
    for name in dict.fromkeys([*report.controls, *report.perception_controls]):
        totals, beside = report.controls.get(name), report.perception_controls.get(name, Perception())
        verdict = ("; ".join(below(totals)) or "clears the bar") if totals else NOTHING
        rows.append((name, verdict, "; ".join(missed(targets_of(totals, beside))) or NOTHING))
    note = (
        "Detectors that know what there is and report it wrongly, scored by the same code. All but `perfect` must fail."
    )
    head = ("detector", "below the bar in", "targets missed")
    return f"## Controls\n\n{note}\n\n" + table(head, rows) if rows else ""


def _gates(report: Report) -> str:
    kinds = [kind for kind in KINDS if report.gates[kind].cases]
    rows = [
        (
            gate.name,
            gate.rule,
            *(f"{report.gates[kind].noticed[gate.name]}/{report.gates[kind].cases}" for kind in kinds),
        )
        for gate in GATES
    ]
    note = (
        "How many pairs of frames each gate lets through as changed. In still intervals and pairs without news there "
        "is something that moves (a caret, a timer, a codec's noise, another font): to let it through costs a look; "
        "what is news is decided later."
    )
    return f"## Change gates\n\n{note}\n\n" + table(("gate", "lets through", *kinds), rows)


def _times(times_s: Iterable[float]) -> str:
    return ", ".join(f"{time_s:.2f}" for time_s in times_s) or NOTHING
