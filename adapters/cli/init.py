"""`pledger init` and `pledger migrate`: create a ledger, and bring the schema of an older one up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, out, print_json, reports_errors, say, visible
from adapters.settings import load_settings


@reports_errors
def init(
    policy: Annotated[Path, typer.Option(help="The policy file; the Diamond Nexus policy of 2016 by default.")] = (
        bootstrap.DEFAULT_POLICY
    ),
    format_: FormatOption = Format.TABLE,
) -> None:
    """Create a ledger under a policy, and its key file."""
    settings = load_settings()
    _, loaded = bootstrap.read_policy(policy)
    bootstrap.create(settings, policy)
    place = "the given server" if settings.database_url else str(settings.home)
    if format_ is Format.JSON:
        document = {"ledger": settings.ledger, "policy": loaded.label, "promises": len(loaded.promises)}
        print_json({**document, "key_file": str(settings.key_path)})
        return
    out.print(Text.assemble("Created the ledger ", (settings.ledger, "bold"), f" in {visible(place)}."))
    say(f"Policy: {loaded.label}, {len(loaded.promises)} promises.")
    say(f"Key file: {settings.key_path}. Back it up, apart from the database: without it nothing can be opened.")


@reports_errors
def migrate(
    init: Annotated[bool, typer.Option("--init", help="Create the ledger if there is none yet.")] = False,  # noqa: FBT002 - how typer knows an option
    policy: Annotated[Path, typer.Option(help="With --init, the policy file.")] = bootstrap.DEFAULT_POLICY,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Apply the migrations that the ledger lacks."""
    settings = load_settings()
    created, applied = bootstrap.bring_schema_up_to_date(settings, policy if init else None)
    if format_ is Format.JSON:
        print_json({"created": created, "applied": applied})
    elif created:
        say(f"Created the ledger {settings.ledger}. Back its key file up, apart from the database: {settings.key_path}")
    else:
        say(f"Applied: {listed(applied)}." if applied else "The ledger is up to date.")
