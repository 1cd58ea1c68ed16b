"""Requests: what people asked about their own data, and how each request stands.

Promise: one row a request, an answer to one, or a check of the identity behind one. A report answers an access request,
a correction or a decline a correction request, a denial whichever is open under its name; the last answer counts, and
one to something never asked is listed too. A request without an answer is open, due once its deadline is near, and
overdue after it. There is no clock here: `now` is an argument; a question as of a time is judged at that time, and one
as of a position at the time when the ledger took its event. Who is erased leaves with all their requests, so an erasure
answers by taking them from here; the activity counts keep their number. Linked streams read as one person's. Nothing
sealed is here, so the reason of a denial is not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from projections import people
from projections.as_of import Known, bounds
from projections.at_least import check_written, settled
from projections.fragments import with_fragments
from projections.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from uuid import UUID

    from projections.as_of import AsOf
    from projections.projection import Connection

ACCESS, CORRECTION, ERASURE = "access", "correction", "erasure"
State = Literal["open", "due", "overdue", "answered"]
STATES: Final[tuple[State, ...]] = get_args(State)
OPEN, DUE, OVERDUE, ANSWERED = STATES
UNANSWERED: Final[tuple[State, ...]] = (OPEN, DUE, OVERDUE)
ONE_MONTH: Final = timedelta(days=30)
"""How long GDPR Art. 12(3) gives for an answer: one month, taken as 30 days here."""
ONE_WEEK: Final = timedelta(days=7)

PROJECTION: Final = Projection(
    name="requests",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    request text NOT NULL,
    step text NOT NULL,
    kind text,
    category text,
    occurred_at timestamptz NOT NULL,
    source text NOT NULL,
    fact_id text NOT NULL,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (position, stream_id, request, step, kind, category, occurred_at, source, fact_id)
SELECT
    event.position,
    event.stream_id,
    event.data ->> 'request',
    CASE event.topic
        WHEN 'IdentityVerified.v1' THEN 'verified'
        WHEN 'IdentityNotVerified.v1' THEN 'not_verified'
        WHEN 'AccessReportIssued.v1' THEN 'report'
        WHEN 'DataCorrected.v1' THEN 'correction'
        WHEN 'CorrectionDeclined.v1' THEN 'declined'
        WHEN 'RequestDenied.v1' THEN 'denied'
        ELSE 'asked'
    END,
    CASE
        WHEN event.topic IN ('AccessRequested.v1', 'AccessReportIssued.v1') THEN 'access'
        WHEN event.topic IN ('CorrectionRequested.v1', 'DataCorrected.v1', 'CorrectionDeclined.v1') THEN 'correction'
        WHEN event.topic = 'ErasureRequested.v1' THEN 'erasure'
    END,
    event.data ->> 'category',
    event.occurred_at,
    event.source,
    event.fact_id
FROM events AS event
WHERE {window}
    AND event.topic IN (
        'AccessRequested.v1', 'CorrectionRequested.v1', 'ErasureRequested.v1', 'IdentityVerified.v1',
        'IdentityNotVerified.v1', 'AccessReportIssued.v1', 'DataCorrected.v1', 'CorrectionDeclined.v1',
        'RequestDenied.v1'
    )
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, PROJECTION)
"""What its questions are answered from."""

# The person is the smallest id of their streams. `streams` null asks about everybody.
_STEPS: Final = with_fragments("""
WITH {persons}
SELECT
    coalesce(persons.person_id, step.stream_id) AS person, step.request, step.step, step.kind, step.category,
    step.occurred_at, step.source || ' ' || step.fact_id
FROM requests AS step
LEFT JOIN persons ON persons.stream_id = step.stream_id
WHERE (%(streams)s::uuid[] IS NULL OR step.stream_id = ANY (%(streams)s::uuid[]))
    AND {as_of}
ORDER BY person, step.occurred_at, step.position
""")


_RECORDED_AT: Final = "SELECT recorded_at FROM events WHERE position = %s"


class Request(NamedTuple):
    """One request of one person, and how it stands. The times and facts are None for what is not on record."""

    person: UUID
    request: str
    """The name under which the services know it."""
    kind: str
    """access, correction or erasure."""
    state: str
    """open, due, overdue or answered."""
    category: str | None
    """What a correction request is about."""
    asked_at: datetime | None
    asked_by: str | None
    deadline: datetime | None
    identity: str | None
    """verified, not_verified, or None where nobody looked."""
    answer: str | None
    """report, correction, declined or denied; None while it is unanswered."""
    answered_at: datetime | None
    answered_by: str | None


class Terms(NamedTuple):
    """When requests are judged, how long an answer may take, and how long before its deadline a request is due.

    A question that says as of when is judged then.
    """

    now: datetime
    answer_within: timedelta = ONE_MONTH
    due_within: timedelta = ONE_WEEK


class _Step(NamedTuple):
    person: UUID
    request: str
    step: str
    kind: str | None
    category: str | None
    at: datetime
    fact: str


@dataclass(slots=True)
class _Asked:
    request: str
    kind: str
    category: str | None = None
    asked: _Step | None = None
    answer: _Step | None = None


def of(
    connection: Connection, streams: Iterable[UUID], terms: Terms, *, as_of: AsOf = None, at_least: int | None = None
) -> tuple[Request, ...]:
    """Give the requests of one person, in the order of their deadlines."""
    wanted = people.streams_of_all(connection, streams, as_of=as_of, at_least=at_least)
    return _listed(connection, list(wanted), terms, as_of, at_least)


def listed(
    connection: Connection,
    terms: Terms,
    *,
    states: Collection[str] = UNANSWERED,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> tuple[Request, ...]:
    """Give everybody's requests that are in one of these states, by default the unanswered, by deadline."""
    found = _listed(connection, None, terms, as_of, at_least)
    return tuple(request for request in found if request.state in states)


def counts(
    connection: Connection, terms: Terms, *, as_of: AsOf = None, at_least: int | None = None
) -> dict[str, dict[str, int]]:
    """Count everybody's requests by kind and state; every kind and every state has its number."""
    found = Counter((one.kind, one.state) for one in _listed(connection, None, terms, as_of, at_least))
    return {kind: {state: found[kind, state] for state in STATES} for kind in (ACCESS, CORRECTION, ERASURE)}


def judged_at(connection: Connection, terms: Terms, as_of: AsOf = None) -> datetime:
    """Give the moment at which deadlines are judged. Raises `AsOfWithoutZone`, and `NotYetWritten` for a position."""
    moment = terms.now
    check_written(connection, as_of)
    if isinstance(as_of, Known):
        moment = as_of.time
    elif isinstance(as_of, datetime):
        moment = as_of
    elif as_of is not None:
        # Before the first event nothing is on record, so nothing is judged.
        row = connection.execute(_RECORDED_AT, (as_of,)).fetchone()
        moment = row[0] if row else moment
    bounds(moment)
    return moment


def _listed(
    connection: Connection, streams: list[UUID] | None, terms: Terms, as_of: AsOf, at_least: int | None
) -> tuple[Request, ...]:
    limits = settled(connection, READS, as_of, at_least)
    terms = terms._replace(now=judged_at(connection, terms, as_of))
    rows = connection.execute(_STEPS, {"streams": streams, **limits}).fetchall()
    found = [
        request
        for person, steps in groupby(map(_Step._make, rows), key=attrgetter("person"))
        for request in _requests(person, list(steps), terms)
    ]
    return tuple(sorted(found, key=_urgency))


def _urgency(one: Request) -> tuple[bool, datetime | None, UUID, str, str]:
    """Order by deadline; what was answered and never asked has none, and comes last."""
    return one.deadline is None, one.deadline or one.answered_at, one.person, one.request, one.kind


def _requests(person: UUID, steps: list[_Step], terms: Terms) -> Iterator[Request]:
    """Fold the steps of one person, in order of world time; one name may stand for several kinds."""
    found: dict[tuple[str, str], _Asked] = {}
    identity: dict[str, str] = {}
    for step in steps:
        if step.step == "verified":
            identity[step.request] = step.step
        elif step.step == "not_verified":
            identity.setdefault(step.request, step.step)
        elif step.step == "denied":
            for asked in _denied(found, step.request):
                asked.answer = step
        elif step.kind is not None:
            asked = found.setdefault((step.request, step.kind), _Asked(step.request, step.kind))
            if step.step == "asked":
                asked.asked, asked.category = asked.asked or step, step.category
            else:
                asked.answer = step
    for asked in found.values():
        yield _request(person, asked, identity.get(asked.request), terms)


def _denied(found: dict[tuple[str, str], _Asked], request: str) -> list[_Asked]:
    """Give what a denial answers: what is open under its name, else all that is known, else an access request."""
    known = [asked for (name, _), asked in found.items() if name == request]
    return (
        [asked for asked in known if asked.answer is None]
        or known
        or [found.setdefault((request, ACCESS), _Asked(request, ACCESS))]
    )


def _request(person: UUID, one: _Asked, identity: str | None, terms: Terms) -> Request:
    asked, answer = one.asked, one.answer
    deadline = asked and asked.at + terms.answer_within
    state = OPEN
    if answer is not None:
        state = ANSWERED
    elif deadline is not None and deadline < terms.now:
        state = OVERDUE
    elif deadline is not None and deadline - terms.due_within <= terms.now:
        state = DUE
    return Request(
        person,
        one.request,
        one.kind,
        state,
        one.category,
        asked and asked.at,
        asked and asked.fact,
        deadline,
        identity,
        answer and answer.step,
        answer and answer.at,
        answer and answer.fact,
    )
