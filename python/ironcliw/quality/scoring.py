"""What was reported against what was there: the score of one recording, and of all of them.

score = score_recording(truth, observed)
score.rules[0].missed_s, score.rules[0].extra_s
totals = Totals.of([score, ...])
totals.rule_recall, totals.rule_precision
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from ironcliw.quality.matching import Spans, match
from ironcliw.quality.observing import Alert, Cost, Observed
from ironcliw.quality.truth import LABEL_ERROR_S, Expectation, LabelledEvent, Truth
from ironcliw.quality.words import Sighting, Sightings
from ironcliw.text.misreading import bare

REPEAT_LENGTH_MIN = 8
"""Words shorter than this are seen in too many places for a second sighting to mean anything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A label that was answered: when it was due, the time of the event, and when it was told; media seconds."""

    due_s: float
    time_s: float
    told_s: float


@dataclass(frozen=True, slots=True)
class RuleScore:
    """One expectation: the firings that answer it, those missed, and those nobody asked for."""

    expectation: Expectation
    answers: tuple[Answer, ...]
    missed_s: tuple[float, ...]
    extra_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EventScore:
    """One labelled event with words: found where none of them is missing. ``answer`` is its last word to be seen."""

    event: LabelledEvent
    missing: tuple[str, ...]
    answer: Answer | None

    @property
    def found(self) -> bool:
        """Whether all of its words were seen in time."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class RecordingScore:
    """One recording.

    repeats_s: times at which labelled words (of some length) appeared although no label asked for them then
    still_alerts_s, still_texts_s: times of alerts and lines within still intervals that no label asked for
    still_unprompted_s: times there of whatever was told although neither a rule nor a label asked for it
    transition_texts: lines that appeared while one scene was turning into another
    texts: lines that appeared in all
    """

    truth: Truth
    rules: tuple[RuleScore, ...]
    events: tuple[EventScore, ...]
    repeats_s: tuple[float, ...]
    still_alerts_s: tuple[float, ...]
    still_texts_s: tuple[float, ...]
    still_unprompted_s: tuple[float, ...]
    transition_texts: int
    texts: int
    cost: Cost | None


def score_recording(truth: Truth, observed: Observed) -> RecordingScore:
    """Score what was reported of one recording against its truth."""
    sightings = Sightings(observed.texts)
    alerts: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in observed.alerts:
        alerts[alert.condition].append(alert)
    rules = tuple(_score_rule(expectation, alerts[expectation.condition]) for expectation in truth.expectations)
    labelled = Spans(_around(event) for event in truth.events)
    still, transitions = Spans(truth.still), Spans(truth.transitions, closed=False)
    matched, repeats_s = _match_words(truth.events, sightings)
    events = tuple(_score_event(event, matched[index]) for index, event in enumerate(truth.events) if event.words)
    fired = {(rule.expectation.condition, answer.time_s) for rule in rules for answer in rule.answers}
    seen_s = {sighting.time_s for words in matched.values() for sighting in words.values()}
    return RecordingScore(
        truth=truth,
        rules=rules,
        events=events,
        repeats_s=tuple(sorted(repeats_s)),
        still_alerts_s=tuple(
            alert.time_s
            for alert in observed.alerts
            if still.hold(alert.time_s) and (alert.condition, alert.time_s) not in fired
        ),
        still_texts_s=tuple(
            seen.time_s for seen in observed.texts if still.hold(seen.time_s) and seen.time_s not in seen_s
        ),
        still_unprompted_s=tuple(
            told.time_s
            for told in observed.unprompted
            if still.hold(told.time_s) and not labelled.hold(told.time_s) and told.time_s not in seen_s
        ),
        transition_texts=sum(transitions.hold(seen.time_s) for seen in observed.texts),
        texts=len(observed.texts),
        cost=observed.cost,
    )


def _around(event: LabelledEvent) -> tuple[float, float]:
    return event.window.due_s - LABEL_ERROR_S, event.window.last_s + LABEL_ERROR_S


def _score_rule(expectation: Expectation, alerts: Sequence[Alert]) -> RuleScore:
    limit_s = expectation.ignore_from_s
    windows = [window for window in expectation.windows if window.due_s < limit_s]
    fired = [alert for alert in alerts if alert.time_s < limit_s]
    pairs = match(windows, [alert.time_s for alert in fired])
    used = set(pairs.values())
    return RuleScore(
        expectation,
        tuple(Answer(windows[due].due_s, fired[at].time_s, fired[at].told_s) for due, at in pairs.items()),
        tuple(window.due_s for index, window in enumerate(windows) if index not in pairs),
        tuple(alert.time_s for index, alert in enumerate(fired) if index not in used),
    )


def _match_words(
    events: Sequence[LabelledEvent], sightings: Sightings
) -> tuple[dict[int, dict[str, Sighting]], list[float]]:
    """For each event, which sighting answers each of its words (one answers one event); and the repeats' times."""
    asking: defaultdict[str, list[int]] = defaultdict(list)
    spelling: dict[str, str] = {}
    for index, event in enumerate(events):
        for words in dict.fromkeys(event.words):
            key = bare(words)
            if index not in asking[key]:
                asking[key].append(index)
            spelling.setdefault(key, words)
    matched: dict[int, dict[str, Sighting]] = {index: {} for index in range(len(events))}
    for key, indices in asking.items():
        seen = sightings.of(spelling[key])
        pairs = match([events[index].window for index in indices], [sighting.time_s for sighting in seen])
        for position, at in pairs.items():
            matched[indices[position]][key] = seen[at]
    answers: defaultdict[Sighting, list[str]] = defaultdict(list)
    for words in matched.values():
        for key, sighting in words.items():
            answers[sighting].append(key)
    repeats_s: list[float] = []
    for key, indices in asking.items():
        if len(key) < REPEAT_LENGTH_MIN:
            continue
        asked = Spans(_lasting(events[index]) for index in indices)
        # "still running" is asked for in "still running: 3 of 4", too.
        repeats_s += [
            sighting.time_s
            for sighting in sightings.of(spelling[key])
            if not asked.hold(sighting.time_s) and not any(key in longer for longer in answers.get(sighting, ()))
        ]
    return matched, repeats_s


def _lasting(event: LabelledEvent) -> tuple[float, float]:
    """From when to when the event is going on: a progress line shows its words again with every step, and may."""
    window = event.window
    return window._replace(last_s=max(window.last_s, event.until_s or 0.0)).answered_s


def _score_event(event: LabelledEvent, seen: dict[str, Sighting]) -> EventScore:
    missing = tuple(words for words in event.words if bare(words) not in seen)
    last = max(seen.values(), default=None)
    answer = Answer(event.due_s, last.time_s, last.told_s) if last and not missing else None
    return EventScore(event, missing, answer)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of some seconds; None where there were none."""

    count: int
    p50: float | None
    p95: float | None

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of these values, by nearest rank."""
        ordered = sorted(values)
        return cls(len(ordered), _rank(ordered, 0.50), _rank(ordered, 0.95))


def _rank(ordered: Sequence[float], share: float) -> float | None:
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class RuleTotals:
    """Rules of some kinds, added up. ``due`` firings were asked for, ``fired`` came, ``answered`` are the pairs."""

    due: int
    answered: int
    fired: int

    @classmethod
    def of(cls, rules: Iterable[RuleScore]) -> RuleTotals:
        """The sums over these rules."""
        rules = list(rules)
        answered = sum(len(rule.answers) for rule in rules)
        missed = sum(len(rule.missed_s) for rule in rules)
        return cls(answered + missed, answered, answered + sum(len(rule.extra_s) for rule in rules))

    @property
    def recall(self) -> float | None:
        """Share of what was due that fired; None where nothing was due."""
        return _share(self.answered, self.due)

    @property
    def precision(self) -> float | None:
        """Share of the firings that were due; None where nothing fired."""
        return _share(self.answered, self.fired)


@dataclass(frozen=True, slots=True)
class Totals:
    """All recordings together.

    text_rules, other_rules: rules about text; rules about notifications and dialogs
    events_due, events_found: labelled events with words
    sought, repeats: sightings of labelled words (of some length) that were asked for, and that were not
    false_per_hour: firings nobody asked for, in an hour of media
    still_alerts, still_texts: alerts and lines in still intervals that no label asked for
    still_unprompted: whatever was told there although neither a rule nor a label asked for it
    lag_s: from the label to the event's time, of whatever happens at a moment
    delay_s: from the event's time until it was told: waiting for the screen to settle
    """

    recordings: int
    duration_s: float
    still_s: float
    text_rules: RuleTotals
    other_rules: RuleTotals
    events_due: int
    events_found: int
    sought: int
    repeats: int
    false_per_hour: float
    still_alerts: int
    still_texts: int
    still_unprompted: int
    transition_texts: int
    texts: int
    lag_s: Spread
    delay_s: Spread

    @classmethod
    def of(cls, scores: Sequence[RecordingScore]) -> Totals:
        """The sums over these recordings."""
        rules = [rule for score in scores for rule in score.rules]
        events = [event for score in scores for event in score.events]
        duration_s = sum(score.truth.duration_s for score in scores)
        still_s = sum(score.truth.still_s for score in scores)
        extra = sum(len(rule.extra_s) for rule in rules)
        answers = [answer for rule in rules for answer in rule.answers]
        answers += [event.answer for event in events if event.answer and event.event.is_moment]
        return cls(
            recordings=len(scores),
            duration_s=duration_s,
            still_s=still_s,
            text_rules=RuleTotals.of(rule for rule in rules if rule.expectation.kind == "text"),
            other_rules=RuleTotals.of(rule for rule in rules if rule.expectation.kind != "text"),
            events_due=len(events),
            events_found=sum(event.found for event in events),
            sought=sum(_long_words(event) for event in events),
            repeats=sum(len(score.repeats_s) for score in scores),
            false_per_hour=3600 * extra / duration_s if duration_s else 0.0,
            still_alerts=sum(len(score.still_alerts_s) for score in scores),
            still_texts=sum(len(score.still_texts_s) for score in scores),
            still_unprompted=sum(len(score.still_unprompted_s) for score in scores),
            transition_texts=sum(score.transition_texts for score in scores),
            texts=sum(score.texts for score in scores),
            lag_s=Spread.of(answer.time_s - answer.due_s for answer in answers),
            delay_s=Spread.of(answer.told_s - answer.time_s for answer in answers),
        )

    def per_still_hour(self, count: int) -> float | None:
        """That many events of the still intervals, in an hour of those; None where there are none."""
        return 3600 * count / self.still_s if self.still_s else None

    @property
    def event_recall(self) -> float | None:
        """Share of the labelled events that were found; None where there are none."""
        return _share(self.events_found, self.events_due)

    @property
    def event_precision(self) -> float | None:
        """Share of the sightings of labelled words that a label asked for; None where nothing was seen."""
        return _share(self.sought, self.sought + self.repeats)


def _long_words(event: EventScore) -> int:
    return sum(len(bare(words)) >= REPEAT_LENGTH_MIN for words in event.event.words if words not in event.missing)
