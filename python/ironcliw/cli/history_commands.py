"""What happened, and who asks: options of ``events``, ``similar``, ``frame``, ``spend``, ``ask`` and others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ironcliw.cli.options import (
    ConfigOption,
    FpsOption,
    IntervalOption,
    LevelOption,
    MonitorOption,
    NameOption,
    SourceArgument,
    given_options,
)

ScreenOption = Annotated[
    str | None, typer.Option("--screen", metavar="NAME", help="Of --all --share: this [[screen]].")
]


def events(
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help="1h, 2026-11-27T12:00, 12:03:05, or the number of an event."),
    ] = None,
    type: Annotated[list[str] | None, typer.Option("--type", help="Of this type only; may be repeated.")] = None,
    grep: Annotated[str | None, typer.Option("--grep", metavar="WORDS", help="That hold these words.")] = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with what comes, until Ctrl-C.")] = False,
    format: Annotated[str, typer.Option("--format", help="human or jsonl.")] = "human",
    log: Annotated[Path | None, typer.Option("--log", metavar="PATH", help="The event log.")] = None,
    config: ConfigOption = None,
) -> None:
    """Print the events that 'watch --log' keeps, oldest first: exit 0 where there were any, else 1, 2 error."""
    from ironcliw.cli.events import EventsCommand, run_events  # noqa: PLC0415

    raise typer.Exit(run_events(EventsCommand(since, tuple(type or ()), grep, follow, format, log, config)))


def similar(
    reference: Annotated[
        str, typer.Argument(metavar="REFERENCE", help="An image, or a moment of a recording, as in build.mp4@12.5.")
    ],
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A recording, a folder of images: anything that ends.")
    ],
    top: Annotated[int, typer.Option("--top", min=1, help="Show this many moments at the most.")] = 5,
    last: Annotated[bool, typer.Option("--last", help="Show only when it last looked the same.")] = False,
    region: Annotated[
        str | None, typer.Option("--region", metavar="X,Y,W,H", help="Compare only this part of both, in pixels.")
    ] = None,
    interval: IntervalOption = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say when SOURCE looked most like REFERENCE, best first; with --last exit 0 where it looked the same, else 1."""
    from ironcliw.cli.similar import SimilarCommand, run_similar  # noqa: PLC0415

    raise typer.Exit(run_similar(SimilarCommand(reference, source, top, last, region, interval, as_json)))


def frame(
    time: Annotated[str, typer.Argument(metavar="TIME", help="12:03:05 (today), 30s (ago) or 2026-11-27T12:03:05.")],
    out: Annotated[Path, typer.Option("--out", help="The picture to write, such as shot.png.")],
    name: NameOption = "watch",
    screen: ScreenOption = None,
) -> None:
    """Save what was on the screen at a time, from the archive of the running watcher."""
    from ironcliw.cli.frames import FrameCommand, run_frame  # noqa: PLC0415

    raise typer.Exit(run_frame(FrameCommand(time, out, name, screen)))


def frames(
    since: Annotated[str, typer.Option("--since", help="How far back, such as 30s, 10m or 1h.")],
    out: Annotated[Path, typer.Option("--out", help="The video to write, such as clip.mp4 (extra: video).")],
    name: NameOption = "watch",
    screen: ScreenOption = None,
) -> None:
    """Save what was on the screen lately as a video, from the archive of the running watcher."""
    from ironcliw.cli.frames import FramesCommand, run_frames  # noqa: PLC0415

    raise typer.Exit(run_frames(FramesCommand(since, out, name, screen)))


def spend(
    log: Annotated[bool, typer.Option("--log", help="Also print each request that left this machine.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say what asking models cost within the last hour and day, rule by rule, and how much may be spent."""
    from ironcliw.cli.spend import SpendCommand, run_spend  # noqa: PLC0415

    raise typer.Exit(run_spend(SpendCommand(log, as_json, config)))


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="Such as: what changed since 12:00?")],
    log: Annotated[Path | None, typer.Option("--log", metavar="PATH", help="The event log.  [default: as set]")] = None,
    name: NameOption = "watch",
    local: Annotated[bool, typer.Option("--local", help="Ask no model, also where one is set.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say what happened, from the event log: exit 0 where anything was found, else 1."""
    from ironcliw.cli.ask import AskCommand, run_ask  # noqa: PLC0415

    raise typer.Exit(run_ask(AskCommand(question, log, name, config, local)))


def mcp(
    source: SourceArgument = "screen",
    name: NameOption = "watch",
    unredacted: Annotated[
        bool, typer.Option("--unredacted", help="Hand out text and pictures with the secrets that are found in them.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", help="How long wait_for waits in one call, if not told.")
    ] = 50.0,
    monitor: MonitorOption = None,
    fps: FpsOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Only print what goes into the settings of an MCP client.")
    ] = False,
) -> None:
    """Serve agents over the Model Context Protocol: ask the running watcher, or start one for as long as they ask."""
    from ironcliw.cli.mcp import run_mcp  # noqa: PLC0415
    from ironcliw.mcp import McpCommand  # noqa: PLC0415

    given = given_options(**{"--monitor": monitor, "--fps": fps, "--config": config, "--log-level": log_level})
    start = tuple(str(word) for option in given.items() for word in option)
    raise typer.Exit(run_mcp(McpCommand(source, name, unredacted, wait, start, log_level), print_config))
