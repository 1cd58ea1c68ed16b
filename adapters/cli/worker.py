"""`pledger worker`: read models and webhooks of a ledger, kept going in a process of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, reports_errors, say
from adapters.cli.projections import TurnPrinter
from adapters.cli.signals import stoppable
from adapters.ledger import utc_now
from adapters.queries.read_models import error_document
from adapters.settings import load_settings
from adapters.workers.threads import following, sending_webhooks
from domain.times import rfc3339

if TYPE_CHECKING:
    from adapters.webhooks.deliveries import AttemptResult
    from domain.errors import PledgerError


@reports_errors
def worker(format_: FormatOption = Format.TABLE) -> None:
    """Keep read models up to date, and send webhooks.

    It runs until Ctrl-C or SIGTERM, for servers with --no-follow. Any number may run for one ledger. Exit code 1 if a
    part cannot go on. With --format json, one document a line.
    """
    failures: list[PledgerError] = []
    with bootstrap.opened(load_settings()) as installation, stoppable() as stop:

        def ended(name: str, error: PledgerError) -> None:
            failures.append(error)
            if format_ is Format.JSON:
                _line({"ended": name, "error": error_document(error)})
            else:
                say(f"{utc_now():%H:%M:%S}  {name} cannot go on: {error.what} {error.why} {error.hint}")
            stop.set()

        def attempted(attempt: AttemptResult) -> None:
            if format_ is Format.JSON:
                _line({"webhook": attempt.webhook, "position": attempt.position, "delivered": attempt.is_delivered})
            else:
                came = "took" if attempt.is_delivered else "did not take"
                say(f"{utc_now():%H:%M:%S}  webhook {attempt.webhook} {came} position {attempt.position:,}")

        with following(installation, TurnPrinter(format_), ended), sending_webhooks(installation, attempted, ended):
            stop.wait()
    if failures:
        raise typer.Exit(1)


def _line(document: dict[str, object]) -> None:
    typer.echo(json.dumps({"time": rfc3339(utc_now()), **document}))
