"""The commands and their options; what they do is in the modules beside this one, imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ironcliw.cli.address_space import check_start
from ironcliw.version import package_version

app = typer.Typer(
    name="ironcliw",
    help="Watches a screen and says so the moment something that matters appears on it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="screen, x11:DISPLAY, a video, an image or a folder of images.")
]
MonitorOption = Annotated[str | None, typer.Option("--monitor", help="Monitor by name or number; 'all' for all.")]
FpsOption = Annotated[float | None, typer.Option("--fps", help="Captures a second at most.  [default: 10]")]
SelfOption = Annotated[
    bool, typer.Option("--include-self", help="Watch the terminal that runs ironcliw, too; it is left out otherwise.")
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
LevelOption = Annotated[
    str | None, typer.Option("--log-level", help="debug, info, warning or error; never contains screen text.")
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ironcliw {package_version()}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    check_start()


@app.command()
def watch(
    source: SourceArgument = "screen",
    when: Annotated[
        list[str] | None,
        typer.Option("--when", help="Alert when this condition is met; may be repeated: any of them."),
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Also alert on text that is there at the start.")] = False,
    pace: PaceOption = None,
    format: Annotated[str, typer.Option("--format", help="human or jsonl.")] = "human",
    notify: Annotated[bool, typer.Option("--notify", help="Show a desktop notification for each alert.")] = False,
    exec: Annotated[
        str | None, typer.Option("--exec", help="Run this command for each alert, with the event on stdin; no shell.")
    ] = None,
    gif: Annotated[Path | None, typer.Option("--gif", help="Save what was noticed as an annotated GIF.")] = None,
    duration: Annotated[str | None, typer.Option("--for", help="Stop after this long, such as 30s or 10m.")] = None,
    monitor: MonitorOption = None,
    fps: FpsOption = None,
    include_self: SelfOption = False,
    interval: IntervalOption = 1.0,
    text: Annotated[bool, typer.Option("--text/--no-text", help="Whether to read text.")] = True,
    memory: MemoryOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every change, too.")] = False,
) -> None:
    """Watch a screen (or a recording) until Ctrl-C and say what appears on it.

    Conditions: text:WORDS, text:/regex/flags, gone:..., change:x,y,w,h, still:30s[@x,y,w,h].
    """
    from ironcliw.cli.watching import WatchCommand, run_watch  # noqa: PLC0415

    options = _options(
        when=when or [],
        now=now or None,
        pace=pace,
        monitor=monitor,
        fps=fps,
        interval_s=interval,
        text=text,
        memory=memory,
    )
    command = WatchCommand(
        source, options, include_self, config, log_level, format, notify, exec, gif, duration, verbose
    )
    raise typer.Exit(run_watch(command))


@app.command()
def wait(
    condition: Annotated[list[str], typer.Argument(help="What to wait for; several: any of them.")],
    source: Annotated[str, typer.Option("--source", help="Where to look: as for watch.")] = "screen",
    timeout: Annotated[str | None, typer.Option("--timeout", help="Give up after this long, such as 10m.")] = None,
    new: Annotated[bool, typer.Option("--new", help="What is met already at the start does not count.")] = False,
    pace: PaceOption = None,
    format: Annotated[str, typer.Option("--format", help="human or jsonl.")] = "human",
    monitor: MonitorOption = None,
    fps: FpsOption = None,
    include_self: SelfOption = False,
    interval: IntervalOption = 1.0,
    memory: MemoryOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
) -> None:
    """Wait until a condition is met: exit 0 met, 1 not met (timeout, or the source ended), 2 error."""
    from ironcliw.cli.waiting import WaitCommand, run_wait  # noqa: PLC0415

    options = _options(
        when=condition, now=not new, pace=pace, monitor=monitor, fps=fps, interval_s=interval, memory=memory
    )
    raise typer.Exit(run_wait(WaitCommand(source, options, include_self, config, log_level, format, timeout)))


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def quality(
    data: Annotated[
        list[str] | None,
        typer.Argument(metavar="DIR...", help="Folders with recordings/*.gt.json beside their media; synthetic:..."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Score the recording of this id; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Also write quality-NAME.md and its plots into this folder.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="NAME in the report's files.")] = "report",
    battery: Annotated[
        int, typer.Option("--battery", metavar="N", help="Also run N trials of small things on synthetic desktops.")
    ] = 0,
    trial: Annotated[
        list[int] | None, typer.Option("--trial", metavar="SEED", help="Run the trial of this seed; may be repeated.")
    ] = None,
    hours: Annotated[
        float, typer.Option("--hours", help="Also watch so many hours of restless desktops, where nothing happens.")
    ] = 0.0,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="Write a picture of each miss into this folder; they are private.")
    ] = None,
) -> None:
    """Score what is said of labelled recordings: exit 0 where it clears the bar, 1 where it does not, 2 error.

    Without recordings, exit 1 where a target is missed.
    """
    from ironcliw.cli.quality import QualityCommand, run_quality  # noqa: PLC0415

    command = QualityCommand(data or [], only or [], as_json, report, name, battery, trial or [], hours, pictures)
    raise typer.Exit(run_quality(command))


@app.command()
def bench(
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Measure for a shorter time, for a first look.")] = False,
    only: Annotated[
        str | None, typer.Option("--only", metavar="PART", help="kernels, program, latency or plan.  [default: all]")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write bench-PART.json and bench-PART.md into this folder.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the order of trials and of what is drawn.")] = 1,
) -> None:
    """Measure what Ironcliw costs on this machine, beside what else there is (with the extra 'bench')."""
    from ironcliw.cli.bench import run_bench  # noqa: PLC0415

    raise typer.Exit(run_bench(only, quick, json, out, seed))


def _options(**given: Any) -> dict[str, Any]:
    """The options that were given; the others come from the settings."""
    return {name: value for name, value in given.items() if value is not None}
