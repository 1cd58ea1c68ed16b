"""`/v1/keys`: the keys by which the server lets anybody in.

Promise: a key is in the answer that makes it, this once; what is kept is a digest. A revoked key is refused within two
seconds, by every server of the ledger.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from adapters.api_keys import keys as api_keys
from adapters.api_keys.roles import Role, Scope
from adapters.http import answers
from adapters.http.openapi import answers as shown
from adapters.http.openapi.errors import reading
from adapters.http.security import holder
from adapters.http.service import ServiceDependency
from adapters.ledger import utc_now
from adapters.queries import keys as documents
from domain.facts.fields import Word

if TYPE_CHECKING:
    from projections.projection import Connection

router = APIRouter(prefix="/v1/keys", tags=["keys"], dependencies=[Depends(holder)])


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"label": "checkout", "role": "service"}]}
    )

    label: Word = Field(description="Who holds it; events name it as their actor.", examples=["checkout"])
    role: Role = Field(description="What the holder does.")
    scope: Scope = Field(Scope(), description="What it is for; whatever its role may, if left out.")
    days: int | None = Field(None, ge=1, le=36_500, description="It ends after so many days.")


class MadeKey(documents.Key):
    """A key that was made just now: `key` is what its holder sends."""

    key: str


class Keys(TypedDict):
    """All keys, the oldest first."""

    keys: list[documents.Key]


class Revoked(TypedDict):
    """The name of a key that was ended."""

    revoked: str


@router.get("", response_model=Keys, responses=shown.told("keys", "All keys, the oldest first.", reading()))
async def keys(service: ServiceDependency) -> JSONResponse:
    """Give the keys that there are, without what would let anybody use them."""
    found = await service.reads(api_keys.list_keys)
    return answers.told({"keys": [documents.key(one) for one in found]})


@router.post(
    "",
    status_code=201,
    response_model=MadeKey,
    responses=shown.told(
        "create_key",
        "The key, shown this once.",
        reading("malformed_request", "body_too_slow", "body_too_large", "grant_not_for_role"),
        status=201,
    ),
)
async def create_key(asked: NewKey, service: ServiceDependency) -> JSONResponse:
    """Make a key, and show it; nobody can show it again."""

    def work(connection: Connection) -> MadeKey:
        now = utc_now()
        expires_at = None if asked.days is None else now + timedelta(days=asked.days)
        secret, made = api_keys.create(connection, asked.label, asked.role, asked.scope, now=now, expires_at=expires_at)
        return {**documents.key(made), "key": secret}

    return answers.told(await service.reads(work), status=201)


@router.delete(
    "/{name}",
    response_model=Revoked,
    responses=shown.told("revoke_key", "It lets nobody in any more.", reading("malformed_request", "no_such_key")),
)
async def revoke_key(
    name: Annotated[str, Path(pattern="^[0-9a-f]{8}$", description="The eight digits after plk_.")],
    service: ServiceDependency,
) -> JSONResponse:
    """End a key for good."""
    await service.reads(partial(api_keys.revoke, key_id=name, now=utc_now()))
    return answers.told({"revoked": name})


__all__ = ["router"]
