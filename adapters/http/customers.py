"""`/v1/customers/…`: what is known of one person.

Promise: what is coded is told of to officers and auditors; what is sealed is in the report alone, which only an officer
is given, or an auditor with a grant, and each report is on the person's record before it is answered. A customer is
named as everywhere, `customer:…`, `email:…`, `order:…` or `id:…`; whoever does not want a name in an address asks for
the id first, and uses that.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from adapters.api_keys.roles import may_read_sealed
from adapters.http import answers
from adapters.http.openapi import answers as shown
from adapters.http.openapi.errors import reading as failures
from adapters.http.paging import PageQuery, ReadQuery, known_upto, page_of
from adapters.http.problems import OutsideOfScope
from adapters.http.security import Holder, holder
from adapters.http.service import Service, ServiceDependency
from adapters.ledger import reading, utc_now
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from adapters.queries import persons
from adapters.reports import as_html, as_text, make_report
from domain.errors import UnknownCustomer
from domain.facts import parse_fact
from domain.facts.fields import Word
from projections import checkpoints, holding_history, sharing_history, subscription_history
from projections.as_of import bounds, parse_as_of
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from adapters.api_keys.keys import ApiKey
    from adapters.http.paging import Page
    from domain.facts import Fact
    from projections.projection import Connection, Projection

    _Making = Callable[[Connection, Page, tuple[UUID, ...]], dict[str, Any]]

READS_SOURCE = "/pledger/reads"
"""The source of the facts that say that somebody was given a report here."""

router = APIRouter(prefix="/v1/customers", tags=["customers"], dependencies=[Depends(holder)])

Customer = Annotated[
    str,
    Path(
        description="`customer:…`, `email:…`, `order:…` or `id:…`, percent-encoded.",
        examples=["customer:17850"],
        max_length=512,
    ),
]
Asked = Annotated[PageQuery, Query()]


class SubscriptionsPage(persons.Subscriptions):
    """A page of changes; `now` is of all of them."""

    next: str | None


class SharingPage(persons.Sharing):
    """A page of shares."""

    next: str | None


class HoldingsPage(persons.Holdings):
    """A page of holdings."""

    next: str | None


class TimelinePage(persons.Timeline):
    """A page of events."""

    next: str | None


class Named(BaseModel):
    """A customer's name, in a body."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[str, Field(min_length=1, max_length=512, examples=["email:ada@example.org"])]


class Resolved(TypedDict):
    """The person of a name: their id for questions, and every stream that is theirs."""

    customer: str
    streams: list[str]


class ReportFormat(StrEnum):
    """What a report is written as."""

    JSON = "json"
    HTML = "html"
    TEXT = "text"


class ReportQuery(ReadQuery):
    """Which report, and what for."""

    purpose: Word = Field(description="What it is read for; it is kept on the person's record.", examples=["support"])
    format: ReportFormat = Field(ReportFormat.JSON, description="What the report is written as.")


@router.post(
    "/resolve",
    response_model=Resolved,
    responses=shown.told(
        "resolve",
        "Whom the name names.",
        failures("malformed_request", "body_too_slow", "body_too_large", "unknown_customer"),
    ),
)
async def resolve(named: Named, service: ServiceDependency) -> JSONResponse:
    """Give the id of whom a name names, so that no address has to hold a name."""
    streams = await service.reads(_streams, service, named.customer)
    return answers.told({"customer": f"id:{streams[0]}", "streams": [str(one) for one in streams]})


@router.get(
    "/{customer:path}/subscriptions",
    response_model=SubscriptionsPage,
    responses=shown.page(
        "subscriptions", "A page of changes, in order of world time; `now` is of all.", shown.PERSON_FAILURES
    ),
)
async def subscriptions(customer: Customer, asked: Asked, service: ServiceDependency) -> JSONResponse:
    """Give the state of each program now, and every change with its cause."""

    def made(connection: Connection, page: Page, streams: tuple[UUID, ...]) -> dict[str, Any]:
        changes = subscription_history.of(connection, streams, as_of=page.moment)
        erased = holding_history.of(connection, streams).erased
        return page.cut(persons.subscriptions(customer, asked.as_of, streams[0], changes, erased), "changes")

    return await _page(service, customer, asked, (*subscription_history.READS, *holding_history.READS), made)


@router.get(
    "/{customer:path}/sharing",
    response_model=SharingPage,
    responses=shown.page("sharing", "A page of shares, in order of world time.", shown.PERSON_FAILURES),
)
async def sharing(customer: Customer, asked: Asked, service: ServiceDependency) -> JSONResponse:
    """Give to whom data went, for what, and on which ground."""

    def made(connection: Connection, page: Page, streams: tuple[UUID, ...]) -> dict[str, Any]:
        shares = sharing_history.of(connection, streams, as_of=page.moment)
        erased = holding_history.of(connection, streams).erased
        return page.cut(persons.sharing(customer, asked.as_of, streams[0], shares, erased), "shares")

    return await _page(service, customer, asked, (*sharing_history.READS, *holding_history.READS), made)


@router.get(
    "/{customer:path}/holdings",
    response_model=HoldingsPage,
    responses=shown.page("holdings", "A page of holdings, by category and world time.", shown.PERSON_FAILURES),
)
async def holdings(customer: Customer, asked: Asked, service: ServiceDependency) -> JSONResponse:
    """Give which data is held, where it came from and what replaced it; the values themselves are in the report."""

    def made(connection: Connection, page: Page, streams: tuple[UUID, ...]) -> dict[str, Any]:
        found = holding_history.of(connection, streams, as_of=page.moment)
        return page.cut(persons.holdings(customer, asked.as_of, streams[0], found), "holdings")

    return await _page(service, customer, asked, holding_history.READS, made)


@router.get(
    "/{customer:path}/timeline",
    response_model=TimelinePage,
    responses=shown.page("timeline", "A page of events, in order of world time.", shown.PERSON_FAILURES),
)
async def timeline(customer: Customer, asked: Asked, service: ServiceDependency) -> JSONResponse:
    """Give every event about a person in order of world time, without what is sealed; from the log itself."""

    def made(connection: Connection, page: Page, streams: tuple[UUID, ...]) -> dict[str, Any]:
        wanted = {"streams": list(streams), "passed": page.passed, "limit": page.limit + 1, **bounds(page.moment)}
        rows = [EventRow._make(row) for row in connection.execute(query("timeline"), wanted).fetchall()]
        document = persons.timeline(customer, asked.as_of, streams[0], rows[: page.limit])
        following = page.cursor(passed=page.passed + page.limit) if len(rows) > page.limit else None
        return {**document, "next": following}

    return await _page(service, customer, asked, (), made)


@router.get("/{customer:path}/report", response_class=JSONResponse, responses=shown.REPORT)
async def report(
    customer: Customer, asked: Annotated[ReportQuery, Query()], service: ServiceDependency, key: Holder
) -> Response:
    """Give the access report, with personal values; that it was read is put on the person's record first."""
    if not may_read_sealed(key.role, key.scope):
        raise OutsideOfScope(
            "The report was not given.",
            "it holds personal values, and the key has no grant to read them.",
            "Ask with an officer's key, or have an admin make one with --sealed-values; what is coded needs none.",
        )
    return await service.reads(_reported, service, customer, asked, key)


async def _page(
    service: Service, customer: str, asked: PageQuery, reads: tuple[Projection, ...], made: _Making
) -> JSONResponse:
    """Answer with a page about one person. `reads`: the read models that it is made from; none: the log itself."""

    def work(connection: Connection) -> JSONResponse:
        streams = _streams(connection, service, customer)
        page = page_of(connection, asked, reads, made.__qualname__, utc_now())
        return answers.told(made(connection, page, streams), page.position)

    return await service.reads(work)


def _streams(connection: Connection, service: Service, customer: str) -> tuple[UUID, ...]:
    return reading.find(connection, service.installation.keyring, customer)


def _reported(connection: Connection, service: Service, customer: str, asked: ReportQuery, key: ApiKey) -> Response:
    moment = parse_as_of(asked.as_of)
    check_written(connection, moment)
    known_upto(connection, (), asked.at_least)
    for stream in _streams(connection, service, customer):
        # A stream that was erased takes no more facts, and has nothing sealed to show.
        with suppress(UnknownCustomer):
            service.installation.ledger.append(_record_read(stream, key.label, asked.purpose), actor=key.label)
            break
    position = checkpoints.size(connection)
    made = make_report(service.installation, connection, customer, moment)
    match asked.format:
        case ReportFormat.JSON:
            return answers.told(made.as_dict(), position)
        case ReportFormat.HTML:
            text = as_html(made, policy=service.installation.policy, made_at=utc_now())
            return answers.page(text, "text/html", position)
        case ReportFormat.TEXT:
            return answers.page(as_text(made), "text/plain", position)


def _record_read(stream: UUID, reader: str, purpose: str) -> Fact:
    fact = {
        "source": READS_SOURCE,
        "id": str(uuid4()),
        "type": "pledger.record_read.v1",
        "time": utc_now().isoformat(),
        "subject": f"id:{stream}",
        "data": {"reader": reader, "purpose": purpose},
    }
    return parse_fact(fact)


__all__ = ["router"]
