"""The access report as one HTML file: for a person to read, on a screen or on paper, and for a company to send.

It is made from the same `AccessReport` as the JSON and the text, and says all that they say, in words, with the codes
at the end. It holds no script, font or picture and fetches nothing; its Content-Security-Policy allows only its own
style sheet. Every value is written by `safe_text`. A template that names something missing raises.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.reports.entries import Happening, cited, entries_of
from adapters.reports.grouping import groups
from adapters.reports.key_to_codes import key_to_codes
from adapters.reports.pages import environment, style
from domain.refusals import NO_PROMISES
from projections.access_report.parts import (
    ANONYMISED,
    DELETED,
    FROM_A_BUYER,
    HELD_ELSEWHERE,
    OPEN,
    RIGHTS,
    SEALED,
    UNANSWERED,
    WITHHELD,
)
from projections.access_report.report import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.reports.entries import Cited, Entry
    from domain.policy.model import Policy
    from projections.access_report import AccessReport
    from projections.access_report.parts import FindingEntry


class Section(NamedTuple):
    """A part of the page: its anchor and template are called `name`."""

    name: str
    title: str


SECTIONS: Final = (
    Section("held", "What is held about you"),
    Section("collected", "How it was collected"),
    Section("used", "What it was used for"),
    Section("shared", "Who got it, and why"),
    Section("subscriptions", "Your subscriptions"),
    Section("messages", "Messages sent to you"),
    Section("requests", "Your requests"),
    Section("corrections", "Corrections"),
    Section("refused", "Refused, because of a promise"),
    Section("promises", "Where a promise to you was broken"),
    Section("links", "Why this is one record"),
    Section("notes", "Also on record"),
    Section("law", "What the law asks of this report"),
    Section("rights", "Your rights"),
    Section("entries", "Every entry, in order of time"),
    Section("colophon", "How to read this report"),
)


def as_html(report: AccessReport, *, policy: Policy, made_at: datetime) -> str:
    """Return a report as the text of an HTML file, to be written as UTF-8.

    `policy` is the one that the report was made with, `made_at` the time, with a zone.
    """
    sheet = style("report.css")
    entries = entries_of(report)
    numbers = {entry.fact: entry.number for entry in entries}

    def cite(facts: Iterable[str]) -> list[Cited]:
        return cited(facts, numbers)

    return (
        environment()
        .get_template("report.html")
        .render(
            style=sheet.text,
            style_digest=sheet.digest,
            report=report,
            version=VERSION,
            policy=policy,
            promises={promise.id: promise for promise in policy.promises},
            no_promises=NO_PROMISES,
            made_at=made_at,
            as_of_time=report.as_of if isinstance(report.as_of, datetime) else None,
            sections=SECTIONS,
            numbered={section.name: number for number, section in enumerate(SECTIONS, 1)},
            entries=entries,
            cite=cite,
            happening=_happenings(entries),
            groups=groups(report),
            key=key_to_codes(report),
            rights=RIGHTS,
            **_glance(report),
        )
    )


def _glance(report: AccessReport) -> dict[str, Any]:
    """Return the report's summary, for its beginning and for the law's questions."""
    said = report.as_dict()["summary"]
    held_elsewhere = [value for value in report.data if value.state == HELD_ELSEWHERE]
    return {
        "categories": said["categories"],
        "purposes": said["purposes"],
        "recipients": said["recipients"],
        "from_a_buyer": FROM_A_BUYER in said["sources"],
        "sources": said["sources"],
        "broken": sorted({found.promise for found in report.findings if not found.excused}),
        "breaches": len({found.fact for found in report.findings if not found.excused}),
        "disputed": len({found.fact for found in report.findings if not found.excused and found.entry_corrected_by}),
        "open_requests": [request for request in report.requests if request.state == OPEN],
        "unanswered_requests": [request for request in report.requests if request.state == UNANSWERED],
        "systems": sorted({value.held_in for value in held_elsewhere if value.held_in}),
        "is_held_elsewhere": bool(held_elsewhere),
        "unreadable": [value for value in report.data if value.state in {WITHHELD, SEALED, DELETED, ANONYMISED}],
        "erased": [note for note in report.notes if note.what == "erased"],
        "came_from": {one.fact: one for one in report.collections},
    }


def _happenings(entries: Iterable[Entry]) -> Any:  # noqa: ANN401 - a function for templates
    by_fact = {entry.fact: entry.happenings for entry in entries}

    def happening(found: FindingEntry) -> Happening | None:
        """Return what a finding is about, of all that its fact made."""
        alike = (one for one in by_fact.get(found.fact, ()) if one.kind == found.what.split(" ")[0])
        return next(alike, None)

    return happening
