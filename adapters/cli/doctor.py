"""`pledger doctor`: check an installation."""

from __future__ import annotations

import typer
from rich.text import Text

from adapters.cli.console import Format, FormatOption, out, print_json, reports_errors, visible
from adapters.queries.doctor import installation_checks
from adapters.settings import load_settings


@reports_errors
def doctor(format_: FormatOption = Format.TABLE) -> None:
    """Check server, roles, key, log and read models.

    Webhooks and seals are checked, too. Exit code 1 if anything is wrong.
    """
    checks = list(installation_checks(load_settings()))
    is_well = all(check.is_well for check in checks)
    if format_ is Format.JSON:
        print_json({"is_well": is_well, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            mark = ("well", "green") if check.is_well else ("ill ", "bold red")
            out.print(Text.assemble(mark, "  ", visible(f"{check.what}: {check.found}")))
    if not is_well:
        raise typer.Exit(1)
