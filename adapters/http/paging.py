"""What is asked in a query string: as of when, what the answer has to know, and which page of it.

Promise: all pages of a list are of one moment, whatever is appended meanwhile: the first one notes how long the log
was, and its cursor carries that on. A cursor is opaque to whoever passes it back, and good for the question that gave
it. Refused: parameters that there are none of, since an answer to a question that was misspelt is an answer to another.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from adapters.http.problems import BadCursor
from projections import checkpoints
from projections.as_of import POSITION_MAX, AsOf, KnownAt, parse_as_of
from projections.at_least import check_written, settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from projections.projection import Connection, Projection

LIMIT: Final = 100
LIMIT_MAX: Final = 1_000
_CURSOR_MAX: Final = 512

Position = Annotated[int, Field(ge=0, le=POSITION_MAX)]


class AsOfQuery(BaseModel):
    """As of when something is asked."""

    model_config = ConfigDict(extra="forbid")

    as_of: str | None = Field(
        None,
        max_length=64,
        description="A position of the log: what was known then; or a time with a zone: what had happened by then.",
        examples=["120", "2016-04-02T10:15:00Z"],
    )


class ReadQuery(AsOfQuery):
    """As of when, and what the answer has to know of."""

    at_least: Position = Field(
        0, description="Wait until the answer knows every event up to this position, such as one that an append gave."
    )


class PageQuery(ReadQuery):
    """A page of a list."""

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="At most so many on a page.")
    cursor: str | None = Field(
        None, max_length=_CURSOR_MAX, description="What the page before gave as `next`; for the first page nothing."
    )


class _Cursor(BaseModel):
    """Where a page begins: `passed` entries were on those before it, or all up to the person `after`."""

    model_config = ConfigDict(extra="forbid")

    question: str
    position: Position
    now: AwareDatetime
    passed: Position = 0
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the moment that it is of, the position that it knows up to, and what the pages before it held."""

    moment: AsOf
    position: int
    now: datetime
    """When the first page was asked for."""
    limit: int
    passed: int
    after: UUID | None
    _question: str

    def cut(self, document: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Give a document with the part of its list that is on this page, and the cursor of the next one as `next`."""
        items, end = document[name], self.passed + self.limit
        following = self.cursor(passed=end) if end < len(items) else None
        return {**document, name: items[self.passed : end], "next": following}

    def cursor(self, *, passed: int = 0, after: UUID | None = None) -> str:
        """Give the cursor of the next page."""
        cursor = _Cursor(
            question=self._question, position=self.position, now=self.now, passed=passed, after=after
        ).model_dump_json()
        return urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def page_of(connection: Connection, asked: PageQuery, reads: Sequence[Projection], route: str, now: datetime) -> Page:
    """Say what is on the page that somebody asks for; `reads` are the read models that it is made from.

    Raises `BadAsOf`, `NotYetWritten`, `BadCursor`, and whatever `settled` does.
    """
    moment = parse_as_of(asked.as_of)
    check_written(connection, moment)
    told = asked.model_dump_json(exclude={"limit", "cursor", "at_least"})
    question = hashlib.sha256(f"{route} {told}".encode()).hexdigest()[:16]
    if asked.cursor is not None:
        cursor = _read_cursor(asked.cursor)
        if cursor.question != question:
            raise _bad_cursor("it is of another question")
    else:
        position = moment if isinstance(moment, int) else known_upto(connection, reads, asked.at_least)
        cursor = _Cursor(question=question, position=position, now=now)
    pinned: AsOf = KnownAt(moment, cursor.position) if isinstance(moment, datetime) else cursor.position
    return Page(pinned, cursor.position, cursor.now, asked.limit, cursor.passed, cursor.after, question)


def known_upto(connection: Connection, reads: Sequence[Projection], at_least: int) -> int:
    """Give the position up to which all of these read models have read, once that is at least as far as asked.

    Of the log itself, if there are none of them.
    """
    if not reads:
        check_written(connection, at_least)
        return checkpoints.size(connection)
    settled(connection, reads, at_least=at_least)
    stored = checkpoints.read(connection)
    return min(stored[one.name].position if one.name in stored else 0 for one in reads)


def _read_cursor(text: str) -> _Cursor:
    try:
        return _Cursor.model_validate_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, ValidationError):
        raise _bad_cursor("it is none that this server gave") from None


def _bad_cursor(why: str) -> BadCursor:
    return BadCursor(
        "There is no such page.",
        f"the cursor cannot be used: {why}.",
        "Pass `next` of the page before back as it is, with the same question; or begin without a cursor.",
    )
