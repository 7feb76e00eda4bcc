"""What counts for, what counts against, and what does not count."""

from __future__ import annotations

import pytest
from labelled_folder import truth

from ironcliw.frame import Rect
from ironcliw.quality.bar import below
from ironcliw.quality.observing import Alert, Observed, TextSeen
from ironcliw.quality.scoring import RecordingScore, Spread, Totals, score_recording

FAILED = "text:/BUILD FAILED/"
NEVER = "notification:/all well/"


def alerts(*times_s: float, condition: str = FAILED) -> tuple[Alert, ...]:
    return tuple(Alert(condition, time_s, time_s + 0.1) for time_s in times_s)


def texts(*seen: tuple[float, str]) -> tuple[TextSeen, ...]:
    return tuple(
        TextSeen(text, Rect(0, 40 * row, 100, 16), time_s, time_s + 0.1) for row, (time_s, text) in enumerate(seen)
    )


def score(fired=(), seen=(), **given) -> RecordingScore:
    return score_recording(truth(**given), Observed(tuple(fired), tuple(seen)))


def rule(fires: list[float], tolerance_s: float = 0.5, **more) -> list[dict]:
    return [{"rule": "text matches /BUILD FAILED/", "fires": fires, "tolerance_s": tolerance_s, **more}]


def test_a_firing_in_time_answers_the_label():
    scored = score(alerts(2.6)).rules[0]
    (answer,) = scored.answers
    assert (answer.due_s, answer.time_s, answer.told_s) == (2.5, 2.6, 2.7)
    assert scored.missed_s == ()
    assert scored.extra_s == ()


def test_a_second_firing_for_one_label_is_an_error():
    scored = score(alerts(2.5, 2.6)).rules[0]
    assert scored.extra_s == (2.6,)
    assert Totals.of([score(alerts(2.5, 2.6))]).text_rules.precision == 0.5


def test_a_firing_out_of_time_is_a_miss_and_an_error():
    scored = score(alerts(3.2)).rules[0]
    assert scored.missed_s == (2.5,)
    assert scored.extra_s == (3.2,)


def test_firings_of_another_rule_do_not_answer():
    assert score(alerts(2.5, condition=NEVER)).rules[0].missed_s == (2.5,)


def test_a_rule_that_must_never_fire_has_only_errors():
    scored = score(alerts(0.7, condition=NEVER)).rules[1]
    assert (scored.answers, scored.missed_s, scored.extra_s) == ((), (), (0.7,))
    other = Totals.of([score(alerts(0.7, condition=NEVER))]).other_rules
    assert (other.due, other.recall, other.precision) == (0, None, 0.0)


def test_from_a_moment_on_firings_do_not_count_either_way():
    given = {"rule_expectations": rule([1.0, 3.2], ignore_from=3.0)}
    scored = score(alerts(1.0, 3.2, 3.5), **given).rules[0]
    assert (len(scored.answers), scored.missed_s, scored.extra_s) == (1, (), ())
    assert score(alerts(1.0), **given).rules[0].missed_s == ()


def test_rules_about_text_and_others_are_counted_apart():
    given = [*rule([2.5]), {"rule": "dialog /Delete/", "fires": [1.0], "tolerance_s": 0.5}]
    totals = Totals.of([score(alerts(2.5), rule_expectations=given)])
    assert (totals.text_rules.recall, totals.other_rules.recall) == (1.0, 0.0)


def test_an_event_is_found_when_all_its_words_were_seen_in_time():
    scored = score(seen=texts((2.5, "BUILD FAILED: code"), (2.7, "exit 4711")))
    step, failed = scored.events
    assert step.missing == ("compiling module 7",)
    assert failed.found
    assert failed.answer is not None
    assert (failed.answer.due_s, failed.answer.time_s) == (2.5, 2.7)


@pytest.mark.parametrize("late", [(2.5, "BUILD FAILED"), (3.6, "4711")])
def test_an_event_with_a_word_missing_or_late_is_missed(late):
    event = score(seen=texts(late)).events[1]
    assert not event.found
    assert event.answer is None


def test_one_sighting_answers_one_event():
    events = [{"t": moment, "type": "text", "words": ["Flash Done"]} for moment in (1.0, 1.3)]
    assert [event.found for event in score(seen=texts((1.1, "Flash Done")), events=events).events].count(True) == 1
    both = score(seen=texts((1.1, "Flash Done"), (1.4, "Flash Done")), events=events)
    assert all(event.found for event in both.events)


def test_words_named_twice_are_wanted_once():
    events = [{"t": 1.0, "type": "text", "words": ["Flash Done", "flash  done"]}]
    assert score(seen=texts((1.0, "Flash Done")), events=events).events[0].found


def test_events_without_words_are_nobodys_to_find():
    events = [{"t": 1.0, "type": "black", "words": []}]
    assert Totals.of([score(events=events)]).event_recall is None


def test_labelled_words_that_come_again_are_repeats():
    seen = texts((1.0, "compiling module 7"), (3.4, "compiling module 7"))
    assert score(seen=seen).repeats_s == (3.4,)


def test_what_goes_on_may_show_its_words_again():
    events = [{"t": 1.0, "end": 3.0, "type": "progress", "words": ["Downloading it"]}]
    seen = texts(*[(moment, f"Downloading it {moment}") for moment in (1.0, 1.5, 2.9, 3.9)])
    assert score(seen=seen, events=events).repeats_s == (3.9,)


def test_words_inside_longer_words_that_were_asked_for_are_no_repeats():
    events = [
        {"t": 1.0, "type": "text", "words": ["still running"]},
        {"t": 3.0, "type": "text", "words": ["still running: almost there"]},
    ]
    seen = texts((1.0, "still running"), (3.0, "still running: almost there"))
    assert score(seen=seen, events=events).repeats_s == ()


def test_short_words_are_no_repeats():
    events = [{"t": 1.0, "type": "text", "words": ["OK"]}]
    assert score(seen=texts((1.0, "OK"), (3.0, "OK")), events=events).repeats_s == ()


def test_what_is_said_while_nothing_happens_is_counted_unless_it_was_asked_for():
    scored = score(alerts(1.5, 2.5), texts((1.4, "noise"), (2.2, "BUILD FAILED"), (3.0, "more")))
    assert scored.still_alerts_s == (1.5,)
    assert scored.still_texts_s == (1.4,)
    totals = Totals.of([scored])
    assert totals.per_still_hour(totals.still_alerts) == pytest.approx(3600 / 1.2)
    assert totals.false_per_hour == pytest.approx(3600 / 4.0)


def test_without_still_intervals_there_is_no_rate():
    assert Totals.of([score(still_intervals=[])]).per_still_hour(0) is None


def test_lines_within_a_transition_are_counted():
    scored = score(seen=texts((0.5, "x"), (0.7, "y"), (0.9, "z")), scene_transitions=[{"t0": 0.6, "t1": 0.8}])
    assert scored.transition_texts == 1


def test_ranges_have_no_moment_to_measure_from():
    events = [{"t": 1.0, "t1": 3.0, "type": "typing", "words": ["compiling module 7"]}]
    totals = Totals.of([score(seen=texts((2.0, "compiling module 7")), events=events, rule_expectations=[])])
    assert totals.events_found == 1
    assert totals.lag_s == Spread(0, None, None)


def test_spread_is_by_nearest_rank():
    assert Spread.of([]) == Spread(0, None, None)
    assert Spread.of([3.0]) == Spread(1, 3.0, 3.0)
    assert Spread.of(float(number) for number in range(100, 0, -1)) == Spread(100, 50.0, 95.0)
    assert Spread.of([1.0, 2.0]) == Spread(2, 1.0, 2.0)


def test_totals_add_recordings_up():
    good = score(alerts(2.5), texts((1.0, "compiling module 7"), (2.5, "BUILD FAILED 4711")))
    bad = score()
    totals = Totals.of([good, bad])
    assert (totals.recordings, totals.duration_s, totals.events_found, totals.events_due) == (2, 8.0, 2, 4)
    assert totals.text_rules.recall == 0.5
    assert below(Totals.of([good])) == []
    assert below(totals) == ["recall of text rules 0.50, wanted 0.90", "recall of events 0.50, wanted 0.70"]


def test_nothing_at_all_has_no_shares():
    totals = Totals.of([])
    assert totals.event_recall is None
    assert totals.event_precision is None
    assert totals.text_rules.precision is None
    assert below(totals) == []
