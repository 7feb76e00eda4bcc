"""How good, how fast, for how long: the options of ``quality``, ``bench`` and ``soak``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ironcliw.cli.options import TextOption


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
