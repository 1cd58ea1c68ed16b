"""The rule about gifts: nobody who is known only as a gift's recipient is enrolled or mailed.

`domain.rules.purposes_limited` applies it where a policy sets `bars_programs`, as promise P06 of the web shop does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.events.customer import CustomerEnrolled
from domain.rules.common.base import Breach
from domain.rules.common.grounds import latest_of
from domain.rules.common.particulars import particulars
from domain.rules.common.programs import program_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.rules.common.base import Case
    from domain.vocabulary import Act

RECIPIENT_REASONS: Final[Mapping[str, str]] = {
    "enrolled_as_recipient_only": "The person is known only as the recipient of a gift.",
    "mailed_as_recipient_only": "The person is known only as the recipient of a gift.",
}


def recipient_only(case: Case, act: Act) -> Iterator[Breach]:
    """Return the breach of an enrollment or message for a person whose data came only from the buyers of gifts."""
    if program_of(case.event) and case.customer.is_known_only_as_recipient(case.moment):
        enrolls = isinstance(case.event, CustomerEnrolled)
        code = "enrolled_as_recipient_only" if enrolls else "mailed_as_recipient_only"
        given = len(list(case.customer.collections_of(act, case.moment)))
        known = particulars(program=program_of(case.event), only_act=act, collections=given)
        yield Breach(code, latest_of(case, act), particulars=known)
