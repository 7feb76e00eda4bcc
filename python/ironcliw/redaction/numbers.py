"""Payment cards, bank accounts, social security numbers, and addresses of mail."""

from __future__ import annotations

from ironcliw.redaction import checks
from ironcliw.redaction.detector import Detector

_DIGIT = r"[0-9OoQDIl|SBZ]"
_GROUPS = rf"[0-9]{_DIGIT}{{2,5}}(?:[ \-.\n]{{0,2}}{_DIGIT}{{1,7}}){{1,5}}"
_CARD_NAMES = r"(?i:card|visa|amex|mastercard|maestro|karte|\bpan\b)"
_IBAN = r"[A-Z][A-Z0] ?[0-9OIl]{2}(?: ?[A-Za-z0-9]{1,4}){3,8}"
_NAMED_IBAN = r"[A-Z][A-Z0] ?[0-9OIl]{2}(?: ?[A-Z0-9]{2,4}){2,7}(?: ?[A-Z0-9]{1,4})?"
_DASH = "[-\u2013]"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,24}"

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".pdf", ".css", ".js", ".py")


def _is_address(text: str) -> bool:
    """Whether it is no file such as icon@2x.png."""
    return not text.lower().endswith(_PICTURES)


DETECTORS = (
    Detector("card", rf"(?:^|[^A-Za-z0-9.])({_GROUPS})\b", checks.card_in),
    Detector("card", rf"{_CARD_NAMES}[^0-9\n]{{0,24}}({_GROUPS})\b", checks.card_shaped_in),
    Detector("iban", rf"\b({_IBAN})\b", checks.iban_in),
    Detector("iban", rf"(?i:\biban)[^A-Za-z0-9\n]{{0,6}}({_NAMED_IBAN})\b"),
    Detector("ssn", rf"\b([0-9OIlSB]{{3}}{_DASH}[0-9OIlSB]{{2}}{_DASH}[0-9OIlSB]{{4}})\b", checks.is_ssn),
    Detector("ssn", r"(?i:\bssn|social security)[^0-9\n]{0,24}([0-9]{3}[- .]?[0-9]{2}[- .]?[0-9]{4})\b", checks.is_ssn),
    Detector("e-mail", rf"[A-Za-z0-9._%+\-]+(?:@| ?\(at\) ?| ?\[at\] ?){_HOST}\b", _is_address),
)
