"""Holdings (table `holdings`): which categories of data are held about whom, from which collection, and which stand.

There is one row a collection, a correction of data, a correction of an entry, and a deletion of values. What replaces
what:

- A category collected again from the same giver replaces what was collected before. Values are not known here; the
  access report opens them and can see that the same value came twice. Everything else is as in that report.
- A correction of data replaces its category and the narrower ones, no matter who gave them.
- What the buyer of a gift told and what the person told are kept apart.
- An entry that was declared wrong holds nothing and replaces nothing.
- A value that was deleted, or made anonymous, is not held any more, and what it replaced stays replaced. So is what
  another system held and says that it deleted.

An erased person's streams have no rows, and the answer says when they were erased. Linked streams are read, and
counted, as one person's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.vocabulary import covers
from projections import people
from projections.at_least import settled
from projections.fragments import with_fragments
from projections.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from projections.as_of import AsOf
    from projections.projection import Connection

COLLECTION, CORRECTION, ENTRY_CORRECTION = "collection", "correction", "entry_correction"
PERSON, BUYER = "person", "buyer"
CURRENT, WITHHELD, SUPERSEDED = "current", "withheld", "superseded"
DELETED, ANONYMISED = "deleted", "anonymised"

PROJECTION: Final = Projection(
    name="holdings",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    fact bigint NOT NULL,
    stream_id uuid NOT NULL,
    what text NOT NULL,
    categories jsonb NOT NULL,
    act text,
    given_by text,
    withheld boolean NOT NULL,
    reference_code text,
    requests jsonb,
    entry bigint,
    occurred_at timestamptz NOT NULL,
    deleted_from jsonb,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (
    position, fact, stream_id, what, categories, act, given_by, withheld, reference_code, requests, entry,
    occurred_at, deleted_from
)
SELECT
    event.position,
    event.position - event.part,
    event.stream_id,
    CASE event.topic
        WHEN 'DataCollected.v1' THEN 'collection'
        WHEN 'DataCorrected.v1' THEN 'correction'
        WHEN 'DataDeleted.v1' THEN 'deleted'
        WHEN 'DataAnonymised.v1' THEN 'anonymised'
        ELSE 'entry_correction'
    END,
    CASE event.topic
        WHEN 'DataCollected.v1' THEN event.data -> 'categories'
        WHEN 'DataCorrected.v1' THEN '[]'::jsonb || (event.data -> 'category')
        WHEN 'EntryCorrected.v1' THEN '[]'
        ELSE event.data -> 'gone'
    END,
    event.data ->> 'act',
    CASE
        WHEN event.topic NOT IN ('DataCollected.v1', 'DataCorrected.v1') THEN NULL
        WHEN event.data ->> 'act' = 'gift' THEN 'buyer'
        ELSE 'person'
    END,
    coalesce(event.data ->> 'withheld' = 'true', false),
    event.data ->> 'reference_code',
    event.data -> 'requests',
    (event.data ->> 'entry')::bigint,
    event.occurred_at,
    (
        -- What was deleted of the event's own fact is counted back from the event.
        SELECT jsonb_agg(one.place::bigint + CASE WHEN one.place::bigint > 0 THEN 0 ELSE event.position END
            ORDER BY one.number)
        FROM jsonb_array_elements_text(event.data -> 'gone_from') WITH ORDINALITY AS one (place, number)
    )
FROM events AS event
WHERE {window}
    AND (
        event.topic IN ('DataCollected.v1', 'DataCorrected.v1', 'EntryCorrected.v1')
        OR (event.topic IN ('DataDeleted.v1', 'DataAnonymised.v1') AND event.data ? 'gone')
    )
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, PROJECTION)
"""The read models that answer its questions."""

_OF: Final = with_fragments("""
SELECT
    category, what, position, fact, stream_id, act, given_by, withheld, reference_code, occurred_at, entry,
    (deleted_from ->> (number - 1)::integer)::bigint
FROM holdings
LEFT JOIN LATERAL jsonb_array_elements_text(categories) WITH ORDINALITY AS given (category, number) ON true
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, position
""")

_ERASURE: Final = with_fragments("""
SELECT position, occurred_at FROM events
WHERE {is_erasure} AND stream_id = ANY (%(streams)s::uuid[])
ORDER BY position LIMIT 1
""")

_COUNTS: Final = with_fragments("""
WITH {persons},
change AS (
    SELECT
        coalesce(persons.person_id, holdings.stream_id) AS person,
        what, categories, given_by, withheld, entry, fact, occurred_at, position, deleted_from
    FROM holdings
    LEFT JOIN persons ON persons.stream_id = holdings.stream_id
    WHERE {as_of}
),
{gone},
wrong AS (
    SELECT DISTINCT person, entry AS fact FROM change WHERE entry IS NOT NULL
),
given AS (
    SELECT person, what, category, given_by, withheld, occurred_at, position, wrong.fact IS NULL AS is_right
    FROM change
    CROSS JOIN LATERAL jsonb_array_elements_text(categories) AS category
    LEFT JOIN wrong USING (person, fact)
    WHERE deleted_from IS NULL
),
latest AS (
    SELECT DISTINCT ON (person, category, given_by) person, category, withheld, occurred_at, position
    FROM given
    WHERE is_right
    ORDER BY person, category, given_by, occurred_at DESC, position DESC
),
standing AS (
    SELECT person, category, withheld, position
    FROM latest
    WHERE NOT EXISTS (
        SELECT 1 FROM given AS correction
        WHERE correction.what = 'correction'
            AND correction.is_right
            AND correction.person = latest.person
            AND (correction.category = latest.category OR starts_with(latest.category, correction.category || '.'))
            AND (correction.occurred_at, correction.position) > (latest.occurred_at, latest.position)
    )
)
SELECT
    category,
    count(DISTINCT standing.person) FILTER (WHERE NOT standing.withheld AND gone.position IS NULL),
    count(*) FILTER (WHERE NOT standing.withheld AND gone.position IS NULL),
    count(*) FILTER (WHERE standing.withheld AND gone.position IS NULL),
    count(*) FILTER (WHERE standing.position IS NULL AND gone.position IS NULL),
    count(gone.position)
FROM given
LEFT JOIN standing USING (position, category)
LEFT JOIN gone USING (position, category)
GROUP BY category
ORDER BY category COLLATE "C"
""")


class Superseded(NamedTuple):
    """What replaced a value: `how` is collection, correction or entry_correction, `by` the position of its event."""

    how: str
    by: int
    at: datetime


class Deleted(NamedTuple):
    """What deleted a value: `how` is deleted or anonymised, `by` the position of its event."""

    how: str
    by: int
    at: datetime


class HeldCategory(NamedTuple):
    """One category of a collection or of a correction of data; `what` says which."""

    category: str
    what: str
    position: int
    fact: int
    """The position of the first event of its fact."""
    stream: UUID
    act: str | None
    """The act of the collection; None for a correction."""
    given_by: str
    """Who gave the data: person, or buyer for the buyer of a gift."""
    withheld: bool
    """Whether the value was not kept because its giver was a known child."""
    reference_code: str | None
    at: datetime
    superseded: Superseded | None = None
    deleted: Deleted | None = None

    @property
    def state(self) -> str:
        """One of current, withheld, superseded, deleted and anonymised."""
        if self.deleted:
            return self.deleted.how
        return SUPERSEDED if self.superseded else WITHHELD if self.withheld else CURRENT


class PersonErased(NamedTuple):
    """When a person was erased, and by which event."""

    position: int
    at: datetime


class PersonHoldings(NamedTuple):
    """What is held about one person, by category, then world time; nothing where the person was erased."""

    listed: tuple[HeldCategory, ...]
    erased: PersonErased | None


class CategoryCount(NamedTuple):
    """How often one category was given, by its state now; `persons` is how many have a current one."""

    persons: int
    current: int
    withheld: int
    superseded: int
    deleted: int


def of(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> PersonHoldings:
    """Return a person's holdings; none after an erasure, whatever `as_of` is."""
    asked = people.bounds_of(connection, READS, streams, as_of, at_least)
    rows = connection.execute(_OF, asked).fetchall()
    erasure = connection.execute(_ERASURE, asked).fetchone()
    if erasure is not None:
        return PersonHoldings((), PersonErased._make(erasure))
    changes = [(HeldCategory(*row[:-2]), *row[-2:]) for row in rows]
    wrong = {
        entry: Superseded(ENTRY_CORRECTION, change.position, change.at)
        for change, entry, _ in changes
        if entry is not None
    }
    deleted = {
        (place, change.category): Deleted(change.what, change.position, change.at)
        for change, _, place in changes
        if place is not None
    }
    given = (change for change, *_ in changes if change.what in {COLLECTION, CORRECTION})
    left = [change._replace(deleted=deleted.get((change.position, change.category))) for change in given]
    return PersonHoldings(_judged(left, wrong), None)


def counts(connection: Connection, *, as_of: AsOf = None, at_least: int | None = None) -> dict[str, CategoryCount]:
    """Count for each category how often it was given, and the persons of whom it is held."""
    limits = settled(connection, READS, as_of, at_least)
    return {row[0]: CategoryCount._make(row[1:]) for row in connection.execute(_COUNTS, {**limits}).fetchall()}


def _judged(given: Sequence[HeldCategory], wrong: Mapping[int, Superseded]) -> tuple[HeldCategory, ...]:
    """Find what replaced each category. `given` is in order of world time; `wrong` has the entries declared wrong."""
    judged = list(given)
    standing: dict[tuple[str, str], int] = {}
    """The index of the current one, by category and giver."""
    for index, new in enumerate(given):
        if new.fact in wrong:
            judged[index] = new._replace(superseded=wrong[new.fact])
            continue
        replaced = [(new.category, new.given_by)]
        if new.what == CORRECTION:
            replaced = [key for key in standing if covers(new.category, key[0])]
        for key in replaced:
            if key in standing:
                old = standing.pop(key)
                judged[old] = judged[old]._replace(superseded=Superseded(new.what, new.position, new.at))
        standing[new.category, new.given_by] = index
    return tuple(sorted(judged, key=lambda holding: holding.category))
