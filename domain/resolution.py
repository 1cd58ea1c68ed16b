"""The event that a fact states, before it is judged.

Most facts state an event that has the same fields; the shape of their data says which (`Data.facts`). The others have a
function of their own, found by that shape in `RESOLVED`: they look something up in the record (what the fact relies
on, the code of a reference) or drop what is not kept.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from domain.entry_corrections import entry_correction_of
from domain.events import Event, company, customer, links, visitor
from domain.facts import company_data, data as shapes, name_data
from domain.facts.fields import CONTACT_KINDS, likeness
from domain.grounds import collection_behind, collection_cited
from domain.records.uncorrected import standing
from domain.rules.common.programs import marketing_program
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from domain.facts import Fact
    from domain.facts.fields import Citation, EntryName
    from domain.state import State

_U = TypeVar("_U", customer.DataUsed, customer.MessageSent)


def event_of(state: State, fact: Fact) -> Event:
    """Return the event that a fact states, with what it relies on resolved, and without findings."""
    data = fact.data
    resolve = RESOLVED.get(type(data))
    if resolve is not None:
        return resolve(state, fact, data)
    cls = _stated(fact)
    fields = {name: getattr(data, name) for name in _shared_fields(cls, type(data))}
    if isinstance(data, shapes.RequestData):
        fields["request_code"] = code_of(state, data.request)
    return state.stated(cls, **fields)


def _stated(fact: Fact) -> type[Event]:
    return type(fact.data).facts[fact.type.split(".")[1]]


@cache
def _shared_fields(cls: type[Event], shape: type[shapes.Data]) -> tuple[str, ...]:
    """Return the fields of an event that the data of its fact has as well."""
    return tuple(name for name in (*cls.coded, *cls.sealed) if name in shape.model_fields)


def _collected(state: State, _: Fact, data: shapes.CollectionData) -> Event:
    child = data.act is not Act.GIFT and state.gives_child
    alike = likeness(data.reference)
    return state.stated(
        customer.DataCollected,
        act=data.act,
        reference=data.reference,
        reference_code=code_of(state, data.reference),
        collection_point=data.collection_point,
        notice=data.notice,
        categories=tuple(data.values),
        values=None if child else data.values,
        withheld=True if child else None,
        held_in=data.held_in,
        requests=data.requests,
        online=data.online,
        alike_code=None if alike == data.reference else code_of(state, alike),
        buyer=str(data.source) if data.source else None,
        unread=state.unread,
        held_before=state.held_before,
    )


def _order(state: State, fact: Fact, data: shapes.OrderData) -> Event:
    return state.stated(_stated(fact), reference=data.reference, reference_code=code_of(state, data.reference))


def _used(state: State, _: Fact, data: shapes.UseData) -> Event:
    fields: dict[str, Any] = {
        "purpose": data.purpose,
        "categories": data.categories,
        "reference": data.reference,
        "reference_code": _optional_code(state, data.reference),
        "cites": tuple(_cite(state, one) for one in data.relying_on),
        **_value(state, data.value_from),
    }
    cls: type[customer.DataUsed] = customer.DataUsed
    if isinstance(data, shapes.ShareData):
        cls = customer.DataShared
        fields |= {"recipient": data.recipient, "kind": data.kind}
    return _on_grounds(state, state.stated(cls, **fields))


def _sent(state: State, fact: Fact, data: shapes.MessageData) -> Event:
    event = state.stated(
        customer.MessageSent,
        channel=data.channel,
        purpose=data.purpose,
        unsubscribe_link=data.unsubscribe_link,
        message_id=data.message_id,
        program=data.program,
        contact=state.contact,
        by_address=True if fact.subject and fact.subject.kind in CONTACT_KINDS else None,
        queued_at=data.queued_at,
        cites=tuple(_cite(state, one) for one in data.relying_on),
        **_value(state, data.value_from),
    )
    program = marketing_program(event)
    if program is None:
        return _on_grounds(state, event)
    enrolled = standing(state.customer, event.moment).enrollment(program, event.moment)
    return event.altered(relies_on=(enrolled.position,)) if enrolled else event


def _on_grounds(state: State, event: _U) -> _U:
    """Return an event with what it relies on, as far as that is known when it is told."""
    case = state.judge.case(state.customer, state.company, event)
    if chosen := state.judge.choose_grounds(case):
        event = event.altered(relies_on=chosen)
    state.case = case.of_event(event)
    return event


def _opted_out(state: State, _: Fact, data: shapes.OptOutData) -> Event:
    return state.stated(customer.CustomerOptedOut, program=data.program, via=data.via, contact=state.contact)


def _confirmed(state: State, _: Fact, data: name_data.ConfirmationData) -> Event:
    return state.stated(links.ContactConfirmed, contact=state.contact, method=data.method)


def _told_apart(state: State, _: Fact, data: name_data.LinkRejectionData) -> Event:
    name = str(data.with_)
    said: dict[str, Any] = {"name": name, "others": state.others, "erased": state.erased, "reason": data.reason}
    return state.stated(links.LinkRejected, name_code=state.keys.code(state.stream, name), **said)


def _reported(state: State, _: Fact, data: shapes.ReportData) -> Event:
    code = code_of(state, data.request)
    said: dict[str, Any] = {"request": data.request, "request_code": code, "elsewhere": state.elsewhere}
    return state.stated(customer.AccessReportIssued, **said)


def _enrolled(state: State, _: Fact, data: shapes.EnrollmentData) -> Event:
    event = state.stated(
        customer.CustomerEnrolled,
        program=data.program,
        cause=data.cause,
        reference=data.reference,
        reference_code=_optional_code(state, data.reference),
    )
    held = collection_behind(state.customer, event, state.now)
    return event.model_copy(update={"relies_on": (held.position,)}) if held else event


def _answered(state: State, fact: Fact, data: shapes.ReasonedAnswerData) -> Event:
    """Return the decline of a correction, or the denial of a request, which says whether an officer told it."""
    said: dict[str, Any] = {"request": data.request, "request_code": code_of(state, data.request)}
    if (cls := _stated(fact)) is customer.RequestDenied and state.by_officer:
        said["by_officer"] = True
    return state.stated(cls, **said, reason=data.reason)


def _corrected(state: State, _: Fact, data: shapes.CorrectionData) -> Event:
    child = state.gives_child
    return state.stated(
        customer.DataCorrected,
        request=data.request,
        request_code=code_of(state, data.request),
        category=data.category,
        value=None if child else data.value,
        withheld=True if child else None,
    )


def _deleted(state: State, fact: Fact, data: shapes.DeletionData) -> Event:
    """Return a deletion with the collections that it names, told or not told yet; what goes is not known here."""
    told: list[int] = []
    awaits: dict[tuple[str, str], str] = {}
    for one in data.relying_on:
        code = code_of(state, one.reference)
        found = [held.position for held in state.customer.by_reference.get(code, ()) if held.act is one.act]
        told += found
        if not found:
            awaits[one.act.value, code] = one.reference
    return state.stated(
        _stated(fact),
        categories=data.categories,
        elsewhere=None if data.held_in is None else True,
        system_code=data.held_in and code_of_system(state, state.stream, data.held_in),
        held_in=data.held_in,
        reason=data.reason,
        collections=tuple(sorted(told)),
        awaits=tuple(awaits),
        references={code: reference for (_, code), reference in awaits.items()} or None,
    )


def _verified(state: State, _: Fact, data: shapes.VerificationData) -> Event:
    cls = customer.IdentityVerified if data.passed else customer.IdentityNotVerified
    return state.stated(cls, request=data.request, request_code=code_of(state, data.request), method=data.method)


def _entry_corrected(state: State, _: Fact, data: shapes.EntryCorrectionData) -> Event:
    entry, replacement = data.entry, data.replacement
    return state.stated(
        customer.EntryCorrected,
        entry=_place_of(state, entry) if state.as_told is None or state.as_told.corrects else None,
        entry_code=code_of(state, entry.name),
        by_officer=True if state.by_officer else None,
        entry_name=entry.name,
        replacement=_place_of(state, replacement) if replacement else None,
        replacement_name=replacement.name if replacement else None,
        reason=data.reason,
        evidence=data.evidence,
    )


def _released(state: State, _: Fact, data: company_data.ReleaseData) -> Event:
    said = data.model_dump(exclude={"correlation", "causation", "mode", "cells", "dimensions"})
    cells = tuple(company.ReleasedCell(**cell.model_dump()) for cell in data.cells)
    described = [one for one in data.dimensions if not isinstance(one, str)]
    names = tuple(one if isinstance(one, str) else one.name for one in data.dimensions)
    public = tuple(dict.fromkeys(one.name for one in described if one.empty_is_public))
    return state.stated(
        company.AggregateReleased, cells=cells, dimensions=names, empty_is_public=public or None, **said
    )


def _signalled(state: State, _: Fact, data: company_data.SignalData) -> Event:
    value = str(data.value).lower() if isinstance(data.value, bool) else str(data.value)
    return state.stated(visitor.SignalReceived, signal=data.signal, value=value)


RESOLVED: Final[Mapping[type[shapes.Data], Callable[[State, Fact, Any], Event]]] = {
    shapes.CollectionData: _collected,
    shapes.OrderData: _order,
    shapes.UseData: _used,
    shapes.ShareData: _used,
    shapes.MessageData: _sent,
    shapes.OptOutData: _opted_out,
    name_data.ConfirmationData: _confirmed,
    name_data.LinkRejectionData: _told_apart,
    shapes.ReportData: _reported,
    shapes.EnrollmentData: _enrolled,
    shapes.CorrectionData: _corrected,
    shapes.ReasonedAnswerData: _answered,
    shapes.DeletionData: _deleted,
    shapes.VerificationData: _verified,
    shapes.EntryCorrectionData: _entry_corrected,
    company_data.CompanyEntryCorrectionData: entry_correction_of,
    company_data.VisitorEntryCorrectionData: entry_correction_of,
    company_data.ReleaseData: _released,
    company_data.SignalData: _signalled,
}
"""The shape of a fact's data → the function that returns its event, where fields have to be resolved."""


def code_of(state: State, reference: str) -> str:
    """Return the code of a reference or request: one that this person has already, on any of their streams."""
    person, digest = state.customer, state.keys.code
    own = person.stands_for(digest(state.stream, reference))
    if len(person.streams) < 2 or person.knows(own):  # noqa: PLR2004 - one stream, one key
        return own
    others = (person.stands_for(digest(stream, reference)) for stream in person.streams)
    return next((code for code in others if person.knows(code)), own)


def code_of_system(state: State, stream: UUID, held_in: str) -> str:
    """Return the code by which a stream knows another system that holds values."""
    return state.keys.code(stream, f"held in {held_in}")


def _place_of(state: State, entry: EntryName) -> int | None:
    """Return the position of a fact about the same person; None where it is not told yet, or about somebody else."""
    stream, position = state.keys.fact_at(entry.source, entry.id) or (None, None)
    return position if stream in state.customer.streams else None


def _optional_code(state: State, reference: str | None) -> str | None:
    return None if reference is None else code_of(state, reference)


def _cite(state: State, citation: Citation) -> customer.Cite:
    return citation.act.value, code_of(state, citation.reference)


def _value(state: State, citation: Citation | None) -> dict[str, Any]:
    """Return what a fact says of the collection whose value was used, and which one that is."""
    if citation is None:
        return {}
    cited = _cite(state, citation)
    held = collection_cited(state.customer, cited, state.now)
    return {"value_cited": cited, "value_from": held.position if held else None}
