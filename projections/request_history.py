"""Requests (table `requests`): what people asked about their own data, and the state of each request.

Events are named by position, and requests compared by their codes, which die with the person's key.

There is one row a request, an answer, or a check of the identity behind a request; also of what was told of it on a
stream of the person that alone was erased since. A report answers an access request; a correction or a decline answers
a correction request; a denial or a withdrawal ends the open requests of its name. The last answer counts. What is asked
again under the same name after that is another request. An answer to none is the person's, and in no list or count.

A request without an answer is open, then due once its deadline is near, then overdue. One that an erasure left without
an answer is unanswered for good: nobody had asked for the erasure. There is no clock here: `now` is an argument. A
question as of a time is judged at that time, and one as of a position when the event at that position was recorded.

An erasure removes the person's rows. What it left unanswered is read from the log, as is what an answer left out: where
other records hold the person's addresses, it answers nothing until each is settled (`projections.left_out`). Linked
streams are read as one person's. The reason of a denial is sealed, so it is not here.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from projections import left_out, people
from projections.as_of import KnownAt, bounds
from projections.at_least import check_written, settled
from projections.fragments import with_fragments
from projections.projection import Projection
from projections.request_steps import Step, requests_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from projections.as_of import AsOf
    from projections.projection import Connection
    from projections.request_steps import Request

ACCESS, CORRECTION, ERASURE = "access", "correction", "erasure"
State = Literal["open", "due", "overdue", "answered", "unanswered"]
STATES: Final[tuple[State, ...]] = get_args(State)
OPEN, DUE, OVERDUE, ANSWERED, UNANSWERED = STATES
NOT_ANSWERED: Final[tuple[State, ...]] = (OPEN, DUE, OVERDUE, UNANSWERED)
ONE_MONTH: Final = timedelta(days=30)
"""The time for an answer in GDPR Art. 12(3), one month, taken as 30 days."""
ONE_WEEK: Final = timedelta(days=7)
PROJECTION: Final = Projection(
    name="requests",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    request_code text NOT NULL,
    step text NOT NULL,
    kind text,
    category text,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (position, stream_id, request_code, step, kind, category, occurred_at)
SELECT
    event.position,
    event.stream_id,
    event.data ->> 'request_code',
    CASE event.topic
        WHEN 'IdentityVerified.v1' THEN 'verified'
        WHEN 'IdentityNotVerified.v1' THEN 'not_verified'
        WHEN 'AccessReportIssued.v1' THEN 'report'
        WHEN 'DataCorrected.v1' THEN 'correction'
        WHEN 'CorrectionDeclined.v1' THEN 'declined'
        WHEN 'RequestDenied.v1' THEN 'denied'
        WHEN 'RequestWithdrawn.v1' THEN 'withdrawn'
        ELSE 'asked'
    END,
    CASE
        WHEN event.topic IN ('AccessRequested.v1', 'AccessReportIssued.v1') THEN 'access'
        WHEN event.topic IN ('CorrectionRequested.v1', 'DataCorrected.v1', 'CorrectionDeclined.v1') THEN 'correction'
        WHEN event.topic = 'ErasureRequested.v1' THEN 'erasure'
    END,
    event.data ->> 'category',
    event.occurred_at
FROM events AS event
WHERE {window}
    AND event.topic IN (
        'AccessRequested.v1', 'CorrectionRequested.v1', 'ErasureRequested.v1', 'IdentityVerified.v1',
        'IdentityNotVerified.v1', 'AccessReportIssued.v1', 'DataCorrected.v1', 'CorrectionDeclined.v1',
        'RequestDenied.v1', 'RequestWithdrawn.v1'
    )
    AND {not_erased}
UNION ALL
SELECT
    told.place::bigint,
    event.stream_id,
    told.past ->> 'request_code',
    told.past ->> 'what',
    CASE
        WHEN told.past ->> 'what' = 'asked' THEN told.past ->> 'kind'
        WHEN told.past ->> 'what' = 'report' THEN 'access'
        WHEN told.past ->> 'what' IN ('correction', 'declined') THEN 'correction'
    END,
    told.past ->> 'category',
    (SELECT original.occurred_at FROM events AS original WHERE original.position = told.place::bigint)
FROM events AS event
CROSS JOIN LATERAL ROWS FROM (
    jsonb_array_elements(event.data -> 'answers'), jsonb_array_elements_text(event.data -> 'answered_by')
) AS told (past, place)
WHERE {window}
    AND event.topic = 'CustomersUnlinked.v1'
    AND event.data ? 'answers'
    AND told.past ->> 'request_code' <> ''
    AND told.past ->> 'what' <> 'asked_there'
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, PROJECTION)
"""The read models that answer its questions."""

# streams: null for everybody.
_STEPS: Final = with_fragments("""
WITH {persons}
SELECT
    coalesce(persons.person_id, step.stream_id) AS person, step.request_code, step.step, step.kind, step.category,
    step.occurred_at, step.position, step.stream_id
FROM requests AS step
LEFT JOIN persons ON persons.stream_id = step.stream_id
WHERE (%(streams)s::uuid[] IS NULL OR step.stream_id = ANY (%(streams)s::uuid[]))
    AND {as_of}
ORDER BY person, step.occurred_at, step.step <> 'asked', step.step NOT IN ('asked', 'verified', 'not_verified'),
    step.position
""")

_RECORDED_AT: Final = "SELECT recorded_at FROM events WHERE position = %s"


class RequestStatus(NamedTuple):
    """One request of one person and its state. Times and facts are None for what is not on record."""

    person: UUID
    request_code: str
    """The digest of the id that the services use for it, under the person's key."""
    kind: str
    """access, correction or erasure."""
    state: str
    """open, due, overdue, answered, or unanswered: the person was erased before an answer, and had not asked for it."""
    category: str | None
    """The category that a correction request is about."""
    asked_at: datetime | None
    asked_by: int | None
    deadline: datetime | None
    identity: str | None
    """verified, not_verified, or None where nobody checked."""
    answer: str | None
    """report, correction, declined, denied, withdrawn or erasure; None while it is unanswered."""
    answered_at: datetime | None
    answered_by: int | None
    elsewhere: tuple[UUID, ...] = ()
    """The streams of others that the answer left out although they hold the person's addresses: it is open again."""
    erased_at: datetime | None = None
    """When the person was erased, and by which event, where that left the request unanswered."""
    erased_by: int | None = None


class Deadlines(NamedTuple):
    """How long an answer may take, how long before its deadline a request is due, and when requests are judged.

    That is `now`, unless the question says as of when.
    """

    now: datetime
    answer_within: timedelta = ONE_MONTH
    due_within: timedelta = ONE_WEEK


def of(
    connection: Connection,
    streams: Iterable[UUID],
    deadlines: Deadlines,
    *,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> tuple[RequestStatus, ...]:
    """Return the requests of one person, in the order of their deadlines."""
    wanted = people.streams_of_all(connection, streams, as_of=as_of, at_least=at_least)
    return _listed(connection, list(wanted), deadlines, as_of, at_least)


def listed(
    connection: Connection,
    deadlines: Deadlines,
    *,
    states: Collection[str] = NOT_ANSWERED,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> tuple[RequestStatus, ...]:
    """Return everybody's requests in one of these states, by deadline; by default all that have no answer."""
    found = _listed(connection, None, deadlines, as_of, at_least)
    return tuple(request for request in found if request.state in states)


def counts(
    connection: Connection, deadlines: Deadlines, *, as_of: AsOf = None, at_least: int | None = None
) -> dict[str, dict[str, int]]:
    """Count everybody's requests by kind and state; a kind and state that has none counts 0."""
    found = Counter((one.kind, one.state) for one in _listed(connection, None, deadlines, as_of, at_least))
    return {kind: {state: found[kind, state] for state in STATES} for kind in (ACCESS, CORRECTION, ERASURE)}


def judged_at(connection: Connection, deadlines: Deadlines, as_of: AsOf = None) -> datetime:
    """Return the moment at which deadlines are judged. Raises `AsOfWithoutZone`, and `NotYetWritten` for a position."""
    moment = deadlines.now
    check_written(connection, as_of)
    if isinstance(as_of, KnownAt):
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
    connection: Connection, streams: list[UUID] | None, deadlines: Deadlines, as_of: AsOf, at_least: int | None
) -> tuple[RequestStatus, ...]:
    limits = settled(connection, READS, as_of, at_least)
    deadlines = deadlines._replace(now=judged_at(connection, deadlines, as_of))
    rows = connection.execute(_STEPS, {"streams": streams, **limits}).fetchall()
    same = people.same_codes(connection, as_of=as_of)
    steps = map(Step._make, rows)
    every = [step._replace(request=same.get(step.stream, {}).get(step.request, step.request)) for step in steps]
    whole = left_out.reports(connection, [step.position for step in every if step.step == "report"], limits)
    opened = {position for position, elsewhere in whole.items() if elsewhere}
    people_of = groupby(every, key=attrgetter("person"))
    requests = (_request(who, *one, deadlines) for who, own in people_of for one in requests_of(own, opened))
    found = [_opened_again(one, whole.get(one.answered_by or 0, ()), deadlines) for one in requests]
    if streams is None:
        found = [one for one in found if one.asked_by]
        found += [_of_erased(one, deadlines) for one in left_out.of_erased(connection, limits)]
    return tuple(sorted(found, key=_urgency))


def _urgency(one: RequestStatus) -> tuple[bool, datetime | None, UUID, int, str]:
    """Order by deadline; an answer to a request that is not on record has none and comes last."""
    return (
        one.deadline is None,
        one.deadline or one.answered_at,
        one.person,
        one.asked_by or one.answered_by or 0,
        one.kind,
    )


def _request(person: UUID, one: Request, identity: str | None, deadlines: Deadlines) -> RequestStatus:
    made, answer = one.made, one.answer
    deadline = made and made.at + deadlines.answer_within
    state = _unanswered(deadline, deadlines) if answer is None else ANSWERED
    return RequestStatus(
        person,
        one.request,
        one.kind,
        state,
        one.category,
        made and made.at,
        made and made.position,
        deadline,
        identity,
        answer and answer.step,
        answer and answer.at,
        answer and answer.position,
    )


def _unanswered(deadline: datetime | None, deadlines: Deadlines) -> State:
    left = None if deadline is None else deadline - deadlines.now
    if left is None or left > deadlines.due_within:
        return OPEN
    return OVERDUE if left < timedelta() else DUE


def _opened_again(one: RequestStatus, elsewhere: tuple[UUID, ...], deadlines: Deadlines) -> RequestStatus:
    """Return a request that is open although it was answered, where the answer left other records out."""
    return one._replace(state=_unanswered(one.deadline, deadlines), elsewhere=elsewhere) if elsewhere else one


def _of_erased(one: left_out.OfErased, deadlines: Deadlines) -> RequestStatus:
    deadline = one.asked_at + deadlines.answer_within
    asked = (one.category, one.asked_at, one.asked_by, deadline, None, None, None, None)
    request = RequestStatus(one.person, one.request_code, one.kind, UNANSWERED, *asked)
    if one.is_unanswered:
        return request._replace(erased_at=one.erased_at, erased_by=one.erased_by)
    answered = request._replace(answer="erasure", answered_at=one.erased_at, answered_by=one.erased_by, state=ANSWERED)
    return _opened_again(answered, one.elsewhere, deadlines)
