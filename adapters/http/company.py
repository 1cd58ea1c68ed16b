"""The company's side: its own record, the policy it is under, and whether it kept its word.

Promise: all of it is coded. An audit runs in a process of its own, one at a time, so that it holds up nothing; one that
is under way when the server stops is ended, since it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from anyio.to_process import run_sync
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, Field
from typing_extensions import TypedDict

from adapters.audits import check_promises, ledgers
from adapters.bootstrap import policy_text
from adapters.http import answers
from adapters.http.openapi import answers as shown
from adapters.http.openapi.errors import reading as failures
from adapters.http.paging import AsOfQuery, ReadQuery, known_upto
from adapters.http.problems import RequestError, TooBusy
from adapters.http.security import holder
from adapters.http.service import Service, ServiceDependency
from adapters.ledger import reading, utc_now
from adapters.queries.company import company_record
from domain.audit.auditor import READINGS
from domain.audit.question import Question
from domain.errors import Problem
from domain.records.customer import LAST
from domain.vocabulary import Reading
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from uuid import UUID

    from projections.projection import Connection

router = APIRouter(prefix="/v1", tags=["company"], dependencies=[Depends(holder)])


class CompanyQuery(ReadQuery):
    """As of when, and how far ahead to look."""

    within_days: int = Field(30, ge=0, le=36_500, description="Tell what lapses within so many days.")


class AuditQuery(AsOfQuery):
    """What of the ledger is judged, and how it is read."""

    since: AwareDatetime | None = Field(
        None, alias="from", description="Only what happened at this time or later; all before it is known."
    )
    until: AwareDatetime | None = Field(None, alias="to", description="Only what happened up to this time.")
    reading: list[Reading] = Field([], max_length=3, description="Only under these readings.")
    promise: list[str] = Field([], max_length=1_000, description="Only these promises.", examples=[["P18"]])
    customer: str | None = Field(None, max_length=512, description="Only this customer: `customer:…`, … or `id:…`.")


class Promise(TypedDict):
    """One promise of the policy, and the kind of rule that holds the company to it."""

    id: str
    title: str
    kind: str


class Policy(TypedDict):
    """The policy in force: `text` is the file and `digest` its SHA-256; `text_digest` is that of the company's text."""

    version: str
    digest: str
    text_digest: str
    text: str
    promises: list[Promise]


@router.get("/company", responses=shown.COMPANY)
async def company(asked: Annotated[CompanyQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Give the company's own record, what of it is amiss, and what is about to lapse."""

    def work(connection: Connection) -> JSONResponse:
        size = known_upto(connection, (), asked.at_least)
        stream = service.installation.identity.company_stream
        now, events = reading.company_events(connection, stream, parse_as_of(asked.as_of), utc_now())
        within = timedelta(days=asked.within_days)
        return answers.told(company_record(service.installation.policy, stream, events, now, within), size)

    return await service.reads(work)


@router.get("/policy", response_model=Policy, responses=shown.told("policy", "The policy in force.", failures()))
async def policy(service: ServiceDependency) -> JSONResponse:
    """Give the policy in force: its file, and its promises."""
    in_force = service.installation.policy
    document: Policy = {
        "version": in_force.version,
        "digest": in_force.digest,
        "text_digest": in_force.sha256,
        "text": await service.reads(policy_text),
        "promises": [{"id": one.id, "title": one.title, "kind": one.kind} for one in in_force.promises],
    }
    return answers.told(document)


@router.get("/audit", response_class=JSONResponse, responses=shown.AUDIT)
async def audit(asked: Annotated[AuditQuery, Query()], service: ServiceDependency) -> Response:
    """Say of each promise whether it was kept, which facts broke it, and what that rests on.

    The same history gives the same document, whose `digest` is in it. Without `as_of` it is of the whole log.
    """
    what, streams = await service.reads(_scope, service, asked)
    if not service.auditing.acquire(blocking=False):
        raise TooBusy("The audit was not begun.", "another one is under way.", "Ask again when that one is answered.")
    try:
        text = await run_sync(ledgers.audit_as_json, what, streams, cancellable=True)
    finally:
        service.auditing.release()
    return answers.page(text, JSONResponse.media_type, what.position)


def _scope(
    connection: Connection, service: Service, asked: AuditQuery
) -> tuple[ledgers.AuditScope, tuple[UUID, ...] | None]:
    """Fix what is judged; streams: of one person, None for everybody's."""
    if asked.since and asked.until and asked.since > asked.until:
        ends = Problem("query.to", "lies before the period begins")
        raise RequestError("Nothing was audited.", "the period ends before it begins.", "Turn them around.", [ends])
    installation = service.installation
    check_promises(installation.policy, asked.promise)
    question = Question(LAST.at, asked.since, asked.until, tuple(asked.promise) or None, asked.customer)
    what = ledgers.scope(
        installation.database,
        connection,
        installation.identity.company_stream,
        policy_text(connection),
        question,
        as_of=parse_as_of(asked.as_of),
        readings=tuple(one for one in READINGS if not asked.reading or one in asked.reading),
        compares=True,
    )
    if asked.customer is None:
        return what, None
    return what, reading.find(connection, installation.keyring, asked.customer)


__all__ = ["router"]
