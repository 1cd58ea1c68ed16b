"""Rule kind `enrollment_bounds`: which collection an enrollment must cite, and into which programs it may lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_collection, of_opt_out
from domain.rules.common.programs import set_aside, was_set_aside
from domain.vocabulary import CONTACT_OF_PROGRAM, Act, Cause, Program, gives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Held
    from domain.rules.common.particulars import Particulars

_ASKED_BY: dict[Program, str] = {Program.EMAIL_MARKETING: "updates", Program.PHYSICAL_MAILINGS: "catalog"}


class EnrollmentBounds(Rule):
    """Limits enrollments. `judges` maps each cause to the programs for which this rule judges enrollments by it.

    A judged enrollment must cite a collection of one of `acts`, made by the person, and must be for one of `programs`.

    - `needs_contact`: the collection must hold the contact that the program uses, such as an e-mail address.
    - `needs_request`: the form must record that the person asked for the program.
    - `yields_to_opt_out`: nobody is enrolled while they are opted out.
    """

    concerns: ClassVar = frozenset({CustomerEnrolled})
    looks_back: ClassVar = True
    reasons: ClassVar = {
        "act_not_allowed": "The collection that it cites is of another act.",
        "no_contact_given": "The collection that it cites gave no such address.",
        "no_such_collection": "No collection on record supports it.",
        "not_asked_for": "The registration that it cites did not ask for it.",
        "order_cancelled": "The order that it cites had been cancelled.",
        "overrides_opt_out": "The person had left the program.",
        "program_out_of_bounds": "What the person did does not open this program.",
    }

    judges: dict[Cause, tuple[Program, ...]]
    acts: tuple[Act, ...]
    programs: tuple[Program, ...]
    needs_contact: bool = False
    needs_request: bool = False
    yields_to_opt_out: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return whether `judges` pairs the enrollment's cause with its program."""
        event = case.event
        return isinstance(event, CustomerEnrolled) and event.program in self.judges.get(event.cause, ())

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one enrollment."""
        event = case.event
        if not isinstance(event, CustomerEnrolled) or not self.is_tested(case):
            return
        if event.program not in self.programs:
            opened = particulars(opens=self.programs)
            yield Breach("program_out_of_bounds", event.relies_on, particulars=(*_of(event), *opened))
        cited = list(case.cited())
        if not cited:
            needed = (*_of(event), *particulars(needs=self.acts))
            unknown = was_set_aside(case)
            yield set_aside(case) if unknown else Breach("no_such_collection", particulars=needed)
        for held in cited:
            yield from self._faults(case, event, held)
        if self.yields_to_opt_out:
            opted_out = case.standing(event.program).opted_out
            if opted_out:
                known = (*particulars(cause=event.cause), *of_opt_out(case, event.program, opted_out))
                others = opted_out.others
                yield Breach("overrides_opt_out", opted_out.evidence, particulars=known, others=others)

    def _faults(self, case: Case, event: CustomerEnrolled, held: Held) -> Iterator[Breach]:
        shown, known = (held.position,), (*_of(event), *of_collection(case, held))
        if held.act not in self.acts:
            yield Breach("act_not_allowed", shown, particulars=(*known, *particulars(needs=self.acts)))
        if case.customer.is_cancelled_order(held, case.moment):
            cancelled = particulars(cancelled_at=case.customer.cancelled(held.reference))
            yield Breach("order_cancelled", shown, particulars=(*known, *cancelled))
        contact = CONTACT_OF_PROGRAM[event.program]
        if self.needs_contact and not gives(held.categories, contact):
            yield Breach("no_contact_given", shown, particulars=(*known, *particulars(missing=contact)))
        asked_by = _ASKED_BY[event.program]
        if self.needs_request and asked_by not in held.requests:
            missing = particulars(missing_request=asked_by, requests=held.requests)
            yield Breach("not_asked_for", shown, particulars=(*known, *missing))


def _of(event: CustomerEnrolled) -> Particulars:
    """Return what an enrollment was."""
    return particulars(program=event.program, cause=event.cause)
