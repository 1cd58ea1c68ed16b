"""Late evidence: facts that permit an act and were recorded only after it.

What a rule kind asks of the company (a notice, a point, a publication) it says itself (`Rule.rests_on`). Such a fact
happened before the act and stands after it in the log. It counts, because the judge goes by time. But the company did
not know it when it acted, so an audit lists it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import DataShared, DataUsed, MessageSent
from domain.rules.common.grounds import enrollments

if TYPE_CHECKING:
    from domain.rules.common.base import Case


def late_evidence(case: Case) -> tuple[int | str, ...]:
    """Return the collections, links, offers and the recipient that an act rests on and that were recorded after it.

    Events are given by position, a recipient as `recipient NAME`.
    """
    event, position = case.event, case.moment.position
    cited = tuple(case.cited())
    late: list[int | str] = [held.position for held in cited if held.moment.position > position]
    for held in cited:  # What another stream holds counts through the link alone.
        if held.stream is not None and held.stream != event.originator_id:
            joined = case.customer.joins.told_at(event.originator_id, held.stream)
            late += [joined] if joined > position else []
    if isinstance(event, MessageSent):
        # A message in a program relies on the enrollment, which may be the consequence of a collection told late.
        late += [one.position for one in enrollments(case) if one.position > position]
    if isinstance(event, DataUsed | MessageSent):
        offers = case.customer.rights.offers.get(event.purpose, ())
        late += [one.position for one in offers if one.moment.position > position and one.moment <= case.moment]
    if isinstance(event, DataShared):
        recipient = case.recipient()
        if recipient is not None and recipient.moment.position > position:
            late.append(f"recipient {event.recipient}")
    return tuple(late)
