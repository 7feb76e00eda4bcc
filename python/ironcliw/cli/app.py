"""The commands and their options; what they do is in the modules beside this one, imported when they run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ironcliw.cli.address_space import check_start
from ironcliw.cli.rules_app import init, rules_app
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
app.add_typer(rules_app)
app.command()(init)


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


_OF_ONE_SOURCE = (
    *("source", "when", "rules", "now", "pace", "monitor", "fps", "include_self", "exclude", "cpu", "interval"),
    *("text", "memory", "gif", "in_process", "share"),
)
"""What is refused beside --all, where each [[screen]] says it."""


class _WatchCommand(TyperCommand):
    """``--log`` alone is the usual file; a path follows after ``=``, or as the next word where that ends in .db."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless it was given --all and something that is for one source."""
        if ctx.params.get("all"):
            given = [each for each in self.params if each.name in _OF_ONE_SOURCE and _was_given(ctx, each.name)]
            if given:
                said = ", ".join(each.opts[0] if each.opts[0].startswith("-") else "SOURCE" for each in given)
                raise typer.BadParameter(
                    f"is for all sources, and for one is {said}: [[screen]] says it for each", param_hint="--all"
                )
        return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments with what --log stands for written out."""
        for at, word in enumerate(args):
            if word == "--":
                break
            if word == "--log" and not (at + 1 < len(args) and args[at + 1].endswith(".db")):
                args[at] = "--log="
        return super().parse_args(ctx, args)


def _was_given(ctx: Any, name: str) -> bool:
    found = ctx.get_parameter_source(name)
    return found is not None and found.name in ("COMMANDLINE", "ENVIRONMENT")


@app.command(cls=_WatchCommand)
def watch(
    source: SourceArgument = "screen",
    when: WhenOption = None,
    rules: RulesOption = None,
    now: NowOption = False,
    pace: PaceOption = None,
    format: Annotated[str, typer.Option("--format", help="human or jsonl.")] = "human",
    notify: NotifyOption = False,
    exec: ExecOption = None,
    then: ThenOption = None,
    heartbeat: HeartbeatOption = None,
    gif: Annotated[Path | None, typer.Option("--gif", help="Save what was noticed as an annotated GIF.")] = None,
    log: LogOption = None,
    duration: Annotated[str | None, typer.Option("--for", help="Stop after this long, such as 30s or 10m.")] = None,
    monitor: MonitorOption = None,
    fps: FpsOption = None,
    include_self: SelfOption = False,
    exclude: ExcludeOption = None,
    cpu: CpuOption = None,
    interval: IntervalOption = 1.0,
    text: TextOption = True,
    serve: Annotated[
        str | None, typer.Option("--serve", metavar="NAME", help="Answer 'ironcliw top --name NAME' and the like.")
    ] = None,
    metrics_port: MetricsPortOption = None,
    memory: MemoryOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every change, too.")] = False,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="Watch in this process, and end where native code of it crashes.")
    ] = False,
    share: Annotated[
        bool, typer.Option("--share", help="Let your other programs read frames: ironcliw.attach(), frame, frames.")
    ] = False,
    all: AllOption = False,
) -> None:
    """Watch a screen (or a recording) until Ctrl-C and say what appears on it.

    Conditions: text:WORDS, text:/regex/flags, gone:..., change:x,y,w,h, still:30s[@x,y,w,h], error, dialog:WORDS; and
    with "words in quotes" what is made of them: text:"BUILD FAILED" and not text:"retrying" for 5s.
    """
    from ironcliw.cli.watching import WatchCommand, run_watch  # noqa: PLC0415

    options = _options(
        when=when or [],
        rules=_absolute(rules),
        now=now or None,
        pace=pace,
        monitor=monitor,
        fps=fps,
        interval_s=interval,
        exclude=exclude,
        cpu=cpu,
        text=text,
        memory=memory,
    )
    command = WatchCommand(
        source=None if all else source,
        options=options,
        include_self=include_self,
        config=config,
        log_level=log_level,
        format=format,
        notify=notify,
        exec=exec,
        gif=gif,
        duration=duration,
        verbose=verbose,
        serve=serve,
        metrics_port=metrics_port,
        log=log,
        in_process=in_process,
        share=share,
        then=tuple(then or ()),
        heartbeat=heartbeat,
    )
    raise typer.Exit(run_watch(command))


@app.command()
def wait(
    condition: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CONDITION...", help="What to wait for; several: any of them. A sentence is for a model to judge."
        ),
    ] = None,
    rules: RulesOption = None,
    source: Annotated[str, typer.Option("--source", help="Where to look: as for watch.")] = "screen",
    timeout: Annotated[str | None, typer.Option("--timeout", help="Give up after this long, such as 10m.")] = None,
    new: Annotated[bool, typer.Option("--new", help="What is met already at the start does not count.")] = False,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="MONEY", help="The most a model may cost, such as 20ct; by the day."),
    ] = None,
    pace: PaceOption = None,
    format: Annotated[str, typer.Option("--format", help="human or jsonl.")] = "human",
    monitor: MonitorOption = None,
    fps: FpsOption = None,
    include_self: SelfOption = False,
    exclude: ExcludeOption = None,
    cpu: CpuOption = None,
    interval: IntervalOption = 1.0,
    memory: MemoryOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
) -> None:
    """Wait until a condition is met: exit 0 met, 1 not met (timeout, or the source ended), 2 error."""
    from ironcliw.cli.waiting import WaitCommand, run_wait  # noqa: PLC0415

    if not condition and rules is None:
        raise typer.BadParameter("a condition, or --rules and a file of them", param_hint="CONDITION")
    options = _options(
        when=condition or [],
        rules=_absolute(rules),
        now=not new,
        pace=pace,
        monitor=monitor,
        fps=fps,
        interval_s=interval,
        exclude=exclude,
        cpu=cpu,
        memory=memory,
    )
    raise typer.Exit(run_wait(WaitCommand(source, options, include_self, config, log_level, format, timeout, budget)))


@app.command(cls=_WatchCommand)
def start(
    source: SourceArgument = "screen",
    when: WhenOption = None,
    rules: RulesOption = None,
    now: NowOption = False,
    name: NameOption = "watch",
    notify: NotifyOption = False,
    exec: ExecOption = None,
    then: ThenOption = None,
    heartbeat: HeartbeatOption = None,
    log: LogOption = None,
    pace: PaceOption = None,
    monitor: MonitorOption = None,
    fps: FpsOption = None,
    include_self: SelfOption = False,
    exclude: ExcludeOption = None,
    cpu: CpuOption = None,
    interval: IntervalOption = 1.0,
    text: TextOption = True,
    share: Annotated[
        bool | None,
        typer.Option(
            "--share/--no-share",
            help="Let your other programs read frames: ironcliw.attach(), frame, frames.  [default: share]",
        ),
    ] = None,
    metrics_port: MetricsPortOption = None,
    memory: MemoryOption = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Do not go into the background: for systemd and the like.")
    ] = False,
    unit: Annotated[
        bool, typer.Option("--unit", help="Only write a unit for systemd's user manager, and say how to enable it.")
    ] = False,
    all: AllOption = False,
) -> None:
    """Watch in the background until 'ironcliw stop'; options are those of watch."""
    from ironcliw.cli.keeping import kept_log  # noqa: PLC0415
    from ironcliw.cli.service import run_start  # noqa: PLC0415
    from ironcliw.service import StartCommand  # noqa: PLC0415

    given = _options(
        when=when or [],
        rules=_absolute(rules),
        now=now or None,
        pace=pace,
        monitor=monitor,
        fps=fps,
        interval_s=interval,
        exclude=exclude,
        cpu=cpu,
        text=text,
        memory=memory,
    )
    given |= {"include_self": include_self, "share": pace != "max" if share is None else share}
    if all:
        given = {}  # each screen has its own
    path = None if config is None else str(config.absolute())
    keep = partial(kept_log, log)
    command = StartCommand(
        None if all else source,
        given,
        name,
        path,
        log_level,
        notify,
        exec,
        metrics_port,
        keep,
        tuple(then or ()),
        heartbeat,
    )
    raise typer.Exit(run_start(command, foreground, unit))


@app.command()
def status(
    name: NameOption = "watch",
    format: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
    words: Annotated[bool, typer.Option("--words", help="Also print what the last alert says: private.")] = False,
) -> None:
    """Say how the watcher in the background is: exit 0 where one runs, 1 where none does, 2 error."""
    from ironcliw.cli.service import run_status  # noqa: PLC0415

    raise typer.Exit(run_status(name, format, words))


@app.command()
def stop(name: NameOption = "watch") -> None:
    """End the watcher in the background: exit 0 where one ended, 1 where none runs, 2 error."""
    from ironcliw.cli.service import run_stop  # noqa: PLC0415

    raise typer.Exit(run_stop(name))


@app.command()
def pause(
    duration: Annotated[
        str | None, typer.Argument(metavar="[DURATION]", help="How long, such as 10m; until 'resume' where left out.")
    ] = None,
    name: NameOption = "watch",
) -> None:
    """Have the watcher in the background capture nothing for a while; a gap event says so."""
    from ironcliw.cli.service import run_pause  # noqa: PLC0415

    raise typer.Exit(run_pause(name, duration))


@app.command()
def resume(name: NameOption = "watch") -> None:
    """Have the watcher in the background capture again."""
    from ironcliw.cli.service import run_resume  # noqa: PLC0415

    raise typer.Exit(run_resume(name))


@app.command()
def feedback(
    alert: Annotated[
        str | None, typer.Argument(metavar="[ALERT]", help="The id of an alert's event, or 'last'.")
    ] = None,
    verdict: Annotated[
        str | None, typer.Argument(metavar="[VERDICT]", help="useful, not-useful, later [10m] or mute [1h].")
    ] = None,
    duration: Annotated[str | None, typer.Argument(metavar="[DURATION]", help="For later and mute.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Print what was said and learned of each rule.")] = False,
    reset: Annotated[
        str | None, typer.Option("--reset", metavar="RULE", help="Forget what was said of this rule, its mute as well.")
    ] = None,
    format: Annotated[str, typer.Option("--format", help="Of --show: human or json.")] = "human",
) -> None:
    """Say of an alert whether it was useful, be reminded later, or mute its rule."""
    from ironcliw.cli.feedback import FeedbackCommand, run_feedback  # noqa: PLC0415

    raise typer.Exit(run_feedback(FeedbackCommand(alert, verdict, duration, show, reset, format)))


@app.command()
def top(
    name: Annotated[str, typer.Option("--name", help="Of the watch: what 'watch --serve' was given.")] = "watch",
    once: Annotated[bool, typer.Option("--once", help="Show one interval, and end.")] = False,
    format: Annotated[str, typer.Option("--format", help="human or json (a line each time).")] = "human",
    interval: Annotated[float, typer.Option("--interval", help="Seconds from one look to the next.")] = 1.0,
    screen: Annotated[
        str | None, typer.Option("--screen", metavar="NAME", help="Of --all: show this [[screen]] alone.")
    ] = None,
) -> None:
    """Show what a running watch does and costs: rates, stage times, memory, queues, drops."""
    from ironcliw.cli.top import TopCommand, run_top  # noqa: PLC0415

    raise typer.Exit(run_top(TopCommand(name, once, screen, format, interval)))


@app.command()
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
def frame(
    time: Annotated[str, typer.Argument(metavar="TIME", help="12:03:05 (today), 30s (ago) or 2026-11-27T12:03:05.")],
    out: Annotated[Path, typer.Option("--out", help="The picture to write, such as shot.png.")],
    name: NameOption = "watch",
) -> None:
    """Save what was on the screen at a time, from the archive of the running watcher."""
    from ironcliw.cli.frames import FrameCommand, run_frame  # noqa: PLC0415

    raise typer.Exit(run_frame(FrameCommand(time, out, name)))


@app.command()
def frames(
    since: Annotated[str, typer.Option("--since", help="How far back, such as 30s, 10m or 1h.")],
    out: Annotated[Path, typer.Option("--out", help="The video to write, such as clip.mp4 (extra: video).")],
    name: NameOption = "watch",
) -> None:
    """Save what was on the screen lately as a video, from the archive of the running watcher."""
    from ironcliw.cli.frames import FramesCommand, run_frames  # noqa: PLC0415

    raise typer.Exit(run_frames(FramesCommand(since, out, name)))


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


@app.command()
def spend(
    log: Annotated[bool, typer.Option("--log", help="Also print each request that left this machine.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say what asking models cost within the last hour and day, rule by rule, and how much may be spent."""
    from ironcliw.cli.spend import SpendCommand, run_spend  # noqa: PLC0415

    raise typer.Exit(run_spend(SpendCommand(log, as_json, config)))


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


@app.command()
def soak(
    frames: Annotated[
        int | None, typer.Option("--frames", help="So many, at 10 a second of their time.  [default: 864000, a day]")
    ] = None,
    hours: Annotated[float | None, typer.Option("--hours", help="Instead of --frames: so many hours of them.")] = None,
    size: Annotated[str, typer.Option("--size", metavar="WxH", help="Of the screen, in pixels.")] = "640x360",
    real_time: Annotated[
        bool, typer.Option("--real-time", help="Play them at 10 a second, instead of as fast as it goes.")
    ] = False,
    text: TextOption = True,
    report: Annotated[
        Path | None, typer.Option("--report", help="Also write NAME.json, NAME.md and NAME.png into this folder.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="NAME of the report's files.")] = "soak",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
    leak: Annotated[
        int, typer.Option("--leak", hidden=True, help="Plant a leak of so many bytes a frame; it must be found.")
    ] = 0,
) -> None:
    """Watch days of a synthetic screen: exit 0 where nothing grew and every frame is accounted for, else 1."""
    from ironcliw.cli.soak import SoakCommand, run_soak_command  # noqa: PLC0415

    raise typer.Exit(run_soak_command(SoakCommand(frames, hours, size, real_time, text, report, name, json, leak)))


@app.command()
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


@app.command()
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

    given = _options(**{"--monitor": monitor, "--fps": fps, "--config": config, "--log-level": log_level})
    start = tuple(str(word) for option in given.items() for word in option)
    raise typer.Exit(run_mcp(McpCommand(source, name, unredacted, wait, start, log_level), print_config))


def _absolute(path: Path | None) -> str | None:
    """As a process with another working folder finds it."""
    return None if path is None else str(path.absolute())


def _options(**given: Any) -> dict[str, Any]:
    """The options that were given; the others come from the settings."""
    return {name: value for name, value in given.items() if value is not None}
