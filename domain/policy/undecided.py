"""What cannot be decided of somebody who had been erased when a fact was told: what it may rest on is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.policy.attributed import AttributedBreach
from domain.policy.status import Status
from domain.rules.common.base import Breach, OfHolders
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.rules.common.base import Case, Rule

PERSON_ERASED: Final = "person_erased"
"""The code of what cannot be decided, since what it rests on was erased."""


def undecided(
    case: Case, rules: Iterable[tuple[str, Rule]], breaches: Sequence[AttributedBreach]
) -> Iterator[AttributedBreach]:
    """Yield what is wrong with an event of somebody who had been erased when it was told.

    Nothing is broken, and nothing kept, because something is not on record. What the person was owed then is on record
    (`SuppressionOwed`), and breaks what it forbids; what may have let something in is gone.
    """
    for promise, rule in rules:
        own = [one for one in breaches if one.promise == promise]
        is_known = not rule.looks_back or rule.of_holders is not OfHolders.WAY_IN
        shown = [one for one in own if is_known and (one.breach.events or not rule.looks_back)]
        if shown:  # What shows it is what was owed then, and no fact says that any more.
            yield from (
                one._replace(breach=one.breach._replace(events=())) if rule.looks_back else one for one in shown
            )
        elif own or (rule.looks_back and rule.is_tested(case)):
            known = particulars(told="after the erasure")
            yield AttributedBreach(promise, Breach(PERSON_ERASED, status=Status.INDETERMINATE, particulars=known))
