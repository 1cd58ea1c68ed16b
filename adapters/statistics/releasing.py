"""Releasing counts: what of a table may go to whom, and the record that it went.

Promise: what is released is recorded by an ordinary append in mode `enforce`, at the version of the Company stream that
the decision rests on; if another release came between, the decision is made anew, so two at once cannot both overlook
each other. It is dated no earlier than the release before it. What is held back, and because of what, is said. Refused:
a recipient who is not registered, a name that is taken, and a release from which nothing is left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from adapters.statistics.counting import Asked, count
from domain.errors import PledgerError, VersionConflict
from domain.events import Moment
from domain.events.base import UNPLACED
from domain.facts import parse_fact
from domain.statistics.dimensions import OF, PERIOD
from domain.statistics.release import HeldBack, known_to, releasable
from domain.statistics.small_groups import Cell, suppress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.ledger import Receipt
    from domain.records.company import Company
    from domain.statistics.dimensions import Dimension

SOURCE: Final = "/pledger/statistics"
DIMENSIONS_MAX: Final = 6
CELLS_MAX: Final = 1_000
"""A release has at most so many cells."""
TOTALS_MAX: Final = 4_096
"""A table has at most so many cells and totals: to find what must be held back of them can take twenty seconds."""
_ATTEMPTS: Final = 10


class TooManyCells(PledgerError):
    """A table is asked for that has too many dimensions or cells."""

    code = "too_many_cells"


class NothingToRelease(PledgerError):
    """Nothing of a table can be released."""

    code = "nothing_to_release"


class ReleaseNameTaken(PledgerError):
    """A release has been recorded under this name."""

    code = "release_name_taken"


class RecipientNotRegistered(PledgerError):
    """A release is to go to a recipient whom nobody has registered."""

    code = "recipient_not_registered"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A table as it is asked for: `where` are the dimensions that are fixed, each with its value."""

    asked: Asked
    where: tuple[tuple[Dimension, str], ...] = ()

    @property
    def fixed(self) -> dict[str, str]:
        """Give what holds of everybody in the table, as its cells say it."""
        period = {PERIOD: str(self.asked.period)} if any(self.asked.period) else {}
        return {OF: self.asked.of.value, **{one.name: value for one, value in self.where}, **period}

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names of all dimensions that its cells can have."""
        return (*self.fixed, *(one.name for one in self.asked.by))


@dataclass(frozen=True, slots=True)
class Counts:
    """A table that was counted: all that is large enough, and the cells that are not, or would give others away."""

    wanted: Wanted
    cells: tuple[Cell, ...]
    too_few: tuple[Mapping[str, str], ...]
    k: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What of a table can be released, or was: `recorded` is the receipt then."""

    counts: Counts
    cells: tuple[Cell, ...]
    held_back: tuple[HeldBack, ...]
    recorded: Receipt | None = None


def table(installation: Installation, connection: psycopg.Connection[Any], wanted: Wanted) -> Counts:
    """Count a table, and suppress what is too small in it, with as much as would give that away."""
    asked = wanted.asked
    everything = (*(one for one, _ in wanted.where), *asked.by)
    if len(everything) > DIMENSIONS_MAX:
        raise _too_many(f"it has {len(everything)} dimensions, and a table has at most {DIMENSIONS_MAX}.")
    whole = Asked(asked.of, everything, asked.position, asked.period, asked.time)
    fixed = tuple(value for _, value in wanted.where)
    tally = count(connection, installation.keyring, whole).sure
    finest = {values[len(fixed) :]: persons for values, persons in tally.items() if values[: len(fixed)] == fixed}
    if (totals := len(finest) << len(asked.by)) > TOTALS_MAX:
        raise _too_many(f"it can have {totals:,} cells and totals, and may have {TOTALS_MAX:,}.")
    by = [one.name for one in asked.by]
    cells = [
        Cell({name: value or "" for name, value in zip(by, values, strict=True)}, n) for values, n in finest.items()
    ]
    k = installation.policy.parameters.smallest_cell_count
    kept = suppress(cells, by, k)
    told = {tuple(one.where.items()) for one in kept}
    too_few = [where for where in _all_cells(cells, by) if tuple(where.items()) not in told]
    return Counts(
        wanted,
        tuple(Cell({**wanted.fixed, **one.where}, one.persons) for one in kept),
        tuple({**wanted.fixed, **where} for where in too_few),
        k,
    )


def preview(counts: Counts, company: Company, recipient: str | None, name: str = "") -> Outcome:
    """Tell what of a table could be released to a recipient, or to nobody in particular."""
    cells = [one._replace(release=_fact_name(name)) for one in counts.cells]
    kept, held_back = releasable(cells, known_to(recipient, company.releases), counts.k)
    return Outcome(counts, tuple(kept), tuple(held_back))


def release(installation: Installation, counts: Counts, recipient: str | None, name: str, now: datetime) -> Outcome:
    """Record what of a table can be released, under a name of its own.

    Raises `RecipientNotRegistered`, `ReleaseNameTaken` and `NothingToRelease`, and then nothing was recorded.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        company = installation.ledger.company()
        version = company.version
        outcome = _checked(counts, company, recipient, name, now)
        time = max([now, *(one.moment.at for one in company.releases)])
        fact = parse_fact(_cloud_event(counts, outcome.cells, recipient, name, time))
        try:
            receipt = installation.ledger.append(fact, expected_version=version)
        except VersionConflict:
            if attempt == _ATTEMPTS:
                raise
            continue
        return Outcome(counts, outcome.cells, outcome.held_back, receipt)
    raise AssertionError("the last attempt returns or raises")


def _checked(counts: Counts, company: Company, recipient: str | None, name: str, now: datetime) -> Outcome:
    if any(one.name == _fact_name(name) for one in company.releases):
        raise ReleaseNameTaken(
            f"Nothing was released: there is a release {name} already.",
            "a release is recorded once, and what it says stays as it is.",
            "Give this one another name.",
        )
    if recipient is not None and company.recipient(recipient, Moment(now, UNPLACED)) is None:
        raise RecipientNotRegistered(
            f"Nothing was released: nobody registered a recipient {recipient}.",
            "who receives counts has to be on record, so that later releases can be held against them.",
            "Append a pledger.recipient_registered.v1, and release again.",
        )
    outcome = preview(counts, company, recipient, name)
    if not outcome.cells:
        earlier = sorted({one for cell in outcome.held_back for one in cell.releases})
        raise NothingToRelease(
            "Nothing was released: nothing of this table can be.",
            f"with what went out as {', '.join(earlier)} it gives groups of fewer than {counts.k} away."
            if earlier
            else f"its cells, or what is left beside them, count fewer than {counts.k}.",
            "Count by fewer dimensions, over a longer period, or once more has changed.",
        )
    if len(outcome.cells) > CELLS_MAX:
        raise _too_many(f"{len(outcome.cells):,} of its cells and totals can be released, and {CELLS_MAX:,} at once.")
    return outcome


def _cloud_event(
    counts: Counts, cells: Sequence[Cell], recipient: str | None, name: str, time: datetime
) -> dict[str, Any]:
    asked = counts.wanted.asked
    data: dict[str, Any] = {
        "release": name,
        "dimensions": list(counts.wanted.names),
        "cells": [{"where": dict(one.where), "count": one.persons} for one in cells],
        "counted_at": asked.position,
        "mode": "enforce",
    }
    data |= {} if recipient is None else {"recipient": recipient}
    data |= {} if asked.time is None else {"counted_as_of": asked.time.isoformat()}
    envelope = {"source": SOURCE, "id": name, "type": "pledger.aggregate_released.v1", "time": time.isoformat()}
    return {**envelope, "data": data}


def _fact_name(name: str) -> str:
    return f"{SOURCE} {name}"


def _all_cells(cells: Sequence[Cell], by: Sequence[str]) -> list[dict[str, str]]:
    """Give the values of all cells and totals with anybody in them, those of the fewest dimensions first."""
    found: dict[tuple[tuple[str, str], ...], None] = defaultdict(None)
    for size in range(len(by) + 1):
        for names in combinations(by, size):
            found |= dict.fromkeys(sorted({tuple((name, one.where[name]) for name in names) for one in cells}))
    return [dict(where) for where in found]


def _too_many(why: str) -> TooManyCells:
    return TooManyCells("The table is too large.", why, "Count by fewer dimensions, or fix some with --where.")
