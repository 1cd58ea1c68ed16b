"""Corrections of entries about the company and about browsers: the event of one, also before its entry is told.

Those about people are in `domain.resolution` and `domain.folding`, since they can undo what protects others too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.events.company import CompanyEntryCorrected
from domain.events.visitor import VisitorEntryCorrected
from domain.facts.company_data import CompanyEntryCorrectionData, VisitorEntryCorrectionData
from domain.records import Company, Customer, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.events import Event
    from domain.facts import Fact
    from domain.facts.fields import EntryName
    from domain.state import State

    _Data = CompanyEntryCorrectionData | VisitorEntryCorrectionData


def entry_correction_of(state: State, _: Fact, data: _Data) -> Event:
    """Return the event that a correction states. Of a browser's, nothing is kept but which entries it is about."""
    entry, replacement = data.entry, data.replacement
    place = _place_on(state, entry)
    said: dict[str, Any] = {
        "entry": place,
        "by_officer": True if state.by_officer else None,
        "replacement": _place_on(state, replacement) if replacement else None,
    }
    if isinstance(data, VisitorEntryCorrectionData):
        code = None if place else state.keys.code(state.stream, entry.name)
        return state.stated(VisitorEntryCorrected, entry_code=code, **said)
    return state.stated(
        CompanyEntryCorrected,
        entry_code=state.keys.code(state.stream, entry.name),
        entry_name=entry.name,
        replacement_name=replacement.name if replacement else None,
        reason=data.reason,
        evidence=data.evidence,
        **said,
    )


def corrected_before(state: State, fact: Fact) -> Iterator[Event]:
    """Yield that a fact about the company, or about a browser, was corrected before it was told.

    A browser's refusal is corrected by an officer's word alone.
    """
    record = state.record
    if isinstance(record, Customer) or not record.wrong.awaited:
        return
    code = state.keys.code(state.stream, fact.name)
    found, place = record.wrong.awaited.get(code), state.first + 1
    if found is None or (isinstance(record, Visitor) and record.protection(place) and not found.by_officer):
        return
    cls = CompanyEntryCorrected if isinstance(record, Company) else VisitorEntryCorrected
    said: dict[str, Any] = {
        "entry_code": code,
        "entry": place,
        "by_officer": True if found.by_officer else None,
        "waited": found.moment.position,
    }
    yield state.make(cls, at=found.moment.at, **said).model_copy(update={"actor": found.actor})


def _place_on(state: State, entry: EntryName) -> int | None:
    """Return the position of a fact on the same stream, which is no person's; None where it is not told there yet."""
    stream, position = state.keys.fact_at(entry.source, entry.id) or (None, None)
    return position if stream == state.stream else None
