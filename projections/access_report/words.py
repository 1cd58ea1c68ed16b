"""What a report calls an event: the codes of events that have no list of their own, and a few words for a finding."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from domain.canonical import canonical_json
from domain.events import customer as events, deletions, links
from domain.events.base import place_name
from domain.events.suppressions import EntrySetAside, SuppressionEnded, SuppressionOwed, SuppressionRecalled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.events import Event

NOTES: Final[Mapping[type[Event], tuple[str, tuple[str, ...]]]] = {
    events.CustomerRegistered: ("registered", ()),
    events.AccountOpened: ("account_opened", ()),
    events.OrderCompleted: ("order_completed", ("reference",)),
    events.OrderCancelled: ("order_cancelled", ("reference",)),
    events.OptOutOffered: ("opt_out_offered", ("purpose",)),
    events.ObjectionRaised: ("objection_raised", ("purpose",)),
    events.AgeLearned: ("age_learned", ("under",)),
    SuppressionRecalled: ("suppression_recalled", ("program", "purpose", "under")),
    SuppressionOwed: ("suppression_owed", ("program", "purpose", "under")),
    SuppressionEnded: ("suppression_ended", ()),
    EntrySetAside: ("entry_set_aside", ()),
    events.RecordRead: ("record_read", ("reader", "purpose")),
    events.EntryCorrected: ("entry_corrected", ("entry", "replacement", "reason", "evidence")),
    # The other name, the evidence and the reason can be somebody else's data.
    links.LinkProposed: ("link_proposed", ("because", "method")),
    links.LinkRejected: ("link_rejected", ()),
    # Of the two names, so that nothing was undone.
    links.CustomersUnlinked: ("not_linked", ("method",)),
    # The reason and the evidence can be about the one who has the name now.
    links.NameEnded: ("name_ended", ("name",)),
    links.ContactConfirmed: ("contact_confirmed", ("method",)),
    events.CustomerErased: ("erased", ()),
    deletions.DataDeleted: ("data_deleted", ("categories", "gone", "held_in", "reason")),
    deletions.DataAnonymised: ("data_anonymised", ("categories", "gone", "held_in", "reason")),
    events.IdentityVerified: ("identity_verified", ("request", "method")),
    events.IdentityNotVerified: ("identity_not_verified", ("request", "method")),
    events.AccessReportIssued: ("access_report_issued", ("request",)),
    events.RequestDenied: ("request_denied", ("request", "reason")),
    events.CorrectionDeclined: ("correction_declined", ("request", "reason")),
    events.RecipientNotified: ("recipient_notified", ("request", "recipient")),
}
"""The code of each event that has no list of its own, and the fields that go with it."""


_OF_EVERY_EVENT: Final = frozenset(("findings", "contacts", "opened_as"))


def note(event: Event) -> tuple[str, dict[str, str | None]]:
    """Return the code and the details of an event without a list of its own.

    An event that has no code either, because it is newer than this report, goes by its type and its coded data.
    """
    if type(event) in NOTES:
        code, names = NOTES[type(event)]
        given = {name: _detail(event, name) for name in names}
        return code, {name: None if value is None else str(value) for name, value in given.items()}
    coded = {name: value for name, value in json.loads(event.data_json()).items() if name not in _OF_EVERY_EVENT}
    return type(event).__name__, {
        name: value if isinstance(value, str) else canonical_json(value) for name, value in coded.items()
    }


def _detail(event: Event, name: str) -> object:
    """Return a field of an event; another fact goes by its name, or by its position where the seal was not opened."""
    value = getattr(event, name)
    if name == "gone":
        return ", ".join(f"{count} of {category}" for category, count in Counter(value).items()) or "none"
    if isinstance(value, tuple) and name not in event.places:
        return ", ".join(value)
    if name not in event.places:
        return value
    return getattr(event, f"{name}_name", None) or (None if value is None else place_name(value))


def in_words(event: Event) -> str:
    """Describe an event in a few words, for a finding about it."""
    match event:
        case events.DataCollected():
            return f"collection by {event.act.value}"
        case events.DataShared():
            return f"sharing with {event.recipient} for {event.purpose}"
        case events.DataUsed():
            return f"use for {event.purpose}"
        case events.MessageSent():
            return f"message by {event.channel.value} for {event.purpose}"
        case events.CustomerEnrolled():
            return f"enrollment in {event.program.value} because of {event.cause.value}"
        case _:
            return type(event).__name__
