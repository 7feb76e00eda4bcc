"""What a line of text says has happened: an error, a success, a request for permission; recognised by its form.

recognise("src/main.rs:7:5: error: expected `;`")       # Recognised("error", ("main.rs", "7"))
recognise("0 errors, 2 warnings")                       # Recognised("success", ...)
recognise("raise ValueError(message)")                  # None: that is a program, not its failure

Keywords alone prove nothing: a page about errors, a program that handles them and "no errors found" hold them all. The
patterns are those in which compilers, linkers, shells, test runners, servers and dialogs report. They are matched in
time linear to the line, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from ironcliw.incident.protocol import Kind
from ironcliw.text.misreading import plain, skeleton

LINE_LENGTH_MAX = 400
"""Of longer lines only so much is looked at."""

_ENGINE = cast("Any", re2)

# Names of groups become the identity: error type, code, file and line.
_FILE = r"(?P<file>[\w.+\-/\\]*\w\.[A-Za-z]\w{0,4})"
_LEVEL = r"(?:ERROR|FATAL|CRITICAL|SEVERE|EMERG|ALERT|PANIC)"

_ERRORS = (
    # a language's own report
    r"^Traceback \(most recent call last\)",
    r"^(?:E +)?(?:Uncaught |Unhandled |Caused by: ?|Exception in thread \S+ )?(?:[\w.]+\.)?"
    r"(?P<type>[A-Z]\w*(?:Error|Exception|Interrupt))(?: ?:|$| \[| \()",
    r"^(?:Uncaught|Unhandled) (?:\w+ )?(?:exception|rejection|error)",
    r"panicked at|^panic: |^fatal error: |[Kk]ernel panic",
    # compilers and linkers
    _FILE + r"[:(](?P<line>\d+)(?:[:,]\d+)?\)? ?: (?:fatal )?error\b ?(?P<code>[A-Z]+\d+)?",
    r"^error ?\[(?P<code>E\d{4})\]",
    r"\berror (?P<code>(?:TS|CS|LNK|MSB|C)\d{3,5})\b",
    r"undefined (?:reference to|symbol)|^(?:\S*/)?(?:ld|lld|collect2|link)(?:\.exe)? ?: (?:error|fatal|cannot)",
    # programs that say so
    r"^(?:[A-Z][\w.\-]* ){0,2}(?:error|Error|ERROR|ERR|FATAL|fatal) ?(?:\[\w+\])?[:!]",
    r"^[\w.\-]{1,24}: (?:fatal |internal )?error ?:",
    r"^[\w.\-/]{1,40} ?: (?:line \d+: )?\S[^:]{0,60}: (?:command not found|No such file|Permission denied)",
    r"\bnpm (?:ERR!|error)|^\[?(?:ERROR|FATAL|CRITICAL)\]|\[(?:error|fatal|ERROR|FATAL|CRITICAL)\]",
    r"^[\[(]?\d[\d:.,/TZ+\-]*[\])]?(?: [\d:.,]+)?(?: \S{1,40}){0,2} [\[(]?" + _LEVEL + r"\b",
    # how it ended
    r"(?i)\b(?:exit(?:ed)?|exit status|return(?:ed)?|terminated|failed|finished)(?: \w+){0,3}? "
    r"(?:code|status|value)[: ] ?\(?(?P<code>-?[1-9]\d{0,9}|0x[0-9a-f]{2,8})\b",
    r"(?i)\bexit (?:code|status)[: ] ?(?P<code>[1-9]\d{0,2})\b",
    r"Segmentation fault|\(core dumped\)|^Aborted$|Bus error|Illegal instruction|^Killed$|SIG(?:SEGV|ABRT|BUS|KILL)\b",
    r"^make(?:\[\d+\])?: \*\*\*|^ninja: (?:error|build stopped)|^gmake(?:\[\d+\])?: \*\*\*",
    # servers and networks
    r"\bHTTP(?:/[\d.]+)? (?P<code>5\d\d)\b|\" (?P<status>5\d\d) \d+|^(?:Error )?(?P<page>50[0-4]) [A-Z]",
    r"(?P<code>5\d\d) (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)",
    r"\bERR_[A-Z]+_[A-Z_]+|[Tt]his site can.?t be reached",
    r"(?i)connection (?:refused|reset|timed out)|no space left on device|out of memory|cannot allocate memory",
    # builds, tests, deployments
    r"(?i)\b(?:build|tests?|job|pipeline|deploy(?:ment)?|compilation|installation|upload|download|backup|login|"
    r"command|task|workflow|check|run|update|sync)s? (?:has |have )?(?:failed|failure)\b",
    r"(?i)\b(?P<failed>[1-9]\d*) (?:(?:tests?|specs?|checks?|jobs?) )?(?:failed|failing|failures?)\b",
    r"(?i)\b(?:found )?(?P<failed>[1-9]\d*) errors?\b(?: |,|\.|;|$)",
    r"(?i)\b(?:failures|errors|failed) ?[=:] ?(?P<failed>[1-9]\d*)\b",
    r"^(?:=+ ?)?(?:FAILED|FAILURES?|FAIL)\b(?: ?[:(\[]| \S|$)|^--- FAIL|^not ok \d",
    r":FAIL(?:ED)?:|: FAILED$|\bBUILD FAILED",
    r"^[✗✘✖❌] ?[A-Za-z]",
    r"^CONFLICT \(|^(?:error|fatal): |^Automatic merge failed",
    r"(?i)^(?:an? (?:unexpected |unknown |internal |fatal )?error (?:has )?occurr?ed|something went wrong)",
    r"(?i)^(?:failed to|could not|couldn.t|unable to|cannot) \w+",
)

_SUCCESSES = (
    r"(?i)\bbuild (?:was )?(?:success(?:ful(?:ly)?)?|succeeded|passed|complete[d]?|finished)\b",
    r"(?i)\bsuccessfully \w+|\b\w+ (?:completed |finished )?successfully\b",
    r"(?i)\b(?:tests?|checks?|job|pipeline|deploy(?:ment)?|compilation|install(?:ation)?|upload|download|backup|"
    r"update|sync|flash|workflow|migration|export|import|run)s? (?:has |have |was |is |are )?"
    r"(?:passed|succeeded|successful|complete[d]?|finished|done)\b",
    r"(?i)\ball (?:\d+ )?(?:tests?|checks?|specs?) (?:have )?(?:passed|green)\b",
    r"(?i)^finished (?:installing|building|release|dev|`)|\bis (?:now )?(?:deployed|published|up to date)\b",
    r"\b(?P<passed>[1-9]\d*) (?:tests? )?(?:passed|passing)\b|test result: ok",
    r"^(?:PASS|PASSED|SUCCESS|SUCCEEDED|OK)(?:$| ?[:(\[]| \S)|^=+ ?(?:PASS|OK)|: (?:PASSED|OK)$",
    r"(?i)\b(?:0|no) (?:errors?|failures?|problems|issues)(?: found)?\b",
    r"^[✓✔✅] ?[A-Za-z]",
    r"(?i)^(?:done|finished|completed?|ready)(?:!$| in \d)",
)

_PERMISSIONS = (
    r"(?i)\b(?:wants?|would like|is requesting|requests?|asks?) (?:permission )?to (?:access|use|send|open|read|write|"
    r"record|control|connect|run|make changes|know|show|install|find|share|capture|see)\b",
    r"(?i)\b(?:do you want|would you like) to (?:allow|let|permit|trust|proceed|continue|grant|run|open)\b",
    r"(?i)\bdo you trust\b|\btrust (?:this|the) (?:app|folder|workspace|authors?|computer|device|publisher)",
    r"(?i)^allow (?:this|access|once|always|.{1,40} to\b)",
    r"(?i)\bgrant (?:access|permission)|\bpermission (?:is )?(?:required|requested|needed)",
    r"(?i)\bneeds? (?:your )?permission",
    r"(?i)\b(?:authentication|authorization|password|passphrase) (?:is )?(?:required|needed)\b",
    r"(?i)\brequires? (?:administrator|admin|root|elevated|your|authentication)",
    r"(?i)^(?:\[sudo\] )?(?:pass ?word|passphrase|pin|verification code)(?: for .{1,60})?:(?: |$)|\[sudo\] password",
    r"(?i)^(?:please )?enter (?:your |the )?(?:pass ?word|passphrase|pin|code)\b",
    r"(?i)\bare you sure (?:you )?want to continue connecting|\[y(?:es)?/n(?:o)?\]|\(y(?:es)?/n(?:o)?(?:/\S+)?\)",
)

# What tells of no error although its words do, and of no success.
_NO_ERROR = (
    r"(?i)\b(?:0|no|without|zero|any) (?:\w+ )?(?:errors?|failures?|failed|failing|problems)\b|"
    r"(?i)\b(?:errors?|failures?|failed) ?[=:] ?0\b"
)
_COUNTED = r"(?i)\b[1-9]\d* (?:\w+ )?(?:errors?|failed|failing|failures?)\b|\b(?:errors|failures|failed) ?[=:] ?[1-9]"
_ASIDE = r"(?i)^(?:[-*•] )?(?:if|when|whenever|unless|should|in case|how to|for example|e\.g\.)\b"
_HEDGED = r"(?i)\b(?:if|when|until|unless|should|would|may|might|could have|how to|example|e\.g\.)\b"


class Recognised(NamedTuple):
    """What a line says: its kind, and what tells it from others (see ``Incident.identity``)."""

    kind: Kind
    identity: tuple[str, ...]


def recognise(text: str) -> Recognised | None:
    """What has happened, going by one line of the screen; None where that is nothing known."""
    line = plain(text)[:LINE_LENGTH_MAX].strip()
    if len(line) < 2:
        return None
    for kind, patterns in _PATTERNS.items():
        match = patterns.search(line)
        if match is None or _contradicts(kind, line):
            continue
        # What stands before it, a time or another window's text, does not tell it from others.
        said = match.group() if kind == "success" else line[match.start() :]
        return Recognised(kind, _identity(patterns.tokens(line), said))
    return None


def _contradicts(kind: Kind, line: str) -> bool:
    counted = _COUNTED_LINE.search(line) is not None
    if kind == "error":
        return _ASIDE_LINE.search(line) is not None or (not counted and _NO_ERROR_LINE.search(line) is not None)
    return kind == "success" and (counted or _HEDGED_LINE.search(line) is not None)


def _identity(tokens: Iterable[str], line: str) -> tuple[str, ...]:
    """The telling tokens; else the words, as far as recognition can be trusted with them, without figures."""
    found = tuple(tokens)
    return found or (skeleton("".join(each for each in line if not each.isdigit()))[:80],)


class _Patterns:
    """Some regular expressions, any of which may be met."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._any = _compiled("|".join(f"(?:{_nameless(each)})" for each in patterns))
        self._each = [_compiled(each) for each in patterns if "(?P<" in each]

    def search(self, line: str) -> Any:
        return self._any.search(line)

    def tokens(self, line: str) -> list[str]:
        """The named groups of all patterns that are met, each value once; of paths the last part."""
        found: dict[str, str] = {}
        for pattern in self._each:
            match = pattern.search(line)
            for name, value in match.groupdict().items() if match else ():
                if value and name not in ("failed", "passed"):
                    found.setdefault(name, value.replace("\\", "/").rsplit("/", 1)[-1])
        return list(dict.fromkeys(found.values()))


def _nameless(pattern: str) -> str:
    """The pattern with its groups nameless: a name may stand once only in an expression."""
    head, *rest = pattern.split("(?P<")
    return head + "".join("(?:" + part.split(">", 1)[1] for part in rest)


def _compiled(pattern: str) -> Any:
    options = _ENGINE.Options()
    options.log_errors = False
    return _ENGINE.compile(pattern, options)


_PATTERNS: dict[Kind, _Patterns] = {
    "permission": _Patterns(_PERMISSIONS),
    "error": _Patterns(_ERRORS),
    "success": _Patterns(_SUCCESSES),
}
_NO_ERROR_LINE, _COUNTED_LINE = _compiled(_NO_ERROR), _compiled(_COUNTED)
_ASIDE_LINE, _HEDGED_LINE = _compiled(_ASIDE), _compiled(_HEDGED)
