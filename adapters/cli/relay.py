"""The commands relay …: what a shop wrote to its outbox goes to the ledger; what waits, and what is parked."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Final

import httpx
import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, print_json, say, shown, told
from adapters.cli.projections import stoppable
from adapters.cli.send import KEY_VARIABLE, NoKey
from adapters.cli.tables import print_table
from adapters.client import Client
from adapters.ledger import utc_now
from adapters.outbox import HttpDestination, LedgerDestination, Outbox, RelayProgress, relay, rows
from adapters.queries import outbox as documents
from adapters.settings import load_settings
from domain.errors import PledgerError

if TYPE_CHECKING:
    from adapters.outbox import Destination

OUTBOX_VARIABLE: Final = "PLEDGER_OUTBOX_URL"
KEEP_DAYS: Final = 7
LIMIT: Final = 1_000
LIMIT_MAX: Final = 100_000
_RETRY_SECONDS: Final = 6.0
"""How long one request is tried again: as long as the longest Retry-After of a server, so that it is kept to."""
_QUIET_SECONDS: Final = 1.0
_ALL: Final = "all"

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
    int, typer.Option("--keep", metavar="DAYS", min=0, max=36_500, help="Delivered rows are removed after so long.")
]
OnceOption = Annotated[bool, typer.Option("--once", help="End when nothing waits that can be delivered now.")]
RowArgument = Annotated[str, typer.Argument(metavar="ID|all", help="A row, as relay parked has it; or all.")]


class NoOutboxUrl(PledgerError):
    """Nobody said where the outbox is."""

    code = "no_outbox_url"


class NoServerUrl(PledgerError):
    """What was given as a server's address is none."""

    code = "no_server_url"


class NoRowId(PledgerError):
    """What was given as a row's id is none."""

    code = "no_row_id"


@told
def run(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    outbox: OutboxOption = None,
    to: ToOption = None,
    keep: KeepOption = KEEP_DAYS,
    once: OnceOption = False,  # noqa: FBT002 - how typer knows an option
    format_: FormatOption = Format.TABLE,
) -> None:
    """Deliver what a shop writes to its outbox, until Ctrl-C or SIGTERM. With --format json, a line a turn.

    Each goes out once in effect, those of one subject in order; one that is not taken is parked, with its reason.
    """
    context.obj = outbox
    if context.invoked_subcommand is not None:
        return
    place = _outbox(outbox)
    teller = _Teller(format_)
    with ExitStack() as open_things:
        destination = _destination(to, open_things)
        stop = open_things.enter_context(stoppable())
        relay(place, destination, stop, teller, keep=timedelta(days=keep), once=once)
        teller.flush()
        if once:
            teller.conclude(place)


@told
def status(context: typer.Context, outbox: OutboxOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Show what waits in an outbox, what is parked, and whether a relay is at work."""
    with _outbox(outbox or context.obj).connect() as connection:
        found = rows.status(connection)
    if format_ is Format.JSON:
        print_json(documents.standing(found))
        return
    age = _age(found.now - found.waiting_since) if found.waiting_since else "–"
    facts: list[tuple[str, object]] = [
        ("waiting", found.waiting),
        ("… tried and not taken yet", found.failing),
        ("… behind an open transaction", found.held),
        ("… the oldest for", age),
        ("parked", found.parked),
        ("delivered, and kept", found.delivered),
        ("last delivered", shown(found.delivered_at) if found.delivered_at else "–"),
        ("relay at work", "yes" if found.is_at_work else "no"),
    ]
    print_table("Outbox", ("what", "how much"), [(what, _cell(much)) for what, much in facts])
    if found.parked:
        say("  Do: pledger relay parked shows what was wrong with what is parked.")
    if found.waiting and not found.is_at_work:
        say("  Do: pledger relay delivers what waits.")


@told
def parked(
    context: typer.Context,
    outbox: OutboxOption = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many.")] = LIMIT,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show the rows that were not taken, in order, and why."""
    with _outbox(outbox or context.obj).connect() as connection:
        found = rows.parked(connection, limit + 1)
    is_all = len(found) <= limit
    if format_ is Format.JSON:
        print_json({"is_all": is_all, "parked": [documents.parked(one) for one in found[:limit]]})
        return
    lines = [(str(one.id), shown(one.parked_at), one.attempts, one.reason) for one in found[:limit]]
    print_table("Parked", ("row", "since", "attempts", "why"), lines)
    if not is_all:
        say(f"There are more than {limit:,}; a greater --limit shows more.")
    if found:
        say("Mend a row's event in the shop's database, then: pledger relay retry ID")


@told
def retry(
    context: typer.Context, row: RowArgument, outbox: OutboxOption = None, format_: FormatOption = Format.TABLE
) -> None:
    """Let a parked row wait again, or all of them; the relay delivers them by their place."""
    ids = None if row == _ALL else [_row_id(row)]
    with _outbox(outbox or context.obj).connect() as connection:
        taken_up = rows.retry(connection, ids)
    if format_ is Format.JSON:
        print_json({"waiting": taken_up})
    else:
        say(f"{taken_up:,} wait again, and go out while pledger relay runs.")


@told
def sql() -> None:
    """Print the SQL that makes the outbox, for the owner of the shop's database: pledger relay sql | psql ADDRESS."""
    typer.echo(resources.files("adapters.outbox").joinpath("outbox.sql").read_text(encoding="utf-8"), nl=False)


class _Teller:
    """Tells of turns as they come; on a screen at most one line a second, unless something is wrong."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._delivered = 0
        self._told_at = 0.0
        self._stands_by = False
        self._outage: str | None = None

    def __call__(self, turn: RelayProgress) -> None:
        """Tell of a turn."""
        if self._format is Format.JSON:
            typer.echo(json.dumps(documents.turn(turn, utc_now())))
            return
        self._delivered += sum(one.reason is None for one in turn.results)
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
        if time.monotonic() - self._told_at >= _QUIET_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Tell of what was not told of yet."""
        if self._delivered:
            self._line(f"{self._delivered:,} delivered")
        self._delivered = 0
        self._told_at = time.monotonic()

    def conclude(self, outbox: Outbox) -> None:
        """Say how the outbox stands after a single run; exit code 1 where something did not get through."""
        with outbox.connect() as connection:
            found = rows.status(connection)
        if self._format is Format.TABLE:
            say(f"{found.waiting:,} wait, {found.parked:,} are parked.")
            if found.parked:
                say("See why with pledger relay parked.")
        if found.parked or found.failing:
            raise typer.Exit(1)

    def _line(self, text: str) -> None:
        say(f"{utc_now():%H:%M:%S}  {text}")


def _destination(to: str | None, open_things: ExitStack) -> Destination:
    if to is None:
        return LedgerDestination(open_things.enter_context(bootstrap.opened(load_settings())).ledger)
    try:
        url = httpx.URL(to)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise NoServerUrl(
            "Nothing was delivered.", "what --to gives is no address of a server.", "Give http://host:8080."
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
            "Nobody said where the outbox is.",
            f"{OUTBOX_VARIABLE} is not set, and there is no --outbox.",
            "Give the address of the shop's database.",
        )
    return Outbox(url)


def _row_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**63):
        raise NoRowId("No row was taken up.", "that is no id of a row.", "Give one that pledger relay parked shows.")
    return int(text)


def _age(age: timedelta) -> str:
    """Give an age in the unit in which it is a number of some size."""
    for unit, of in (("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if age >= 2 * of:
            return f"{age // of:,} {unit}"
    return f"{age.total_seconds():.0f} s"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
