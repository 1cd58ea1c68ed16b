"""Why a promise was broken, or could not be decided: one sentence for each code of a finding.

A rule kind gives the sentences of its own codes (`Rule.reasons`). The other codes are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.policy.judge import LEGAL_ORDER, NO_GROUND, ONLY_LINKED
from domain.policy.undecided import PERSON_ERASED
from domain.rules.common.addresses import ADDRESS_TOLD_LATER, HOLDERS_DIFFER, SENT_ELSEWHERE
from domain.rules.common.kinds import KINDS
from domain.rules.common.programs import OUT_BY_NUMBER, SET_ASIDE
from domain.waiting import WAITING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOT_SUBSCRIBED: Final = "not_subscribed"
"""The one reason, to a service, of whatever says that somebody is not in a program: promises P11, P17, P18, P20."""
REASONS: Final[Mapping[str, str]] = {
    LEGAL_ORDER: "A legal order stands behind it.",
    PERSON_ERASED: "The person had been erased when it was told, so what it rests on is not known.",
    NO_GROUND: "No collection on record holds what was used, so what permits it is not known.",
    ONLY_LINKED: "Only what was recorded of another person permitted it, who was taken for the same one until then.",
    HOLDERS_DIFFER: "It went to an address that several people have, and they are not owed the same.",
    SENT_ELSEWHERE: "It went to an address that was not on the person's record, so whom it reached is not known.",
    ADDRESS_TOLD_LATER: "Another address was current than was known when it was told, so where it went is not known.",
    OUT_BY_NUMBER: "Somebody with the same address had left the program; they may be this person.",
    SET_ASIDE: "An entry of the person is kept as that of somebody erased, whose address it holds; it may permit this.",
    WAITING: "The person asked to be forgotten, and nothing may be done with the data in the waiting period.",
    NOT_SUBSCRIBED: "The person is not in the program, or it is not known that they are.",
    "purpose_not_registered": "The purpose was not registered.",
    **{code: sentence for kind in KINDS.values() for code, sentence in kind.reasons.items()},
}
_NOT_SUBSCRIBED: Final = frozenset(
    {
        *("in_flight_at_opt_out", "mailed_after_opt_out", "no_catalog_request", "not_enrolled"),
        *("shared_after_leaving", "enrolled_after_opt_out", "overrides_opt_out"),
        *(HOLDERS_DIFFER, OUT_BY_NUMBER, SET_ASIDE),
    }
)


def is_not_subscribed(code: str) -> bool:
    """Return whether a code says that somebody is not in a program, or may not be."""
    return code in _NOT_SUBSCRIBED


def reasons_of(codes: Iterable[str]) -> list[str]:
    """Return what a service is told in short: each code once, and one word for all that say somebody is not in it."""
    return list(dict.fromkeys(NOT_SUBSCRIBED if is_not_subscribed(code) else code for code in codes))


def reason(code: str) -> str:
    """Return the sentence for a code."""
    return REASONS[code]
