"""Who is on the suppression list, as of any moment: one person, everybody by pages, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.vocabulary import Program
from projections import people
from projections.at_least import settled
from projections.fragments import with_fragments
from projections.suppression_list.suppressed import Evidence, Suppression
from projections.suppression_list.table import READS, UNDER_AGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from domain.policy.judge import Judge
    from projections.as_of import AsOf
    from projections.projection import Connection

PAGE_PERSONS: Final = 1_000

# The persons who have a row that puts them on the list, or a contact point that something binds.
_PERSONS: Final = with_fragments("""
WITH {persons},
row AS (
    SELECT stream_id FROM suppression_list WHERE NOT lifts AND {as_of}
    UNION
    SELECT point.stream_id
    FROM (SELECT DISTINCT digest FROM contact_bindings WHERE is_out AND {as_of}) AS bound
    JOIN contact_points AS point ON point.digest = bound.digest
)
SELECT DISTINCT coalesce(persons.person_id, row.stream_id) AS person
FROM row
LEFT JOIN persons ON persons.stream_id = row.stream_id
WHERE (%(after)s::uuid IS NULL OR coalesce(persons.person_id, row.stream_id) > %(after)s::uuid)
ORDER BY person
LIMIT %(limit)s
""")


class SuppressionPage(NamedTuple):
    """Part of the list, by person; `last` is the person to continue after, None at the end."""

    entries: tuple[Suppression, ...]
    last: UUID | None


def of(
    connection: Connection, judge: Judge, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> dict[str, Suppression]:
    """Return what is suppressed for one person, by its word."""
    limits = settled(connection, READS, as_of, at_least)
    wanted = people.streams_of_all(connection, streams, as_of=as_of)
    evidence = Evidence(connection, judge, wanted, limits)
    return {one.suppressed: one for stream in wanted[:1] for one in evidence.suppressions(stream)}


def page(  # noqa: PLR0913 - a page of a list, as of a moment
    connection: Connection,
    judge: Judge,
    program: Program | None = None,
    *,
    after: UUID | None = None,
    limit: int = PAGE_PERSONS,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> SuppressionPage:
    """Return the entries of up to `limit` persons after one, of all programs or of one; empty only at the end."""
    limits: dict[str, Any] = {**settled(connection, READS, as_of, at_least)}
    looked_at = limit
    while True:
        rows = connection.execute(_PERSONS, {**limits, "after": after, "limit": looked_at}).fetchall()
        looked_up = [person for (person,) in rows]
        evidence = Evidence(connection, judge, people.streams_of_all(connection, looked_up, as_of=as_of), limits)
        every = [one for person in looked_up for one in evidence.suppressions(person)]
        found = tuple(one for one in every if program is None or one.suppressed == program)
        persons = list(dict.fromkeys(one.person for one in found))
        if len(persons) > limit:
            last = persons[limit - 1]
            return SuppressionPage(tuple(one for one in found if one.person <= last), last)
        after = looked_up[-1] if len(looked_up) == looked_at else None
        if found or after is None:
            return SuppressionPage(found, after)
        # None of these persons is suppressed for the program: look further, at more persons at once.
        looked_at = max(limit, PAGE_PERSONS)


def listed(
    connection: Connection,
    judge: Judge,
    program: Program | None = None,
    *,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> Iterator[Suppression]:
    """Yield the entries of everybody, of all programs or of one, by person."""
    after = None
    while True:
        part = page(connection, judge, program, after=after, as_of=as_of, at_least=at_least)
        yield from part.entries
        after = part.last
        if after is None:
            return


def counts(connection: Connection, judge: Judge, *, as_of: AsOf = None, at_least: int | None = None) -> dict[str, int]:
    """Count the persons who are out of each program, those under age, and those who object to each purpose."""
    counted = dict.fromkeys((*(program.value for program in Program), UNDER_AGE), 0)
    for one in listed(connection, judge, as_of=as_of, at_least=at_least):
        counted[one.suppressed] = counted.get(one.suppressed, 0) + 1
    return counted
