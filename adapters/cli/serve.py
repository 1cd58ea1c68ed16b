"""`pledger serve`: the HTTP server."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.console import reports_errors, say
from adapters.settings import load_settings

HostOption = Annotated[
    str, typer.Option("--host", help="The address to listen at; 0.0.0.0 is every address of this machine.")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65_535, help="The port; 0 lets the system choose one.")]
FollowOption = Annotated[
    bool,
    typer.Option(
        "--follow/--no-follow",
        help="Keep the read models up to date and send webhooks, too; not needed beside pledger worker.",
    ),
]


@reports_errors
def serve(host: HostOption = "127.0.0.1", port: PortOption = 8080, follow: FollowOption = True) -> None:  # noqa: FBT002 - how typer knows an option
    """Serve the ledger over HTTP.

    It runs until Ctrl-C or SIGTERM. GET /openapi.json lists the endpoints.
    """
    from adapters.http import serving  # noqa: PLC0415 - FastAPI takes a third of a start, and no other command needs it

    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with bootstrap.opened(load_settings()) as installation:
        serving.serve(installation, host, port, lambda address: say(f"Listening at {address}"), follows=follow)
