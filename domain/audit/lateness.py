"""Evidence that came late: what permits an act, and was recorded only after it.

Promise: pure. A fact is late here when it happened before the act, and stands after it in the log. It counts, since the
judge goes by time; but who knew nothing of it acted without it, and an auditor should look twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import DataShared, DataUsed, MessageSent

if TYPE_CHECKING:
    from domain.rules.base import Case


def late_evidence(case: Case) -> tuple[str, ...]:
    """Name the collections and offers on which an act rests, and the recipient it went to, that were recorded after it.

    A recipient is named `recipient NAME`.
    """
    event, position = case.event, case.moment.position
    late = [held.name for held in case.cited() if held.moment.position > position]
    if isinstance(event, DataUsed | MessageSent):
        offers = case.customer.rights.offers.get(event.purpose, ())
        late += [one.name for one in offers if one.moment.position > position and one.moment <= case.moment]
    if isinstance(event, DataShared):
        recipient = case.company.recipient(event.recipient, case.moment)
        if recipient is not None and recipient.moment.position > position:
            late.append(f"recipient {event.recipient}")
    return tuple(late)
