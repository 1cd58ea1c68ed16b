"""`pledger notice check`: whether a page carries the notice that it must."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, print_json, say, told, visible
from adapters.notices.check import Checked, check as look, record as append
from adapters.queries import instant
from adapters.settings import load_settings

UrlArgument = Annotated[str, typer.Argument(help="The page's address.")]
LocationOption = Annotated[
    str, typer.Option("--location", help="homepage, analytics_opt_out, or the name of a collection point.")
]
VersionOption = Annotated[
    str | None, typer.Option("--version", help="The version that it must carry; without it, the one in force.")
]
RecordOption = Annotated[bool, typer.Option("--record/--no-record", help="Append what was found, or only show it.")]


@told
def check(
    url: UrlArgument,
    location: LocationOption = "homepage",
    version: VersionOption = None,
    record: RecordOption = True,  # noqa: FBT002 - how typer knows a flag
    format_: FormatOption = Format.TABLE,
) -> None:
    """Look at a page, say whether it carries the notice, and record what was found. Exit code 1 if it does not."""
    with bootstrap.opened(load_settings()) as installation:
        now = datetime.now(UTC)
        checked = look(url, location, version, installation.policy, installation.ledger.company(), now)
        recorded = [receipt.fact for receipt in append(installation, checked)] if record else []
    if format_ is Format.JSON:
        print_json(_document(checked, recorded, now))
    else:
        _show(checked, recorded)
    if checked.shows != checked.wanted:
        raise typer.Exit(1)


def _document(checked: Checked, recorded: list[str], now: datetime) -> dict[str, Any]:
    return {
        "location": checked.location,
        "wanted": checked.wanted,
        "shows": checked.shows,
        "is_carried": checked.shows == checked.wanted,
        "was_on_record": checked.was_on_record,
        "link": checked.seen.link,
        "says_version": checked.seen.version,
        "url": checked.page.url,
        "status": checked.page.status,
        "sha256": checked.page.sha256,
        "at": instant(now),
        "recorded": recorded,
    }


def _show(checked: Checked, recorded: list[str]) -> None:
    page = checked.page
    say(f"{visible(page.url)} answered with status {page.status}; SHA-256 {page.sha256}.")
    if checked.seen.link is None:
        say(f"It carries no notice of {visible(checked.location)}: no link speaks of it. No script was run.")
    else:
        says = f"says version {checked.seen.version}" if checked.seen.version else "says no version"
        say(f"It links to the notice ({visible(checked.seen.link)}), and {visible(says)}; wanted is {checked.wanted}.")
    if recorded:
        say(f"Recorded: {listed([visible(one) for one in recorded])}.")
    else:
        say("Nothing was recorded: " + ("the record says the same." if not checked.facts else "--no-record."))
