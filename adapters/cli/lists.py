"""Commands that list: holdings, requests. Each brings the read models up to date first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import typer

from adapters.cli.console import (
    AsOfOption,
    AtLeastOption,
    Format,
    FormatOption,
    print_json,
    say,
    shown,
    told,
)
from adapters.cli.reading import brought_up_to_date
from adapters.cli.tables import print_table
from adapters.ledger import reading
from adapters.queries import instant, lists, persons
from projections import holding_history, request_history
from projections.as_of import parse_as_of

DAYS_MAX: Final = 3_650
LIMIT_MAX: Final = 100_000


class State(StrEnum):
    """How a request can stand."""

    OPEN = request_history.OPEN
    DUE = request_history.DUE
    OVERDUE = request_history.OVERDUE
    ANSWERED = request_history.ANSWERED


@told
def holdings(
    customer: Annotated[str | None, typer.Argument(help="customer:17850, email:…, order:… or id:…; or nobody.")] = None,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show which data is held about a customer, where it came from and what replaced it; or count everybody's."""
    moment = parse_as_of(as_of)
    with brought_up_to_date() as (installation, connection, position):
        known = max(at_least, position)
        if customer is None:
            counts = holding_history.counts(connection, as_of=moment, at_least=known)
        else:
            streams = reading.find(connection, installation.keyring, customer)
            found = holding_history.of(connection, streams, as_of=moment, at_least=known)
    if customer is None:
        _show_counts(as_of, counts, format_)
        return
    if format_ is Format.JSON:
        print_json(persons.holdings(customer, as_of, streams[0], found))
        return
    if found.erased:
        say(f"{customer} was erased on {shown(found.erased.at)} ({found.erased.fact}); nothing is held any more.")
        return
    rows = [
        (
            one.category,
            one.state,
            one.act or one.what,
            one.given_by,
            shown(one.at),
            one.fact,
            f"{one.superseded.how}: {one.superseded.fact}" if one.superseded else "–",
        )
        for one in found.listed
    ]
    columns = ("category", "state", "came with", "given by", "on", "fact", "replaced by")
    print_table(f"Data held about {customer}", columns, rows)


def _show_counts(as_of: str | None, counts: dict[str, holding_history.CategoryCount], format_: Format) -> None:
    if format_ is Format.JSON:
        print_json({"as_of": as_of, "categories": {category: one._asdict() for category, one in counts.items()}})
        return
    rows = [(category, *one) for category, one in counts.items()]
    print_table("Data held", ("category", "persons", "current", "withheld", "replaced"), rows)


@told
def requests(  # noqa: PLR0913, PLR0917 - one parameter for each option
    state: Annotated[
        list[State] | None, typer.Option("--state", help="Only these; may be repeated. All but answered if not given.")
    ] = None,
    answer_within_days: Annotated[
        int, typer.Option(min=0, max=DAYS_MAX, help="How long an answer may take.")
    ] = request_history.ONE_MONTH.days,
    due_within_days: Annotated[
        int, typer.Option(min=0, max=DAYS_MAX, help="How near its deadline one is due.")
    ] = request_history.ONE_WEEK.days,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show what people asked about their own data, the most urgent first.

    As of a time or a position, as it stood then: deadlines are judged at that time, or at the time when the event at
    that position was recorded.
    """
    moment = parse_as_of(as_of)
    terms = request_history.Deadlines(
        datetime.now(UTC), timedelta(days=answer_within_days), timedelta(days=due_within_days)
    )
    states = state or request_history.UNANSWERED
    with brought_up_to_date() as (_, connection, position):
        known = max(at_least, position)
        judged_at = request_history.judged_at(connection, terms, moment)
        counts = request_history.counts(connection, terms, as_of=moment, at_least=known)
        found = request_history.listed(connection, terms, states=states, as_of=moment, at_least=known)
    if format_ is Format.JSON:
        spans = {"answer_within_days": answer_within_days, "due_within_days": due_within_days}
        print_json(
            {
                "as_of": as_of,
                "judged_at": instant(judged_at),
                **spans,
                "counts": counts,
                "requests": [lists.request(one) for one in found],
            }
        )
        return
    print_table("Requests", ("kind", *request_history.STATES), [(kind, *one.values()) for kind, one in counts.items()])
    rows = [
        (
            shown(one.deadline) if one.deadline else "–",
            one.state,
            f"{one.kind} of {one.category}" if one.category else one.kind,
            one.request,
            f"id:{one.person}",
            shown(one.asked_at) if one.asked_at else "never",
            one.identity or "not looked at",
            one.answer or "–",
        )
        for one in found
    ]
    columns = ("answer by", "state", "asks for", "request", "person", "asked on", "identity", "answer")
    print_table("Each of them" if state else "Each that is unanswered", columns, rows)
    if moment is not None:
        say(f"Deadlines are judged as of {shown(judged_at)}.")
