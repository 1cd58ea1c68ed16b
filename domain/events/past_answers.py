"""What goes on counting of an erased stream for the person's others: answers to their requests, and corrections."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Answered = Literal["verified", "report", "correction", "declined", "denied", "withdrawn"]


class PastAnswer(BaseModel):
    """What was told of a request under another stream; `request_code` is the request's on this one.

    A correction of a value counts without a request as well, and has no code then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Answered
    at: datetime
    request_code: str = ""
    category: str | None = None
    by_officer: bool = False
    elsewhere: tuple[UUID, ...] = ()
