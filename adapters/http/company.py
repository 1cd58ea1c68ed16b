"""`/v1/company`, `/v1/amiss`, `/v1/policy`, `/v1/audit`, `/v1/changes`: the company's record, and its word kept or not.

No answer holds a personal value. One audit at a time runs, in a process of its own, so that it delays no other request.
A stop of the server ends an audit that is under way, since it changes nothing.
"""

from __future__ import annotations

from typing import Annotated

from anyio.to_process import run_sync
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from adapters.api_keys.roles import Role
from adapters.audits.changes import PartOfChanges, changes_as_json
from adapters.audits.ledgers import audit_as_json
from adapters.audits.scope import AuditScope
from adapters.http.openapi import change_examples, examples
from adapters.http.openapi.errors import read_errors
from adapters.http.paging import AsOfQuery, Instant, Page, Paging, ReadQuery, page_of_log
from adapters.http.problems import RequestError, TooBusy
from adapters.http.responses import json_answer, text_answer
from adapters.http.security import READERS, admits, holder
from adapters.http.service import Service, ServiceDependency
from adapters.ledger import utc_now
from adapters.queries.amiss import amiss_document
from adapters.queries.audits import audit_question, audit_scope
from adapters.queries.changes import changes_scope
from adapters.queries.company_record import company_record
from adapters.queries.policies import PolicyInForce, policy_in_force
from adapters.queries.read_point import wait_until_known
from domain.errors import Problem
from domain.vocabulary import Reading
from projections.as_of import parse_as_of
from projections.projection import Connection

router = APIRouter(prefix="/v1", tags=["company"], dependencies=[Depends(holder)])


class CompanyQuery(ReadQuery):
    """As of when, and how far ahead to look."""

    within_days: int = Field(30, ge=0, le=36_500, description="Include what lapses within so many days.")


class AuditQuery(AsOfQuery):
    """What of the ledger is judged, and under which readings."""

    since: Instant | None = Field(
        None, alias="from", description="Only what happened at this time or later; all before it is known."
    )
    until: Instant | None = Field(None, alias="to", description="Only what happened up to this time.")
    reading: list[Reading] = Field([], max_length=3, description="Only under these readings.")
    promise: list[str] = Field([], max_length=1_000, description="Only these promises.", examples=[["P18"]])
    customer: str | None = Field(None, max_length=512, description="Only this customer: `customer:…`, … or `id:…`.")


class ChangesQuery(Paging):
    """Where something came late, and which page of what that changed."""

    after: int = Field(0, ge=0, le=2**63 - 1, description="Only where something came late after this position.")


@router.get("/company", responses=examples.COMPANY)
@admits(*READERS, Role.ADMIN)
async def company(query: Annotated[CompanyQuery, Query()], service: ServiceDependency) -> JSONResponse:
    """Return the company's own record, what of it is amiss, and what is about to lapse."""

    def work(connection: Connection) -> JSONResponse:
        size = wait_until_known(connection, (), service.append_tokens.read(query.at_least))
        as_of = parse_as_of(query.as_of)
        return json_answer(company_record(service.installation, connection, as_of, query.within_days, utc_now()), size)

    return await service.reads(work)


@router.get("/amiss", responses=change_examples.AMISS)
@admits(*READERS, Role.ADMIN)
async def amiss(service: ServiceDependency) -> JSONResponse:
    """Return which promises are amiss now, by the database's clock: since when, by how many facts, and what to do."""
    return json_answer(await service.reads(lambda connection: amiss_document(service.installation, connection)))


@router.get(
    "/policy",
    response_model=PolicyInForce,
    responses=examples.json_response(examples.EXAMPLES["policy"], "The policy in force.", read_errors()),
)
@admits(*READERS, Role.ADMIN)
async def policy(service: ServiceDependency) -> JSONResponse:
    """Return the policy in force: its file, and its promises."""
    return json_answer(await service.reads(lambda connection: policy_in_force(service.installation, connection)))


@router.get("/audit", response_class=JSONResponse, responses=examples.AUDIT)
@admits(Role.AUDITOR)
async def audit(query: Annotated[AuditQuery, Query()], service: ServiceDependency) -> Response:
    """Judge every promise: whether it was kept, which facts broke it, and what that rests on.

    The same history gives the same document, whose `digest` is in it. Without `as_of` it is of the whole log.
    """
    scope = await service.reads(_scope, service, query)
    if not service.auditing.acquire(blocking=False):
        raise TooBusy("The audit was not begun.", "another one is under way.", "Ask again when that one is answered.")
    try:
        text = await run_sync(audit_as_json, scope, cancellable=True)
    finally:
        service.auditing.release()
    return text_answer(text, JSONResponse.media_type, scope.position)


@router.get("/changes", response_class=JSONResponse, responses=change_examples.CHANGES)
@admits(Role.OFFICER, Role.AUDITOR)
async def changes(query: Annotated[ChangesQuery, Query()], service: ServiceDependency) -> Response:
    """List the facts that are judged otherwise now than when they were told, because others came late."""

    def work(connection: Connection) -> tuple[Page, AuditScope]:
        page = page_of_log(connection, query, "changes")
        return page, changes_scope(service.installation, connection, page.position)

    page, scope = await service.reads(work)
    part = PartOfChanges(page.passed, page.limit, page.cursor(passed=page.passed + page.limit))
    if not service.auditing.acquire(blocking=False):
        raise TooBusy("Nothing was compared.", "an audit is under way.", "Ask again when that one is answered.")
    try:
        text = await run_sync(changes_as_json, scope, query.after, part, cancellable=True)
    finally:
        service.auditing.release()
    return text_answer(text, JSONResponse.media_type, scope.position)


def _scope(connection: Connection, service: Service, query: AuditQuery) -> AuditScope:
    if query.since and query.until and query.since > query.until:
        ends = Problem("query.to", "lies before the period begins")
        raise RequestError("Nothing was audited.", "the period ends before it begins.", "Swap them.", [ends])
    return audit_scope(
        service.installation,
        connection,
        audit_question(query.since, query.until, query.promise, query.customer),
        as_of=parse_as_of(query.as_of),
        readings=query.reading,
    )
