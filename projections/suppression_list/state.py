"""Who is on the suppression list, as of any moment: one person, all of them by pages, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.vocabulary import Program
from projections import people
from projections.at_least import settled
from projections.fragments import with_fragments
from projections.suppression_list.owed import Entry, Evidence
from projections.suppression_list.table import READS, UNDER_AGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from domain.policy.judge import Judge
    from projections.as_of import AsOf
    from projections.projection import Connection

PAGE_PERSONS: Final = 1_000

# Persons about whom there is an opt-out or an age, by the smallest id of their streams.
_PERSONS: Final = with_fragments("""
WITH {persons}
SELECT DISTINCT coalesce(persons.person_id, row.stream_id) AS person
FROM suppression_list AS row
LEFT JOIN persons ON persons.stream_id = row.stream_id
WHERE NOT row.lifts
    AND {as_of}
    AND (%(after)s::uuid IS NULL OR coalesce(persons.person_id, row.stream_id) > %(after)s::uuid)
ORDER BY person
LIMIT %(limit)s
""")


class Page(NamedTuple):
    """Part of the list, by person; `last` is the person to go on after, None at the end."""

    entries: tuple[Entry, ...]
    last: UUID | None


def of(
    connection: Connection, judge: Judge, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> dict[str, Entry]:
    """Give what one person is owed, by program or age."""
    limits = settled(connection, READS, as_of, at_least)
    wanted = people.streams_of_all(connection, streams, as_of=as_of)
    evidence = Evidence(connection, judge, wanted, limits)
    return {entry.owed: entry for stream in wanted[:1] for entry in evidence.entries(stream)}


def listed(  # noqa: PLR0913 - a page of a list, as of a moment
    connection: Connection,
    judge: Judge,
    *,
    after: UUID | None = None,
    limit: int = PAGE_PERSONS,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> Page:
    """Give what everybody is owed, by person, going on after one; it looks at `limit` persons at most."""
    limits: dict[str, Any] = {**settled(connection, READS, as_of, at_least)}
    rows = connection.execute(_PERSONS, {**limits, "after": after, "limit": limit}).fetchall()
    persons = [person for (person,) in rows]
    evidence = Evidence(connection, judge, people.streams_of_all(connection, persons, as_of=as_of), limits)
    entries = tuple(entry for person in persons for entry in evidence.entries(person))
    return Page(entries, persons[-1] if len(persons) == limit else None)


def page_of(  # noqa: PLR0913 - a page of a list, as of a moment
    connection: Connection,
    judge: Judge,
    program: Program | None = None,
    *,
    after: UUID | None = None,
    limit: int = PAGE_PERSONS,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> Page:
    """Give what `limit` persons at most are owed, or of one program, going on after one; nothing only at the end."""
    looked_at = limit
    while True:
        page = listed(connection, judge, after=after, limit=looked_at, as_of=as_of, at_least=at_least)
        found = [one for one in page.entries if program is None or one.owed == program]
        persons = list(dict.fromkeys(one.person for one in found))
        if len(persons) > limit:
            last = persons[limit - 1]
            return Page(tuple(one for one in found if one.person <= last), last)
        if found or page.last is None:
            return page._replace(entries=tuple(found))
        # Whatever these are owed, it was not asked about: look further on, and faster.
        after, looked_at = page.last, max(limit, PAGE_PERSONS)


def entries(  # noqa: PLR0913 - a list, as of a moment
    connection: Connection,
    judge: Judge,
    program: Program | None = None,
    *,
    after: UUID | None = None,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> Iterator[Entry]:
    """Give what everybody is owed, or is of one program, by person, going on after one."""
    while True:
        page = page_of(connection, judge, program, after=after, as_of=as_of, at_least=at_least)
        yield from page.entries
        after = page.last
        if after is None:
            return


def counts(connection: Connection, judge: Judge, *, as_of: AsOf = None, at_least: int | None = None) -> dict[str, int]:
    """Count the persons who are out of each program, and those under age."""
    counted = dict.fromkeys((*(program.value for program in Program), UNDER_AGE), 0)
    for entry in entries(connection, judge, as_of=as_of, at_least=at_least):
        counted[entry.owed] += 1
    return counted
