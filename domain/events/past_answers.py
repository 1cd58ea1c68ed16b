"""What goes on counting of an erased stream for the person's others: what it told of their requests."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.moments import Turn

Answered = Literal["asked", "asked_there", "verified", "report", "correction", "declined", "denied", "withdrawn"]


class PastAnswer(BaseModel):
    """What was told of a request under another stream; `request_code` is the request's on this one.

    A correction of a value counts without a request as well, and has no code then. A request that was told on both is
    that of the streams that stay: these are told when it was `asked`, and the other one that it was `asked_there`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Answered
    at: datetime
    request_code: str = ""
    kind: str | None = None
    """What was asked."""
    shows_error: bool = True
    category: str | None = None
    by_officer: bool = False
    elsewhere: tuple[UUID, ...] = ()

    @property
    def turn(self) -> Turn:
        """Its turn among what happened at the same instant."""
        return _TURNS.get(self.what, Turn.ANSWER)


_TURNS: Final = {"asked": Turn.REQUEST, "asked_there": Turn.REQUEST, "verified": Turn.VERIFICATION}
