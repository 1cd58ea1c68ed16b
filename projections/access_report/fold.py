"""Folding one person's events into their access report.

The fold is pure. The events of all the person's streams come in any order and are read by world time, ties by position,
without those after `as_of`. An event of a type that has no list and no code here is listed among the notes, by its type
and its coded data, so that nothing is missing from a report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.events import CUSTOMER, Refusal, customer as events
from domain.events.base import place_name
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.events.suppressions import SuppressionRecalled
from domain.records.contacts import ContactBook
from domain.vocabulary import PURPOSES, Program
from projections.access_report.links import Links
from projections.access_report.parts import (
    CollectionEntry,
    CorrectionEntry,
    FindingEntry,
    MessageEntry,
    Note,
    RefusalEntry,
    SharingEntry,
    SubscriptionEntry,
    Superseded,
    UseEntry,
)
from projections.access_report.peace import owed
from projections.access_report.report import AccessReport
from projections.access_report.requests import Requests
from projections.access_report.values import Values, source_of
from projections.access_report.words import in_words, note
from projections.as_of import bounds

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence
    from datetime import datetime

    from domain.events import Event
    from domain.policy.model import Policy
    from projections.as_of import PositionOrTime

_REQUESTS_ONLY: Final = (events.AccessRequested, events.CorrectionRequested, events.ErasureRequested)


def access_report(  # noqa: PLR0913 - whose, by which policy, as of when
    opened: Iterable[Event],
    *,
    person: UUID,
    policy: Policy,
    asked_by: Sequence[str] = (),
    as_of: PositionOrTime = None,
    book: ContactBook | None = None,
    left_open: Container[int] = (),
) -> AccessReport:
    """Fold a person's events, their seals opened, into the person's report.

    `person` is the smallest id of the person's streams; `asked_by`: by which names; `book`: what binds their contact
    points; `left_open`: answers that left out other records. Raises `AsOfWithoutZone`; TypeError for no customer's.
    """
    limits = bounds(as_of)
    last, until, events_opened = limits["position"], limits["time"], list(opened)
    history = sorted(
        (
            event
            for event in events_opened
            if (last is None or (event.position or 0) <= last) and (until is None or event.occurred_at <= until)
        ),
        key=attrgetter("moment"),
    )
    fold = _Fold(
        {promise.id: promise.statement for promise in policy.promises},
        {
            event.entry: Superseded("entry_correction", event.fact, event.occurred_at)
            for event in history
            if isinstance(event, events.EntryCorrected) and event.entry is not None
        },
        {event.moment.position: event.fact for event in events_opened},
    )
    fold.values.know(events_opened, history)
    fold.requests.know(events_opened, last, until)
    fold.requests.left_open = left_open
    fold.requests.waiting_days = policy.parameters.erasure_waiting_days
    for event in history:
        fold.take(event)
    return AccessReport(
        person=person,
        streams=tuple(sorted({event.originator_id for event in history}, key=str)),
        asked_by=tuple(asked_by),
        as_of=as_of,
        events=len(history),
        position=max((event.position or 0 for event in history), default=0),
        policy=policy.label,
        policy_title=policy.title,
        data=fold.values.listed(),
        collections=tuple(fold.collections),
        uses=tuple(fold.uses),
        sharing=tuple(fold.sharing),
        owed=owed(history, person, policy, book or ContactBook({}, {}), limits),
        subscriptions={change.program: change for change in fold.changes},
        subscription_changes=tuple(fold.changes),
        messages=tuple(fold.messages),
        requests=fold.requests.listed(),
        corrections=tuple(fold.corrections),
        refusals=tuple(fold.refusals),
        findings=tuple(fold.findings),
        links=fold.links.listed(),
        notes=tuple(fold.notes),
    )


@dataclass(slots=True)
class _Fold:
    statements: dict[str, str]
    wrong: dict[int, Superseded]
    """The entries that were declared wrong, by the position of the fact's first event."""
    names: dict[int, str]
    """The name of the fact of each event, by position."""
    values: Values = field(default_factory=Values)
    requests: Requests = field(default_factory=Requests)
    collections: list[CollectionEntry] = field(default_factory=list)
    uses: list[UseEntry] = field(default_factory=list)
    sharing: list[SharingEntry] = field(default_factory=list)
    changes: list[SubscriptionEntry] = field(default_factory=list)
    messages: list[MessageEntry] = field(default_factory=list)
    corrections: list[CorrectionEntry] = field(default_factory=list)
    refusals: list[RefusalEntry] = field(default_factory=list)
    findings: list[FindingEntry] = field(default_factory=list)
    links: Links = field(default_factory=Links)
    said: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """When each fact happened, and what it was, in words."""
    notes: list[Note] = field(default_factory=list)

    def take(self, event: Event) -> None:  # noqa: C901 - one case for each sort of event
        """Fold one event."""
        match event:
            case events.DataCollected():
                self._collected(event)
            case events.DataShared():
                self.sharing.append(SharingEntry(**self._use(event), recipient=event.recipient, kind=event.kind.value))
            case events.DataUsed():
                self.uses.append(UseEntry(**self._use(event)))
            case events.MessageSent():
                self._sent(event)
            case events.CustomerEnrolled() | events.CustomerOptedOut() | events.EnrollmentEnded():
                self._changed(event)
            case events.DataCorrected():
                self._corrected(event)
            case SuppressionRecalled(program=Program() as program):
                self._recalled(event, program)
            case CustomersLinked() | CustomersUnlinked(parted=UUID()):
                self.links.take(event, self._corrected_by(event))
            case Refusal():
                self._refused(event)
            case _ if event.stream_kind != CUSTOMER:
                message = f"{type(event).__name__} is not about a customer"
                raise TypeError(message)
            case _ if not isinstance(event, _REQUESTS_ONLY):
                self.notes.append(Note(event.fact, event.occurred_at, *note(event), self._corrected_by(event)))
        self.requests.take(event)
        self.said.setdefault(event.fact, (event.occurred_at, in_words(event)))
        for found in event.findings:
            # An event that shows an earlier fact to be the breach is no breach itself; it is evidence of that one.
            fact = self._name(found.about) if found.about else event.fact
            (at, what), shown = self.said.get(fact, (event.occurred_at, in_words(event))), self._names(found.events)
            shown_by = shown if fact == event.fact else tuple(dict.fromkeys((*shown, event.fact)))
            self.findings.append(
                FindingEntry(
                    fact,
                    at,
                    what,
                    found.promise,
                    self.statements.get(found.promise),
                    found.code,
                    found.excused,
                    shown_by,
                    self._of_position(found.about) if found.about else self._corrected_by(event),
                )
            )

    def _name(self, position: int) -> str:
        return self.names.get(position) or place_name(position)

    def _names(self, positions: Iterable[int]) -> tuple[str, ...]:
        return tuple(map(self._name, positions))

    def _corrected_by(self, event: Event) -> str | None:
        return self._of_position(event.fact_position)

    def _of_position(self, position: int) -> str | None:
        wrong = self.wrong.get(position)
        return wrong.fact if wrong else None

    def _collected(self, event: events.DataCollected) -> None:
        self.values.collected(event, wrong=self.wrong.get(event.fact_position))
        self.collections.append(
            CollectionEntry(
                event.fact,
                event.occurred_at,
                event.act.value,
                event.reference,
                event.collection_point,
                event.notice,
                event.online,
                source_of(event.act),
                event.held_in,
                bool(event.withheld),
                event.categories,
                event.requests,
                self._corrected_by(event),
            )
        )

    def _use(self, event: events.DataUsed) -> dict[str, Any]:
        return {
            "fact": event.fact,
            "at": event.occurred_at,
            "purpose": event.purpose,
            "dpv": PURPOSES.get(event.purpose),
            "categories": event.categories,
            "reference": event.reference,
            "relies_on": self._names(event.relies_on),
            "value_from": self._name(event.value_from) if event.value_from else None,
            "entry_corrected_by": self._corrected_by(event),
        }

    def _sent(self, event: events.MessageSent) -> None:
        self.messages.append(
            MessageEntry(
                event.fact,
                event.occurred_at,
                event.channel.value,
                event.program.value if event.program else None,
                event.purpose,
                PURPOSES.get(event.purpose),
                event.message_id,
                event.unsubscribe_link,
                event.queued_at,
                self._names(event.relies_on),
                self._name(event.value_from) if event.value_from else None,
                self._corrected_by(event),
            )
        )

    def _changed(self, event: events.CustomerEnrolled | events.CustomerOptedOut | events.EnrollmentEnded) -> None:
        enrolled = isinstance(event, events.CustomerEnrolled)
        opted_out = isinstance(event, events.CustomerOptedOut)
        self.changes.append(
            SubscriptionEntry(
                event.fact,
                event.occurred_at,
                event.program.value,
                "enrolled" if enrolled else "opted_out" if opted_out else "ended",
                event.cause.value if isinstance(event, events.CustomerEnrolled) else None,
                event.via.value if isinstance(event, events.CustomerOptedOut) else None,
                None if isinstance(event, events.CustomerOptedOut) else event.reference,
                self._names(event.relies_on) if isinstance(event, events.CustomerEnrolled) else (),
                tuple(sorted({found.promise for found in event.findings if not found.excused})),
                self._corrected_by(event),
            )
        )

    def _recalled(self, event: SuppressionRecalled, program: Program) -> None:
        """List an opt-out that outlived an erasure as what it means to the person: they are out."""
        out = event.fact, event.occurred_at, program.value, "opted_out", None, "suppression_list", None, (), (), None
        self.changes.append(SubscriptionEntry(*out))

    def _corrected(self, event: events.DataCorrected) -> None:
        self.values.corrected(event, wrong=self.wrong.get(event.fact_position))
        self.corrections.append(
            CorrectionEntry(
                event.fact,
                event.occurred_at,
                event.request or event.request_code,
                event.category,
                event.value,
                self.values.state_of(event),
                self._corrected_by(event),
            )
        )

    def _refused(self, event: Refusal) -> None:
        self.refusals.append(
            RefusalEntry(
                event.fact,
                event.occurred_at,
                event.refused,
                event.purpose,
                event.recipient,
                event.program.value if event.program else None,
                event.categories,
                tuple(dict.fromkeys(found.promise for found in event.because)),
            )
        )
