"""Keys and tokens: by how they begin, by what they are called, by looking drawn by lot; private keys; JWTs."""

from __future__ import annotations

from ironcliw.redaction import checks
from ironcliw.redaction.detector import Detector, any_of, misread
from ironcliw.redaction.named import BARE, IS, is_value

_WORD = r"[A-Za-z0-9_\-]"

# How keys begin, and what follows at the least: by these they are known wherever they stand.
_BEGINNINGS = {
    r"[A-Z0-9]{14,}": "AKIA ASIA AROA AIDA",
    r"[A-Za-z0-9]{20,}": "ghp_ gho_ ghu_ ghs_ ghr_ npm_ hf_ pul- sk-",
    r"[A-Z0-9]{20,}": "AGE-SECRET-KEY-1",
    rf"{_WORD}{{10,}}": "xoxa- xoxb- xoxp- xoxr- xoxs- xoxe- xoxc-",
    rf"{_WORD}{{16,}}": "github_pat_ glpat- gldt- glrt- xapp- pypi-AgE sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ "
    "whsec_ sk-ant- sk-proj- sk-or- sk-svcacct-",
    rf"{_WORD}{{20,}}": "dop_v1_ doo_v1_ shpat_ shpss_ shpca_ lin_api_ ntn_ PMAK- dapi hvs. hvb. NRAK- glsa_ glc_ "
    "sntrys_ sq0atp- sq0csp- ATATT3 rubygems_ figd_ gsk_ r8_ pplx- xai- tskey- dckr_pat_ phc_ EAAA",
    rf"{_WORD}{{30,}}": "AIza ya29. GOCSPX-",
    rf"{_WORD}{{16,}}[.,]{_WORD}{{16,}}": "SG.",
}
_BEGUN = any_of(*(misread(word) + rest for rest, words in _BEGINNINGS.items() for word in words.split()))

_CALLED = any_of(
    *(
        name.replace(" ", "[ _-]?").replace("o", "[o0]")
        for name in (
            "api key",
            "secret",
            "token",
            "access key",
            "account key",
            "shared key",
            "auth key",
            "private key",
            "signing key",
            "encryption key",
            "master key",
            "license key",
            "credential",
            "session id",
            "signature",
        )
    )
)
_NAME = rf"(?i:[a-z0-9_.\-]*{_CALLED}s?[a-z0-9_.\-]*)"

_BEGIN = r"-{3,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{3,5}"
_END = r"-{3,5} ?END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{3,5}"
_BODY = r"(?:\s*[A-Za-z0-9+/=\-:, ]{24,})*(?:\s*[A-Za-z0-9+/=]+)?"


def _is_named_key(text: str) -> bool:
    """Whether what is called a key or token looks like one."""
    return len(text) >= 8 and is_value(text) and (checks.is_random(text) or _is_hex(text) or _is_mixed(text))


def _is_hex(text: str) -> bool:
    return len(text) >= 16 and all(each in "0123456789abcdefABCDEF-" for each in text)


def _is_mixed(text: str) -> bool:
    return len(text) >= 12 and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _is_bare_key(text: str) -> bool:
    """Whether it needs no name to be known for a key: long, of all kinds of characters, in no order."""
    if text.startswith("sha"):
        return False
    kinds = (any(map(str.isupper, text)), any(map(str.islower, text)), sum(map(str.isdigit, text)) >= 2)
    restless = checks.turns(text) >= max(5, len(text) // 5)
    return all(kinds) and restless and checks.entropy(text) >= min(3.9, 0.19 * len(text))


DETECTORS = (
    Detector("private key", rf"{_BEGIN}[\s\S]*?{_END}"),
    Detector("private key", _BEGIN + _BODY),
    Detector("jwt", rf"\be[yv][JI]{_WORD}{{8,}}[.,] ?{_WORD}{{8,}}(?:[.,] ?{_WORD}*)?"),
    Detector("key", rf"\b{_BEGUN}"),
    Detector("key", rf"\b[0-9]{{8,10}}:{_WORD}{{33,}}"),
    Detector("key", _NAME + IS + BARE, _is_named_key),
    Detector("key", r"(?i)\b(?:bearer|basic|token)\s+([A-Za-z0-9_\-.=+/]{12,})", _is_named_key),
    Detector("key", r"((?:sha[0-9]{3}-)?[A-Za-z0-9_+/\-]{20,}={0,2})", _is_bare_key),
)
