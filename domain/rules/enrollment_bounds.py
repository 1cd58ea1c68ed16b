"""Rule kind `enrollment_bounds`: which collection an enrollment must cite, and into which programs it may lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled
from domain.policy.status import Status
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.programs import SET_ASIDE, was_set_aside
from domain.vocabulary import CONTACT_OF_PROGRAM, Act, Cause, Program, gives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Held

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
            yield Breach("program_out_of_bounds", event.relies_on)
        cited = list(case.cited())
        if not cited:
            unknown = was_set_aside(case)
            yield Breach(SET_ASIDE, status=Status.INDETERMINATE) if unknown else Breach("no_such_collection")
        for held in cited:
            yield from self._faults(case, event, held)
        if self.yields_to_opt_out:
            opted_out = case.standing(event.program).opted_out
            if opted_out:
                yield Breach("overrides_opt_out", opted_out.evidence)

    def _faults(self, case: Case, event: CustomerEnrolled, held: Held) -> Iterator[Breach]:
        if held.act not in self.acts:
            yield Breach("act_not_allowed", (held.position,))
        if case.customer.is_cancelled_order(held, case.moment):
            yield Breach("order_cancelled", (held.position,))
        if self.needs_contact and not gives(held.categories, CONTACT_OF_PROGRAM[event.program]):
            yield Breach("no_contact_given", (held.position,))
        if self.needs_request and _ASKED_BY[event.program] not in held.requests:
            yield Breach("not_asked_for", (held.position,))
