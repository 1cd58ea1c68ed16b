"""The access report as plain text.

Lines have at most 100 columns, and times look like 2016-04-02 10:15 UTC. Entries that differ only in time and reference
are shown once, with how often and for which references. Text that people typed in is shown without control characters,
so that it cannot act on a terminal or a printer.
"""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from adapters.reports.value_text import clean, shown_value
from domain.refusals import NO_PROMISES
from domain.times import screen_time
from projections.access_report.parts import HELD, HELD_ELSEWHERE, RIGHTS, SEALED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from projections.access_report import AccessReport, parts

_COLUMNS: Final = 100
_NAMED: Final = 3
"""How many references of a long list are named."""


def as_text(report: AccessReport) -> str:
    """Return a report as text, ending in a line break."""
    sections: list[tuple[str, list[str]]] = [
        ("ACCESS REPORT", list(_heading(report))),
        ("What is held about you", list(_data(report))),
        ("How it was collected", list(_collections(report))),
        ("What it was used for", list(_uses(report))),
        ("Who it was shared with", list(_sharing(report))),
        ("Subscriptions", list(_subscriptions(report))),
        ("Messages sent to you", list(_messages(report))),
        ("Your requests", list(_requests(report))),
        ("Corrections", list(_corrections(report))),
        ("Refused, because of a promise", list(_refusals(report))),
        ("Where a promise was broken", list(_findings(report))),
        ("Why this is one record", list(_links(report)) or _item("It holds what was told under one name.")),
        ("Also on record", list(_notes(report))),
        ("Your rights (GDPR)", [line for right in RIGHTS for line in _item(f"{right.gdpr}: {right.words}.")]),
    ]
    return "\n\n".join("\n".join([title, *(said or ["  Nothing is on record."])]) for title, said in sections) + "\n"


def _heading(report: AccessReport) -> Iterator[str]:
    asked = f", asked for as {clean(', '.join(report.asked_by))}" if report.asked_by else ""
    yield from _item(f"Person: {report.person}{asked}")
    if len(report.streams) > 1:
        yield from _item(f"Joined from {len(report.streams)} records: {', '.join(map(str, report.streams))}")
    if report.as_of is None:
        until = "everything on record"
    elif isinstance(report.as_of, datetime):
        until = f"what had happened by {screen_time(report.as_of)}"
    else:
        until = f"what was known at position {report.as_of}"
    yield from _item(f"Covers: {until}, {_times(report.events, 'event')} up to position {report.position}")
    yield from _item(f"Policy: {report.policy_title} ({report.policy})")


def _data(report: AccessReport) -> Iterator[str]:
    by_fact = {collection.fact: collection for collection in report.collections}
    corrected = {correction.fact for correction in report.corrections}
    category = ""
    for value in report.data:
        if value.category != category:
            category = value.category
            yield from _item(category)
        yield from _item(shown_value(value), 4)
        yield from _item(_origin(value, by_fact, corrected), 6)
        if value.superseded is not None:
            how = {"correction": "a correction", "collection": "a later collection"}
            by = how.get(value.superseded.how, "a correction of our entry")
            yield from _item(f"superseded by {by}, {screen_time(value.superseded.at)} ({value.superseded.fact})", 6)


def _origin(value: parts.Value, by_fact: dict[str, parts.CollectionEntry], corrected: set[str]) -> str:
    first = value.collected[0]
    if first in corrected:
        return f"from {value.source}, by a correction ({first})"
    collection = by_fact[first]
    story = f"from {value.source}, by {collection.act} {clean(collection.reference or '')}".rstrip()
    story += f" at {collection.collection_point}, {screen_time(collection.at)}, notice {collection.notice} ({first})"
    again = len(value.collected) - 1
    if again:
        last = by_fact[value.collected[-1]]
        story += f"; collected again {_times(again, 'time')}, last {screen_time(last.at)} ({last.fact})"
    return story


def _collections(report: AccessReport) -> Iterator[str]:
    def alike(one: parts.CollectionEntry) -> tuple[Any, ...]:
        kept = (one.act, one.collection_point, one.notice, one.online, one.source, one.held_in, one.withheld)
        return (*kept, one.categories, one.requests, one.entry_corrected_by)

    for same in _grouped(report.collections, alike):
        one = same[0]
        where = f"at {one.collection_point} under notice {one.notice}{'' if one.online else ', not online'}"
        yield from _item(f"{one.act} {where}: {_span(same)}{_for(same)}{_wrong(one)}")
        yield from _item(f"from {one.source}: {', '.join(one.categories)}", 4)
        if one.requests:
            yield from _item(f"asked for: {', '.join(one.requests)}", 4)


def _uses(report: AccessReport) -> Iterator[str]:
    acts = _acts(report)

    def alike(one: parts.UseEntry) -> tuple[Any, ...]:
        return one.purpose, one.categories, _relied(one.relies_on, acts), one.entry_corrected_by

    for same in _grouped(report.uses, alike):
        one = same[0]
        yield from _item(f"{_purpose(one.purpose, one.dpv)}: {_span(same)}{_for(same)}{_wrong(one)}")
        yield from _item(f"{', '.join(one.categories)}; relying on {_relied(one.relies_on, acts)}", 4)


def _sharing(report: AccessReport) -> Iterator[str]:
    acts = _acts(report)

    def alike(one: parts.SharingEntry) -> tuple[Any, ...]:
        kept = (one.recipient, one.kind, one.purpose, one.categories)
        return (*kept, _relied(one.relies_on, acts), one.entry_corrected_by)

    for same in _grouped(report.sharing, alike):
        one = same[0]
        yield from _item(
            f"{one.recipient} ({one.kind}) for {_purpose(one.purpose, one.dpv)}: {_span(same)}{_for(same)}{_wrong(one)}"
        )
        yield from _item(f"{', '.join(one.categories)}; relying on {_relied(one.relies_on, acts)}", 4)


def _subscriptions(report: AccessReport) -> Iterator[str]:
    for program, since in sorted(report.peace.items()):
        yield from _item(f"{program}: to be left alone since {screen_time(since)}, whatever is below")
    for purpose, since in sorted(report.objections.items()):
        yield from _item(
            f"{purpose}: not to be served with this person's data since {screen_time(since)}, by objection"
        )
    for program, last in sorted(report.subscriptions.items()):
        yield from _item(f"{program}: {last.state} since {screen_time(last.at)}")
        for change in report.subscription_changes:
            if change.program == program:
                broke = f"; breaks {', '.join(change.broken)}" if change.broken else ""
                why = change.cause or (f"via {change.via}" if change.via else "its order was cancelled")
                about = f" {clean(change.reference)}" if change.reference else ""
                line = f"{screen_time(change.at)} {change.state}, {why}{about} ({change.fact}){broke}{_wrong(change)}"
                yield from _item(line, 4)


def _messages(report: AccessReport) -> Iterator[str]:
    def alike(one: parts.MessageEntry) -> tuple[Any, ...]:
        return one.channel, one.program, one.purpose, one.unsubscribe_link, one.entry_corrected_by

    for same in _grouped(report.messages, alike):
        one = same[0]
        link = "with a way to unsubscribe" if one.unsubscribe_link else "without a way to unsubscribe"
        program = f" in {one.program}" if one.program else ""
        yield from _item(
            f"{one.channel}{program} for {_purpose(one.purpose, one.dpv)}, {link}: {_span(same)}{_wrong(one)}"
        )


def _requests(report: AccessReport) -> Iterator[str]:
    for one in report.requests:
        about = f" of {one.category}" if one.category else ""
        asked = f"asked {screen_time(one.at)}" if one.at else "not on record as asked"
        answer = f", {one.state} {screen_time(one.answered_at)}" if one.answered_at else f", {one.state}"
        identity = f", identity {one.identity.replace('_', ' ')}" if one.identity else ""
        answer += f", erased from {screen_time(one.waits_until)}" if one.waits_until else ""
        yield from _item(f"{one.kind}{about} ({one.gdpr}), {one.request}: {asked}{identity}{answer}")
        if one.reason:
            yield from _item(f"because: {clean(one.reason)}", 4)
        if one.recipients_notified:
            yield from _item(f"recipients told: {', '.join(one.recipients_notified)}", 4)


def _corrections(report: AccessReport) -> Iterator[str]:
    words = {HELD_ELSEWHERE: "held in another system", SEALED: "not opened for this report"}
    for one in report.corrections:
        value = clean(one.value or "") if one.state == HELD else words.get(one.state, one.state)
        yield from _item(
            f"{screen_time(one.at)} {one.category} is now: {value} (request {one.request}; {one.fact}){_wrong(one)}"
        )


def _refusals(report: AccessReport) -> Iterator[str]:
    for same in _grouped(report.refusals, lambda one: one[2:]):
        one = same[0]
        about = [word for word in (one.purpose, one.recipient, one.program, *one.categories) if word]
        because = ", ".join(NO_PROMISES.get(promise, promise) for promise in one.because)
        yield from _item(f"{one.refused}: {', '.join(about)}: {_span(same)}; because of {because}")


def _findings(report: AccessReport) -> Iterator[str]:
    def alike(one: parts.FindingEntry) -> tuple[Any, ...]:
        return one.promise, one.what, one.code, one.excused, one.entry_corrected_by

    for same in _grouped(report.findings, alike):
        one = same[0]
        verdict = "excused by the law" if one.excused else "broken"
        yield from _item(f"{one.promise} {verdict} by {one.what} ({one.code}): {_span(same)}{_wrong(one)}")
        if one.statement:
            yield from _item(f"the promise: {one.statement}", 4)


def _links(report: AccessReport) -> Iterator[str]:
    for one in report.links:
        evidence = f", evidence {clean(one.evidence)}" if one.evidence else ""
        verified = f"verified by {clean(one.method or 'a sealed method')}{evidence}"
        ended = "erased" if one.by_erasure else "undone"
        checked = f", verified by {clean(one.undone_method)}" if one.undone_method else ""
        how = verified if one.until is None else f"{ended} {screen_time(one.until)} ({one.undone_by}{checked})"
        how = f"{how}, vouched for by {clean(one.vouched_by)}{_wrong(one)}"
        yield from _item(f"{screen_time(one.at)} joined ({one.fact}), {how}: {', '.join(one.streams)}")


def _notes(report: AccessReport) -> Iterator[str]:
    def alike(one: parts.Note) -> tuple[Any, ...]:
        telling = sorted((key, value) for key, value in one.detail.items() if key != "reference" and value)
        return one.what, tuple(telling), one.entry_corrected_by

    for same in _grouped(report.notes, alike):
        one = same[0]
        about = [f"{key} {clean(value)}" for key, value in one.detail.items() if value and key != "reference"]
        detail = f" ({', '.join(about)})" if about else ""
        references = _named([note.detail["reference"] for note in same if note.detail.get("reference")])
        yield from _item(f"{one.what.replace('_', ' ')}{detail}: {_span(same)}{references}{_wrong(one)}")


def _acts(report: AccessReport) -> dict[str, str]:
    """Return what each fact was that something can rely on."""
    enrollments = {change.fact: f"the enrollment by {change.cause}" for change in report.subscription_changes}
    return enrollments | {collection.fact: collection.act for collection in report.collections}


def _relied(relies_on: Iterable[str], acts: dict[str, str]) -> str:
    return ", ".join(dict.fromkeys(acts.get(fact, fact) for fact in relies_on)) or "nothing on record"


def _grouped(entries: Iterable[Any], alike: Callable[[Any], tuple[Any, ...]]) -> list[list[Any]]:
    """Group entries that are alike, in the order of each group's first."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for entry in entries:
        groups.setdefault(alike(entry), []).append(entry)
    return list(groups.values())


def _span(same: Sequence[Any]) -> str:
    """Return when, and how often: one entry with its fact, several with their number and the time that they span."""
    if len(same) == 1:
        return f"{screen_time(same[0].at)} ({same[0].fact})"
    return f"{_times(len(same), 'time')}, {screen_time(same[0].at)} to {screen_time(same[-1].at)}"


def _for(same: Sequence[Any]) -> str:
    return _named([entry.reference for entry in same if entry.reference])


def _named(references: Sequence[str | None]) -> str:
    names = [clean(name) for name in dict.fromkeys(references) if name]
    if not names:
        return ""
    more = len(names) - _NAMED
    if more <= 1:
        return f", for {', '.join(names)}"
    return f", for {', '.join(names[:_NAMED])} and {more} more"


def _wrong(entry: Any) -> str:  # noqa: ANN401 - any record with this field
    return f"; this entry was wrong, see {entry.entry_corrected_by}" if entry.entry_corrected_by else ""


def _purpose(purpose: str, dpv: str | None) -> str:
    return f"{purpose} ({dpv})" if dpv else purpose


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _item(text: str, indent: int = 2) -> list[str]:
    """Wrap one entry into lines, the later ones indented further."""
    first, rest = " " * indent, " " * (indent + 2)
    return textwrap.wrap(clean(text), _COLUMNS, initial_indent=first, subsequent_indent=rest) or [first.rstrip()]
