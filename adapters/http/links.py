"""`/v1/links`: which people may be one, as senders proposed or a shared address suggests, and what is decided about it.

Services never see the list: that an address stands on somebody else's record is nothing that they may learn. An admin
sees it without the sealed values.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from adapters.api_keys.roles import Role, may_read_sealed
from adapters.http.append_tokens import AtLeast
from adapters.http.openapi import examples
from adapters.http.openapi.errors import read_errors
from adapters.http.openapi.link_examples import PERSON_ID
from adapters.http.paging import LIMIT, LIMIT_MAX
from adapters.http.responses import json_answer
from adapters.http.security import Holder, admits, holder
from adapters.http.service import ServiceDependency
from adapters.queries import links
from adapters.queries.read_point import wait_until_known
from domain.facts.fields import Word
from projections.projection import Connection

router = APIRouter(prefix="/v1/links", tags=["links"], dependencies=[Depends(holder)])


class LinksQuery(BaseModel):
    """How much of the list, and what it must know."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="At most so many of each kind.")
    at_least: AtLeast = "0"


class Pair(BaseModel):
    """Two people."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[
        str,
        Field(min_length=1, max_length=512, description="One of the two.", examples=[f"id:{PERSON_ID}"]),
    ]
    with_: Annotated[
        str,
        Field(
            alias="with",
            min_length=1,
            max_length=512,
            description="The other one: `other` of the list, or the proposed name.",
            examples=["customer:17850"],
        ),
    ]


class Confirmation(Pair):
    """Two people are one."""

    evidence: Word = Field(description="What shows it; it is kept with the link.", examples=["passport, 12 May"])


class Rejection(Pair):
    """Two people are not one."""

    reason: Word = Field(description="Why; it is kept with the decision.", examples=["father and son"])


_DECISION_FAILURES = read_errors(
    *("malformed_request", "malformed_fact", "body_too_slow", "body_too_large", "unknown_customer"),
    *("link_not_decided", "append_failed"),
)


@router.get(
    "",
    response_model=links.PossibleLinks,
    responses=examples.page_response(
        examples.EXAMPLES["links"],
        "What waits for a decision, the oldest first.",
        read_errors(
            *("malformed_request", "not_yet_written", "projection_behind", "projection_outdated"),
            *("projection_broken", "poison_event"),
        ),
    ),
)
@admits(Role.OFFICER, Role.ADMIN)
async def possible_links(
    query: Annotated[LinksQuery, Query()], service: ServiceDependency, key: Holder
) -> JSONResponse:
    """Return the links that were proposed and not made, and the contact points that two to five people have."""
    reveals = may_read_sealed(key.role, key.scope)

    def work(connection: Connection) -> JSONResponse:
        position = wait_until_known(connection, links.READS, service.append_tokens.read(query.at_least))
        document = links.possible_links(
            service.installation, connection, query.limit, at_least=position, reveals=reveals
        )
        return json_answer(document, position)

    return await service.reads(work)


@router.post(
    "/confirm",
    response_model=links.LinkDecision,
    responses=examples.json_response(examples.EXAMPLES["confirm_link"], "The two are one person.", _DECISION_FAILURES),
)
@admits(Role.OFFICER)
async def confirm_link(pair: Confirmation, service: ServiceDependency, key: Holder) -> JSONResponse:
    """Link two people; the officer vouches for it."""

    def work(connection: Connection) -> JSONResponse:
        names = (pair.customer, pair.with_)
        return json_answer(links.confirm(service.installation, connection, names, pair.evidence, key.label))

    return await service.reads(work)


@router.post(
    "/reject",
    response_model=links.LinkDecision,
    responses=examples.json_response(
        examples.EXAMPLES["reject_link"], "The two stay apart, and the list does not ask again.", _DECISION_FAILURES
    ),
)
@admits(Role.OFFICER)
async def reject_link(pair: Rejection, service: ServiceDependency, key: Holder) -> JSONResponse:
    """Put on record that two people are not one."""

    def work(connection: Connection) -> JSONResponse:
        names = (pair.customer, pair.with_)
        return json_answer(links.reject(service.installation, connection, names, pair.reason, key.label))

    return await service.reads(work)
