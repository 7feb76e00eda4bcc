"""The bar a detector must clear, the targets it is to reach, and whether it does.

below(Totals.of(scores))              # ["recall of text rules 0.71, wanted 0.90"]; empty where it clears the bar
targets(totals, perception)           # the targets of perception, each reached, missed or not measured
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ironcliw.quality.benched import Benched
from ironcliw.quality.perception import Perception
from ironcliw.quality.scoring import Totals

RULE_RECALL_MIN = 0.90
RULE_PRECISION_MIN = 0.90
EVENT_RECALL_MIN = 0.70
"""Lower than for rules: labels of events name every word, and one misread letter in any of them is a miss."""
EVENT_PRECISION_MIN = 0.50
"""Lower than for rules: labels are not exhaustive, and words may come back without anybody having written it down."""
STILL_ALERTS_MAX = 0


def below(totals: Totals) -> list[str]:
    """Each measure that is below the bar, in words. A measure that cannot be had for want of labels is left out."""
    text, other = totals.text_rules, totals.other_rules
    measures = [
        ("recall of text rules", text.recall, RULE_RECALL_MIN),
        ("precision of text rules", text.precision, RULE_PRECISION_MIN),
        ("recall of other rules", other.recall, RULE_RECALL_MIN),
        ("precision of other rules", other.precision, RULE_PRECISION_MIN),
        ("recall of events", totals.event_recall, EVENT_RECALL_MIN),
        ("precision of events", totals.event_precision, EVENT_PRECISION_MIN),
    ]
    found = [
        f"{name} {value:.2f}, wanted {wanted:.2f}"
        for name, value, wanted in measures
        if value is not None and value < wanted
    ]
    if totals.still_alerts > STILL_ALERTS_MAX:
        found.append(f"{totals.still_alerts} alerts while nothing happened, wanted {STILL_ALERTS_MAX}")
    return found


# -- the targets of perception ---------------------------------------------------------------------------------------

EVENTS_FOUND_MIN = 0.97
EXTRA_FIRINGS_MAX = 0
UNPROMPTED_PER_HOUR_MAX = 1.0
STILL_UNPROMPTED_MAX = 0
TRIALS_FOUND_MIN = 1.0
PHRASES_READ_MIN = 0.97
ENDINGS_AGREE_MIN = 0.995
PIXEL_SHARE_MAX = 0.05
LINES_AGAIN_MAX = 0
LINE_P95_MS_MAX = 300.0
BURST_P95_MS_MAX = 1000.0
CAPTURES_PER_S_MIN = 9.9
"""Ten a second are asked for; the rest is what counting over a minute may be off."""
RSS_MB_MAX = 300.0
DIALOGS_FOUND_MIN, DIALOGS_PRECISE_MIN = 0.95, 0.90


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to be reached, in words; ``reached`` is None where it was not measured."""

    measure: str
    wanted: str
    measured: str = "not measured"
    reached: bool | None = None


def targets(totals: Totals | None, perception: Perception) -> list[Target]:
    """The targets of perception, in the order in which they are reported. ``totals``: None without recordings."""
    return [
        *_of_recordings(totals),
        _of_hours(perception),
        _of_trials(perception),
        _of_screens(perception),
        _of_endings(perception),
        *_of_reads(perception),
        *_of_bench(perception.benched or Benched()),
        _of_dialogs(perception),
    ]


def missed(found: list[Target]) -> list[str]:
    """Each target that was measured and missed, in words."""
    return [
        f"{target.measure}: {target.measured}, wanted {target.wanted}" for target in found if target.reached is False
    ]


def _of_recordings(totals: Totals | None) -> Iterator[Target]:
    rules, wanted = "rule expectations met in time", "all of them"
    extra = f"{EXTRA_FIRINGS_MAX}"
    events = f">= {EVENTS_FOUND_MIN:.0%}"
    still = f"{STILL_UNPROMPTED_MAX}"
    if totals is None:
        yield Target(rules, wanted)
        yield Target("firings nobody asked for", extra)
        yield Target("labelled events found", events)
        yield Target("events nobody asked for, still intervals of recordings", still)
        return
    sums = (totals.text_rules, totals.other_rules)
    due, answered, fired = (
        sum(each) for each in zip(*((one.due, one.answered, one.fired) for one in sums), strict=True)
    )
    if due:
        yield Target(rules, wanted, f"{answered} of {due}", answered == due)
    else:
        yield Target(rules, wanted)
    yield Target("firings nobody asked for", extra, f"{fired - answered}", fired - answered <= EXTRA_FIRINGS_MAX)
    recall = totals.event_recall
    if recall is None:
        yield Target("labelled events found", events)
    else:
        figure = f"{totals.events_found} of {totals.events_due} ({recall:.1%})"
        yield Target("labelled events found", events, figure, recall >= EVENTS_FOUND_MIN)
    if totals.still_s:
        figure = f"{totals.still_unprompted} in {totals.still_s:.0f} s"
        reached = totals.still_unprompted <= STILL_UNPROMPTED_MAX
        yield Target("events nobody asked for, still intervals of recordings", still, figure, reached)
    else:
        yield Target("events nobody asked for, still intervals of recordings", still)


def _of_hours(perception: Perception) -> Target:
    measure, wanted = "events nobody asked for, restless synthetic hours", f"<= {UNPROMPTED_PER_HOUR_MAX:g} an hour"
    score = perception.restless
    if score is None or score.false_per_hour is None:
        return Target(measure, wanted)
    figure = f"{score.false_per_hour:.1f} an hour ({score.false_events} in {score.hours:.2g} h)"
    return Target(measure, wanted, figure, score.false_per_hour <= UNPROMPTED_PER_HOUR_MAX)


def _of_trials(perception: Perception) -> Target:
    measure, wanted = "small things on synthetic desktops", "all of them"
    score = perception.battery
    if score is None or not score.tried:
        return Target(measure, wanted)
    return Target(measure, wanted, f"{score.found} of {score.tried}", score.found >= TRIALS_FOUND_MIN * score.tried)


def _of_screens(perception: Perception) -> Target:
    measure, wanted, score = "phrases of labelled screens read", f">= {PHRASES_READ_MIN:.0%}", perception.screens
    if score is None or score.recall is None:
        return Target(measure, wanted)
    figure = f"{score.found} of {score.phrases} ({score.recall:.1%})"
    return Target(measure, wanted, figure, score.recall >= PHRASES_READ_MIN)


def _of_dialogs(perception: Perception) -> Target:
    measure = "dialogs and toasts on labelled screens"
    wanted = f"recall >= {DIALOGS_FOUND_MIN:.0%}, precision >= {DIALOGS_PRECISE_MIN:.0%}"
    score = perception.dialogs
    if score is None or score.recall is None:
        return Target(measure, wanted)
    figure = f"{score.found} of {score.labels}, {len(score.besides)} beside them"
    reached = score.recall >= DIALOGS_FOUND_MIN and (score.precision or 0) >= DIALOGS_PRECISE_MIN
    return Target(measure, wanted, figure, reached)


def _of_endings(perception: Perception) -> Target:
    measure, wanted = "characters that agree with a whole reading at the end", f">= {ENDINGS_AGREE_MIN:.1%}"
    share = perception.agreement
    # Of every recording, not of the sum: a long text must not hide a short one.
    agreeing = [ending for ending in perception.endings if ending.agreement is not None]
    good = [ending for ending in agreeing if (ending.agreement or 0) >= ENDINGS_AGREE_MIN]
    if share is None:
        return Target(measure, f"{wanted} in every recording")
    figure = f"{share:.2%}; in {len(good)} of {len(agreeing)} recordings enough"
    return Target(measure, f"{wanted} in every recording", figure, len(good) == len(agreeing))


def _of_reads(perception: Perception) -> Iterator[Target]:
    pixels, lines = "pixels read, of every changed frame read whole", "lines recognised that had been before"
    reads = perception.reads
    share = reads.pixel_share if reads else None
    if reads is None or share is None:
        yield Target(pixels, f"<= {PIXEL_SHARE_MAX:.0%}")
        yield Target(lines, f"{LINES_AGAIN_MAX}")
        return
    yield Target(pixels, f"<= {PIXEL_SHARE_MAX:.0%}", f"{share:.1%}", share <= PIXEL_SHARE_MAX)
    figure = f"{reads.lines_again} of {reads.lines}"
    yield Target(lines, f"{LINES_AGAIN_MAX}", figure, reads.lines_again <= LINES_AGAIN_MAX)


def _of_bench(benched: Benched) -> Iterator[Target]:
    line, wanted = "one new line to text_appeared, live", f"p95 <= {LINE_P95_MS_MAX:.0f} ms"
    burst, wanted_burst = "forty lines at once to the last of them, live", f"p95 <= {BURST_P95_MS_MAX:.0f} ms"
    captures, memory = "captures a second meanwhile", "memory with the text engine loaded, at most"
    for measure, aim, p95_ms, lost, limit_ms in (
        (line, wanted, benched.line_p95_ms, benched.line_missed, LINE_P95_MS_MAX),
        (burst, wanted_burst, benched.burst_p95_ms, benched.burst_missed, BURST_P95_MS_MAX),
    ):
        if p95_ms is None:
            yield Target(measure, aim)
        else:
            figure = f"p95 {p95_ms:.0f} ms, {lost} lines missed"
            yield Target(measure, aim, figure, p95_ms <= limit_ms and not lost)
    held, rss_mb = benched.captures_per_s, benched.rss_mb
    if held is None:
        yield Target(captures, f">= {CAPTURES_PER_S_MIN:g}")
    else:
        yield Target(captures, f">= {CAPTURES_PER_S_MIN:g}", f"{held:.1f}", held >= CAPTURES_PER_S_MIN)
    if rss_mb is None:
        yield Target(memory, f"<= {RSS_MB_MAX:.0f} MB")
    else:
        yield Target(memory, f"<= {RSS_MB_MAX:.0f} MB", f"{rss_mb:.0f} MB", rss_mb <= RSS_MB_MAX)
