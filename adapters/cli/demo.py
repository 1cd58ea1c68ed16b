"""`pledger demo`: a year of an invented web shop, played into a ledger of its own, and what the ledger shows of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from adapters.cli.console import Format, FormatOption, bars, out, print_json, progress, reports_errors, say, visible
from adapters.cli.private_file import write_private
from adapters.cli.projections import print_rebuilds
from adapters.cli.sharing import print_sharing
from adapters.cli.subscriptions import print_subscriptions
from adapters.cli.tables import print_table
from adapters.demo.life import DAYS_MIN, SHOWN
from adapters.demo.playing import PlayedShop, RebuiltShop, played_shop, rebuild_shop
from adapters.queries.customers import customer_report, customer_sharing, customer_subscriptions
from adapters.queries.read_point import ReadPoint
from adapters.reports.text import as_text
from adapters.settings import load_settings

LEDGER: Final = "demo"
CUSTOMERS: Final = 2_000
DAYS: Final = 365


@reports_errors
def demo(
    customers: Annotated[int, typer.Option(min=1, max=100_000, help="How many customers the shop has.")] = CUSTOMERS,
    days: Annotated[int, typer.Option(min=DAYS_MIN, max=3_650, help="How many days the demo lasts.")] = DAYS,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Play a web shop's year into a ledger, and show it.

    The ledger `demo` is made anew; the command is refused if it holds anything that is not the demo's. At the end all
    read models are rebuilt.
    """
    settings = load_settings().model_copy(update={"ledger": LEDGER})
    with played_shop(settings, customers, days, partial(progress, "A web shop's life")) as shop:
        if format_ is Format.JSON:
            rebuilt, _ = _rebuild(shop)
            print_json({**shop.appended, "planted": shop.planted, "customer": SHOWN, "rebuilt": rebuilt})
            return
        _show(shop)
        _show_planted(shop.planted)
        _show_rebuild(shop)
        _show_what_next()


def _rebuild(shop: PlayedShop) -> RebuiltShop:
    with bars() as show:
        return rebuild_shop(shop, show)


def _show(shop: PlayedShop) -> None:
    installation, connection, appended, _ = shop
    rate = appended["facts"] / appended["seconds"]
    say(
        f"\n{appended['facts']:,} facts of a web shop made {appended['events']:,} events, decided and sealed, "
        f"in {appended['seconds']:.1f} s: {rate:,.0f} facts a second.\n"
    )
    print_subscriptions(customer_subscriptions(installation, connection, SHOWN, ReadPoint()))
    out.print()
    print_sharing(customer_sharing(installation, connection, SHOWN, ReadPoint()))
    path = installation.settings.home / "access-report.txt"
    text = as_text(customer_report(installation, connection, SHOWN))
    write_private(path, text)
    out.print(Text.assemble("\n", (f"Access report of {SHOWN}", "bold"), f", also in {visible(str(path))}:\n"))
    say(text)


def _show_planted(breaches: list[dict[str, Any]]) -> None:
    rows = [
        (one["promise"], one["fact"], ", ".join(f"{f['promise']} {f['code']}" for f in one["found"]), one["story"])
        for one in breaches
    ]
    print_table("Breaches that were planted, and what the ledger found", ("promise", "fact", "found", "story"), rows)


def _show_rebuild(shop: PlayedShop) -> None:
    say("\nEverything above was read from tables that are derived from the log, and can be rebuilt from it:\n")
    document, rebuilds = _rebuild(shop)
    print_rebuilds(rebuilds, document["seconds"])
    equal = "Each table holds what it held before." if document["is_equal"] else "The tables differ from before!"
    say(f"{document['rows']:,} rows were rebuilt, beside the tables in use. {equal}")


def _show_what_next() -> None:
    pledger = f"PLEDGER_LEDGER={LEDGER} .venv/bin/pledger"
    say("\nWhat to try next", "bold")
    for command, why in (
        (f"{pledger} audit", "each of the 34 promises judged, under three readings, with the facts that broke it"),
        (f"{pledger} explain '/mail breach-no-link'", "one fact, what each rule says of it, and what that rests on"),
        (f"{pledger} statistics --of visitors --by area:rings", "counts that give no small group away"),
        (f"{pledger} status", "what is in the demo's ledger"),
        (f"{pledger} subscriptions {SHOWN} --as-of 2016-05-01T00:00:00Z", "the same customer, earlier"),
        (
            f"{pledger} report {SHOWN} --format html --output report.html",
            "the access report, as a page to read or print",
        ),
        (f"{pledger} rebuild", "rebuild the read models; pledger projections shows their state"),
        (".venv/bin/pledger init", "a ledger of your own"),
        (".venv/bin/pledger append FILE.jsonl", "your own facts; README shows what they look like"),
    ):
        say(f"  {command}\n      {why}")
