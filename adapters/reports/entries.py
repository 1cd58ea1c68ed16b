"""The entries of a report, numbered: one for each fact, in order of world time.

Every fact behind a list of the report is an entry, with all that the ledger made of it. The rest of a page cites
entries by number; only the entry itself shows the name that a service gave the fact. A cited fact that the report does
not hold has no number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from projections.access_report.words import NOTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from projections.access_report import AccessReport, parts

_NAMES_A_FACT = {("entry_corrected", "entry"), ("entry_corrected", "replacement")}
_SORT_OF_DETAIL = {"purpose": "purpose", "program": "program", "because": "not_linked"}


class Detail(NamedTuple):
    """One detail of a happening: a text, a code of a `sort`, entries, or a time."""

    label: str
    text: str = ""
    sort: str = ""
    facts: tuple[str, ...] = ()
    at: datetime | None = None


class Happening(NamedTuple):
    """Something that happened according to a fact, or that followed from it.

    `kind` is the first word by which a finding names it. If `what` is a code, `sort` is its sort.
    """

    kind: str
    fact: str
    at: datetime
    what: str
    sort: str
    details: tuple[Detail, ...]


class Entry(NamedTuple):
    """One fact of the report; `broken` are the promises that it broke, `wrong` the fact that declared it wrong."""

    number: int
    fact: str
    at: datetime
    happenings: tuple[Happening, ...]
    broken: tuple[str, ...]
    wrong: str | None


class Cited(NamedTuple):
    """Entries `first` to `last`, or a fact that the report does not hold, by its name."""

    first: int
    last: int
    name: str = ""


def entries_of(report: AccessReport) -> tuple[Entry, ...]:
    """Return the entries of a report, numbered from 1."""
    by_fact: dict[str, list[Happening]] = {}
    for happening in _happenings(report):
        by_fact.setdefault(happening.fact, []).append(happening)
    broken: dict[str, dict[str, None]] = {}
    for found in report.findings:
        if not found.excused:
            broken.setdefault(found.fact, {})[found.promise] = None
    wrong = dict(_declared_wrong(report))
    ordered = sorted(by_fact.items(), key=lambda item: item[1][0].at)
    return tuple(
        Entry(number, fact, of_fact[0].at, tuple(dict.fromkeys(of_fact)), tuple(broken.get(fact, ())), wrong.get(fact))
        for number, (fact, of_fact) in enumerate(ordered, 1)
    )


def cited(facts: Iterable[str], numbers: Mapping[str, int]) -> list[Cited]:
    """Return the numbers of some facts in as few runs as possible, and after them the facts without a number."""
    runs: list[Cited] = []
    for number in sorted({numbers[fact] for fact in facts if fact in numbers}):
        if runs and runs[-1].last == number - 1:
            runs[-1] = Cited(runs[-1].first, number)
        else:
            runs.append(Cited(number, number))
    return runs + [Cited(0, 0, fact) for fact in dict.fromkeys(facts) if fact not in numbers]


def _happenings(report: AccessReport) -> Iterator[Happening]:
    yield from map(_collected, report.collections)
    yield from map(_shared, report.sharing)
    yield from map(_used, report.uses)
    yield from map(_sent, report.messages)
    yield from map(_changed, report.subscription_changes)
    for request in report.requests:
        yield from _asked(request)
    yield from map(_corrected, report.corrections)
    yield from map(_refused, report.refusals)
    yield from map(_linked, report.links)
    yield from map(_noted, report.notes)


def _collected(one: parts.CollectionEntry) -> Happening:
    details = []
    if one.reference:
        details.append(Detail("reference", one.reference))
    details.append(Detail("at", one.collection_point))
    return Happening("collection", one.fact, one.at, one.act, "act", tuple(details))


def _shared(one: parts.SharingEntry) -> Happening:
    details = (Detail("recipient", one.recipient), *_use_details(one))
    return Happening("sharing", one.fact, one.at, "Given to others", "", details)


def _used(one: parts.UseEntry) -> Happening:
    return Happening("use", one.fact, one.at, "Used", "", tuple(_use_details(one)))


def _use_details(one: parts.UseEntry | parts.SharingEntry) -> Iterator[Detail]:
    yield Detail("for", one.purpose, "purpose")
    if one.reference:
        yield Detail("reference", one.reference)
    if one.relies_on:
        yield Detail("relying on", facts=one.relies_on)
    if one.value_from:
        yield Detail("with the value of", facts=(one.value_from,))


def _sent(one: parts.MessageEntry) -> Happening:
    details = [Detail("for", one.purpose, "purpose"), Detail("message", one.message_id or "")]
    if one.queued_at:
        details.append(Detail("queued on", at=one.queued_at))
    if one.relies_on:
        details.append(Detail("relying on", facts=one.relies_on))
    if one.value_from:
        details.append(Detail("with the value of", facts=(one.value_from,)))
    return Happening("message", one.fact, one.at, one.channel, "channel", tuple(details))


def _changed(one: parts.SubscriptionEntry) -> Happening:
    details = [Detail("in", one.program, "program")]
    if one.cause:
        details.append(Detail("because of", one.cause, "cause"))
    if one.via:
        details.append(Detail("through", one.via, "via"))
    if one.reference:
        details.append(Detail("reference", one.reference))
    if one.relies_on and one.relies_on != (one.fact,):
        details.append(Detail("relying on", facts=one.relies_on))
    kind = "enrollment" if one.state == "enrolled" else "subscription"
    return Happening(kind, one.fact, one.at, one.state, "subscription", tuple(details))


def _asked(one: parts.RequestEntry) -> Iterator[Happening]:
    """Yield the request, unless only the answer is on record, which has an entry of its own."""
    if one.fact is not None and one.at is not None:
        details = [Detail("of", one.category, "category")] if one.category else []
        details.append(Detail("request", one.request))
        yield Happening("request", one.fact, one.at, one.kind, "request", tuple(details))


def _corrected(one: parts.CorrectionEntry) -> Happening:
    details = (Detail("of", one.category, "category"), Detail("request", one.request))
    return Happening("correction", one.fact, one.at, "A value was corrected", "", details)


def _refused(one: parts.RefusalEntry) -> Happening:
    details = []
    if one.recipient:
        details.append(Detail("recipient", one.recipient))
    if one.program:
        details.append(Detail("in", one.program, "program"))
    if one.purpose:
        details.append(Detail("for", one.purpose, "purpose"))
    return Happening("refusal", one.fact, one.at, one.refused, "refused", tuple(details))


def _linked(one: parts.LinkEntry) -> Happening:
    details = [Detail("method", one.method)] if one.method else []
    if one.evidence:
        details.append(Detail("evidence", one.evidence))
    details.append(Detail("vouched_by", one.vouched_by))
    if one.until is not None:
        details.append(Detail("until", facts=(one.undone_by,) if one.undone_by else (), at=one.until))
    if one.undone_method:
        details.append(Detail("method", one.undone_method))
    return Happening("CustomersLinked", one.fact, one.at, "Records were joined as one person’s", "", tuple(details))


def _noted(one: parts.Note) -> Happening:
    details = []
    for key, value in one.detail.items():
        if value is not None:
            names_a_fact = (one.what, key) in _NAMES_A_FACT
            details.append(
                Detail(key, facts=(value,)) if names_a_fact else Detail(key, value, _SORT_OF_DETAIL.get(key, ""))
            )
    return Happening(_KIND_OF_NOTE.get(one.what, one.what), one.fact, one.at, one.what, "note", tuple(details))


_KIND_OF_NOTE = {what: cls.__name__ for cls, (what, _) in NOTES.items()}
"""A finding names the event where it has no words for it."""


def _declared_wrong(report: AccessReport) -> Iterator[tuple[str, str]]:
    entries: tuple[Any, ...] = (
        *(*report.collections, *report.uses, *report.sharing, *report.subscription_changes),
        *(*report.messages, *report.corrections, *report.links, *report.notes),
    )
    return ((one.fact, one.entry_corrected_by) for one in entries if one.entry_corrected_by)


__all__ = ["Cited", "Detail", "Entry", "Happening", "cited", "entries_of"]
