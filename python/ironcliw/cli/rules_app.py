"""``ironcliw rules ...`` and ``ironcliw init``: their options. What they do is in ``rules``, imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

rules_app = typer.Typer(
    name="rules",
    help="Look at rules.toml before it is armed: check, test, packs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The rules, such as rules.toml.")]


@rules_app.command()
def check(file: FileArgument) -> None:
    """Say how each rule is understood: exit 0 where all of them are, 2 with the place of the fault."""
    from ironcliw.cli.rules import run_check  # noqa: PLC0415

    raise typer.Exit(run_check(file))


@rules_app.command("test")
def backtest(
    file: FileArgument,
    recording: Annotated[
        str | None, typer.Argument(metavar="[RECORDING]", help="A video, a folder of images: anything that ends.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="PATH", help="Instead: an event log, as far as that tells.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When the recording began, as in 2026-11-27T12:00.")
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="What is so at the start counts, too.")] = False,
    interval: Annotated[float, typer.Option("--interval", help="Seconds between images that carry no times.")] = 1.0,
) -> None:
    """Say when each rule would have fired, and with which words: exit 0 where any would have, else 1, 2 error."""
    from ironcliw.cli.rules import TestCommand, run_test  # noqa: PLC0415

    raise typer.Exit(run_test(TestCommand(file, recording, log, at, now, interval)))


@rules_app.command()
def packs() -> None:
    """List the packs of ready-made rules, and the rules in them."""
    from ironcliw.cli.rules import run_packs  # noqa: PLC0415

    raise typer.Exit(run_packs())


def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to write them.")] = Path(),
) -> None:
    """Write a commented ironcliw.toml and rules.toml to begin with; what is there already is left as it is."""
    from ironcliw.cli.rules import run_init  # noqa: PLC0415

    raise typer.Exit(run_init(folder))
