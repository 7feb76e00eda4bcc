"""The bar a detector must clear, and whether it does.

below(Totals.of(scores))              # ["recall of text rules 0.71, wanted 0.90"]; empty where it clears the bar
"""

from __future__ import annotations

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
