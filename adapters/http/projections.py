"""`/v1/projections`: the state of the read models, and rebuilding them.

A rebuild runs in threads of this server while the old tables are read, one rebuild at a time. A stop leaves it where it
is, and the next one resumes it. No answer is about a person.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from adapters.api_keys.roles import Role
from adapters.http.openapi import examples
from adapters.http.openapi.errors import read_errors
from adapters.http.responses import json_answer
from adapters.http.security import admits, holder
from adapters.http.service import ServiceDependency
from adapters.queries.read_models import FailedRebuild, FinishedRebuild, ReadModels, read_models, rebuild_result
from projections import engine
from projections.projection import Connection

router = APIRouter(prefix="/v1/projections", tags=["projections"], dependencies=[Depends(holder)])


class Chosen(BaseModel):
    """Which read models."""

    model_config = ConfigDict(extra="forbid")

    name: list[str] = Field([], max_length=100, description="Which ones; all by default.")


class Projections(ReadModels):
    """The state of each read model; `rebuilt` is how the last rebuild by this server ended."""

    rebuilt: dict[str, FinishedRebuild | FailedRebuild] | None


class RebuildBegun(TypedDict):
    """The read models that are being rebuilt now."""

    rebuilding: list[str]


class RebuildCancelled(TypedDict):
    """The read models whose rebuild was thrown away."""

    cancelled: list[str]


@router.get(
    "",
    response_model=Projections,
    responses=examples.json_response(examples.EXAMPLES["projections"], "The state of each.", read_errors()),
)
@admits(Role.OPERATOR)
async def projections(service: ServiceDependency) -> JSONResponse:
    """Return how far each read model has read, how far it lags behind, and what is in its way."""

    def work(connection: Connection) -> Projections:
        results = service.rebuilder.results
        rebuilt = None if results is None else {name: rebuild_result(one) for name, one in results.items()}
        return {**read_models(connection), "rebuilt": rebuilt}

    return json_answer(await service.reads(work))


@router.post(
    "/rebuild",
    status_code=202,
    response_model=RebuildBegun,
    responses=examples.json_response(
        examples.EXAMPLES["rebuild"],
        "The rebuild has begun.",
        read_errors("malformed_request", "unknown_projection", "rebuild_running"),
        status=202,
    ),
)
@admits(Role.OPERATOR)
async def rebuild(chosen: Annotated[Chosen, Query()], service: ServiceDependency) -> JSONResponse:
    """Begin to rebuild read models from the log; `GET /v1/projections` shows how far it is, and how it ended."""
    named = engine.chosen(chosen.name)
    await service.reads(service.rebuilder.begin, named)
    return json_answer({"rebuilding": [one.name for one in named]}, status=202)


@router.delete(
    "/rebuild",
    response_model=RebuildCancelled,
    responses=examples.json_response(
        examples.EXAMPLES["cancel_rebuild"],
        "What was thrown away.",
        read_errors("malformed_request", "unknown_projection"),
    ),
)
@admits(Role.OPERATOR)
async def cancel_rebuild(chosen: Annotated[Chosen, Query()], service: ServiceDependency) -> JSONResponse:
    """End a rebuild that is under way or was left half done, also one of another process, and drop its work."""
    cancelled = await service.reads(partial(engine.cancel, projections=engine.chosen(chosen.name)))
    return json_answer({"cancelled": cancelled})
