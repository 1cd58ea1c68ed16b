"""The key at the end of a report: every code in it, beside its words and its identifier in the W3C's vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.reports.words import words
from domain.vocabulary import PURPOSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.access_report import AccessReport


class Code(NamedTuple):
    """A code, its words, and its DPV identifier if it has one."""

    code: str
    words: str
    dpv: str | None


_TITLES: Final = (
    ("category", "Categories of data"),
    ("value", "States of values"),
    ("superseded", "What superseded a value"),
    ("purpose", "Purposes"),
    ("act", "What you did"),
    ("kind", "Capacities of recipients"),
    ("program", "Programs"),
    ("subscription", "What became of a subscription"),
    ("cause", "Causes of enrollments"),
    ("via", "Ways out"),
    ("channel", "Channels"),
    ("request", "What you asked"),
    ("request_state", "States of requests"),
    ("identity", "Identity"),
    ("refused", "What was refused"),
    ("finding", "What breaks a promise"),
    ("not_linked", "Why names were not joined"),
    ("note", "Also on record"),
)


def key_to_codes(report: AccessReport) -> list[tuple[str, list[Code]]]:
    """Return the codes of a report under a title for each sort; a sort without codes is left out."""
    dpv = {("purpose", code): dpv for code, dpv in PURPOSES.items()}
    dpv |= {("request_state", request.state): request.dpv for request in report.requests}
    found: dict[str, set[str]] = {sort: set() for sort, _ in _TITLES}
    for sort, code in _codes(report):
        if code is not None:
            found[sort].add(code)
    return [
        (title, [Code(code, words(code, sort), dpv.get((sort, code))) for code in sorted(found[sort])])
        for sort, title in _TITLES
        if found[sort]
    ]


def _codes(report: AccessReport) -> Iterator[tuple[str, str | None]]:
    of_data: tuple[Any, ...] = (*report.collections, *report.uses, *report.sharing, *report.refusals)
    of_one: tuple[Any, ...] = (*report.data, *report.requests, *report.corrections)
    of_purpose: tuple[Any, ...] = (*report.uses, *report.sharing, *report.messages, *report.refusals)
    of_program: tuple[Any, ...] = (*report.subscription_changes, *report.messages, *report.refusals)
    yield from (("category", category) for one in of_data for category in one.categories)
    yield from (("category", one.category) for one in of_one)
    yield from (("purpose", one.purpose) for one in of_purpose)
    yield from (("program", one.program) for one in of_program)
    for note in report.notes:
        yield "note", note.what
        yield "purpose", note.detail.get("purpose")
        yield "program", note.detail.get("program")
        yield "not_linked", note.detail.get("because")
    for value in report.data:
        yield "value", value.state
        yield "superseded", value.superseded.how if value.superseded else None
    yield from (("value", one.state) for one in report.corrections)
    yield from (("act", one.act) for one in report.collections)
    yield from (("kind", one.kind) for one in report.sharing)
    for change in report.subscription_changes:
        yield "subscription", change.state
        yield "cause", change.cause
        yield "via", change.via
    yield from (("channel", one.channel) for one in report.messages)
    for request in report.requests:
        yield "request", request.kind
        yield "request_state", request.state
        yield "identity", request.identity
    yield from (("refused", one.refused) for one in report.refusals)
    yield from (("finding", one.code) for one in report.findings)
