"""Secrets out of text and pictures, before anything leaves the machine or is logged.

    Gate().text("password: hunter2").text         # 'password: [password]'
    Gate().lines(lines)                           # what each line of a screen reads as, secrets that wrap included
    Gate().boxes(lines)                           # where to black them out in the picture

It finds many secrets and never all of them; ``docs/reference/redaction.md`` says how many were found of what.
"""

from ironcliw.redaction.found import KINDS, Found, Redacted
from ironcliw.redaction.gate import EVERYWHERE, Gate, TextLine

__all__ = ["EVERYWHERE", "KINDS", "Found", "Gate", "Redacted", "TextLine"]
