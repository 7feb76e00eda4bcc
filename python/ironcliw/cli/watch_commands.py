"""``ironcliw watch``, ``wait`` and ``start``: options. What they do is in modules that are imported when they run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ironcliw.cli.options import (
    AllOption,
    ConfigOption,
    CpuOption,
    ExcludeOption,
    ExecOption,
    FpsOption,
    HeartbeatOption,
    IntervalOption,
    LevelOption,
    LogOption,
    MemoryOption,
    MetricsPortOption,
    MonitorOption,
    NameOption,
    NotifyOption,
    NowOption,
    PaceOption,
    RulesOption,
    SelfOption,
    SourceArgument,
    TextOption,
    ThenOption,
    WhenOption,
    absolute,
    given_options,
)

_OF_ONE_SOURCE = (
    *("source", "when", "rules", "now", "pace", "monitor", "fps", "include_self", "exclude", "cpu", "interval"),
    *("text", "memory", "gif", "in_process"),
)
"""What is refused beside --all, where each [[screen]] says it."""


class WatchCommandLine(TyperCommand):
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

    options = given_options(
        when=when or [],
        rules=absolute(rules),
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
    options = given_options(
        when=condition or [],
        rules=absolute(rules),
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
            help="Let other programs of yours read frames: attach(), frame, frames.  [default: share, not of --all]",
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

    given = given_options(
        when=when or [],
        rules=absolute(rules),
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
        given = {"share": bool(share)}  # each screen has its own
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
