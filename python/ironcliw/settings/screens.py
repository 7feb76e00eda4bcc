"""Several sources in one settings file: each a table [[screen]] with a name, rules and a budget of its own."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from ironcliw.errors import SettingsError
from ironcliw.memory import parse_size
from ironcliw.settings.section import NonEmpty, Section

MOST_SCREENS = 256


def _several(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(cast(list[Any], value))
    return (value,) if isinstance(value, str) else value


def _size(value: str) -> str:
    try:
        parse_size(value)
    except SettingsError:
        raise PydanticCustomError("size", "Value should be a size such as 500MB, 1GB or 1GiB") from None
    return value


Several = Annotated[tuple[NonEmpty, ...], BeforeValidator(_several)]


class ScreenSettings(Section):
    """One of many sources for 'ironcliw watch --all'. What is left out is as [source], [watch] and [text] have it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = Field(
        description="What events call it: letters, digits, '.', '_' and '-'."
    )
    source: NonEmpty = Field(description="What 'ironcliw watch' takes: x11::1, vnc://desk:5901, rtsp://me@cam/live")
    when: Several = Field(default=(), description="Conditions that raise alerts, of this source alone.")
    rules: NonEmpty | None = Field(default=None, description="A file of rules, of this source alone.")
    fps: float | None = Field(default=None, ge=0.2, le=60, description="Captures a second at most, 0.2 to 60.")
    monitor: NonEmpty | None = Field(default=None, description="The monitor to watch, by name or number.")
    exclude: Several = Field(default=(), description="What is left out of it, as source.exclude.")
    cpu: NonEmpty | None = Field(default=None, description="As source.cpu, for this source.")
    latency_s: float | None = Field(default=None, ge=0.05, le=60, description="As source.latency_s, for this source.")
    text: bool | None = Field(default=None, description="Whether its text is read.")
    memory: Annotated[str, AfterValidator(_size)] | None = Field(
        default=None, description="A budget of its own, such as 200MB; unset: all others share memory.total."
    )
    password_file: NonEmpty | None = Field(
        default=None, description="A file of mode 0600 that holds its password; passwords are taken from nowhere else."
    )
