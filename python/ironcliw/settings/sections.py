"""What can be set, room by room, with each default and what it trades for what.

    Settings().text.settle_ms             # 100
    Settings(source=SourceSettings(fps=5))

All are frozen, and refuse unknown keys, NaN and numbers that no screen, clock or machine could mean.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from ironcliw.errors import SettingsError
from ironcliw.memory import GROUPS, ROOMS, SHARES, Ledger, parse_size
from ironcliw.settings.model import BudgetSettings, ModelSettings
from ironcliw.settings.screens import ScreenSettings
from ironcliw.settings.section import NonEmpty, Section

_COMMENT_COLUMNS = 100


def _text_from_number(value: Any) -> Any:
    """Monitors go by number too, and ``monitor = 1`` means the same as ``monitor = "1"``."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _several(value: Any) -> Any:
    """One of several may stand without brackets; the environment may hold a JSON list."""
    if isinstance(value, list):
        return tuple(cast(list[Any], value))  # TOML and JSON know lists only
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        try:
            return _several(json.loads(value))
        except (ValueError, RecursionError):
            pass  # a single condition, which the rule parser will refuse in its own words
    return (value,)


def _size(value: str) -> str:
    """A size, as it was written."""
    try:
        parse_size(value)
    except SettingsError:
        raise PydanticCustomError("size", "Value should be a size such as 500MB, 1GB or 1GiB") from None
    return value


def _budget(value: str) -> str:
    """``ROOM=SIZE``, as it was written."""
    name, _, size = value.partition("=")
    if name.strip() not in (*ROOMS, *GROUPS):
        raise PydanticCustomError(
            "budget", "Value should be ROOM=SIZE with ROOM one of {rooms}", {"rooms": ", ".join((*ROOMS, *GROUPS))}
        )
    _size(size)
    return value


def _part(value: str) -> str:
    """``ROOM=PARTS``, as it was written."""
    name, _, parts = value.partition("=")
    if name.strip() not in SHARES or not re.fullmatch(r"\s*[0-9]{1,4}\s*", parts):
        raise PydanticCustomError(
            "share", "Value should be ROOM=PARTS (0 to 9999) with ROOM one of {rooms}", {"rooms": ", ".join(SHARES)}
        )
    return value


class SourceSettings(Section):
    """Where frames come from, and how often they are taken."""

    fps: float = Field(
        default=10.0,
        ge=0.2,
        le=60,
        description="Captures a second at most, 0.2 to 60. More shows changes sooner and costs processor time only "
        "while the screen changes; what appears and vanishes between two captures is never seen.",
    )
    monitor: Annotated[NonEmpty | None, BeforeValidator(_text_from_number)] = Field(
        default=None,
        description="The monitor to watch, by name or number; unset: the primary one. 'all' is all of them as "
        "one picture.",
    )
    include_self: bool = Field(
        default=False,
        description="Watch the window that ironcliw runs in as well. It then reads the words it prints itself, "
        "conditions included.",
    )
    exclude: Annotated[tuple[NonEmpty, ...], NoDecode, BeforeValidator(_several)] = Field(
        default=(),
        description="What is left out before a pixel of it is kept: app:NAME, title:WORDS, title:/REGEX/, "
        "window:NUMBER, region:X,Y,W,H. Titles may change a moment after what they stand for; an "
        "application is the surer way.",
    )
    cpu: NonEmpty | None = Field(
        default=None,
        description="A share of one core, such as 5%, that watching should not exceed. Captures then become "
        "fewer where it does, where nothing happens, on battery and where the machine is hot; unset: as fps says.",
    )
    latency_s: float = Field(
        default=5.0,
        ge=0.05,
        le=60,
        description="With cpu: seconds, 0.05 to 60, within which a change is captured whatever that costs.",
    )
    probe_interval_s: float = Field(
        default=1.0,
        ge=0.1,
        le=3600,
        description="Seconds, 0.1 to 3600, between looks at a screen that reports no change, in case a report was "
        "lost. Shorter notices a silent screen sooner and reads a whole frame each time.",
    )


class ChangeSettings(Section):
    """When a pixel counts as changed."""

    lossy_distance: float = Field(
        default=40.0,
        ge=0,
        le=441,
        description="On lossy recordings, how far a pixel must move to count as changed: Euclidean distance in RGB, "
        "0 to 441 (black to white). At 40, most codec noise on text is left out. Lower "
        "sees fainter changes and more of the noise. Screens and lossless files always use 0.",
    )

    @property
    def lossy_distance_squared(self) -> int:
        """The largest squared RGB distance that still counts as unchanged, as the kernels compare it."""
        return int(self.lossy_distance**2)


class TextSettings(Section):
    """How text is read."""

    enabled: bool = Field(
        default=True,
        description="Read text at all. Without it only change: and still: conditions can be met, and "
        "nothing but the change of pixels is looked at.",
    )
    settle_ms: int = Field(
        default=100,
        ge=0,
        le=10_000,
        description="How long a region must stand still before it is read, 0 to 10000 ms. Longer spares readings of "
        "half-drawn text and delays every event by as much.",
    )
    reads_per_s: float = Field(
        default=5.0,
        ge=0.1,
        le=60,
        description="Readings a second, 0.1 to 60, of a region that never stands still. More catches words that scroll "
        "by and costs processor time.",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Threads for reading text, 1 to 64; unset: by the cores there are. More reads sooner and leaves "
        "less of the machine to others.",
    )
    engine: Literal["paddle", "tesseract", "vision", "windows"] = Field(
        default="paddle",
        description="What reads the text: paddle, the PP-OCR models that come along; tesseract, the program of that "
        "name, for scripts that paddle does not know; vision on macOS; windows on Windows. None needs a network; "
        "ironcliw doctor says which can be used here.",
    )


class WatchSettings(Section):
    """What is waited for."""

    when: Annotated[tuple[NonEmpty, ...], NoDecode, BeforeValidator(_several)] = Field(
        default=(),
        max_length=1000,
        description="Conditions that alert, any of them, as --when takes them; those on the command line "
        "replace these.",
    )
    rules: NonEmpty | None = Field(
        default=None,
        description="A file of rules, such as rules.toml, as --rules takes it; one on the command line replaces it.",
    )
    now: bool = Field(
        default=False,
        description="Alert also on what is on the screen at the start. Off, a word that was there before is not news; "
        "on, nothing that already happened is missed.",
    )


class ActionSettings(Section):
    """Whom to tell."""

    notify: bool = Field(
        default=False,
        description="Show alerts as desktop notifications. They interrupt, and name the condition to whoever looks at "
        "the desktop; what was read is shown with notify_text only.",
    )
    notify_text: bool = Field(
        default=False,
        description="Have notifications show the words that were read, without secrets (see redact), to whoever looks "
        "at the desktop, which may keep them.",
    )
    notify_picture: bool = Field(
        default=False,
        description="Have notifications show how it looked, to whoever looks at the desktop, which may keep it.",
    )
    exec: NonEmpty | None = Field(
        default=None,
        description="A command to run for each alert, the event on its standard input as JSON; split into words as a "
        "shell would, and run without one.",
    )
    then: Annotated[tuple[NonEmpty, ...], NoDecode, BeforeValidator(_several)] = Field(
        default=(),
        max_length=100,
        description="What is done about alerts of conditions without a rule: notify, terminal, sound, sound:FILE, "
        "webhook:URL, exec:COMMAND, jsonl:PATH, apprise:URL; any of them. --notify and --then replace these.",
    )
    redact: bool = Field(
        default=True,
        description="Take secrets (card numbers, keys, passwords, ...) out of what webhooks, apprise, jsonl and "
        "notifications are given. It finds many and never all of them. Commands get what was read as it is.",
    )
    webhook_secret: NonEmpty | None = Field(
        default=None,
        description="Signs what webhooks are sent, so that the receiver knows it is from you; better kept in "
        "webhook_secret_file, or in the variable IRONCLIW_ACTION_WEBHOOK_SECRET.",
    )
    webhook_secret_file: NonEmpty | None = Field(
        default=None,
        description="A file that holds this secret instead, readable by its owner only, so settings can be shared.",
    )
    webhook_picture: bool = Field(
        default=False, description="Send webhooks how it looked, blacked out where secrets were read."
    )
    allow_private: Annotated[tuple[NonEmpty, ...], NoDecode, BeforeValidator(_several)] = Field(
        default=(),
        max_length=100,
        description="Hosts, as in localhost or box.lan:8080, that webhooks and the heartbeat may reach at private "
        "addresses, and without TLS. All others must be public and speak TLS.",
    )
    proxy: NonEmpty | None = Field(
        default=None,
        description="A proxy for webhooks and the heartbeat, http://HOST:PORT; those in the environment are not used. "
        "It resolves names itself, so private addresses are then its matter.",
    )
    heartbeat: NonEmpty | None = Field(
        default=None,
        description="A web address to ask every minute while the screen is truly seen, so that silence is noticed "
        "there, as healthchecks and the like do it.",
    )


class StoreSettings(Section):
    """What is remembered of the events."""

    enabled: bool = Field(
        default=False,
        description="Keep every event of watch in a log on this machine, as --log does. It can be searched later with "
        "'ironcliw events', and holds the words that were on the screen.",
    )
    path: NonEmpty | None = Field(
        default=None,
        description="The log's file; unset: ironcliw/events.db in $XDG_STATE_HOME, else in ~/.local/state. "
        "It belongs on a disk of this machine: file locks of network file systems cannot be relied on.",
    )
    keep_mb: int = Field(
        default=256,
        ge=8,
        le=1_000_000,
        description="Megabytes (2^20) that the log may take, 8 to 1000000; the oldest events are deleted beyond that. "
        "More reaches further back (256 are about half a million events) and takes longer to check at the start.",
    )
    keep_days: float = Field(
        default=30.0,
        gt=0,
        le=36_500,
        description="Days after which events are deleted, up to 36500. Longer remembers more of the screen. "
        "Time while the machine was off counts as one day at the most, whatever its clock says.",
    )


class MemorySettings(Section):
    """How much memory may be held, and by what."""

    total: Annotated[NonEmpty, AfterValidator(_size)] | None = Field(
        default=None,
        description="The most that is held in all, such as 500MB or 1GiB, at most 6.4GiB; unset: a quarter of the "
        "machine's or container's memory, at most 1GiB. Less holds less history and, at the end, pauses reading text.",
    )
    shares: Annotated[tuple[Annotated[NonEmpty, AfterValidator(_part)], ...], NoDecode, BeforeValidator(_several)] = (
        Field(
            default=(),
            max_length=len(SHARES),
            description="How what watching itself leaves is shared, such as archive=70 or ring=5, in parts of their "
            "sum; unset: archive=55, ring=20, text=5, dedup=5, store=5, events=3, pool=3, features=2, objects=2. "
            "More for one is less for all others.",
        )
    )
    budgets: Annotated[
        tuple[Annotated[NonEmpty, AfterValidator(_budget)], ...], NoDecode, BeforeValidator(_several)
    ] = Field(
        default=(),
        max_length=len(ROOMS) + len(GROUPS),
        description="Budgets in bytes instead of shares, such as archive=500MB; also the names of the original plan: "
        "rust_memory_pool, frame_buffer, bloom_filters, claude_vision, metal_buffers, overhead. Together they must fit "
        "into the total, of which a tenth stays free.",
    )

    def ledger(self, total: str | None = None) -> Ledger:
        """A ledger of these budgets; ``total`` beats that of the settings. SettingsError, BudgetError."""
        size = total or self.total
        shares = {room.strip(): int(parts) for room, _, parts in (each.partition("=") for each in self.shares)}
        fixed = {room.strip(): parse_size(size) for room, _, size in (each.partition("=") for each in self.budgets)}
        return Ledger(None if size is None else parse_size(size), shares=shares, fixed=fixed)


class HistorySettings(Section):
    """What is kept of what was on the screen."""

    ring_bytes: int = Field(
        default=32 << 20,
        ge=0,
        le=(1 << 32) - 1,
        description="Memory for the frames that were just seen, in bytes: a frame of 1920 x 1080 takes 8.3 million. "
        "One is always kept, three where they are shared (--share). More gives slow readers more time.",
    )
    archive: bool = Field(
        default=True,
        description="Keep earlier frames, too, where frames are shared: in memory only, as far back as memory.total "
        "reaches. Without it, only the frames in the ring can be had.",
    )


class LogSettings(Section):
    """What is told about the work itself."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="The least that is logged: debug, info, warning or error. Screen text is logged at none of them.",
    )


class Sections(BaseModel):
    """All tables of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: SourceSettings = SourceSettings()
    change: ChangeSettings = ChangeSettings()
    text: TextSettings = TextSettings()
    watch: WatchSettings = WatchSettings()
    action: ActionSettings = ActionSettings()
    store: StoreSettings = StoreSettings()
    memory: MemorySettings = MemorySettings()
    history: HistorySettings = HistorySettings()
    model: ModelSettings = ModelSettings()
    budget: BudgetSettings = BudgetSettings()
    log: LogSettings = LogSettings()

    def template(self) -> str:
        """These settings as a commented TOML file that ``load`` reads back as they are; unset keys are comments."""
        lines = ["# Ironcliw's settings. IRONCLIW_<TABLE>_<KEY> in the environment beats what stands here."]
        for name in Sections.model_fields:
            section: Section = getattr(self, name)
            lines += ["", f"# {section.__class__.__doc__}", f"[{name}]"]
            for key, field in type(section).model_fields.items():
                lines += [f"# {line}" for line in textwrap.wrap(field.description or "", _COMMENT_COLUMNS)]
                value = getattr(section, key)
                lines.append(f"# {key} =" if value is None else f"{key} = {_toml(value)}")
        return "\n".join(lines) + "\n"


class Settings(Sections):
    """Every room's settings. ``notices``: what the reader of the file should be told, one line each."""

    notices: tuple[str, ...] = ()
    screens: tuple[ScreenSettings, ...] = ()
    """Sources that are watched together: the tables [[screen]]."""


def _toml(value: Any) -> str:
    """A setting's value in TOML, whose strings, numbers and lists of strings are those of JSON."""
    # JSON leaves DEL as it is; TOML wants it escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
