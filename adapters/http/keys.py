"""`/v1/keys`: the API keys by which the server lets services and people in.

A key is shown once, in the answer that makes it; the ledger keeps a digest. Every server of the ledger refuses a
revoked key within two seconds.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from adapters.api_keys.keys import create, revoke
from adapters.api_keys.roles import Role, Scope
from adapters.http.openapi import examples
from adapters.http.openapi.errors import read_errors
from adapters.http.responses import json_answer
from adapters.http.security import admits, holder
from adapters.http.service import ServiceDependency
from adapters.ledger import utc_now
from adapters.queries.keys import KeyDocument, KeyDocuments, api_keys, key_document
from domain.facts.fields import Word
from projections.projection import Connection

router = APIRouter(prefix="/v1/keys", tags=["keys"], dependencies=[Depends(holder)])


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"label": "checkout", "role": "service"}]}
    )

    label: Word = Field(description="Who holds the key; events name it as their actor.", examples=["checkout"])
    role: Role = Field(description="What the holder does.")
    scope: Scope = Field(Scope(), description="What the key is limited to; by default nothing but its role.")
    days: int | None = Field(None, ge=1, le=36_500, description="The key ends after so many days.")


class NewKeyDocument(KeyDocument):
    """A new key: `key` is what its holder sends."""

    key: str


class Revoked(TypedDict):
    """The name of a key that was revoked."""

    revoked: str


@router.get(
    "",
    response_model=KeyDocuments,
    responses=examples.json_response(examples.EXAMPLES["keys"], "All keys, the oldest first.", read_errors()),
)
@admits(Role.ADMIN)
async def keys(service: ServiceDependency) -> JSONResponse:
    """Return the keys, without their secrets."""
    return json_answer(await service.reads(api_keys))


@router.post(
    "",
    status_code=201,
    response_model=NewKeyDocument,
    responses=examples.json_response(
        examples.EXAMPLES["create_key"],
        "The key, shown this once.",
        read_errors("malformed_request", "body_too_slow", "body_too_large", "grant_not_for_role"),
        status=201,
    ),
)
@admits(Role.ADMIN)
async def create_key(new: NewKey, service: ServiceDependency) -> JSONResponse:
    """Make a key, and show it this once."""

    def work(connection: Connection) -> NewKeyDocument:
        secret, made = create(connection, new.label, new.role, new.scope, now=utc_now(), days=new.days)
        return {**key_document(made), "key": secret}

    return json_answer(await service.reads(work), status=201)


@router.delete(
    "/{name}",
    response_model=Revoked,
    responses=examples.json_response(
        examples.EXAMPLES["revoke_key"], "The key is revoked.", read_errors("malformed_request", "no_such_key")
    ),
)
@admits(Role.ADMIN)
async def revoke_key(
    name: Annotated[str, Path(pattern="^[0-9a-f]{8}$", description="The eight digits after plk_.")],
    service: ServiceDependency,
) -> JSONResponse:
    """End a key for good."""
    await service.reads(partial(revoke, key_id=name, now=utc_now()))
    return json_answer({"revoked": name})
