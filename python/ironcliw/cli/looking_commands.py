"""One look at a screen or a picture: the options of ``doctor``, ``text``, ``objects`` and ``look``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ironcliw.cli.options import ConfigOption, LevelOption, MonitorOption, SourceArgument


def doctor(
    source: SourceArgument = "screen",
    volatility: Annotated[
        bool, typer.Option("--volatility", help="Say instead what is restless: carets, clocks, spinners, videos.")
    ] = False,
    seconds: Annotated[float, typer.Option("--seconds", help="With --volatility: how long to watch.")] = 10.0,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="With --volatility: draw it over the screen into this file.")
    ] = None,
    monitor: MonitorOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
) -> None:
    """Run a known frame through each part; say what is native, what fell back and why, what the source can do."""
    from ironcliw.cli.common import log_to_stderr  # noqa: PLC0415
    from ironcliw.cli.doctor import run_doctor  # noqa: PLC0415
    from ironcliw.cli.volatility import VolatilityCommand, run_volatility  # noqa: PLC0415

    log_to_stderr(log_level or "warning")
    if volatility:
        raise typer.Exit(run_volatility(VolatilityCommand(source, monitor, seconds, picture)))
    if picture is not None:
        raise typer.BadParameter("only --volatility draws one", param_hint="--picture")
    raise typer.Exit(run_doctor(source, monitor, config))


def text(
    source: Annotated[
        str,
        typer.Argument(
            help="A screen as it is now, an image, the end of a recording, or a moment as in build.mp4@12.5."
        ),
    ] = "screen",
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Draw what was read over what is there, into this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print what a screen says now, a line each, in reading order. What it prints is what the screen shows: private."""
    from ironcliw.cli.text import TextCommand, run_text  # noqa: PLC0415

    raise typer.Exit(run_text(TextCommand(source, picture, as_json)))


def objects(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture of a screen, or of a part of one.")],
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Draw the boxes over the image, into this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Say which windows, dialogs, toasts, buttons, fields and icons an image shows, the most certain first."""
    from ironcliw.cli.objects import ObjectsCommand, run_objects  # noqa: PLC0415

    raise typer.Exit(run_objects(ObjectsCommand(image, picture, as_json)))


def look(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[IMAGE] QUESTION", help="An image (or a screen; the one here), and what to ask of it."),
    ],
    region: Annotated[
        str | None, typer.Option("--region", metavar="X,Y,W,H", help="Ask only about this part, in pixels.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Save the picture exactly as it is sent, secrets blacked out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; say what would be sent.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Ask one question about a screen: exit 0 yes, 1 no, 3 not known, 2 error. Needs [model] in the settings."""
    from ironcliw.cli.look import LookCommand, run_look  # noqa: PLC0415

    if len(words) > 2:
        raise typer.BadParameter("put the question in quotes", param_hint="QUESTION")
    source, question = words if len(words) == 2 else ("screen", words[0])
    raise typer.Exit(run_look(LookCommand(source, question, region, picture, dry_run, as_json, config)))
