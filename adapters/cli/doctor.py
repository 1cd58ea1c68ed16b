"""Commands for operators: doctor looks a ledger over, migrate brings an older one up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, out, print_json, say, told, visible
from adapters.postgres.schema import migrate as apply_migrations
from adapters.queries import doctor as examination
from adapters.settings import load_settings


@told
def doctor(format_: FormatOption = Format.TABLE) -> None:
    """Look the installation over: settings, server, roles, key, log. Exit code 1 if anything is wrong."""
    checks = list(examination.examine(load_settings()))
    is_well = all(check.is_well for check in checks)
    if format_ is Format.JSON:
        print_json({"is_well": is_well, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            mark = ("well", "green") if check.is_well else ("ill ", "bold red")
            out.print(Text.assemble(mark, "  ", visible(f"{check.what}: {check.found}")))
    if not is_well:
        raise typer.Exit(1)


@told
def migrate(
    init: Annotated[bool, typer.Option("--init", help="Create the ledger where there is none yet.")] = False,  # noqa: FBT002 - how typer knows an option
    policy: Annotated[Path, typer.Option(help="With --init, the policy file.")] = bootstrap.DEFAULT_POLICY,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Apply the migrations that the ledger has not had, all or none."""
    settings = load_settings()
    created = init and bootstrap.create_missing(settings, policy)
    with bootstrap.database(settings) as database:
        applied = apply_migrations(database)
    if format_ is Format.JSON:
        print_json({"created": created, "applied": applied})
    elif created:
        say(f"Created the ledger {settings.ledger}. Back its key file up, apart from the database: {settings.key_path}")
    else:
        say(f"Applied: {listed(applied)}." if applied else "The ledger is up to date.")
