"""Links, unlinks, ends of names and corrections are undone by no entry correction.

Each of the first three has a fact of its own that undoes it. What a wrong correction took away is told again.

What they did to two records, or to a name, cannot be taken back by leaving out one entry. So the correction of one is
refused, with the fact that does it instead. Where the correction was told first, the link, unlink or end is refused: it
was declared wrong, and joining or parting people by it all the same could show one person's data to another.

What was accepted once is accepted when a trace tells itself its lines again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.contact_points import names_beside
from domain.errors import MalformedFact, PledgerError, Problem
from domain.facts.company_data import CompanyEntryCorrectionData, VisitorEntryCorrectionData
from domain.facts.data import EntryCorrectionData
from domain.facts.name_data import LinkData, NameEndedData, UnlinkData
from domain.meant import stream_meant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from domain.facts import CustomerFact, Fact
    from domain.facts.data import Data
    from domain.records import Company, Customer, Visitor
    from domain.store import Store

UNCORRECTABLE: Final[frozenset[type[Data]]] = frozenset({EntryCorrectionData, LinkData, NameEndedData, UnlinkData})
"""The facts that no entry correction undoes."""
_LINK: Final = "names a link, which is undone by an unlink of the two and not by this"
_UNLINK: Final = "names an unlink, which is undone by a link of the two and not by this"
_CORRECTION: Final = (
    "names a correction, which stands as it was told: tell the entry that it corrected again, under another id"
)
_END: Final = (
    "names the end of a name, which is undone by a link of that name with the person who had it (under another name of "
    "theirs, or their id) and not by this"
)


class EntryDeclaredWrong(PledgerError):
    """A link, an unlink, the end of a name or a correction was corrected as a wrong entry before it was told."""

    code = "entry_declared_wrong"

    def __init__(self) -> None:
        super().__init__(
            "The fact was not stored.",
            "a correction that was told before it declares it a wrong entry. So nobody was joined or parted by it, no "
            "name was ended and no entry corrected.",
            "Leave it. If the fact is right all the same, tell it under another id.",
        )


def check_correction(store: Store, fact: CustomerFact) -> None:
    """Raise `MalformedFact` for the correction of a link, an unlink, the end of a name or a correction.

    Raises `EntryDeclaredWrong` where such a fact was corrected before it is told.
    """
    if store.as_told(fact) is not None:
        return
    if isinstance(fact.data, EntryCorrectionData):
        _check_can_be_corrected(store, fact, fact.data)
    if type(fact.data) in UNCORRECTABLE:
        _check_is_not_declared_wrong(store, fact)


def check_other_correction(store: Store, fact: Fact, record: Company | Visitor) -> None:
    """Raise `MalformedFact` for the correction of a correction of the company's record, or of a browser's."""
    data = fact.data
    if not isinstance(data, CompanyEntryCorrectionData | VisitorEntryCorrectionData) or store.as_told(fact) is not None:
        return
    stream, position = store.fact_at(data.entry.source, data.entry.id) or (None, 0)
    if stream == record.stream and position in record.wrong.corrections:
        raise MalformedFact([Problem("data.entry", _CORRECTION)])


def _check_can_be_corrected(store: Store, fact: CustomerFact, data: EntryCorrectionData) -> None:
    stream, position = store.fact_at(data.entry.source, data.entry.id) or (None, 0)
    own = stream_meant(store, fact)
    if own is None or stream is None:
        return
    person = store.person(own)
    if stream not in person.streams and stream not in person.joins.parted:
        return
    for one in (person, store.person(stream)):
        if message := _undone_otherwise(one, position):
            raise MalformedFact([Problem("data.entry", message)])


def _check_is_not_declared_wrong(store: Store, fact: CustomerFact) -> None:
    """Raise `EntryDeclaredWrong` for such a fact that was corrected before it was told.

    An unlink and an end are an officer's, so nobody else's correction keeps them away, nor one that corrects.
    """
    for stream in _concerned(store, fact):
        person = store.person(stream)
        for own in person.streams if person.protections.awaited else ():
            found = person.protections.awaited.get(store.code(own, fact.name))
            if found and (found.by_officer or isinstance(fact.data, LinkData)):
                raise EntryDeclaredWrong


def _undone_otherwise(person: Customer, position: int) -> str | None:
    corrections = person.corrections
    if position in corrections.itself:
        return _CORRECTION
    if position in corrections.links:
        return _LINK
    if position in corrections.unlinks:
        return _UNLINK
    return _END if position in corrections.ends else None


def _concerned(store: Store, fact: CustomerFact) -> Iterator[UUID]:
    """Yield the streams on whose records a correction of a fact can wait for it."""
    own = stream_meant(store, fact)
    for stream in (own, *(store.stream_of(name, fact.time) for name in names_beside(fact))):
        if stream is not None:
            yield stream
