"""`/v1/customers/…`: questions about one person.

Officers and auditors may read everything that is coded. Sealed values are in the report alone, which an officer gets,
or an auditor with a grant; each report is recorded on the person's stream before it is answered. A customer is named
`customer:…`, `email:…`, `order:…` or `id:…`. To keep names out of addresses, a client asks for the id first, and uses
that.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from adapters.api_keys.keys import ApiKey
from adapters.api_keys.roles import Role, may_read_sealed
from adapters.http.openapi import examples
from adapters.http.openapi.errors import read_errors
from adapters.http.paging import Page, PageQuery, ReadQuery, page_of
from adapters.http.problems import OutsideOfScope
from adapters.http.responses import ELSEWHERE, json_answer, text_answer
from adapters.http.security import READERS, Holder, admits, holder
from adapters.http.service import Service, ServiceDependency
from adapters.ledger import utc_now
from adapters.queries import customers
from adapters.receipt_notes import ids
from adapters.report_reads import Reader, give_report, other_streams
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.facts.fields import OpenWord
from projections.as_of import parse_as_of
from projections.projection import Connection, Projection

_MakePage = Callable[[Connection, Page], dict[str, Any]]

router = APIRouter(prefix="/v1/customers", tags=["customers"], dependencies=[Depends(holder)])

Customer = Annotated[
    str,
    Path(
        description="`customer:…`, `email:…`, `order:…` or `id:…`, percent-encoded.",
        examples=["customer:17850"],
        max_length=512,
    ),
]
PageParameters = Annotated[PageQuery, Query()]


class SubscriptionsPage(customers.CustomerSubscriptions):
    """A page of changes; `now` is of all of them."""

    next: str | None


class SharingPage(customers.CustomerSharing):
    """A page of shares."""

    next: str | None


class HoldingsPage(customers.CustomerHoldings):
    """A page of holdings."""

    next: str | None


class TimelinePage(customers.CustomerTimeline):
    """A page of events."""

    next: str | None


class CustomerName(BaseModel):
    """A customer's name, in a body."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[str, Field(min_length=1, max_length=512, examples=["email:ada@example.org"])]


class ReportFormat(StrEnum):
    """The format of a report."""

    JSON = "json"
    HTML = "html"
    TEXT = "text"


class ReportQuery(ReadQuery):
    """Which report, and for what purpose."""

    purpose: OpenWord = Field(
        description="What the report is read for; it is kept on the person's record.", examples=["support"]
    )
    format: ReportFormat = Field(ReportFormat.JSON, description="The format of the report.")


@router.post(
    "/resolve",
    response_model=customers.CustomerStreams,
    responses=examples.json_response(
        examples.EXAMPLES["resolve"],
        "The person of the name.",
        read_errors("malformed_request", "body_too_slow", "body_too_large", "unknown_customer"),
    ),
)
@admits(*READERS)
async def resolve(named: CustomerName, service: ServiceDependency) -> JSONResponse:
    """Return the id for a name, so that URLs need no name."""
    return json_answer(
        await service.reads(
            lambda connection: customers.customer_streams(service.installation, connection, named.customer)
        )
    )


@router.get(
    "/{customer:path}/subscriptions",
    response_model=SubscriptionsPage,
    responses=examples.page_response(
        examples.EXAMPLES["subscriptions"],
        "A page of changes, in order of world time; `now` is of all.",
        examples.PERSON_FAILURES,
    ),
)
@admits(*READERS)
async def subscriptions(customer: Customer, query: PageParameters, service: ServiceDependency) -> JSONResponse:
    """Return the state of each program now, and every change with its cause."""

    def make(connection: Connection, page: Page) -> dict[str, Any]:
        document = customers.customer_subscriptions(service.installation, connection, customer, page.at)
        return page.cut(document, "changes")

    return await _page(service, query, customers.SUBSCRIPTION_READS, "subscriptions", make)


@router.get(
    "/{customer:path}/sharing",
    response_model=SharingPage,
    responses=examples.page_response(
        examples.EXAMPLES["sharing"], "A page of shares, in order of world time.", examples.PERSON_FAILURES
    ),
)
@admits(*READERS)
async def sharing(customer: Customer, query: PageParameters, service: ServiceDependency) -> JSONResponse:
    """Return who got the customer's data, for what, and on which ground."""

    def make(connection: Connection, page: Page) -> dict[str, Any]:
        return page.cut(customers.customer_sharing(service.installation, connection, customer, page.at), "shares")

    return await _page(service, query, customers.SHARING_READS, "sharing", make)


@router.get(
    "/{customer:path}/holdings",
    response_model=HoldingsPage,
    responses=examples.page_response(
        examples.EXAMPLES["holdings"], "A page of holdings, by category and world time.", examples.PERSON_FAILURES
    ),
)
@admits(*READERS)
async def holdings(customer: Customer, query: PageParameters, service: ServiceDependency) -> JSONResponse:
    """Return which data is held, where it came from and what replaced it; the values themselves are in the report."""

    def make(connection: Connection, page: Page) -> dict[str, Any]:
        return page.cut(customers.customer_holdings(service.installation, connection, customer, page.at), "holdings")

    return await _page(service, query, customers.HOLDING_READS, "holdings", make)


@router.get(
    "/{customer:path}/timeline",
    response_model=TimelinePage,
    responses=examples.page_response(
        examples.EXAMPLES["timeline"], "A page of events, in order of world time.", examples.PERSON_FAILURES
    ),
)
@admits(*READERS)
async def timeline(customer: Customer, query: PageParameters, service: ServiceDependency) -> JSONResponse:
    """Return every event about a person in order of world time, without sealed fields; from the log itself."""

    def make(connection: Connection, page: Page) -> dict[str, Any]:
        document, has_more = customers.customer_timeline(
            service.installation, connection, customer, page.at, page.passed, page.limit
        )
        return {**document, "next": page.cursor(passed=page.passed + page.limit) if has_more else None}

    return await _page(service, query, (), "timeline", make)


@router.get("/{customer:path}/report", response_class=JSONResponse, responses=examples.REPORT)
@admits(*READERS)
async def report(
    customer: Customer, query: Annotated[ReportQuery, Query()], service: ServiceDependency, key: Holder
) -> Response:
    """Return the access report, with personal values; that it was read is recorded on the person's stream first."""
    if not may_read_sealed(key.role, key.scope):
        raise OutsideOfScope(
            "The report was not given.",
            "it holds personal values, and the key has no grant to read them.",
            "Use an officer's key, or let an admin make one with --sealed-values; the other questions need no grant.",
        )
    return await service.reads(_report, service, customer, query, key)


async def _page(
    service: Service, query: PageQuery, reads: tuple[Projection, ...], route: str, make: _MakePage
) -> JSONResponse:
    """Answer with a page about one person. `reads`: the read models that it is made from; none: the log itself."""

    def work(connection: Connection) -> JSONResponse:
        page = page_of(connection, query, reads, route, service.append_tokens.read(query.at_least))
        return json_answer(make(connection, page), page.position)

    return await service.reads(work)


def _report(connection: Connection, service: Service, customer: str, query: ReportQuery, key: ApiKey) -> Response:
    reader, as_of = Reader(key.label, query.purpose), parse_as_of(query.as_of)
    # Beside the report, which is for the person: the records may be somebody else's.
    elsewhere = other_streams(service.installation, customer) if key.role is Role.OFFICER else ()
    at_least = service.append_tokens.read(query.at_least)
    found, position = give_report(service.installation, connection, customer, reader, as_of=as_of, at_least=at_least)
    match query.format:
        case ReportFormat.JSON:
            answer: Response = json_answer(found.as_dict(), position)
        case ReportFormat.HTML:
            text = as_html(found, policy=service.installation.policy, made_at=utc_now())
            answer = text_answer(text, "text/html", position)
        case ReportFormat.TEXT:
            answer = text_answer(as_text(found), "text/plain", position)
    if elsewhere:
        answer.headers[ELSEWHERE] = ids(elsewhere)
    return answer
