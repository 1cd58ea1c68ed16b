"""Commands for operators of read models: how they stand, keeping them up to date, and making them anew."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Lock
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress as Bars, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, err, instant, listed, out, print_json, say, told, visible
from adapters.cli.tables import print_table
from adapters.feed import Follower
from adapters.postgres.connection import translated
from adapters.settings import load_settings
from domain.errors import PledgerError
from projections import engine
from projections.engine import Rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from adapters.feed import Turn
    from projections.engine import Progress, Standing
    from projections.projection import Projection

NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Which ones; all if none is named.")]


class UnknownProjection(PledgerError):
    """A command names a read model that there is not."""

    code = "unknown_projection"


@told
def projections(format_: FormatOption = Format.TABLE) -> None:
    """Show how far each read model has read, how far it lags behind, and what is in its way. Changes nothing."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        found = engine.standing(connection)
    if format_ is Format.JSON:
        print_json({"projections": [_standing(one) for one in found]})
        return
    rows = [(one.projection, one.position, one.behind, f"{one.lag_seconds:.1f} s", _state(one)) for one in found]
    print_table("Read models", ("name", "position", "behind", "lag", "state"), rows)
    for one in found:
        if one.obstacle:
            out.print(Text.assemble((visible(one.obstacle.what), "bold red"), " ", visible(one.obstacle.why)))
            out.print(Text(visible(f"  Do: {one.obstacle.mend}")))


@told
def rebuild(
    names: NamesArgument = None,
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="End a rebuild, running or left half way.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="How many are made at the same time.")] = 2,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Make read models anew from the log, beside those that are read, and put them in their place.

    Ctrl-C stops after the present window; the same command goes on from there.
    """
    chosen = _chosen(names)
    with bootstrap.opened(load_settings()) as installation, translated():
        if cancel:
            with installation.connect() as connection:
                cancelled = engine.cancel(connection, chosen)
            if format_ is Format.JSON:
                print_json({"cancelled": cancelled})
            else:
                say(f"Cancelled: {listed(cancelled)}." if cancelled else "No rebuild was under way.")
            return
        began = time.perf_counter()
        with interruptible() as stop, bars() as show:
            outcomes = engine.rebuild(installation.connect, chosen, workers=workers, told=show, stop=stop)
        seconds = time.perf_counter() - began
    if format_ is Format.JSON:
        print_json({"seconds": seconds, "rebuilt": {name: _outcome(outcome) for name, outcome in outcomes.items()}})
    else:
        print_outcomes(outcomes, seconds)
    if not all(isinstance(outcome, Rebuilt) for outcome in outcomes.values()):
        raise typer.Exit(1)


@told
def follow(format_: FormatOption = Format.TABLE) -> None:
    """Keep the read models up to date with the log, until Ctrl-C. With --format json, a document on a line a change."""
    last: list[Turn] = []

    def show(turn: Turn) -> None:
        if last and _same(last.pop(), turn):
            last.append(turn)
            return
        last.append(turn)
        now = datetime.now(UTC)
        if format_ is Format.JSON:
            told = [_standing(one) for one in turn.standing]
            error = _error(turn.interrupted) if turn.interrupted else None
            typer.echo(json.dumps({"time": instant(now), "projections": told, "interrupted": error}))
        elif turn.interrupted:
            say(f"{now:%H:%M:%S}  {turn.interrupted.what} {turn.interrupted.mend}")
        else:
            told_shortly = ", ".join(f"{one.projection} {one.position:,} {_state(one)}" for one in turn.standing)
            say(f"{now:%H:%M:%S}  {told_shortly}")

    with bootstrap.database(load_settings()) as database, interruptible() as stop:
        Follower(database).run(stop, show)


def _same(one: Turn, other: Turn) -> bool:
    """Tell whether two turns end at the same positions, in the same state."""

    def told(turn: Turn) -> tuple[object, ...]:
        return (*((one.projection, one.position, _state(one)) for one in turn.standing), turn.interrupted is None)

    return told(one) == told(other)


def print_outcomes(outcomes: dict[str, Rebuilt | PledgerError], seconds: float) -> None:
    """Print how rebuilds ended as a table, how long they took together, and what kept some from it."""
    rows = [
        (done.projection, done.events, done.rows, f"{done.seconds:.2f} s", f"{done.events_per_second:,.0f}")
        for done in outcomes.values()
        if isinstance(done, Rebuilt)
    ]
    if rows:
        print_table("Rebuilt", ("name", "events", "rows", "time", "events a second"), rows)
        events = max(done.events for done in outcomes.values() if isinstance(done, Rebuilt))
        say(f"Together: {events:,} events in {seconds:.2f} s, {events / seconds:,.0f} a second.")
    for outcome in outcomes.values():
        if isinstance(outcome, PledgerError):
            out.print(Text.assemble((visible(outcome.what), "bold red"), " ", visible(outcome.why)))
            out.print(Text(visible(f"  Do: {outcome.mend}")))


def _chosen(names: list[str] | None) -> list[Projection]:
    if not names:
        return list(engine.PROJECTIONS)
    by_name = {str(projection.name): projection for projection in engine.PROJECTIONS}
    if unknown := [name for name in names if name not in by_name]:
        raise UnknownProjection(
            f"There is no read model {listed(unknown)}.",
            f"those that there are: {listed(list(by_name))}.",
            "Name one of these, or none for all of them.",
        )
    return [by_name[name] for name in dict.fromkeys(names)]


@contextmanager
def interruptible() -> Iterator[Event]:
    """Let the first Ctrl-C stop between two windows; the second one ends the program as ever."""
    stop = Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def bars() -> Iterator[Callable[[Progress], None]]:
    """Show a bar for each read model on standard error: share of the log, rows, rate, time left."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[told]}", markup=False),
    )
    with Bars(*columns, console=err, transient=True) as bars:
        tasks: dict[str, Any] = {}
        one_at_a_time = Lock()  # The windows end in several threads.

        def show(progress: Progress) -> None:
            rate, left = f"{progress.events_per_second:,.0f} events/s", f"{progress.seconds_left:.0f} s left"
            with one_at_a_time:
                if progress.projection not in tasks:
                    tasks[progress.projection] = bars.add_task(progress.projection, told="")
                task = tasks[progress.projection]
                bars.update(
                    task,
                    completed=progress.position,
                    total=progress.goal,
                    told=f"{progress.rows:,} rows, {rate}, {left}",
                )

        yield show


def _state(one: Standing) -> str:
    state = one.obstacle.code if one.obstacle else "well"
    if one.rebuilding is None:
        return state
    doing = "rebuilding" if one.rebuilding.is_running else "rebuild left"
    return f"{state}; {doing} at {one.rebuilding.position:,}"


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "projection": one.projection,
        "position": one.position,
        "behind": one.behind,
        "lag_seconds": one.lag_seconds,
        "obstacle": _error(one.obstacle) if one.obstacle else None,
        "rebuilding": one.rebuilding._asdict() if one.rebuilding else None,
    }


def _outcome(outcome: Rebuilt | PledgerError) -> dict[str, Any]:
    if isinstance(outcome, PledgerError):
        return {"error": _error(outcome)}
    return {
        "position": outcome.position,
        "events": outcome.events,
        "rows": outcome.rows,
        "seconds": outcome.seconds,
        "events_per_second": outcome.events_per_second,
    }


def _error(error: PledgerError) -> dict[str, str]:
    return {"code": error.code, "what": error.what, "why": error.why, "mend": error.mend}
