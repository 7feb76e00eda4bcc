"""Scripts and looks by a line of text, and the line that gives them back.

script, look = from_spec("synthetic:office?seed=1&scale=1.5&hours=8")
name_of(script, look)                 # the same line, in its shortest form
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from ironcliw.errors import SettingsError
from ironcliw.source.synthetic.look import Look
from ironcliw.source.synthetic.script import Script

PREFIX = "synthetic:"

T = TypeVar("T", int, float)

_SECONDS_IN = {"seconds": 1, "minutes": 60, "hours": 3600}
KEYS = ("seed", *_SECONDS_IN, "scale", "size", "theme", "font")
"""What may stand in a spec behind the name."""


def from_spec(spec: str) -> tuple[Script, Look]:
    """What ``synthetic:NAME?key=value&...`` names; SettingsError, in one line, for what it cannot."""
    name, _, query = spec.removeprefix(PREFIX).partition("?")
    options = _options(query)
    lengths = [key for key in _SECONDS_IN if key in options]
    if len(lengths) > 1:
        raise SettingsError(f"{PREFIX} expected one duration, got {' and '.join(lengths)}")
    duration_s = _number(options, lengths[0], float) * _SECONDS_IN[lengths[0]] if lengths else None
    seed = _number(options, "seed", int) if "seed" in options else 1
    script = Script.named(name, seed, duration_s)
    given: dict[str, Any] = {key: options[key] for key in ("theme", "font") if key in options}
    if "scale" in options:
        given["scale"] = _number(options, "scale", float)
    if "size" in options:
        given["size"] = _size(options["size"])
    return script, Look(**given)


def name_of(script: Script, look: Look) -> str:
    """The spec that plays ``script`` in ``look`` again; for a script of your own only a description."""
    usual = Look()
    options = [f"seed={script.seed}", f"seconds={script.duration_ms / 1000:.15g}"]
    if look.scale != usual.scale:
        options.append(f"scale={look.scale:.15g}")
    if look.size is not None:
        options.append(f"size={look.width}x{look.height}")
    options += [f"{key}={getattr(look, key)}" for key in ("theme", "font") if getattr(look, key) != getattr(usual, key)]
    return f"{PREFIX}{script.name}?{'&'.join(options)}"


def id_of(script: Script, look: Look) -> str:
    """A name for files: what the spec says, in letters that any file system takes."""
    spec = name_of(script, look).removeprefix(PREFIX)
    return "synthetic_" + "".join(c if c.isalnum() or c in "._-" else "_" for c in spec)


def _options(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise SettingsError(f"{PREFIX} expected NAME?key=value&key=value, got {query!r}") from None
    options: dict[str, str] = {}
    for key, value in pairs:
        if key not in KEYS:
            raise SettingsError(f"{PREFIX} expected some of {', '.join(KEYS)}, got {key!r}")
        if key in options:
            raise SettingsError(f"{PREFIX} {key} is given twice")
        options[key] = value
    return options


def _number(options: dict[str, str], key: str, kind: Callable[[str], T]) -> T:
    text = options[key]
    try:
        if not text.isascii() or "_" in text:  # which Python takes for numbers, too
            raise ValueError(text)
        return kind(text)
    except ValueError:
        raise SettingsError(f"{PREFIX} expected a number for {key}, got {text!r}") from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and len(text) < 20):
        raise SettingsError(f"{PREFIX} expected size=WIDTHxHEIGHT, got {text!r}")
    return int(width), int(height)
