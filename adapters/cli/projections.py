"""`pledger projections`, `rebuild` and `follow`: how far the read models have read, and making them anew."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import (
    CutShort,
    Format,
    FormatOption,
    bars,
    listed,
    out,
    print_document,
    print_json,
    reports_errors,
    say,
    visible,
)
from adapters.cli.session import open_to_read
from adapters.cli.signals import interruptible
from adapters.cli.tables import print_table
from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.queries.read_models import ReadModels, error_document, read_model_status, read_models, rebuild_result
from adapters.reports.words import sentence
from adapters.settings import load_settings
from adapters.workers import Follower
from adapters.workers.follower import FollowerProgress
from adapters.workers.rebuilder import remove_left_over
from domain.errors import PledgerError
from domain.times import rfc3339
from projections import engine
from projections.engine import RebuildStopped, Rebuilt

if TYPE_CHECKING:
    from adapters.queries.read_models import ErrorDocument, ReadModelStatus

NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="The read models; all by default.")]


@reports_errors
def projections(
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Remove the table that a former read model has left.")
    ] = None,
    max_lag: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Exit code 1 if one lags further behind, or has stopped."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show how far each read model has read.

    It also shows how far each lags behind, and what is in its way.
    """
    if remove is not None:
        _remove(remove, format_)
        return
    with open_to_read() as (_, connection):
        document = read_models(connection)
    print_document(document, format_, _show)
    found = document["projections"]
    if max_lag is not None and any(one["obstacle"] or one["lag_seconds"] > max_lag for one in found):
        raise typer.Exit(1)


def _show(document: ReadModels) -> None:
    found = document["projections"]
    rows = [
        (one["projection"], one["position"], one["behind"], f"{one['lag_seconds']:.1f} s", _state(one)) for one in found
    ]
    print_table("Read models", ("name", "position", "behind", "lag", "state"), rows)
    for one in found:
        if one["obstacle"]:
            _print_error(one["obstacle"])
    for name in document["left_over"]:
        out.print(Text.assemble((visible(f"The table {name} is left of a former read model."), "bold red"), end=" "))
        say("Erased people stay in it.")
        say(f"  Do: pledger projections --remove {name}")


def _remove(name: str, format_: Format) -> None:
    with bootstrap.database(load_settings()) as place:
        remove_left_over(place, name)
    if format_ is Format.JSON:
        print_json({"removed": name})
    else:
        say(f"Removed what was left of {name}.")


@reports_errors
def rebuild(
    names: NamesArgument = None,
    *,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="End a rebuild, whether it runs or was left half way.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="How many to rebuild at the same time.")] = 2,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Rebuild read models from the log.

    They are rebuilt beside the tables in use, and swapped in. Ctrl-C stops after the present window, a second Ctrl-C at
    once; the same command resumes.
    """
    chosen = engine.chosen(names)
    with bootstrap.opened_to_read(load_settings()) as installation, translated():
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
                rebuilds = engine.rebuild(installation.connect, chosen, workers=workers, told=show, stop=stop)
        except KeyboardInterrupt:
            raise CutShort(
                "Ctrl-C ended the rebuild.",
                "the windows under way are rolled back; the windows before them are kept beside the tables in use.",
                "Run pledger rebuild to resume, or with --cancel to throw the work away.",
            ) from None
        seconds = time.perf_counter() - began
    if format_ is Format.JSON:
        print_json(
            {"seconds": seconds, "rebuilt": {name: rebuild_result(rebuild) for name, rebuild in rebuilds.items()}}
        )
    else:
        print_rebuilds(rebuilds, seconds)
    if not all(isinstance(rebuild, Rebuilt) for rebuild in rebuilds.values()):
        raise typer.Exit(1)


@reports_errors
def follow(format_: FormatOption = Format.TABLE) -> None:
    """Keep the read models up to date, until Ctrl-C.

    With --format json, one document for each change.
    """
    try:
        with bootstrap.database(load_settings()) as database, interruptible() as stop:
            Follower(database).run(stop, TurnPrinter(format_))
    except KeyboardInterrupt:
        raise CutShort(
            "Ctrl-C ended following.",
            "the window under way is rolled back; the windows before it are in the read models.",
            "Run pledger follow to resume; a command that reads a read model brings it up to date, too.",
        ) from None


class TurnPrinter:
    """Prints the turns of a follower, unless nothing has changed since the last one."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._last: tuple[object, ...] | None = None

    def __call__(self, turn: FollowerProgress) -> None:
        """Print a turn."""
        found = [read_model_status(one) for one in turn.standing]
        positions = [(one["projection"], one["position"], _state(one)) for one in found]
        changed = (*positions, turn.interrupted is None)
        if changed == self._last:
            return
        self._last = changed
        now = utc_now()
        if self._format is Format.JSON:
            error = error_document(turn.interrupted) if turn.interrupted else None
            typer.echo(json.dumps({"time": rfc3339(now), "projections": found, "interrupted": error}))
        elif turn.interrupted:
            say(f"{now:%H:%M:%S}  {turn.interrupted.what} {turn.interrupted.hint}")
        else:
            say(f"{now:%H:%M:%S}  {', '.join(f'{name} {position:,} {state}' for name, position, state in positions)}")


def print_rebuilds(rebuilds: dict[str, Rebuilt | PledgerError], seconds: float) -> None:
    """Print how rebuilds ended, how long they took together, and what kept some of them from their end."""
    rows = [
        (done.projection, done.events, done.rows, f"{done.seconds:.2f} s", f"{done.events_per_second:,.0f}")
        for done in rebuilds.values()
        if isinstance(done, Rebuilt)
    ]
    if rows:
        print_table("Rebuilt", ("name", "events", "rows", "time", "events a second"), rows)
        events = max(done.events for done in rebuilds.values() if isinstance(done, Rebuilt))
        say(f"Together: {events:,} events in {seconds:.2f} s, {events / seconds:,.0f} a second.")
    for rebuild in rebuilds.values():
        if isinstance(rebuild, PledgerError) and not isinstance(rebuild, RebuildStopped):
            _print_error(error_document(rebuild))
    if stopped := {name: one for name, one in rebuilds.items() if isinstance(one, RebuildStopped)}:
        for one in stopped.values():
            out.print(Text(visible(one.what), "bold red"))
        names = "" if len(stopped) == len(engine.PROJECTIONS) else f" {' '.join(stopped)}"
        say(f"The tables in use are as they were. To resume: pledger rebuild{names}")
        say(f"To throw the work away: pledger rebuild{names} --cancel")


def _print_error(error: ErrorDocument) -> None:
    out.print(Text.assemble((visible(error["what"]), "bold red"), " ", visible(sentence(error["why"]))))
    out.print(Text(visible(f"  Do: {error['hint']}")))


def _state(one: ReadModelStatus) -> str:
    state = one["obstacle"]["code"] if one["obstacle"] else "well"
    if (rebuild := one["rebuilding"]) is None:
        return state
    doing = "rebuilding" if rebuild["is_running"] else "rebuild left"
    return f"{state}; {doing} at {rebuild['position']:,}"
