"""Query parameters that many endpoints share: as of when, what the answer must know, and which page of it.

All pages of a list are of one moment, whatever is appended meanwhile: the cursor of the first page carries the length
of the log on. A cursor is opaque, and valid for the query that returned it. Unknown parameters are refused, since a
misspelt query would get the answer to another one.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from adapters.http.append_tokens import AtLeast
from adapters.http.problems import BadCursor
from adapters.ledger import utc_now
from adapters.queries.read_point import ReadPoint, wait_until_known, written_moment
from domain.times import in_utc
from projections.as_of import POSITION_MAX, AsOf, KnownAt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from projections.projection import Connection, Projection

LIMIT: Final = 100
LIMIT_MAX: Final = 1_000
_CURSOR_MAX: Final = 512

Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A time with a zone that the calendar has in UTC too."""
Position = Annotated[int, Field(ge=0, le=POSITION_MAX)]


class AsOfQuery(BaseModel):
    """As of when a question is answered."""

    model_config = ConfigDict(extra="forbid")

    as_of: str | None = Field(
        None,
        max_length=64,
        description="A position of the log: what was known then; or a time with a zone: what had happened by then.",
        examples=["120", "2016-04-02T10:15:00Z"],
    )


class ReadQuery(AsOfQuery):
    """As of when, and what the answer must know."""

    at_least: AtLeast = "0"


class Paging(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="At most so many on a page.")
    cursor: str | None = Field(
        None, max_length=_CURSOR_MAX, description="The `next` of the page before; empty for the first page."
    )


class PageQuery(Paging, ReadQuery):
    """A page of a list, as of when, and what it must know."""


class _Cursor(BaseModel):
    """Where a page begins: after `passed` entries, or after the person `after`."""

    model_config = ConfigDict(extra="forbid")

    question: str
    position: Position
    now: Instant
    passed: Position = 0
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the point of the log at which all pages of it are read."""

    at: ReadPoint
    position: int
    """The answer knows the log up to here."""
    now: datetime
    """When the first page was requested."""
    limit: int
    passed: int
    after: UUID | None
    _question: str

    def cut(self, document: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Return a document with the part of its list that is on this page, and the next page's cursor as `next`."""
        items, end = document[name], self.passed + self.limit
        following = self.cursor(passed=end) if end < len(items) else None
        return {**document, name: items[self.passed : end], "next": following}

    def cursor(self, *, passed: int = 0, after: UUID | None = None) -> str:
        """Return the cursor of the next page."""
        cursor = _Cursor(
            question=self._question, position=self.position, now=self.now, passed=passed, after=after
        ).model_dump_json()
        return urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def page_of(
    connection: Connection, query: PageQuery, projections: Sequence[Projection], route: str, at_least: int
) -> Page:
    """Return the page that a query asks for; the list is made from these projections, or without any from the log.

    `at_least`: the position that the query's own means.

    Raises `BadAsOf`, `NotYetWritten`, `BadCursor`, and what `settled` raises.
    """
    moment = written_moment(connection, query.as_of)

    def known() -> int:
        return moment if isinstance(moment, int) else wait_until_known(connection, projections, at_least)

    return _page(query, route, ReadPoint(query.as_of, moment), known)


def page_of_log(connection: Connection, query: Paging, route: str) -> Page:
    """Return the page that a query asks for of a list that is made from the log as it is now. Raises `BadCursor`."""
    return _page(query, route, ReadPoint(None, None), lambda: wait_until_known(connection, (), 0))


def _page(query: Paging, route: str, wanted: ReadPoint, known: Callable[[], int]) -> Page:
    moment = wanted.moment
    parameters = query.model_dump_json(exclude={"limit", "cursor", "at_least"})
    question = hashlib.sha256(f"{route} {parameters}".encode()).hexdigest()[:16]
    if query.cursor is not None:
        cursor = _read_cursor(query.cursor)
        if cursor.question != question:
            raise _bad_cursor("it belongs to another query")
    else:
        cursor = _Cursor(question=question, position=known(), now=utc_now())
    pinned: AsOf = KnownAt(moment, cursor.position) if isinstance(moment, datetime) else cursor.position
    at = ReadPoint(wanted.as_of, pinned)
    return Page(at, cursor.position, cursor.now, query.limit, cursor.passed, cursor.after, question)


def _read_cursor(text: str) -> _Cursor:
    try:
        return _Cursor.model_validate_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, ValidationError):
        raise _bad_cursor("it was not issued by this server") from None


def _bad_cursor(why: str) -> BadCursor:
    return BadCursor(
        "There is no such page.",
        f"the cursor cannot be used: {why}.",
        "Pass the `next` of the page before unchanged, with the same query; or begin without a cursor.",
    )
