"""How far the read models have read, what is in their way, and how rebuilds of them ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from typing_extensions import TypedDict

from adapters.queries.documents import fields, plain
from domain.errors import PledgerError
from projections import engine

if TYPE_CHECKING:
    from projections.projection import Connection


class ErrorDocument(TypedDict):
    """What happened, why, and what to do."""

    code: str
    what: str
    why: str
    hint: str


class UnfinishedRebuild(TypedDict):
    """A rebuild that has not taken its place."""

    position: int
    rows: int
    is_running: bool


class ReadModelStatus(TypedDict):
    """How far one read model has read, and what is in its way."""

    projection: str
    position: int
    behind: int
    lag_seconds: float
    obstacle: ErrorDocument | None
    rebuilding: UnfinishedRebuild | None


class ReadModels(TypedDict):
    """The state of each read model; `left_over` names tables of read models that are no more."""

    projections: list[ReadModelStatus]
    left_over: list[str]


class FinishedRebuild(TypedDict):
    """What a rebuild read and wrote."""

    position: int
    events: int
    rows: int
    seconds: float
    events_per_second: float


class FailedRebuild(TypedDict):
    """What kept a rebuild from its end."""

    error: ErrorDocument


def read_models(connection: Connection) -> ReadModels:
    """Return how far each read model has read, and which tables are left over of read models that are no more."""
    return {
        "projections": [read_model_status(one) for one in engine.status(connection)],
        "left_over": engine.left_over(connection),
    }


def read_model_status(one: engine.ProjectionStatus) -> ReadModelStatus:
    """Return how far one read model has read, and what is in its way."""
    found = fields(one, "projection position behind lag_seconds")
    obstacle = error_document(one.obstacle) if one.obstacle else None
    return cast("ReadModelStatus", {**found, "obstacle": obstacle, "rebuilding": plain(one.rebuild)})


def rebuild_result(outcome: engine.Rebuilt | PledgerError) -> FinishedRebuild | FailedRebuild:
    """Return how one rebuild ended, well or with an error."""
    if isinstance(outcome, PledgerError):
        return {"error": error_document(outcome)}
    return cast("FinishedRebuild", fields(outcome, "position events rows seconds events_per_second"))


def error_document(error: PledgerError) -> ErrorDocument:
    """Return the code of an error, what happened, why, and what to do."""
    return cast("ErrorDocument", fields(error, "code what why hint"))
