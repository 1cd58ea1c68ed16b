"""The interface of a rule kind: a frozen set of parameters, and pure methods that the judge calls.

A rule judges the events that it `concerns`, by what had happened by the event's own moment. `breaches` judges the event
as a whole. `forbids` judges one collection that a use, share or message relies on, because permission follows the
collection and not the value. `settle` and `settle_company` return what time alone decides, such as a deadline.
`is_tested` says whether an event tests the promise at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict

from domain import times
from domain.events import Event
from domain.policy.status import Status
from domain.records.standing import standing_of
from domain.records.unannulled import without_annulled_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.grounds import Ground
    from domain.moments import Moment
    from domain.policy.model import Policy
    from domain.records.company import Company, Registration
    from domain.records.contacts import Point
    from domain.records.customer import Customer
    from domain.records.entries import Held, Standing
    from domain.records.standing import WouldEnroll
    from domain.records.visitor import Visitor
    from domain.rules.common.particulars import Particulars
    from domain.vocabulary import Act, Program, Reading

_T = TypeVar("_T")
_LONGEST_SECONDS: Final = int(timedelta.max.total_seconds())


class OfHolders(Enum):
    """What a rule asks of those who may have got a message.

    Nothing keeps it off, something let it in, none objects, or the address is one that they still have.
    """

    PEACE = "peace"
    WAY_IN = "way_in"
    OBJECTION = "objection"
    VALUE = "value"


class Breach(NamedTuple):
    """What a rule finds wrong with an event: a stable code, and the events that show it, by their positions.

    `status` is broken, indeterminate if the record cannot decide, or open if a later fact still can. `about` is an
    earlier event that is the breach itself. `others` are events of other people, shown by name or not at all.
    """

    code: str
    events: tuple[int, ...] = ()
    about: Moment | None = None
    status: Status = Status.BROKEN
    particulars: Particulars = ()
    others: tuple[int, ...] = ()


class Settled(NamedTuple):
    """What time has decided of a promise, or still can.

    `event` is the position of what set the deadline, 0 for nothing; `at` is when it is due or when the promise broke.
    `remedied` is the position of what set a breach right afterwards.
    """

    status: Status
    event: int
    at: datetime
    code: str = ""
    events: tuple[int, ...] = ()
    remedied: int | None = None
    particulars: Particulars = ()


class Case(NamedTuple):
    """What is judged: an event, with the records of the person and of the company so far, under a policy.

    `reading` decides who counts as enrolled and who as opted out. It is the permissive reading if the permissive
    reading is judged, and the harmonised one otherwise. It is never the strict one: the strict reading judges each
    clause alone, and whether an enrollment counts depends on other clauses.
    """

    policy: Policy
    reading: Reading
    customer: Customer
    """The person; an empty record for an event of the company or of a browser."""
    company: Company
    event: Event
    moment: Moment
    reopening: Mapping[Program, frozenset[Act]]
    """For each program whose opt-outs are permanent, the acts by which a person opens it again."""
    visitor: Visitor | None = None
    """The browser, for an event of a browser."""
    sent_to: Point | None = None
    """The contact point that a message says it went to."""
    sent_then: Point | None = None
    """The contact point that was current as far as was known when a message was told that says none, if now another is.

    Nobody knows to which of the two it went.
    """
    holders: tuple[Customer, ...] = ()
    """The other people on whose records it stood, where the message was told under it."""
    grounds: tuple[Ground, ...] = ()
    """What a use, share or message outside programs relies on, for each category that it uses."""
    would_enroll: WouldEnroll | None = None
    """Whether a collection would enroll its person if no contact point of theirs was bound."""
    answers: dict[Any, Any] | None = None
    """What was asked of this very case so far; None: nothing is kept."""

    def of_event(self, event: Event) -> Case:
        """Return the case of another event of the same moment: `_replace` in a third of the time."""
        return Case(self.policy, self.reading, self.customer, self.company, event, *self[5:-1], {})

    def altered(self, **fields: Any) -> Case:  # noqa: ANN401 - values of a case's own fields
        """Return another case, of which nothing was asked yet."""
        return self._replace(**fields, answers={})

    def once(self, ask: Callable[[Case], _T]) -> _T:
        """Return the answer to a question about the case; it is worked out once, whichever rules ask."""
        answers = {} if self.answers is None else self.answers
        if ask not in answers:
            answers[ask] = ask(self)
        answer: _T = answers[ask]
        return answer

    def standing(self, program: Program) -> Standing:
        """Return the person's standing in a program at the event's moment."""
        return self.standing_with(program, self.reopening.get(program))

    def standing_with(self, program: Program, reopened_by: frozenset[Act] | tuple[Act, ...] | None) -> Standing:
        """Return that standing where other acts open the program again."""
        answers = {} if self.answers is None else self.answers
        known: Standing | None = answers.get((program, reopened_by))
        if known is None:
            asked = self.customer, program, self.moment, reopened_by, self.reading, self.sent_to
            known = answers[program, reopened_by] = standing_of(*asked, would_enroll=self.would_enroll)
        return known

    def would_have_enrolled(self, program: Program, held: Held) -> bool:
        """Return whether a collection would have enrolled the person, if no contact point of theirs had been bound.

        What was annulled by now kept nothing from following.
        """
        if self.would_enroll is None:
            return True
        return self.would_enroll(without_annulled_at(self.customer, self.moment), program, held)

    def cited(self) -> Iterator[Held]:
        """Return the collections on which the event relies."""
        positions: tuple[int, ...] = getattr(self.event, "relies_on", ())
        return (held for one in positions if (held := self.customer.by_position.get(one)))

    def recipient(self) -> Registration | None:
        """Return the registration of the recipient to whom the event gives data; None: it is not registered."""
        name: str | None = getattr(self.event, "recipient", None)
        return None if name is None else self.company.recipient(name, self.moment)


class Rule(BaseModel):
    """A rule; its class is the rule kind, and its fields are the parameters that a policy file sets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concerns: ClassVar[frozenset[type[Event]]] = frozenset()
    """The types of event that it judges."""
    reasons: ClassVar[Mapping[str, str]] = {}
    """Each code that it gives, with a sentence that says why the promise is broken or undecided."""
    at_append: ClassVar[bool] = True
    """Whether it judges events when they are appended; else only audits ask it, when the company's record is whole."""
    measures_time: ClassVar[bool] = False
    """Whether the time of a person's events matters to it, and not their order alone: how far apart, on which day."""
    looks_back: ClassVar[bool] = False
    """Whether it asks what had happened to the person before, which an erasure can have made unknowable."""
    of_holders: ClassVar[OfHolders | None] = None
    """What it asks of the people who may have an address under which a message was told; None: nothing of others."""
    asks_address: ClassVar[bool] = False
    """Whether it asks of a message to which address it went, though nothing of the people who may have that."""
    by_position: ClassVar[bool] = False
    """Whether it judges events in the order of the log, instead of the order of time."""
    judged_whole: ClassVar[frozenset[type[Event]] | None] = None
    """The types of event that `breaches` judges, where they are fewer than it concerns."""

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Return what is wrong with the event."""
        del case
        return iter(())

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Return what is wrong with relying on this collection."""
        del case, held
        return iter(())

    def limited_act(self) -> Act | None:
        """Return the act of the collections that `forbids` judges; None: it judges those of every act."""
        return None

    def rests_on(self, case: Case) -> tuple[int, ...]:
        """Return the facts about the company by which an event keeps the promise, beside what the event relies on."""
        del case
        return ()

    def is_tested(self, case: Case) -> bool:
        """Return whether an event that it concerns tests the promise. A breach always does."""
        del case
        return True

    def served(self) -> str | None:
        """Return which list of purposes it binds data of one act to, for uses or shares; None: it binds none so."""
        return None

    def reopening(self) -> Mapping[Program, frozenset[Act]]:
        """Return the programs that an opt-out closes for good, with the acts that open them again."""
        return {}

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
        """Return what time decides about a person."""
        del policy, customer, as_of
        return iter(())

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Return what time decides about the company."""
        del policy, company, as_of
        return iter(())


def later(at: datetime, seconds: int) -> datetime:
    """Return the time this many seconds after another, or the last time that there is."""
    return times.later(at, timedelta(seconds=min(seconds, _LONGEST_SECONDS)))
