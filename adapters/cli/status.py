"""`pledger status`: how much is in the ledger."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from adapters.cli.console import Format, FormatOption, out, print_document, reports_errors, say, shown, visible
from adapters.cli.session import open_read_models, open_to_read
from adapters.cli.tables import print_table
from adapters.queries.status import ledger_status


@reports_errors
def status(format_: FormatOption = Format.TABLE) -> None:
    """Show how much is in the ledger, by kind."""
    with open_read_models(open_to_read()) as (installation, connection, _):
        document = ledger_status(installation, connection)
    print_document(document, format_, _show)


def _show(document: dict[str, Any]) -> None:
    rest = f" under {visible(document['policy'])}: {document['events']:,} events."
    out.print(Text.assemble("Ledger ", (document["ledger"], "bold"), rest))
    print_table("Streams", ("of", "streams"), list(document["streams"].items()))
    print_table("Events", ("type", "events"), list(document["by_type"].items()))
    rows = [(program, counts["enrolled"], counts["opted_out"]) for program, counts in document["subscriptions"].items()]
    print_table("Subscriptions", ("program", "last enrolled", "last opted out"), rows)
    say("What happened last to each person. Whom to leave alone, whatever happened: pledger suppressions.")
    if document["findings"]:
        print_table("Promises broken", ("promise", "events"), list(document["findings"].items()))
    if amiss := [_amiss(one) for one in document["amiss"]]:
        print_table("Amiss now", ("promise", "since", "facts", "what to do"), amiss)
        say("What only a later fact shows: pledger changes, and pledger audit.")
    for burst in document["opt_out_bursts"]:
        span = f"between {shown(burst['since'])} and {shown(burst['until'])}"
        told = f"told {burst['opt_outs']:,} opt-outs that bind addresses {span}; see pledger doctor."
        say(f"A burst: {burst['told_by']} {burst['name']} {told}", "bold red")
    if (erasures := document["erasures"])["waiting_days"]:
        ends = shown(erasures["next_end"]) if erasures["next_end"] else "none"
        waiting = f"{erasures['waiting']:,} requests to be forgotten are in their waiting period of "
        say(f"{waiting}{erasures['waiting_days']} days; the next end: {ends}.")
    lag = [(name, one["position"], one["behind"]) for name, one in document["projections"].items()]
    print_table("Projections", ("name", "position", "behind"), lag)


def _amiss(one: dict[str, Any]) -> tuple[str, str, str, str]:
    facts = f"{one['facts']:,}" if one["facts"] else "–"
    if one["annulled"]:
        facts += f" ({one['annulled']:,} annulled)"
    since = shown(one["since"]) if one["since"] else "–"
    return f"{one['promise']} {one['title']}".strip(), since, facts, f"{one['why']} {one['do']}".strip()
