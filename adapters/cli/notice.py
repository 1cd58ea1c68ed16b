"""`pledger notice check`: whether a page carries the notice that it must."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, print_json, reports_errors, say, visible
from adapters.notices.check import NoticeCheck, check_notice
from adapters.settings import load_settings

app = typer.Typer(help="Check pages for the notices that they must carry.", no_args_is_help=True)

UrlArgument = Annotated[str, typer.Argument(help="The page's address.")]
LocationOption = Annotated[
    str, typer.Option("--location", help="homepage, analytics_opt_out, or the name of a collection point.")
]
VersionOption = Annotated[
    str | None, typer.Option("--version", help="The version that the page must carry; by default the one in force.")
]
RecordOption = Annotated[bool, typer.Option("--record/--no-record", help="Append what was found, or only show it.")]


@app.command()
@reports_errors
def check(
    url: UrlArgument,
    location: LocationOption = "homepage",
    version: VersionOption = None,
    record: RecordOption = True,  # noqa: FBT002 - how typer knows a flag
    format_: FormatOption = Format.TABLE,
) -> None:
    """Check whether a page carries the notice.

    What was found is recorded. Exit code 1 if the page does not carry the notice.
    """
    with bootstrap.opened(load_settings()) as installation:
        checked = check_notice(installation, url, location, version, records=record)
    if format_ is Format.JSON:
        print_json(checked.as_dict())
    else:
        _show(checked)
    if not checked.is_carried:
        raise typer.Exit(1)


def _show(checked: NoticeCheck) -> None:
    page = checked.page
    say(f"{visible(page.url)} answered with status {page.status}; SHA-256 {page.sha256}.")
    if checked.seen.link is None:
        say(f"It carries no notice of {visible(checked.location)}: it has no link to one. No script was run.")
    else:
        says = visible(f"says version {checked.seen.version}" if checked.seen.version else "says no version")
        say(f"It links to the notice ({visible(checked.seen.link)}), and {says}; it must carry {checked.wanted}.")
    if checked.recorded:
        say(f"Recorded: {listed([visible(one) for one in checked.recorded])}.")
    else:
        say("Nothing was recorded: " + ("the record says the same." if not checked.facts else "--no-record."))
