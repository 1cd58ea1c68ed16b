"""Lists about many people: who must be left alone, what has changed of that, and what people asked about their data.

Promise: coded only; persons by their ids. The pages of a list are of one moment. Whoever begins with the list as of a
position, and asks for the changes since it, misses nothing and is told of nothing twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from typing_extensions import TypedDict

from adapters.http import answers
from adapters.http.openapi import answers as shown
from adapters.http.openapi.errors import reading_models
from adapters.http.paging import LIMIT, LIMIT_MAX, PageQuery, Position, ReadQuery, page_of
from adapters.http.security import holder
from adapters.http.service import ServiceDependency
from adapters.ledger import utc_now
from adapters.queries import instant, lists
from domain.policy.judge import Judge
from domain.vocabulary import Program
from projections import request_history, suppression_list
from projections.as_of import KnownAt, parse_as_of
from projections.request_history import State

if TYPE_CHECKING:
    from projections.projection import Connection

router = APIRouter(prefix="/v1", tags=["lists"], dependencies=[Depends(holder)])
_DAYS_MAX: Final = 3_650


class SuppressionsQuery(PageQuery):
    """Whom it is asked about."""

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="At most so many persons on a page, with all of each.")
    program: Program | None = Field(None, description="Only who is out of this program.")


class ChangesQuery(ReadQuery):
    """Since when, and of what."""

    since: Position = Field(0, description="The position that the list was of, or that the changes before gave.")
    program: Program | None = Field(
        None, description="Only changes of this program; an erasure is one of every program."
    )
    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="At most what so many events changed.")


class RequestsQuery(PageQuery):
    """Which requests, and how urgent they are."""

    state: list[State] = Field(
        list(request_history.UNANSWERED), description="Only these; if left out, all that are not answered."
    )
    answer_within_days: int = Field(
        request_history.ONE_MONTH.days, ge=0, le=_DAYS_MAX, description="How long an answer may take."
    )
    due_within_days: int = Field(
        request_history.ONE_WEEK.days, ge=0, le=_DAYS_MAX, description="How near its deadline one is due."
    )


class Suppressions(TypedDict):
    """A page of the list, by person; `position`: what it knows up to, from which changes go on."""

    as_of: str | None
    position: int
    entries: list[lists.Entry]
    next: str | None


class Changes(TypedDict):
    """What changed; `position`: from where to go on, at once unless `is_all`."""

    position: int
    is_all: bool
    changes: list[lists.Change]


class Requests(TypedDict):
    """A page of requests, the most urgent first; `counts`: of all, by kind and state."""

    as_of: str | None
    judged_at: str
    answer_within_days: int
    due_within_days: int
    counts: dict[str, dict[str, int]]
    requests: list[lists.Request]
    next: str | None


@router.get(
    "/suppressions",
    response_model=Suppressions,
    responses=shown.page("suppressions", "A page of the list, by person.", shown.LIST_FAILURES),
)
async def suppressions(asked: Annotated[SuppressionsQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Give who must be left alone, whatever was done since, and why."""

    def work(connection: Connection) -> JSONResponse:
        page = page_of(connection, asked, suppression_list.READS, "suppressions", utc_now())
        judge = Judge(service.installation.policy)
        found = suppression_list.page(
            connection, judge, asked.program, after=page.after, limit=page.limit, as_of=page.moment
        )
        document: Suppressions = {
            "as_of": asked.as_of,
            "position": page.position,
            "entries": [lists.entry(one) for one in found.entries],
            "next": page.cursor(after=found.last) if found.last else None,
        }
        return answers.told(document, page.position)

    return await service.reads(work)


@router.get(
    "/suppressions/changes",
    response_model=Changes,
    responses=shown.page("suppression_changes", "Changes, in the order of the log.", reading_models()),
)
async def suppression_changes(asked: Annotated[ChangesQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Give what has changed of that list after a position, in the order of the log."""

    def work(connection: Connection) -> JSONResponse:
        page = suppression_list.changes(
            connection,
            Judge(service.installation.policy),
            asked.program,
            after=asked.since,
            limit=asked.limit,
            as_of=parse_as_of(asked.as_of),
            at_least=asked.at_least,
        )
        changes = [lists.change(one) for one in page.changes]
        document: Changes = {"position": page.position, "is_all": page.is_all, "changes": changes}
        return answers.told(document, page.position)

    return await service.reads(work)


@router.get(
    "/requests",
    response_model=Requests,
    responses=shown.page("requests", "A page of requests, by deadline.", shown.LIST_FAILURES),
)
async def requests(asked: Annotated[RequestsQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Give what people asked about their own data, the most urgent first.

    As of a time or a position, as it stood then: deadlines are judged at that time, or at the time when the event at
    that position was recorded.
    """

    def work(connection: Connection) -> JSONResponse:
        page = page_of(connection, asked, request_history.READS, "requests", utc_now())
        spans = timedelta(days=asked.answer_within_days), timedelta(days=asked.due_within_days)
        terms = request_history.Deadlines(page.now, *spans)
        moment = page.moment if asked.as_of else KnownAt(page.now, page.position)
        found = request_history.listed(connection, terms, states=asked.state, as_of=moment)
        document = {
            "as_of": asked.as_of,
            "judged_at": instant(request_history.judged_at(connection, terms, moment)),
            "answer_within_days": asked.answer_within_days,
            "due_within_days": asked.due_within_days,
            "counts": request_history.counts(connection, terms, as_of=moment),
            "requests": [lists.request(one) for one in found],
        }
        return answers.told(page.cut(document, "requests"), page.position)

    return await service.reads(work)


__all__ = ["router"]
