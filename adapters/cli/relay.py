"""`pledger relay`: deliver what a shop writes to its outbox, and show what waits and what is parked."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx
import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, print_document, print_json, reports_errors, say, shown
from adapters.cli.send import KEY_VARIABLE, NoKey
from adapters.cli.signals import stoppable
from adapters.cli.tables import print_table
from adapters.client import Client
from adapters.ledger import utc_now
from adapters.outbox import HttpDestination, LedgerDestination, Outbox, RelayProgress, relay_worker, rows
from adapters.queries.outbox import outbox_parked, outbox_status, relay_turn
from adapters.settings import load_settings
from domain.errors import PledgerError

if TYPE_CHECKING:
    from adapters.outbox import Destination

OUTBOX_VARIABLE: Final = "PLEDGER_OUTBOX_URL"
KEEP_DAYS: Final = 7
LIMIT: Final = 1_000
LIMIT_MAX: Final = 100_000
_RETRY_SECONDS: Final = 6.0
"""How long one request is retried: long enough to keep to a server's longest Retry-After."""
_QUIET_SECONDS: Final = 1.0
_ALL: Final = "all"

app = typer.Typer()

OutboxOption = Annotated[
    str | None,
    typer.Option(
        "--outbox",
        metavar="URL",
        envvar=OUTBOX_VARIABLE,
        help="The shop's database, such as postgresql://relay@host/shop. A password belongs in the variable.",
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="URL", help=f"A server, with the key in {KEY_VARIABLE}; this installation's ledger if left out."
    ),
]
KeepOption = Annotated[
    int, typer.Option("--keep", metavar="DAYS", min=0, max=36_500, help="Remove delivered rows after so many days.")
]
VouchOption = Annotated[
    bool,
    typer.Option(
        "--vouch",
        help="The shop has verified whom its facts are about (into the ledger here; a server goes by its key).",
    ),
]
OnceOption = Annotated[bool, typer.Option("--once", help="End when nothing is left that can be delivered now.")]
RowArgument = Annotated[str, typer.Argument(metavar="ID|all", help="A row's id, as relay parked shows it; or all.")]


class NoOutboxUrl(PledgerError):
    """The address of the outbox is not given."""

    code = "no_outbox_url"


class NoServerUrl(PledgerError):
    """The value of --to is not the address of a server."""

    code = "no_server_url"


class NoRowId(PledgerError):
    """The value given is not a valid row id."""

    code = "no_row_id"


@app.callback(invoke_without_command=True)
@reports_errors
def relay(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    outbox: OutboxOption = None,
    to: ToOption = None,
    keep: KeepOption = KEEP_DAYS,
    vouch: VouchOption = False,  # noqa: FBT002 - how typer knows an option
    once: OnceOption = False,  # noqa: FBT002 - how typer knows an option
    format_: FormatOption = Format.TABLE,
) -> None:
    """Deliver what a shop writes to its outbox.

    It runs until Ctrl-C or SIGTERM. Each fact is stored exactly once, the facts of one subject in order. A fact
    that is not taken is parked, with the reason. With --format json, one line for each turn.
    """
    context.obj = outbox
    if context.invoked_subcommand is not None:
        return
    place = _outbox(outbox)
    printer = _TurnPrinter(format_)
    with ExitStack() as open_things:
        destination = _destination(to, open_things, vouches=vouch)
        stop = open_things.enter_context(stoppable())
        relay_worker.relay(place, destination, stop, printer, keep=timedelta(days=keep), once=once)
        printer.flush()
        if once:
            printer.conclude(place)


@app.command()
@reports_errors
def status(context: typer.Context, outbox: OutboxOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Show what waits and what is parked in an outbox."""
    print_document(outbox_status(_outbox(outbox or context.obj)), format_, _show_status)


def _show_status(document: dict[str, Any]) -> None:
    waited = document["waiting_seconds"]
    rows: list[tuple[str, object]] = [
        ("waiting", document["waiting"]),
        ("… tried and not taken yet", document["failing"]),
        ("… behind an open transaction", document["held"]),
        ("… the oldest for", "–" if waited is None else _age(timedelta(seconds=waited))),
        ("parked", document["parked"]),
        ("delivered, and kept", document["delivered"]),
        ("last delivered", shown(document["delivered_at"])),
        ("relay at work", "yes" if document["is_at_work"] else "no"),
    ]
    print_table("Outbox", ("what", "how much"), [(what, _cell(much)) for what, much in rows])
    if document["parked"]:
        say("  Do: pledger relay parked shows what is wrong with the parked rows.")
    if document["waiting"] and not document["is_at_work"]:
        say("  Do: pledger relay delivers the rows that wait.")


@app.command()
@reports_errors
def parked(
    context: typer.Context,
    outbox: OutboxOption = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many.")] = LIMIT,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show the parked rows, in order, and why."""
    print_document(outbox_parked(_outbox(outbox or context.obj), limit), format_, _show_parked)


def _show_parked(document: dict[str, Any]) -> None:
    found = document["parked"]
    lines = [(str(one["id"]), shown(one["parked_at"]), one["attempts"], one["reason"]) for one in found]
    print_table("Parked", ("row", "since", "attempts", "why"), lines)
    if not document["is_all"]:
        say(f"There are more than {len(found):,}; a greater --limit shows more.")
    if found:
        say("Correct a row's event in the shop's database, then: pledger relay retry ID")


@app.command()
@reports_errors
def retry(
    context: typer.Context, row: RowArgument, outbox: OutboxOption = None, format_: FormatOption = Format.TABLE
) -> None:
    """Let a parked row wait again, or all of them.

    The relay delivers them in their place.
    """
    ids = None if row == _ALL else [_row_id(row)]
    with _outbox(outbox or context.obj).connect() as connection:
        waiting = rows.retry(connection, ids)
    if format_ is Format.JSON:
        print_json({"waiting": waiting})
    else:
        say(f"{waiting:,} wait again, and are delivered while pledger relay runs.")


@app.command()
@reports_errors
def sql() -> None:
    """Print the SQL that creates the outbox.

    For the owner of the shop's database: pledger relay sql | psql ADDRESS.
    """
    typer.echo(resources.files("adapters.outbox").joinpath("outbox.sql").read_text(encoding="utf-8"), nl=False)


class _TurnPrinter:
    """Prints turns as they come; on a screen at most one line a second, unless something is wrong."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._delivered: list[Any] = []
        self._printed_at = 0.0
        self._stands_by = False
        self._outage: str | None = None

    def __call__(self, turn: RelayProgress) -> None:
        """Print a turn."""
        if self._format is Format.JSON:
            typer.echo(json.dumps(relay_turn(turn, utc_now())))
            return
        self._delivered += [one for one in turn.results if one.reason is None]
        if turn.results:
            self._outage = None
        for result in turn.results:
            if result.is_parked:
                self._line(f"row {result.id} is parked: {result.reason}")
        if turn.stands_by and not self._stands_by:
            self._stands_by = True
            self._line("Another relay is at work on this outbox; this one stands by.")
        if turn.interrupted and self._outage != turn.interrupted.why:
            self._outage = turn.interrupted.why
            self.flush()
            self._line(f"{turn.interrupted.what} {turn.interrupted.why} {turn.interrupted.hint}")
        if time.monotonic() - self._printed_at >= _QUIET_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Print what was delivered since the last line."""
        if self._delivered:
            odd = sum(one.is_unread or one.links_nobody for one in self._delivered)
            told = f"; {odd:,} hold a value that matches nobody, or name somebody who was not linked" if odd else ""
            self._line(f"{len(self._delivered):,} delivered{told}")
        self._delivered = []
        self._printed_at = time.monotonic()

    def conclude(self, outbox: Outbox) -> None:
        """Print the state of the outbox after a single run; exit code 1 where a row did not get through."""
        document = outbox_status(outbox)
        if self._format is Format.TABLE:
            say(f"{document['waiting']:,} wait, {document['parked']:,} are parked.")
            if document["parked"]:
                say("See why with pledger relay parked.")
        if document["parked"] or document["failing"]:
            raise typer.Exit(1)

    def _line(self, text: str) -> None:
        say(f"{utc_now():%H:%M:%S}  {text}")


def _destination(to: str | None, open_things: ExitStack, *, vouches: bool) -> Destination:
    if to is None:
        ledger = open_things.enter_context(bootstrap.opened(load_settings())).ledger
        return LedgerDestination(ledger, vouches=vouches)
    try:
        url = httpx.URL(to)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise NoServerUrl(
            "Nothing was delivered.",
            "the value of --to is not the address of a server.",
            "Give it as http://host:8080.",
        )
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise NoKey(
            "Nothing was delivered.",
            f"{KEY_VARIABLE} holds no key.",
            "Set it to a key that pledger keys create has shown, or leave --to out.",
        )
    return HttpDestination(open_things.enter_context(Client(to, key, retry_seconds=_RETRY_SECONDS)))


def _outbox(url: str | None) -> Outbox:
    if not url:
        raise NoOutboxUrl(
            "The address of the outbox is not given.",
            f"{OUTBOX_VARIABLE} is not set, and there is no --outbox.",
            "Give the address of the shop's database.",
        )
    return Outbox(url)


def _row_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**63):
        raise NoRowId(
            "No row was retried.", "this is not a valid row id.", "Give an id that pledger relay parked shows."
        )
    return int(text)


def _age(age: timedelta) -> str:
    """Return an age in hours, minutes or seconds: the greatest unit of which it has two."""
    for unit, of in (("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if age >= 2 * of:
            return f"{age // of:,} {unit}"
    return f"{age.total_seconds():.0f} s"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
