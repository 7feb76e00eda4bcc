"""What is asked of the watcher in the background: options of ``status``, ``stop``, ``pause``, ``top`` and others."""

from __future__ import annotations

from typing import Annotated

import typer

from ironcliw.cli.options import NameOption


def status(
    name: NameOption = "watch",
    format: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
    words: Annotated[bool, typer.Option("--words", help="Also print what the last alert says: private.")] = False,
) -> None:
    """Say how the watcher in the background is: exit 0 where one runs, 1 where none does, 2 error."""
    from ironcliw.cli.service import run_status  # noqa: PLC0415

    raise typer.Exit(run_status(name, format, words))


def stop(name: NameOption = "watch") -> None:
    """End the watcher in the background: exit 0 where one ended, 1 where none runs, 2 error."""
    from ironcliw.cli.service import run_stop  # noqa: PLC0415

    raise typer.Exit(run_stop(name))


def pause(
    duration: Annotated[
        str | None, typer.Argument(metavar="[DURATION]", help="How long, such as 10m; until 'resume' where left out.")
    ] = None,
    name: NameOption = "watch",
) -> None:
    """Have the watcher in the background capture nothing for a while; a gap event says so."""
    from ironcliw.cli.service import run_pause  # noqa: PLC0415

    raise typer.Exit(run_pause(name, duration))


def resume(name: NameOption = "watch") -> None:
    """Have the watcher in the background capture again."""
    from ironcliw.cli.service import run_resume  # noqa: PLC0415

    raise typer.Exit(run_resume(name))


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
