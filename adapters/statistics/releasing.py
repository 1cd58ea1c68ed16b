"""Release counts: decide what of a table may go to a recipient, and record that it went.

A release is recorded by an ordinary append in mode `enforce`, at the version of the Company stream that the decision
rests on. If another release came between, the decision is made again, so that two releases cannot overlook each other.
A release is dated no earlier than the one before it. What is held back is returned with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

from adapters.contract import parse_fact
from adapters.own_facts import own_fact
from adapters.statistics.counting import CountQuery, count
from domain.errors import PledgerError, VersionConflict
from domain.moments import end_of
from domain.records.customer import LAST
from domain.statistics.cells import Cell
from domain.statistics.dimensions import OF, PERIOD
from domain.statistics.release import HeldBack, known_to, releasable
from domain.statistics.small_groups import suppress
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.ledger import Receipt
    from domain.records.company import Company
    from domain.statistics.dimensions import Dimension

SOURCE: Final = "/pledger/statistics"
DIMENSIONS_MAX: Final = 6
CELLS_MAX: Final = 1_000
"""How many cells a release may have."""
TOTALS_MAX: Final = 4_096
"""How many cells and totals a table may have; finding what to hold back of so many can take twenty seconds."""
_ATTEMPTS: Final = 10


class TooManyCells(PledgerError):
    """A table has too many dimensions or cells."""

    code = "too_many_cells"


class NothingToRelease(PledgerError):
    """Nothing of a table can be released."""

    code = "nothing_to_release"


class ReleaseNameTaken(PledgerError):
    """A release of this name is on record already."""

    code = "release_name_taken"


class RecipientNotRegistered(PledgerError):
    """The recipient of a release is not registered."""

    code = "recipient_not_registered"


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A table to count: `where` are the dimensions that are fixed, each with its value.

    `empty_is_public` names those of its dimensions of which it is public that nobody has some value. Of cells that have
    these alone, those of nobody can be released as well.
    """

    question: CountQuery
    where: tuple[tuple[Dimension, str], ...] = ()
    empty_is_public: frozenset[str] = frozenset()

    @property
    def fixed(self) -> dict[str, str]:
        """Return what holds of everybody in the table, as its cells say it."""
        period = {PERIOD: str(self.question.period)} if any(self.question.period) else {}
        return {OF: self.question.of.value, **{one.name: value for one, value in self.where}, **period}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all dimensions that its cells can have."""
        return (*self.fixed, *(one.name for one in self.question.by))

    @property
    def described(self) -> list[str | dict[str, Any]]:
        """Return the names of all dimensions, with what is public of them, as the fact of a release has them."""
        if not self.empty_is_public:
            return list(self.names)
        public = {OF, PERIOD, *self.empty_is_public}  # What is counted and over which period says nothing of anybody.
        return [{"name": one, "empty_is_public": True} if one in public else one for one in self.names]

    def empty_cells(self, counted: Iterable[Mapping[str, str]]) -> list[Cell]:
        """Return the cells and totals that nobody is in, where that is public; `counted` has the values of all."""
        known, by = list(counted), [one for one in self.question.by if one.name in self.empty_is_public]
        if any(one.name not in self.empty_is_public for one, _ in self.where):
            return []
        found = []
        for several in (some for size in range(1, len(by) + 1) for some in combinations(by, size)):
            for values in product(*(one.values or () for one in several)):
                where = {one.name: value for one, value in zip(several, values, strict=True)}
                if not any(where.items() <= one.items() for one in known):
                    found.append(Cell(where, 0))
        return found


@dataclass(frozen=True, slots=True)
class CountedTable:
    """A counted table: the cells that are large enough, and those that are too small or would give others away."""

    query: TableQuery
    cells: tuple[Cell, ...]
    too_few: tuple[Mapping[str, str], ...]
    k: int


@dataclass(frozen=True, slots=True)
class Release:
    """What of a table can be released; if it was released, with the receipt."""

    counted: CountedTable
    cells: tuple[Cell, ...]
    held_back: tuple[HeldBack, ...]
    receipt: Receipt | None = None


def table(installation: Installation, connection: psycopg.Connection[Any], query: TableQuery) -> CountedTable:
    """Count a table; suppress the cells that are too small, and others from which they would follow."""
    question = query.question
    everything = (*(one for one, _ in query.where), *question.by)
    if len(everything) > DIMENSIONS_MAX:
        raise _too_many(f"it has {len(everything)} dimensions, and a table has at most {DIMENSIONS_MAX}.")
    whole = CountQuery(question.of, everything, question.position, question.period, question.time)
    fixed = tuple(value for _, value in query.where)
    counts = count(connection, installation.keyring, whole)
    tally = counts.sure
    finest = {values[len(fixed) :]: persons for values, persons in tally.items() if values[: len(fixed)] == fixed}
    if (totals := len(finest) << len(question.by)) > TOTALS_MAX:
        raise _too_many(f"it can have {totals:,} cells and totals, and may have {TOTALS_MAX:,}.")
    by = [one.name for one in question.by]
    cells = [
        Cell({name: value or "" for name, value in zip(by, values, strict=True)}, n) for values, n in finest.items()
    ]
    k = installation.policy.parameters.smallest_cell_count
    kept = suppress(cells, by, k)
    kept_cells = {tuple(one.where.items()) for one in kept}
    anybody = [values for values in (*tally, *counts.unsure) if values[: len(fixed)] == fixed]
    kept += query.empty_cells(
        {name: value or "" for name, value in zip(by, values[len(fixed) :], strict=True)} for values in anybody
    )
    too_few = [where for where in _all_cells(cells, by) if tuple(where.items()) not in kept_cells]
    return CountedTable(
        query,
        tuple(Cell({**query.fixed, **one.where}, one.persons) for one in kept),
        tuple({**query.fixed, **where} for where in too_few),
        k,
    )


def preview(counted: CountedTable, company: Company, recipient: str | None) -> Release:
    """Return what of a table could be released to a recipient, or to everybody."""
    releases = company.standing(LAST).releases
    kept, held_back = releasable(counted.cells, known_to(recipient, releases), counted.k)
    return Release(counted, tuple(kept), tuple(held_back))


def release(
    installation: Installation, counted: CountedTable, recipient: str | None, name: str, now: datetime
) -> Release:
    """Record the release of what of a table can be released, under a name of its own.

    Raises `RecipientNotRegistered`, `ReleaseNameTaken` and `NothingToRelease`, and then nothing was recorded.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        company = installation.ledger.company()
        version = company.version
        done = _checked(counted, company, recipient, name, now)
        time = max([now, *(one.moment.at for one in company.releases)])
        fact = parse_fact(_cloud_event(counted, done.cells, recipient, name, time))
        try:
            receipt = installation.ledger.append(fact, expected_version=version)
        except VersionConflict:
            if attempt == _ATTEMPTS:
                raise
            continue
        return Release(counted, done.cells, done.held_back, receipt)
    raise AssertionError("the last attempt returns or raises")


def _checked(counted: CountedTable, company: Company, recipient: str | None, name: str, now: datetime) -> Release:
    if any(one.release == name for one in company.releases):
        raise ReleaseNameTaken(
            f"Nothing was released: there is a release {name} already.",
            "a release is recorded once, and does not change.",
            "Give this one another name.",
        )
    if recipient is not None and company.recipient(recipient, end_of(now)) is None:
        raise RecipientNotRegistered(
            f"Nothing was released: no recipient {recipient} is registered.",
            "the recipients of counts must be on record, so that later releases can be compared with earlier ones.",
            "Append a pledger.recipient_registered.v1, and release again.",
        )
    done = preview(counted, company, recipient)
    if not done.cells:
        names = {one.position: one.release for one in company.releases}
        earlier = sorted({names[one] for cell in done.held_back for one in cell.releases if one in names})
        raise NothingToRelease(
            "Nothing was released: nothing of this table can be.",
            f"together with {', '.join(earlier)}, it would reveal groups smaller than {counted.k}."
            if earlier
            else f"its cells, or what is left beside them, count fewer than {counted.k}.",
            "Count by fewer dimensions, over a longer period, or once more has changed.",
        )
    if len(done.cells) > CELLS_MAX:
        raise _too_many(f"{len(done.cells):,} of its cells and totals can be released, and {CELLS_MAX:,} at once.")
    return done


def _cloud_event(
    counted: CountedTable, cells: Sequence[Cell], recipient: str | None, name: str, time: datetime
) -> dict[str, Any]:
    question = counted.query.question
    data: dict[str, Any] = {
        "release": name,
        "dimensions": counted.query.described,
        "cells": [{"where": dict(one.where), "count": one.persons} for one in cells],
        "counted_at": question.position,
        "mode": "enforce",
    }
    data |= {} if recipient is None else {"recipient": recipient}
    data |= {} if question.time is None else {"counted_as_of": rfc3339(question.time)}
    return own_fact("aggregate_released", SOURCE, name, time, data)


def _all_cells(cells: Sequence[Cell], by: Sequence[str]) -> list[dict[str, str]]:
    """Return the values of all cells and totals with anybody in them, those of the fewest dimensions first."""
    found: dict[tuple[tuple[str, str], ...], None] = defaultdict(None)
    for size in range(len(by) + 1):
        for names in combinations(by, size):
            found |= dict.fromkeys(sorted({tuple((name, one.where[name]) for name in names) for one in cells}))
    return [dict(where) for where in found]


def _too_many(why: str) -> TooManyCells:
    return TooManyCells("The table is too large.", why, "Count by fewer dimensions, or fix some with --where.")
