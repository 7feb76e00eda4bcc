"""The commands; their options are in ``*_commands``, and what they do in the modules beside, imported when they run."""

from __future__ import annotations

from typing import Annotated

import typer

from ironcliw.cli.address_space import check_start
from ironcliw.cli.history_commands import ask, events, frame, frames, mcp, similar, spend
from ironcliw.cli.looking_commands import doctor, look, objects, text
from ironcliw.cli.measuring_commands import bench, quality, soak
from ironcliw.cli.rules_app import init, rules_app
from ironcliw.cli.watch_commands import WatchCommandLine, start, wait, watch
from ironcliw.cli.watcher_commands import feedback, pause, resume, status, stop, top
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

app.add_typer(rules_app)


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


app.command()(init)
app.command(cls=WatchCommandLine)(watch)
app.command()(wait)
app.command(cls=WatchCommandLine)(start)
app.command()(status)
app.command()(stop)
app.command()(pause)
app.command()(resume)
app.command()(feedback)
app.command()(top)
app.command()(events)
app.command()(similar)
app.command()(frame)
app.command()(frames)
app.command()(doctor)
app.command()(text)
app.command()(objects)
app.command()(look)
app.command()(spend)
app.command()(quality)
app.command()(bench)
app.command()(soak)
app.command()(ask)
app.command()(mcp)
