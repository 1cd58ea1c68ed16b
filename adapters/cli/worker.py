"""The command worker: what goes on beside the servers of a ledger, in a process of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, say, told
from adapters.cli.projections import Turns, stoppable
from adapters.queries import instant
from adapters.queries.operating import error_of
from adapters.settings import load_settings
from adapters.workers.threads import following, sending_webhooks

if TYPE_CHECKING:
    from adapters.webhooks.deliveries import AttemptResult
    from domain.errors import PledgerError


@told
def worker(format_: FormatOption = Format.TABLE) -> None:
    """Keep the read models up to date and tell webhooks, until Ctrl-C or SIGTERM; for servers with --no-follow.

    Any number may run for one ledger. Exit code 1 if a part could not go on. With --format json, a document on a line.
    """
    failures: list[PledgerError] = []
    with bootstrap.opened(load_settings()) as installation, stoppable() as stop:

        def ended(name: str, error: PledgerError) -> None:
            failures.append(error)
            if format_ is Format.JSON:
                _line({"ended": name, "error": error_of(error)})
            else:
                say(f"{datetime.now(UTC):%H:%M:%S}  {name} cannot go on: {error.what} {error.why} {error.hint}")
            stop.set()

        def attempted(attempt: AttemptResult) -> None:
            if format_ is Format.JSON:
                _line({"webhook": attempt.webhook, "position": attempt.position, "delivered": attempt.is_delivered})
            else:
                came = "took" if attempt.is_delivered else "did not take"
                say(f"{datetime.now(UTC):%H:%M:%S}  webhook {attempt.webhook} {came} position {attempt.position:,}")

        with following(installation, Turns(format_), ended), sending_webhooks(installation, attempted, ended):
            stop.wait()
    if failures:
        raise typer.Exit(1)


def _line(document: dict[str, object]) -> None:
    typer.echo(json.dumps({"time": instant(datetime.now(UTC)), **document}))
