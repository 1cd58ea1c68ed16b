"""Requests about one's own data, and the state of each.

A report answers an access request, a correction a correction request, and the erasure an erasure request; a denial or a
decline ends the request that it names. An answer to a request that is not on record is listed too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from domain.events import customer as events
from projections.access_report.parts import ANSWERED, DECLINED, DENIED, OPEN, RequestEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.events import Event

ACCESS, CORRECTION, ERASURE = "access", "correction", "erasure"
_ARTICLES: Final[Mapping[str, str]] = {ACCESS: "Art. 15", CORRECTION: "Art. 16", ERASURE: "Art. 17"}
_DPV: Final[Mapping[str, str]] = {
    OPEN: "dpv:RequestInitiated",
    ANSWERED: "dpv:RequestFulfilled",
    DENIED: "dpv:RequestRejected",
    DECLINED: "dpv:RequestRejected",
}


@dataclass(slots=True)
class _Request:
    request: str
    kind: str
    state: str = OPEN
    fact: str | None = None
    at: datetime | None = None
    category: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    reason: str | None = None


@dataclass(slots=True)
class Requests:
    """The requests so far, by name and kind; one name may be used for two kinds."""

    _asked: dict[tuple[str, str], _Request] = field(default_factory=dict)
    _identity: dict[str, str] = field(default_factory=dict)
    _notified: dict[str, list[str]] = field(default_factory=dict)

    def take(self, event: Event) -> None:  # noqa: C901, PLR0912 - one case for each sort of event
        """Fold one event. An event that is not about a request changes nothing."""
        match event:
            case events.AccessRequested():
                self._ask(event, event.request, ACCESS)
            case events.CorrectionRequested():
                self._ask(event, event.request, CORRECTION).category = event.category
            case events.ErasureRequested():
                self._ask(event, event.request, ERASURE)
            case events.IdentityVerified():
                self._identity[event.request] = "verified"
            case events.IdentityNotVerified():
                self._identity.setdefault(event.request, "not_verified")
            case events.AccessReportIssued():
                self._answer(event, self._one(event.request, ACCESS), ANSWERED)
            case events.DataCorrected():
                self._answer(event, self._one(event.request, CORRECTION), ANSWERED)
            case events.CustomerErased():
                if event.request is not None:
                    self._answer(event, self._one(event.request, ERASURE), ANSWERED)
            case events.CorrectionDeclined():
                self._answer(event, self._one(event.request, CORRECTION), DECLINED, event.reason)
            case events.RequestDenied():
                for asked in self._all(event.request):
                    self._answer(event, asked, DENIED, event.reason)
            case events.RecipientNotified():
                self._notified.setdefault(event.request, []).append(event.recipient)
            case _:
                pass

    def listed(self) -> tuple[RequestEntry, ...]:
        """Return the requests in the order in which they first appear."""
        return tuple(
            RequestEntry(
                asked.request,
                asked.kind,
                _ARTICLES[asked.kind],
                asked.state,
                _DPV[asked.state],
                asked.fact,
                asked.at,
                asked.category,
                self._identity.get(asked.request),
                asked.answered_by,
                asked.answered_at,
                asked.reason,
                tuple(dict.fromkeys(self._notified.get(asked.request, ()))),
            )
            for asked in self._asked.values()
        )

    def _one(self, request: str, kind: str) -> _Request:
        return self._asked.setdefault((request, kind), _Request(request, kind))

    def _all(self, request: str) -> list[_Request]:
        known = [asked for (name, _), asked in self._asked.items() if name == request]
        still_open = [asked for asked in known if asked.state == OPEN]
        return still_open or known or [self._one(request, ACCESS)]

    def _ask(self, event: Event, request: str, kind: str) -> _Request:
        asked = self._one(request, kind)
        asked.fact, asked.at = asked.fact or event.fact, asked.at or event.occurred_at
        return asked

    @staticmethod
    def _answer(event: Event, asked: _Request, state: str, reason: str | None = None) -> None:
        asked.state, asked.reason = state, reason
        asked.answered_by, asked.answered_at = event.fact, event.occurred_at
