"""`/v1/projections`: how the read models stand, and making them anew.

Promise: a rebuild goes on in threads of this server while the old tables are read, one at a time; a stop leaves it
where it is, to be taken up by the next one. Nothing is told of anybody.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from adapters.http import answers
from adapters.http.openapi import answers as shown
from adapters.http.openapi.errors import reading
from adapters.http.security import holder
from adapters.http.service import ServiceDependency
from adapters.queries import operating as documents
from projections import engine

if TYPE_CHECKING:
    from projections.projection import Connection

router = APIRouter(prefix="/v1/projections", tags=["projections"], dependencies=[Depends(holder)])


class Chosen(BaseModel):
    """Which read models."""

    model_config = ConfigDict(extra="forbid")

    name: list[str] = Field([], max_length=100, description="Which ones; all if none is named.")


class Projections(TypedDict):
    """How each stands; `left_over`: tables of those that are no more; `rebuilt`: how the last rebuild here ended."""

    projections: list[documents.Standing]
    left_over: list[str]
    rebuilt: dict[str, documents.Rebuilt | documents.NotRebuilt] | None


class Begun(TypedDict):
    """Which read models are made anew from now on."""

    rebuilding: list[str]


class Cancelled(TypedDict):
    """Of which read models a rebuild was thrown away."""

    cancelled: list[str]


@router.get("", response_model=Projections, responses=shown.told("projections", "How each stands.", reading()))
async def projections(service: ServiceDependency) -> JSONResponse:
    """Give how far each read model has read, how far it lags behind, and what is in its way."""

    def work(connection: Connection) -> Projections:
        outcomes = service.rebuilder.results
        return {
            "projections": [documents.standing(one) for one in engine.status(connection)],
            "left_over": engine.left_over(connection),
            "rebuilt": None if outcomes is None else {name: documents.rebuilt(one) for name, one in outcomes.items()},
        }

    return answers.told(await service.reads(work))


@router.post(
    "/rebuild",
    status_code=202,
    response_model=Begun,
    responses=shown.told(
        "rebuild",
        "It has begun.",
        reading("malformed_request", "unknown_projection", "rebuild_running"),
        status=202,
    ),
)
async def rebuild(chosen: Annotated[Chosen, Query()], service: ServiceDependency) -> JSONResponse:
    """Begin to make read models anew from the log; `GET /v1/projections` tells how it goes and how it ended."""
    named = engine.chosen(chosen.name)
    await service.reads(service.rebuilder.begin, named)
    return answers.told({"rebuilding": [one.name for one in named]}, status=202)


@router.delete(
    "/rebuild",
    response_model=Cancelled,
    responses=shown.told("cancel_rebuild", "What was thrown away.", reading("malformed_request", "unknown_projection")),
)
async def cancel_rebuild(chosen: Annotated[Chosen, Query()], service: ServiceDependency) -> JSONResponse:
    """End a rebuild that is under way or was left half way, whoever began it, and throw away what it made."""
    cancelled = await service.reads(partial(engine.cancel, projections=engine.chosen(chosen.name)))
    return answers.told({"cancelled": cancelled})


__all__ = ["router"]
