"""`pledger requests`: what people asked about their own data."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from adapters.cli.console import Format, FormatOption, print_json, reports_errors, say, shown
from adapters.cli.options import AsOfOption, AtLeastOption
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.tables import print_table
from adapters.ledger import utc_now
from adapters.queries.lists import rights_requests
from projections.request_history import (
    ANSWERED,
    DUE,
    NOT_ANSWERED,
    ONE_MONTH,
    ONE_WEEK,
    OPEN,
    OVERDUE,
    STATES,
    UNANSWERED,
    Deadlines,
)

if TYPE_CHECKING:
    from adapters.queries.lists import RightsRequest

DAYS_MAX: Final = 3_650


class RequestState(StrEnum):
    """The state of a request."""

    OPEN = OPEN
    DUE = DUE
    OVERDUE = OVERDUE
    ANSWERED = ANSWERED
    UNANSWERED = UNANSWERED


@reports_errors
def requests(  # noqa: PLR0913, PLR0917 - one parameter for each option
    state: Annotated[
        list[RequestState] | None,
        typer.Option("--state", help="Only these; may be repeated. All but answered by default."),
    ] = None,
    answer_within_days: Annotated[
        int, typer.Option(min=0, max=DAYS_MAX, help="How long an answer may take.")
    ] = ONE_MONTH.days,
    due_within_days: Annotated[
        int, typer.Option(min=0, max=DAYS_MAX, help="How long before its deadline a request is due.")
    ] = ONE_WEEK.days,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show what people asked about their own data.

    The most urgent come first. With --as-of a time, deadlines are judged at that time; with a position, at the time
    when its event was recorded.
    """
    deadlines = Deadlines(utc_now(), timedelta(days=answer_within_days), timedelta(days=due_within_days))
    with open_read_models(open_ledger(), as_of, at_least) as (installation, connection, at):
        document = rights_requests(installation, connection, deadlines, state or NOT_ANSWERED, at)
    if format_ is Format.JSON:
        print_json(document)
        return
    print_table("Requests", ("kind", *STATES), [(kind, *one.values()) for kind, one in document["counts"].items()])
    rows = [
        (
            shown(one["deadline"]),
            one["state"],
            f"{one['kind']} of {one['category']}" if one["category"] else one["kind"],
            one["request"],
            f"id:{one['person']}",
            shown(one["asked_at"]) if one["asked_at"] else "never",
            one["identity"] or "not checked",
            shown(one["waits_until"]) if one["waits_until"] else "–",
            _answer(one),
        )
        for one in document["requests"]
    ]
    columns = ("answer by", "state", "asks for", "request", "person", "asked on", "identity", "erasure from", "answer")
    print_table("Each of them" if state else "Each that has no answer", columns, rows)
    if any(one["state"] == UNANSWERED for one in document["requests"]):
        say("Unanswered: the person was erased before an answer, and had not asked to be erased.")
    if as_of is not None:
        say(f"Deadlines are judged as of {shown(document['judged_at'])}.")


def _answer(one: RightsRequest) -> str:
    """Return the answer to a request in words, and why there is none."""
    if one["erased_at"]:
        return f"none: erased on {shown(one['erased_at'])}, and had not asked for it"
    return f"{one['answer']}, but for {', '.join(one['elsewhere'])}" if one["elsewhere"] else one["answer"] or "–"
