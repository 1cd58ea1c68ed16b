"""`pledger demo`: a year of an invented web shop, played into a ledger of its own, and what the ledger shows of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, bars, out, print_json, progress, reports_errors, say, visible
from adapters.cli.private_file import write_private
from adapters.cli.projections import print_rebuilds
from adapters.cli.sharing import print_sharing
from adapters.cli.subscriptions import print_subscriptions
from adapters.cli.tables import print_table
from adapters.contract import parse_fact
from adapters.demo.breaches import PLANTED
from adapters.demo.life import DAYS_MIN, SHOWN, shop_life
from adapters.demo.ownership import ACTOR, check_ours
from adapters.ledger import BATCH_MAX, Receipt
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.postgres.schema import drop_ledger
from adapters.queries.customers import customer_report, customer_sharing, customer_subscriptions
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.reports.text import as_text
from adapters.settings import load_settings
from projections import engine

if TYPE_CHECKING:
    import psycopg

    from adapters.bootstrap import Installation
    from adapters.settings import Settings
    from domain.errors import PledgerError
    from domain.facts import Fact

LEDGER: Final = "demo"
CUSTOMERS: Final = 2_000
DAYS: Final = 365

_DIGEST: Final = """
SELECT count(*), coalesce(sum(('x' || substr(md5(one::text), 1, 15))::bit(60)::bigint), 0)::text FROM {table} AS one
"""


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
    with bootstrap.database(settings, creates=True) as place:
        check_ours(place)
        facts = [parse_fact(fact) for fact in shop_life(customers, days)]
        drop_ledger(place)
        bootstrap.create(settings)
        with bootstrap.opened(settings) as installation, installation.connect() as connection:
            appended, planted = _play(installation, facts)
            breaches = _planted(connection, planted)
            bring_up_to_date(connection)
            if format_ is Format.JSON:
                rebuilt, _ = _rebuild(installation, connection)
                print_json({**appended, "planted": breaches, "customer": SHOWN, "rebuilt": rebuilt})
                return
            _show(installation, connection, appended, settings)
            _show_planted(breaches)
            _show_rebuild(installation, connection)
            _show_what_next()


def _play(installation: Installation, facts: list[Fact]) -> tuple[dict[str, Any], dict[str, int]]:
    """Append the facts; return the sums, and the position of the first event of each planted breach."""
    events, began = 0, time.perf_counter()
    planted = dict.fromkeys((breach.fact for breach in PLANTED), 0)
    with progress("A web shop's life", len(facts)) as show:
        for start in range(0, len(facts), BATCH_MAX):
            for answer in installation.ledger.append_many(facts[start : start + BATCH_MAX], actor=ACTOR):
                if not isinstance(answer, Receipt):
                    raise answer
                events += answer.events
                if answer.fact in planted:
                    planted[answer.fact] = answer.position - answer.events + 1
            show(min(start + BATCH_MAX, len(facts)), None)
    return {"facts": len(facts), "events": events, "seconds": time.perf_counter() - began}, planted


def _rebuild(
    installation: Installation, connection: psycopg.Connection[Any]
) -> tuple[dict[str, Any], dict[str, engine.Rebuilt | PledgerError]]:
    """Rebuild all read models, and compare each table with what it held before; return the sums, and each result."""
    before = _digests(connection)
    began = time.perf_counter()
    with bars() as show:
        rebuilds = engine.rebuild(installation.connect, told=show)
    seconds = time.perf_counter() - began
    done = [rebuild for rebuild in rebuilds.values() if isinstance(rebuild, engine.Rebuilt)]
    document = {
        "events": max((one.events for one in done), default=0),
        "rows": sum(one.rows for one in done),
        "seconds": seconds,
        "is_equal": _digests(connection) == before,
    }
    return document, rebuilds


def _digests(connection: psycopg.Connection[Any]) -> dict[str, tuple[int, str]]:
    """Return the number of rows and a digest of each read model's table; the order of rows does not matter."""
    digests = {}
    for projection in engine.PROJECTIONS:
        ((rows, digest),) = connection.execute(projection.sql(_DIGEST)).fetchall()
        digests[projection.name] = (rows, digest)
    return digests


def _planted(connection: psycopg.Connection[Any], planted: dict[str, int]) -> list[dict[str, Any]]:
    """Return each planted breach with what the ledger found, straight from the log."""
    with translated():
        found = connection.execute(query("findings")).fetchall()
    return [
        {
            "promise": breach.promise,
            "fact": breach.fact,
            "story": breach.story,
            "found": [
                {"promise": promise, "code": code, "position": position, "event": topic}
                for position, fact, topic, _, promise, code in found
                if fact == planted[breach.fact]
            ],
        }
        for breach in PLANTED
    ]


def _show(
    installation: Installation, connection: psycopg.Connection[Any], appended: dict[str, int], settings: Settings
) -> None:
    rate = appended["facts"] / appended["seconds"]
    say(
        f"\n{appended['facts']:,} facts of a web shop made {appended['events']:,} events, decided and sealed, "
        f"in {appended['seconds']:.1f} s: {rate:,.0f} facts a second.\n"
    )
    print_subscriptions(customer_subscriptions(installation, connection, SHOWN, ReadPoint()))
    out.print()
    print_sharing(customer_sharing(installation, connection, SHOWN, ReadPoint()))
    path = settings.home / "access-report.txt"
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


def _show_rebuild(installation: Installation, connection: psycopg.Connection[Any]) -> None:
    say("\nEverything above was read from tables that are derived from the log, and can be rebuilt from it:\n")
    document, rebuilds = _rebuild(installation, connection)
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
