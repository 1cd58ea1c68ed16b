"""The command demo: a stretch of a web shop's life, played into a ledger of its own, and what can be seen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, out, print_json, progress, say, told, visible
from adapters.cli.private_file import write_private
from adapters.cli.reading import make_report, print_sharing, print_subscriptions
from adapters.cli.tables import print_table
from adapters.demo.breaches import PLANTED
from adapters.demo.life import SHOWN, shop_life
from adapters.demo.ownership import check_ours
from adapters.ledger import BATCH_MAX, Receipt, reading
from adapters.postgres.connection import translated
from adapters.postgres.schema import drop_ledger, query
from adapters.settings import load_settings
from domain.commands import parse_fact
from projections import engine, sharing_history, subscriptions

if TYPE_CHECKING:
    import psycopg

    from adapters.bootstrap import Installation
    from adapters.settings import Settings
    from domain.commands import Fact

LEDGER: Final = "demo"


@told
def demo(format_: FormatOption = Format.TABLE) -> None:
    """Play a web shop's life into the ledger `demo`, made anew, and show what came of it.

    Refused where the ledger `demo` holds anything that is not the demo's.
    """
    settings = load_settings().model_copy(update={"ledger": LEDGER})
    with bootstrap.database(settings) as place:
        facts = [parse_fact(fact) for fact in shop_life()]
        check_ours(place, facts)
        drop_ledger(place)
        bootstrap.create(settings)
        with bootstrap.opened(settings) as installation, installation.connect() as connection:
            appended = _play(installation, facts)
            engine.prepare(connection)
            engine.catch_up(connection)
            if format_ is Format.JSON:
                print_json({**appended, "planted": _planted(connection), "customer": SHOWN})
            else:
                _show(installation, connection, appended, settings)


def _play(installation: Installation, facts: list[Fact]) -> dict[str, int]:
    events = 0
    with progress("A web shop's life", len(facts)) as show:
        for start in range(0, len(facts), BATCH_MAX):
            for answer in installation.ledger.append_many(facts[start : start + BATCH_MAX]):
                if not isinstance(answer, Receipt):
                    raise answer
                events += answer.events
            show(min(start + BATCH_MAX, len(facts)), None)
    return {"facts": len(facts), "events": events}


def _planted(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """Give each planted breach with what the ledger found, straight from the log."""
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
                if fact == breach.fact
            ],
        }
        for breach in PLANTED
    ]


def _show(
    installation: Installation, connection: psycopg.Connection[Any], appended: dict[str, int], settings: Settings
) -> None:
    say(f"\n{appended['facts']:,} facts of a web shop made {appended['events']:,} events, decided and sealed.\n")
    streams = reading.find(connection, installation.keyring, SHOWN)
    print_subscriptions(SHOWN, subscriptions.history(connection, streams))
    out.print()
    print_sharing(SHOWN, sharing_history.of(connection, streams))
    path = settings.home / "access-report.txt"
    text = make_report(installation, connection, SHOWN).as_text()
    write_private(path, text)
    out.print(Text.assemble("\n", (f"Access report of {SHOWN}", "bold"), f", also in {visible(str(path))}:\n"))
    say(text)
    rows = [
        (one["promise"], one["fact"], ", ".join(f"{f['promise']} {f['code']}" for f in one["found"]), one["story"])
        for one in _planted(connection)
    ]
    print_table("Breaches that were planted, and what the ledger found", ("promise", "fact", "found", "story"), rows)
    pledger = f"PLEDGER_LEDGER={LEDGER} .venv/bin/pledger"
    say("\nWhat to try next", "bold")
    for command, why in (
        (f"{pledger} status", "what is in the demo's ledger"),
        (f"{pledger} subscriptions {SHOWN} --as-of 2016-05-01T00:00:00Z", "the same customer, earlier"),
        (f"{pledger} report {SHOWN} --format json", "the access report for programs"),
        (".venv/bin/pledger init", "a ledger of your own"),
        (".venv/bin/pledger append FILE.jsonl", "your own facts; README shows what they look like"),
    ):
        say(f"  {command}\n      {why}")
