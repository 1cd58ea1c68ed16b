"""Questions about many people: requests, suppressions and their changes, holdings in numbers, activity."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from typing_extensions import TypedDict

from adapters.ledger.opening import opened_at, with_names
from adapters.queries.documents import fields
from domain import waiting
from domain.events.customer import RequestDenied
from domain.naming import Named
from domain.policy.judge import Judge
from domain.times import rfc3339
from projections import activity_counts, holding_history, request_history, suppression_list
from projections.as_of import KnownAt

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from adapters.bootstrap import Installation
    from adapters.queries.read_point import ReadPoint
    from domain.events import Event
    from domain.policy.model import Policy
    from domain.vocabulary import Program
    from projections.projection import Connection


SUPPRESSION_READS: Final = suppression_list.READS
REQUEST_READS: Final = request_history.READS
"""The read models that each question reads."""
_SUPPRESSION: Final = "person streams owed=suppressed since because_of"
_ACTIVITY: Final = "activity=event detail events first last"


class RightsRequest(TypedDict):
    """One request of a person about their own data, and how it stands."""

    person: str
    request: str
    kind: str
    state: str
    category: str | None
    asked_at: str | None
    asked_by: str | None
    deadline: str | None
    identity: str | None
    answer: str | None
    answered_at: str | None
    answered_by: str | None
    elsewhere: list[str]
    waits_until: str | None
    erased_at: str | None
    erased_by: str | None


class RightsRequests(TypedDict):
    """Requests, the most urgent first; `counts` is of all, by kind and state."""

    as_of: str | None
    judged_at: str
    answer_within_days: int
    due_within_days: int
    counts: dict[str, dict[str, int]]
    requests: list[RightsRequest]


class Suppression(TypedDict):
    """One person who must be left alone, and why."""

    person: str
    streams: list[str]
    owed: str
    since: str
    because_of: str
    fact: str


class SuppressionChange(TypedDict):
    """One change of who must be left alone."""

    position: int
    stream: str
    state: str
    owed: str | None
    time: str
    fact: str


class SuppressionChanges(TypedDict):
    """What changed; go on from `position`, at once unless `is_all`."""

    position: int
    is_all: bool
    changes: list[SuppressionChange]


def rights_requests(
    installation: Installation,
    connection: Connection,
    deadlines: request_history.Deadlines,
    states: Collection[str],
    at: ReadPoint,
) -> RightsRequests:
    """Return what people asked about their own data. As of a moment, deadlines are judged as of it, too."""
    judged_at = request_history.judged_at(connection, deadlines, at.moment)
    counts = request_history.counts(connection, deadlines, as_of=at.moment, at_least=at.at_least)
    found = request_history.listed(connection, deadlines, states=states, as_of=at.moment, at_least=at.at_least)
    named = (one for each in found for one in (each.asked_by, each.answered_by, each.erased_by))
    positions = {one for one in named if one is not None}
    opened = opened_at(connection, installation.keyring, positions)
    return {
        "as_of": at.as_of,
        "judged_at": rfc3339(judged_at),
        "answer_within_days": deadlines.answer_within.days,
        "due_within_days": deadlines.due_within.days,
        "counts": counts,
        "requests": [_request(one, opened, installation.policy) for one in found],
    }


def _request(one: request_history.RequestStatus, opened: Mapping[int, Event], policy: Policy) -> RightsRequest:
    """Return a request by the id that services use, or by its code where the seal was not opened."""
    named = (one.asked_by, one.answered_by, one.erased_by)
    asked, answered, erased = (None if position is None else opened[position] for position in named)
    ids = (getattr(event, "request", None) for event in (asked, answered))
    found = fields(one, "person kind state category asked_at deadline identity answer answered_at erased_at")
    found |= {"request": next((each for each in ids if each is not None), one.request_code)}
    return cast(
        "RightsRequest",
        {
            **found,
            "asked_by": asked and asked.fact,
            "answered_by": answered and answered.fact,
            "erased_by": erased and erased.fact,
            "elsewhere": [f"id:{stream}" for stream in one.elsewhere],
            "waits_until": waits_until(one, policy, answered),
        },
    )


def waits_until(one: request_history.RequestStatus, policy: Policy, answered: Event | None = None) -> str | None:
    """Return when the waiting period of a request to be forgotten ends; None: there is none, or the request is over.

    `answered` is the event that answered it: a denial that no officer told ends no waiting period.
    """
    days = policy.parameters.erasure_waiting_days
    is_over = one.answer is not None and not (isinstance(answered, RequestDenied) and not answered.by_officer)
    if one.kind != request_history.ERASURE or is_over or one.asked_at is None or not days:
        return None
    return rfc3339(waiting.waits_until(one.asked_at, days))


def suppressions(
    installation: Installation, connection: Connection, program: Program | None, limit: int, at: ReadPoint
) -> dict[str, Any]:
    """Return who must be left alone: `counts` of everybody, and the first entries.

    The list is of one position, from which `suppression_changes` goes on.
    """
    judge = Judge(installation.policy)
    moment = at.at_least if at.moment is None else at.moment
    counts = suppression_list.counts(connection, judge, as_of=moment, at_least=at.at_least)
    entries = list(islice(suppression_list.listed(connection, judge, program, as_of=moment), limit + 1))
    document = {
        "as_of": at.as_of,
        "position": moment if isinstance(moment, int) else at.at_least,
        "is_all": len(entries) <= limit,
        "counts": counts,
        "entries": [_suppression(one) for one in entries[:limit]],
    }
    return cast("dict[str, Any]", with_names(connection, installation.keyring, document))


def _suppression(one: suppression_list.Suppression) -> dict[str, Any]:
    return {**fields(one, _SUPPRESSION), "fact": Named(one.by)}


def suppressions_page(  # noqa: PLR0913, PLR0917 - a page of a list, as of a moment
    installation: Installation,
    connection: Connection,
    program: Program | None,
    after: UUID | None,
    limit: int,
    at: ReadPoint,
) -> tuple[list[Suppression], UUID | None]:
    """Return the entries of `limit` persons at most, by person, and the person after whom the next page begins."""
    judge = Judge(installation.policy)
    page = suppression_list.page(connection, judge, program, after=after, limit=limit, as_of=at.moment)
    entries = with_names(connection, installation.keyring, [_suppression(one) for one in page.entries])
    return cast("list[Suppression]", entries), page.last


def suppression_changes(  # noqa: PLR0913, PLR0917 - a page of a list, as of a moment
    installation: Installation, connection: Connection, program: Program | None, since: int, limit: int, at: ReadPoint
) -> SuppressionChanges:
    """Return what `limit` events at most changed of the suppressions after a position, in the order of the log."""
    page = suppression_list.changes(
        connection, Judge(installation.policy), program, after=since, limit=limit, as_of=at.moment, at_least=at.at_least
    )
    document = {
        "position": page.position,
        "is_all": page.is_all,
        "changes": [
            fields(one, "position stream state owed=suppressed time=at") | {"fact": Named(one.by)}
            for one in page.changes
        ],
    }
    return cast("SuppressionChanges", with_names(connection, installation.keyring, document))


def held_categories(connection: Connection, at: ReadPoint) -> dict[str, Any]:
    """Return of how many persons each data category is held, and how often."""
    counts = holding_history.counts(connection, as_of=at.moment, at_least=at.at_least)
    return {"as_of": at.as_of, "categories": {category: one._asdict() for category, one in counts.items()}}


def activity_by(connection: Connection, by: Literal["activity", "promise", "day"], at: ReadPoint) -> dict[str, Any]:
    """Return how much was done, and how often promises were broken; nothing in it is about a person."""
    assert not isinstance(at.moment, KnownAt), "activity is counted as of a position or a time, not of both"
    match by:
        case "activity":
            counted = activity_counts.by_activity(connection, as_of=at.moment, at_least=at.at_least)
            return {"as_of": at.as_of, "activities": [fields(one, _ACTIVITY) for one in counted]}
        case "promise":
            promises = activity_counts.by_promise(connection, as_of=at.moment, at_least=at.at_least)
            found = [
                fields(one, "promise broken excused first last")
                | {"activities": [fields(each, _ACTIVITY) for each in one.activities]}
                for one in promises
            ]
            return {"as_of": at.as_of, "promises": found}
        case "day":
            days = activity_counts.by_day(connection, as_of=at.moment, at_least=at.at_least)
            return {"as_of": at.as_of, "days": [fields(one, "day events broken excused") for one in days]}
