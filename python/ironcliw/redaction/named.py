"""Passwords: whatever stands beside the word, in forms, settings, commands and addresses."""

from __future__ import annotations

from ironcliw.redaction.detector import Detector, any_of

IS = r"""["']?\s*(?:[:=]{1,2}>?|=>|\x{FF1A}|\bis\b)\s*"""
"""What stands between a name and its value."""
BARE = r"""["'`]?([^\s"'`,;<>\[\](){}]{3,200})"""
"""A value without quotes, or the beginning of one with them."""

_CALLED = any_of(
    r"passw[o0]rd",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "contrase\u00f1a",
    "mot de passe",
    r"\bpwd\b",
    r"_pwd\b",
    r"\bpass\b",
    r"_pass\b",
    r"\bpin\b",
    r"\botp\b",
    "(?:verification|security|recovery|backup) code",
    r"\bcv[vc]\b",
)
_NAME = rf"(?i:[a-z0-9_.\-]*{_CALLED}[a-z0-9_.\-]*)"

_NO_VALUES = frozenset(
    word
    for words in (
        "required incorrect invalid wrong expired changed forgotten reset missing mismatch weak strong none null nil",
        "true false empty not the your and for was has will must should cannot can hidden masked unset yes any string",
        "str int bytes optional undefined prompt ask stdin file env protected disabled enabled valid unknown denied",
        "accepted rejected updated saved sent length too used needed here below above correct error failed failure",
        "match matches does doesn't don't this that with from field input text confirm again show hide new old current",
        "authentication authenticated never always default",
    )
    for word in words.split()
)


def is_value(text: str) -> bool:
    """Whether something that is called a secret may be one, and is neither dots nor a word about one."""
    bare = text.strip("*\u2022\u25cf.:\u2026-_?!")
    return len(bare) >= 3 and bare.casefold() not in _NO_VALUES


DETECTORS = (
    Detector("password", r"[a-z][a-z0-9+.\-]{1,20}://[^\s:@/]*:([^\s@/]{1,200})@"),
    Detector("password", rf'{_NAME}{IS}"([^"\n]{{3,200}})"', is_value),
    Detector("password", rf"{_NAME}{IS}'([^'\n]{{3,200}})'", is_value),
    Detector("password", _NAME + IS + BARE, is_value),
    Detector("password", r"(?i)<[a-z:]*passw[o0]?r?d[^<>\n]*>([^<\n]{3,200})<", is_value),
    Detector(
        "password",
        r"""--?(?i:password|passwd|pass|passphrase|token|secret)[ =]["']?([^\s"'\-][^\s"']{2,200})""",
        is_value,
    ),
    Detector("password", r"\bsshpass +-p *([^\s]{3,200})"),
    Detector("password", r"\bmysql[a-z]* [^\n]*-p([^\s]{3,200})"),
    Detector("password", r"""\bcurl [^\n]*(?:-u|--user)[ =]["']?[^\s:"']+:([^\s"']{1,200})"""),
)
