"""Options and arguments that several commands share, and what is made of those that were given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="screen, x11:DISPLAY, fbdir:PATH, a video, an image or a folder.")
]
MonitorOption = Annotated[str | None, typer.Option("--monitor", help="Monitor by name or number; 'all' for all.")]
FpsOption = Annotated[float | None, typer.Option("--fps", help="Captures a second at most.  [default: 10]")]
SelfOption = Annotated[
    bool, typer.Option("--include-self", help="Watch the terminal that runs ironcliw, too; it is left out otherwise.")
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="WHAT",
        help="Leave out before a pixel of it is kept: app:NAME, title:/REGEX/, title:WORDS, window:NUMBER or "
        "region:X,Y,W,H; may be repeated.",
    ),
]
CpuOption = Annotated[
    str | None,
    typer.Option("--cpu", metavar="SHARE", help="Capture less where watching takes more than this of a core, as 5%."),
]
PaceOption = Annotated[
    str | None,
    typer.Option("--pace", help="Recordings: real (their own speed) or max (as fast as they can be read).  [real]"),
]
IntervalOption = Annotated[float, typer.Option("--interval", help="Seconds between images that carry no times.")]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory", metavar="SIZE", help="The most memory to hold, such as 500MB.  [a quarter of all, at most 1GiB]"
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Settings file.  [default: ironcliw.toml here or in the config folder]")
]
NameOption = Annotated[str, typer.Option("--name", help="Which watcher, where several run.")]
WhenOption = Annotated[
    list[str] | None,
    typer.Option("--when", help="Alert when this condition is met; may be repeated: any of them."),
]
NowOption = Annotated[bool, typer.Option("--now", help="Also alert on text that is there at the start.")]
NotifyOption = Annotated[bool, typer.Option("--notify", help="Show a desktop notification for each alert.")]
ExecOption = Annotated[
    str | None, typer.Option("--exec", help="Run this command for each alert, with the event on stdin; no shell.")
]
ThenOption = Annotated[
    list[str] | None,
    typer.Option(
        "--then",
        metavar="ACTION",
        help="Do this about each alert: notify, terminal, sound, webhook:URL, exec:COMMAND, jsonl:PATH or "
        "apprise:URL; may be repeated.",
    ),
]
HeartbeatOption = Annotated[
    str | None,
    typer.Option("--heartbeat", metavar="URL", help="Ask this address every minute while the screen is seen."),
]
LogOption = Annotated[
    str | None,
    typer.Option(
        "--log", metavar="[=PATH]", help="Keep every event, for 'ironcliw events'; words of the screen included."
    ),
]
TextOption = Annotated[bool, typer.Option("--text/--no-text", help="Whether to read text.")]
MetricsPortOption = Annotated[
    int | None,
    typer.Option("--metrics-port", metavar="PORT", help="Show metrics to Prometheus at this port of 127.0.0.1."),
]
LevelOption = Annotated[
    str | None, typer.Option("--log-level", help="debug, info, warning or error; never contains screen text.")
]
RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="Rules with names, holds, cooldowns: see 'ironcliw init'."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Watch every [[screen]] of the settings file at once, SOURCE aside.")
]


def absolute(path: Path | None) -> str | None:
    """As a process with another working folder finds it."""
    return None if path is None else str(path.absolute())


def given_options(**given: Any) -> dict[str, Any]:
    """The options that were given; the others come from the settings."""
    return {name: value for name, value in given.items() if value is not None}
