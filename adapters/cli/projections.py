"""Commands for operators of read models: how they stand, keeping them up to date, and making them anew."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from psycopg import sql
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import (
    CutShort,
    Format,
    FormatOption,
    bars,
    listed,
    out,
    print_json,
    say,
    sentence,
    told,
    visible,
)
from adapters.cli.tables import print_table
from adapters.postgres.connection import translated
from adapters.queries import instant
from adapters.queries.operating import error_of, rebuilt, standing
from adapters.settings import load_settings
from adapters.workers import Follower
from domain.errors import PledgerError
from projections import engine
from projections.engine import RebuildStopped, Rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from adapters.workers import FollowerProgress
    from projections.engine import ProjectionStatus

NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Which ones; all if none is named.")]


@told
def projections(
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Remove the table of a read model that is no more.")
    ] = None,
    max_lag: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Exit code 1 if one lags further behind, or stands still."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show how far each read model has read, how far it lags behind, and what is in its way.

    Changes nothing, unless what is left over of a read model is to be removed.
    """
    if remove is not None:
        _remove(remove, format_)
        return
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        found = engine.status(connection)
        left_over = engine.left_over(connection)
    if format_ is Format.JSON:
        print_json({"projections": [standing(one) for one in found], "left_over": left_over})
    else:
        _print_standing(found, left_over)
    if max_lag is not None and any(one.obstacle or one.lag_seconds > max_lag for one in found):
        raise typer.Exit(1)


def _print_standing(found: list[ProjectionStatus], left_over: list[str]) -> None:
    rows = [(one.projection, one.position, one.behind, f"{one.lag_seconds:.1f} s", _state(one)) for one in found]
    print_table("Read models", ("name", "position", "behind", "lag", "state"), rows)
    for one in found:
        if one.obstacle:
            _print_error(one.obstacle)
    for name in left_over:
        out.print(
            Text.assemble((visible(f"{name} is left over of a read model that is no more."), "bold red"), end=" ")
        )
        say("Whoever is erased stays in its table.")
        say(f"  Do: pledger projections --remove {name}")


def _remove(name: str, format_: Format) -> None:
    with bootstrap.database(load_settings()) as place, translated(), place.connect_as_owner() as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(place.ledger)))
        engine.remove(connection, name)
    if format_ is Format.JSON:
        print_json({"removed": name})
    else:
        say(f"Removed what was left over of {name}.")


@told
def rebuild(
    names: NamesArgument = None,
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="End a rebuild, running or left half way.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="How many are made at the same time.")] = 2,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Make read models anew from the log, beside those that are read, and put them in their place.

    Ctrl-C stops after the present window, a second one at once; the same command goes on from there.
    """
    chosen = engine.chosen(names)
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
        try:
            with interruptible() as stop, bars() as show:
                outcomes = engine.rebuild(installation.connect, chosen, workers=workers, told=show, stop=stop)
        except KeyboardInterrupt:
            raise CutShort(
                "Ctrl-C ended the rebuild.",
                "the windows under way are rolled back; what was read before them is kept beside what is read.",
                "Run pledger rebuild to go on from there, or with --cancel to throw it away.",
            ) from None
        seconds = time.perf_counter() - began
    if format_ is Format.JSON:
        print_json({"seconds": seconds, "rebuilt": {name: rebuilt(outcome) for name, outcome in outcomes.items()}})
    else:
        print_outcomes(outcomes, seconds)
    if not all(isinstance(outcome, Rebuilt) for outcome in outcomes.values()):
        raise typer.Exit(1)


@told
def follow(format_: FormatOption = Format.TABLE) -> None:
    """Keep the read models up to date with the log, until Ctrl-C. With --format json, a document on a line a change."""
    try:
        with bootstrap.database(load_settings()) as database, interruptible() as stop:
            Follower(database).run(stop, Turns(format_))
    except KeyboardInterrupt:
        raise CutShort(
            "Ctrl-C ended following.",
            "the window under way is rolled back; what was read before it is in the read models.",
            "Run pledger follow to go on from there; a command that reads a read model brings it up to date, too.",
        ) from None


class Turns:
    """Prints what a follower tells, unless it is what it told before."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._last: tuple[object, ...] | None = None

    def __call__(self, turn: FollowerProgress) -> None:
        """Print a turn."""
        positions = [(one.projection, one.position, _state(one)) for one in turn.standing]
        told = (*positions, turn.interrupted is None)
        if told == self._last:
            return
        self._last = told
        now = datetime.now(UTC)
        if self._format is Format.JSON:
            error = error_of(turn.interrupted) if turn.interrupted else None
            document = {"projections": [standing(one) for one in turn.standing], "interrupted": error}
            typer.echo(json.dumps({"time": instant(now), **document}))
        elif turn.interrupted:
            say(f"{now:%H:%M:%S}  {turn.interrupted.what} {turn.interrupted.hint}")
        else:
            say(f"{now:%H:%M:%S}  {', '.join(f'{name} {position:,} {state}' for name, position, state in positions)}")


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
        if isinstance(outcome, PledgerError) and not isinstance(outcome, RebuildStopped):
            _print_error(outcome)
    if stopped := {name: one for name, one in outcomes.items() if isinstance(one, RebuildStopped)}:
        for one in stopped.values():
            out.print(Text(visible(one.what), "bold red"))
        names = "" if len(stopped) == len(engine.PROJECTIONS) else f" {' '.join(stopped)}"
        say(f"What is read is as it was. To go on from there: pledger rebuild{names}")
        say(f"To throw away what was made: pledger rebuild{names} --cancel")


def _print_error(error: PledgerError) -> None:
    out.print(Text.assemble((visible(error.what), "bold red"), " ", visible(sentence(error.why))))
    out.print(Text(visible(f"  Do: {error.hint}")))


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
def stoppable() -> Iterator[Event]:
    """Let SIGTERM and the first Ctrl-C stop after what is under way."""
    with interruptible() as stop:

        def ended(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        before = signal.signal(signal.SIGTERM, ended)
        try:
            yield stop
        finally:
            signal.signal(signal.SIGTERM, before)


def _state(one: ProjectionStatus) -> str:
    state = one.obstacle.code if one.obstacle else "well"
    if one.rebuild is None:
        return state
    doing = "rebuilding" if one.rebuild.is_running else "rebuild left"
    return f"{state}; {doing} at {one.rebuild.position:,}"
