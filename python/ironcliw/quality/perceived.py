"""The report's pages on perception: targets, small things, restless hours, labelled screens, endings, what was read.

perceived(report.perception)          # Markdown; empty where nothing was measured
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ironcliw.quality.bar import Target
from ironcliw.quality.battery import BatteryScore
from ironcliw.quality.counting import Reads
from ironcliw.quality.dialogs import DialogsScore
from ironcliw.quality.endings import Ending
from ironcliw.quality.perception import Perception
from ironcliw.quality.restless import LISTED, RestlessScore
from ironcliw.quality.screens import ScreensScore
from ironcliw.quality.tables import NOTHING, cell, of, table
from ironcliw.quality.told import UNPROMPTED_TYPES
from ironcliw.quality.trials import VERDICTS

_REACHED = {True: "reached", False: "**missed**", None: NOTHING}


def target_table(found: Sequence[Target]) -> str:
    """The targets of perception, and whether each is reached."""
    rows = [(each.measure, each.measured, each.wanted, _REACHED[each.reached]) for each in found]
    return "## Targets of perception\n\n" + table(("measure", "measured", "wanted", ""), rows)


def benched_note(perception: Perception) -> str:
    """Where the live figures come from; empty where there are none."""
    found = perception.benched
    return f"Live latencies and memory: {', '.join(found.commits)}, by `ironcliw bench`." if found else ""


def perceived(perception: Perception) -> str:
    """What was measured beside the recordings."""
    parts = [
        _battery(perception.battery) if perception.battery else "",
        _restless(perception.restless) if perception.restless else "",
        _screens(perception.screens) if perception.screens else "",
        _dialogs(perception.dialogs) if perception.dialogs else "",
        _endings(perception.endings) if perception.endings else "",
        _reads(perception.reads) if perception.reads else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _battery(score: BatteryScore) -> str:
    rows = [
        (kind, str(sum(verdicts.values())), *(str(verdicts[verdict]) for verdict in VERDICTS))
        for kind, verdicts in score.kinds.items()
    ]
    parts = [
        "## Small things on synthetic desktops",
        table(("what happens", "tried", *VERDICTS), rows),
        f"{score.tried} trials in {score.wall_s:.0f} s. `ironcliw quality --trial SEED` repeats one of them.",
    ]
    misses = [
        (str(miss.seed), miss.kind, miss.look, miss.verdict, _quoted(miss.wanted), _quoted(miss.read))
        for miss in score.misses
    ]
    head = ("seed", "what happens", "look", "verdict", "wanted", "read at its place")
    return "\n\n".join([*parts, table(head, misses)] if misses else parts)


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(f"`{cell(text)}`" for text in texts) or NOTHING


def _restless(score: RestlessScore) -> str:
    speed = score.media_hours_a_minute
    notes = [
        f"Counted are events of the types {', '.join(score.types)}.",
        f"A minute of wall time watches {speed:.3f} h of media." if speed else "",
    ]
    if set(score.types) != set(UNPROMPTED_TYPES):
        notes.append("This watcher has no incidents yet, so every line it says counts.")
    rows = [
        (
            f"`{each.session.spec}`",
            f"{each.session.duration_s / 3600:.2g}",
            f"{each.wall_s:.0f}",
            ", ".join(f"{count} {name}" for name, count in each.counts.most_common()) or "none",
        )
        for each in score.sessions
    ]
    parts = [
        "## Restless hours",
        " ".join(note for note in notes if note),
        table(("session", "hours", "wall s", "events nobody asked for"), rows),
    ]
    first = [
        (str(number), f"{told.time_s:.2f}", f"{told.type} {told.kind}".strip(), _places(told.regions))
        for number, each in enumerate(score.sessions, 1)
        for told in each.first
    ]
    if first:
        parts += [f"The first {LISTED} of each session:", table(("session", "s", "event", "region"), first)]
    return "\n\n".join(parts)


def _places(regions: Iterable[Sequence[int]]) -> str:
    return "; ".join(",".join(map(str, region)) for region in regions) or NOTHING


def _screens(score: ScreensScore) -> str:
    found = f"{of(score.found, score.phrases)} phrases of {score.screens} screens."
    rows = [(cell(miss.screen), f"`{cell(miss.phrase.text)}`", cell(miss.picture) or NOTHING) for miss in score.misses]
    parts = [
        "## Labelled screens",
        found,
        *([table(("screen", "phrase that was not read", "picture"), rows)] if rows else []),
    ]
    return "\n\n".join(parts)


def _dialogs(score: DialogsScore) -> str:
    rows = [(cell(each.frame), "not found", _places([each.box])) for each in score.missed]
    rows += [(cell(each.frame), "found without a label", _places([each.box])) for each in score.besides]
    parts = [
        "## Dialogs and toasts",
        f"{of(score.found, score.labels)} on {score.frames} frames; a screen has one label at most.",
        *([table(("frame", "what", "box"), rows)] if rows else []),
    ]
    return "\n\n".join(parts)


def _endings(endings: Sequence[Ending]) -> str:
    note = (
        "The text as it was kept up to date, beside the last frame read whole by a fresh engine; and beside the pixels "
        "the watcher had looked at, read whole."
    )
    rows = [
        (
            ending.name,
            str(ending.lines),
            str(ending.whole_lines),
            str(ending.equal_lines),
            str(ending.characters),
            f"{ending.wrong}",
            f"{ending.agreement:.2%}" if ending.agreement is not None else NOTHING,
            NOTHING if ending.seen_wrong is None else f"{ending.seen_wrong}",
        )
        for ending in endings
    ]
    head = (
        "recording",
        "lines kept",
        "lines read whole",
        "equal",
        "characters",
        "wrong",
        "agree",
        "wrong, as looked at",
    )
    return f"## Text at the end\n\n{note}\n\n" + table(head, rows)


def _reads(reads: Reads) -> str:
    rows = [
        ("pixels read, of every changed frame read whole", of(reads.pixels, reads.pixels_full)),
        ("line pictures recognised", str(reads.lines)),
        ("of those, recognised before", str(reads.lines_again)),
        ("line pictures whose reading was known", str(reads.lines_known)),
        ("pictures handed to the engine", str(reads.pictures)),
        ("of those, handed to it before", str(reads.pictures_again)),
    ]
    return "## What was read\n\n" + table(("measure", "value"), rows)
