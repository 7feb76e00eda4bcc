"""rules.toml: read as it is meant, refused with the file, the rule and the key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from rule_happenings import wall

from ironcliw.errors import RulesError
from ironcliw.rule import Deadline, Rate, RuleSet, parse
from ironcliw.rule.hours import Hours
from ironcliw.rule.packs import PACKS
from ironcliw.rule.rules_file import load_rules, rules_from
from ironcliw.rule.template import RULES_TOML

SECOND = 1_000_000_000
RULE = '[[rule]]\nname = "a"\nwhen = "error"\n'


def _load(tmp_path: Path, text: str | bytes) -> list:
    path = tmp_path / "rules.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_rules(path)


def test_a_rule_with_everything(tmp_path: Path) -> None:
    (rule,) = _load(
        tmp_path,
        RULE + 'hold = "2s"\nrelease = "5s"\ncooldown = "10m"\nonce = true\n'
        'deadline = "18:00"\nquiet = ["22:00-06:00", "Sun"]\n'
        'zone = "Europe/Berlin"\nrate = "4/h"\npriority = "high"\nresolved = true\n'
        'then = ["notify", "exec:./page-me"]\nlatency = "500ms"\n',
    )
    assert (rule.name, rule.when, rule.condition) == ("a", parse("error"), "error")
    assert (rule.hold_ns, rule.release_ns, rule.cooldown_ns) == (2 * SECOND, 5 * SECOND, 600 * SECOND)
    assert (rule.once, rule.resolved, rule.priority, rule.zone) == (True, True, "high", "Europe/Berlin")
    assert rule.deadline == Deadline(minute=18 * 60)
    assert rule.quiet == (Hours(begin=22 * 60, end=6 * 60), Hours((6,)))
    assert rule.rate == Rate(4, 3_600 * SECOND)
    assert rule.then == ("notify", "exec:./page-me")
    assert rule.latency_ns == SECOND // 2


def test_what_stands_above_the_rules_is_for_all_that_do_not_say_otherwise(tmp_path: Path) -> None:
    rules = _load(
        tmp_path,
        'then = "notify"\nzone = "UTC"\nrate_together = "20/h"\n'
        + RULE
        + '[[rule]]\nname = "b"\nwhen = "dialog"\nthen = ["sound"]\n',
    )
    assert [(rule.then, rule.zone) for rule in rules] == [(("notify",), "UTC"), (("sound",), "UTC")]
    assert [(rule.rate, rule.together) for rule in rules] == [(None, Rate(20, 3_600 * SECOND))] * 2


def test_a_rule_that_is_off_is_not_there_but_must_be_sound(tmp_path: Path) -> None:
    assert _load(tmp_path, RULE + "enabled = false\n") == []
    with pytest.raises(RulesError, match="hold"):
        _load(tmp_path, RULE + 'enabled = false\nhold = "soon"\n')


def test_pictures_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    (rule,) = _load(tmp_path, '[[rule]]\nname = "a"\nwhen = \'not image("x.png") and error\'\n')
    assert f'image("{tmp_path}/x.png")' in str(rule.when)
    assert rule.condition == 'not image("x.png") and error'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = ", "not TOML"),
        (b"\xff\xfe", "not UTF-8"),
        ("rules = 1", "unknown key 'rules': did you mean 'rule'"),
        ("[rule]\nname = 1", "each rule begins with [[rule]]"),
        ("rule = [1]", "each rule begins with [[rule]]"),
        ('[[rule]]\nwhen = "error"', "rule 1: it needs a name"),
        ('[[rule]]\nname = "a"', "rule 1 (a): it needs a condition"),
        (RULE + 'cooldwon = "1m"', "rule 1 (a): unknown key 'cooldwon': did you mean 'cooldown'"),
        (RULE + "hold = 3", "rule 1 (a): hold: a string is meant, not 3"),
        (RULE + 'hold = "3"', "3 of what?"),
        (RULE + 'once = "yes"', "once: true or false"),
        (RULE + 'quiet = "25:00-3:00"', "there is no time 25:00"),
        (RULE + 'quiet = "soon"', "quiet"),
        (RULE + "quiet = [1]", "a list of strings"),
        (RULE + 'zone = "Mars/Base"', "zone 'Mars/Base' is not known"),
        (RULE + 'zone = "../etc/passwd"', "is not known"),
        (RULE + 'rate = "many"', "a rate such as 4/1h"),
        (RULE + 'rate = "0/1h"', "a rate such as 4/1h"),
        (RULE + 'rate_together = "4/h"', "rule 1 (a): unknown key 'rate_together'"),
        (RULE + 'priority = "top"', "one of low, normal, high, urgent"),
        (RULE + 'latency = "10ms"', "rule 1 (a): latency must be 50ms to 60s"),
        (RULE + 'latency = "2m"', "latency must be 50ms to 60s"),
        (RULE + "latency = 0.5", "rule 1 (a): latency: a string is meant, not 0.5"),
        (RULE + 'deadline = "24:10"', "there is no time 24:10"),
        (RULE + RULE, "two rules are called 'a'"),
        (RULE.replace('"error"', '"txet:x"'), "did you mean 'text'"),
        (RULE.replace('"error"', "7"), "when: a string is meant"),
        ('packs = ["bilds"]', "unknown pack 'bilds': did you mean 'builds'"),
        ("packs = [1]", "a list of strings"),
        ("a = " + "[" * 100_000, "not TOML"),
    ],
)
def test_refusals_say_where(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(RulesError, match=re.escape(says)) as caught:
        _load(tmp_path, text)
    assert "rules.toml" in str(caught.value) or "pack" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no such file"):
        load_rules(tmp_path / "none.toml")
    with pytest.raises(RulesError, match="is a directory"):
        load_rules(tmp_path)
    assert load_rules(None) == []


def test_all_packs_are_sound_and_off_unless_named() -> None:
    rules = rules_from({"packs": list(PACKS)})
    assert {rule.name.partition(":")[0] for rule in rules} == set(PACKS)
    RuleSet(rules, now=False, wall=wall)
    assert rules_from({}) == []


def test_the_template_is_sound_and_so_is_what_it_shows() -> None:
    assert rules_from(tomllib.loads(RULES_TOML)) == []
    shown = re.sub(r"^# (?=\[\[|[a-z]+ = )", "", RULES_TOML.partition("[[rule]]")[2], flags=re.MULTILINE)
    rules = rules_from(tomllib.loads("[[rule]]" + shown.replace("# [[rule]]", "[[rule]]")))
    assert [rule.name for rule in rules] == ["build broke", "backup done by six"]
