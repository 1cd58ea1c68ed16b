"""`pledger worker`: read models, webhooks and the watch over opt-outs, kept going in a process of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, reports_errors, say, shown
from adapters.cli.projections import TurnPrinter
from adapters.cli.signals import stoppable
from adapters.ledger import utc_now
from adapters.queries.documents import plain
from adapters.queries.read_models import error_document
from adapters.settings import load_settings
from adapters.workers.threads import following, sending_webhooks, watching_opt_outs
from domain.times import rfc3339

if TYPE_CHECKING:
    from adapters.queries.opt_outs import OptOutBurst
    from adapters.webhooks.deliveries import AttemptResult
    from domain.errors import PledgerError


@reports_errors
def worker(format_: FormatOption = Format.TABLE) -> None:
    """Keep read models up to date, send webhooks, and say when a source tells a burst of opt-outs.

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

        def burst(found: OptOutBurst) -> None:
            if format_ is Format.JSON:
                _line({"opt_out_burst": plain(found)})
            else:
                told = f"told {found.opt_outs:,} opt-outs that bind addresses since {shown(found.since)}"
                say(f"{utc_now():%H:%M:%S}  a burst: {found.told_by} {found.name} {told}; see pledger doctor")

        with (
            following(installation, TurnPrinter(format_), ended),
            sending_webhooks(installation, attempted, ended),
            watching_opt_outs(installation, burst, ended),
        ):
            stop.wait()
    if failures:
        raise typer.Exit(1)


def _line(document: dict[str, object]) -> None:
    typer.echo(json.dumps({"time": rfc3339(utc_now()), **document}))
