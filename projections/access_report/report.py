"""The access report: everything on record about one person, ready to be shown.

Every event that it was folded from is in one of its lists. `as_dict` is a contract in JSON types. The recipient of a
gift never learns the name of its buyer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from domain.suppressed import purpose_of
from domain.times import rfc3339
from projections.access_report.parts import RIGHTS
from projections.access_report.peace import UNDER_AGE

if TYPE_CHECKING:
    from uuid import UUID

    from projections.access_report import parts
    from projections.as_of import PositionOrTime

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class AccessReport:
    """One person's record. Lists are in order of world time; `data` is by category, then by time."""

    person: UUID
    streams: tuple[UUID, ...]
    asked_by: tuple[str, ...]
    as_of: PositionOrTime
    events: int
    position: int
    """The position of the last event in it; 0 where there is none."""
    policy: str
    policy_title: str
    data: tuple[parts.Value, ...]
    collections: tuple[parts.CollectionEntry, ...]
    uses: tuple[parts.UseEntry, ...]
    sharing: tuple[parts.SharingEntry, ...]
    owed: dict[str, datetime]
    """Since when the person must be left alone, by program, whatever was done since; `under_13` for a child, and
    `objection:` with the purpose where they object to one."""
    subscriptions: dict[str, parts.SubscriptionEntry]
    """The last change of each program that the person was ever in, or opted out of."""
    subscription_changes: tuple[parts.SubscriptionEntry, ...]
    messages: tuple[parts.MessageEntry, ...]
    requests: tuple[parts.RequestEntry, ...]
    corrections: tuple[parts.CorrectionEntry, ...]
    refusals: tuple[parts.RefusalEntry, ...]
    findings: tuple[parts.FindingEntry, ...]
    links: tuple[parts.LinkEntry, ...]
    """By which links it is one person's record."""
    notes: tuple[parts.Note, ...]

    @property
    def peace(self) -> dict[str, datetime]:
        """From which programs the person must be left alone where the last change does not say so, and since when."""
        left = {program for program, change in self.subscriptions.items() if change.state == "opted_out"}
        not_shown = {*left, UNDER_AGE}
        return {one: since for one, since in self.owed.items() if one not in not_shown and purpose_of(one) is None}

    @property
    def objections(self) -> dict[str, datetime]:
        """To which purposes the person objects, and since when."""
        return {purpose: since for one, since in self.owed.items() if (purpose := purpose_of(one)) is not None}

    def as_dict(self) -> dict[str, Any]:
        """Return the report in JSON types: times in RFC 3339, UTC; each entry has the keys of its part.

        Keys: report, version, person, streams, asked_by, as_of {position, time}, events, position, policy {label,
        title}, summary {categories, purposes, recipients, sources}, data, collections, uses, sharing, subscriptions
        {now {program: change}, owed {program: since}, changes}, messages, requests, corrections, refusals, findings,
        links, notes, rights.
        """
        is_time = isinstance(self.as_of, datetime)
        return {
            "report": "access",
            "version": VERSION,
            "person": str(self.person),
            "streams": [str(stream) for stream in self.streams],
            "asked_by": list(self.asked_by),
            "as_of": {
                "position": None if is_time else self.as_of,
                "time": _plain(self.as_of) if is_time else None,
            },
            "events": self.events,
            "position": self.position,
            "policy": {"label": self.policy, "title": self.policy_title},
            "summary": {
                "categories": list(dict.fromkeys(value.category for value in self.data if value.current)),
                "purposes": sorted(
                    {use.purpose for use in self.uses}
                    | {share.purpose for share in self.sharing}
                    | {message.purpose for message in self.messages}
                ),
                "recipients": sorted({share.recipient for share in self.sharing}),
                "sources": sorted({collection.source for collection in self.collections}),
            },
            "data": _plain(self.data),
            "collections": _plain(self.collections),
            "uses": _plain(self.uses),
            "sharing": _plain(self.sharing),
            "subscriptions": {
                "now": _plain(self.subscriptions),
                "owed": _plain(self.owed),
                "changes": _plain(self.subscription_changes),
            },
            "messages": _plain(self.messages),
            "requests": _plain(self.requests),
            "corrections": _plain(self.corrections),
            "refusals": _plain(self.refusals),
            "findings": _plain(self.findings),
            "links": _plain(self.links),
            "notes": _plain(self.notes),
            "rights": _plain(RIGHTS),
        }


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a report in, JSON types out
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if hasattr(value, "_fields"):
        return {key: _plain(one) for key, one in zip(value._fields, value, strict=True)}
    return [_plain(one) for one in value]
