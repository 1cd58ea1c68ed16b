"""What to call an event in a report: the codes of what has no list of its own, and a few words for a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events import customer as events

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
    events.SuppressionRecalled: ("suppression_recalled", ("program", "under")),
    events.RecordRead: ("record_read", ("reader", "purpose")),
    events.EntryCorrected: ("entry_corrected", ("entry", "replacement", "reason")),
    events.CustomersLinked: ("streams_linked", ("person",)),
    events.CustomerErased: ("erased", ("request",)),
    events.IdentityVerified: ("identity_verified", ("request", "method")),
    events.IdentityNotVerified: ("identity_not_verified", ("request", "method")),
    events.AccessReportIssued: ("access_report_issued", ("request",)),
    events.RequestDenied: ("request_denied", ("request", "reason")),
    events.CorrectionDeclined: ("correction_declined", ("request", "reason")),
    events.RecipientNotified: ("recipient_notified", ("request", "recipient")),
}
"""What has no list of its own, with the fields that say what it was."""


def in_words(event: Event) -> str:
    """Say in a few words what an event was, for a finding about it."""
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
