"""`/v1/suppressions` and `/v1/requests`: who must be left alone, and what people asked about their own data.

Answers hold no personal value, and name persons by their ids. All pages of a list are of one moment. A client that
begins with the list as of a position and goes on with the changes since it misses nothing and gets nothing twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from typing_extensions import TypedDict

from adapters.http.openapi import examples
from adapters.http.openapi.errors import read_model_errors
from adapters.http.paging import LIMIT, LIMIT_MAX, PageQuery, Position, ReadQuery, page_of
from adapters.http.responses import json_answer
from adapters.http.security import READERS, admits, holder
from adapters.http.service import ServiceDependency
from adapters.queries import lists
from adapters.queries.read_point import ReadPoint
from domain.vocabulary import Program
from projections.as_of import KnownAt, parse_as_of
from projections.projection import Connection
from projections.request_history import NOT_ANSWERED, ONE_MONTH, ONE_WEEK, Deadlines, State

router = APIRouter(prefix="/v1", tags=["lists"], dependencies=[Depends(holder)])
_DAYS_MAX: Final = 3_650


class SuppressionsQuery(PageQuery):
    """Which suppressions."""

    limit: int = Field(
        LIMIT, ge=1, le=LIMIT_MAX, description="At most so many persons on a page, each with all their entries."
    )
    program: Program | None = Field(None, description="Only people who are out of this program.")


class ChangesQuery(ReadQuery):
    """Which changes."""

    since: Position = Field(0, description="The `position` of the list, or of the changes before.")
    program: Program | None = Field(
        None, description="Only changes of this program; an erasure is one of every program."
    )
    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="At most the changes by so many events.")


class RequestsQuery(PageQuery):
    """Which requests, and when an answer is due."""

    state: list[State] = Field(list(NOT_ANSWERED), description="Only these; by default all that are not answered.")
    answer_within_days: int = Field(ONE_MONTH.days, ge=0, le=_DAYS_MAX, description="How long an answer may take.")
    due_within_days: int = Field(
        ONE_WEEK.days, ge=0, le=_DAYS_MAX, description="How long before its deadline a request is due."
    )


class SuppressionsPage(TypedDict):
    """A page of the list, by person; the changes go on from `position`, up to which the list knows the log."""

    as_of: str | None
    position: int
    entries: list[lists.Suppression]
    next: str | None


class RequestsPage(lists.RightsRequests):
    """A page of requests, the most urgent first; `counts` is of all, by kind and state."""

    next: str | None


@router.get(
    "/suppressions",
    response_model=SuppressionsPage,
    responses=examples.page_response(
        examples.EXAMPLES["suppressions"], "A page of the list, by person.", examples.LIST_FAILURES
    ),
)
@admits(*READERS)
async def suppressions(query: Annotated[SuppressionsQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Return who must be left alone, whatever was done since, and why."""

    def work(connection: Connection) -> JSONResponse:
        page = page_of(
            connection, query, lists.SUPPRESSION_READS, "suppressions", service.append_tokens.read(query.at_least)
        )
        entries, last = lists.suppressions_page(
            service.installation, connection, query.program, page.after, page.limit, page.at
        )
        document: SuppressionsPage = {
            "as_of": query.as_of,
            "position": page.position,
            "entries": entries,
            "next": page.cursor(after=last) if last else None,
        }
        return json_answer(document, page.position)

    return await service.reads(work)


@router.get(
    "/suppressions/changes",
    response_model=lists.SuppressionChanges,
    responses=examples.page_response(
        examples.EXAMPLES["suppression_changes"], "Changes, in the order of the log.", read_model_errors()
    ),
)
@admits(*READERS)
async def suppression_changes(query: Annotated[ChangesQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Return what has changed of that list after a position, in the order of the log."""

    def work(connection: Connection) -> JSONResponse:
        at = ReadPoint(query.as_of, parse_as_of(query.as_of), service.append_tokens.read(query.at_least))
        document = lists.suppression_changes(
            service.installation, connection, query.program, query.since, query.limit, at
        )
        return json_answer(document, document["position"])

    return await service.reads(work)


@router.get(
    "/requests",
    response_model=RequestsPage,
    responses=examples.page_response(
        examples.EXAMPLES["requests"], "A page of requests, by deadline.", examples.LIST_FAILURES
    ),
)
@admits(*READERS)
async def requests(query: Annotated[RequestsQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Return what people asked about their own data, the most urgent first.

    As of a time, deadlines are judged at that time; as of a position, at the time when its event was recorded.
    """

    def work(connection: Connection) -> JSONResponse:
        page = page_of(connection, query, lists.REQUEST_READS, "requests", service.append_tokens.read(query.at_least))
        deadlines = Deadlines(page.now, timedelta(days=query.answer_within_days), timedelta(days=query.due_within_days))
        at = page.at if query.as_of else page.at._replace(moment=KnownAt(page.now, page.position))
        document = lists.rights_requests(service.installation, connection, deadlines, query.state, at)
        return json_answer(page.cut(document, "requests"), page.position)

    return await service.reads(work)
