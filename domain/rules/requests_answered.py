"""Rule kind `requests_answered`: a person who asks about their own data gets an answer, in time if a time is set."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple

from domain.events.customer import AccessRequested, CorrectionRequested, ErasureRequested
from domain.moments import Moment, end_of
from domain.policy.status import Status
from domain.records.customer import LAST
from domain.records.entries import by_moment
from domain.records.rights import ACCESS, CORRECTION, ERASURE, Corrected
from domain.rules.common.base import Rule, Settled, later
from domain.rules.common.particulars import particulars
from domain.vocabulary import overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.policy.model import Policy
    from domain.records.customer import Customer
    from domain.records.rights import Denied, Entry, Matter, Reported, RequestMade
    from domain.rules.common.base import Case
    from domain.rules.common.particulars import Particulars


ERASED_UNANSWERED: Final = "erased_unanswered"
"""The code of an access request that an erasure left unanswered, of a person who had not asked for the erasure."""


class _Answer(NamedTuple):
    """An answer to a request: when it counts, and the position of its event."""

    moment: Moment
    position: int


class _Term(NamedTuple):
    """From when the time of a request runs, and until when; None: no deadline is set."""

    begun: Moment
    due: datetime | None


class RequestsAnswered(Rule):
    """Each request of the kind `asks` is answered: by what was asked for, or by a decline or denial.

    An erasure ends all requests of a person who had asked for it. If they had not, it leaves an open access request
    without an answer for good, which breaks the promise; every other open request goes on as if nobody were erased.
    An answer must not come before the request. A person who asks again before an answer makes the same request; one who
    asks again under the same name after an answer makes another. With `showing_error` only requests that show an error
    count. With `verified_only` only requests count whose identity was verified under their name, and their time runs
    from the verification. `deadline` names the parameter of the policy that sets the time; if that is not set, a
    request stays open.
    """

    concerns: ClassVar = frozenset({AccessRequested, CorrectionRequested, ErasureRequested})
    at_append: ClassVar = False
    reasons: ClassVar = {
        "answered_late": "It was answered after its deadline.",
        ERASED_UNANSWERED: "The person was erased before it was answered, and had not asked to be erased.",
        "left_out": "Other records hold the person's addresses, and were neither included nor said to be another's.",
        "not_answered": "Its deadline passed without an answer.",
    }

    asks: Literal["access", "correction", "erasure"]
    deadline: Literal["access_answer_seconds", "correction_answer_seconds", "erasure_answer_seconds"]
    verified_only: bool = False
    showing_error: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return False: a request alone tests nothing; what came of it does, which `settle` returns."""
        del case
        return False

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
        """Return what came of each request."""
        seconds: int | None = getattr(policy.parameters, self.deadline)
        for matter in customer.rights.matters.values():
            answered: _Answer | None = None
            for request in matter.requests:
                if not self._binds(request, matter) or (answered and request.moment <= answered.moment):
                    continue
                answered = self._answer(request, matter, customer)
                begun = max(request.moment, matter.verified[0].moment) if self.verified_only else request.moment
                due = None if seconds is None else later(begun.at, seconds)
                leaves_out = self._leaves_out(request, matter, customer)
                if answered is None and (broken := self._broken_by_erasure(request, begun, due, customer)):
                    yield broken
                else:
                    yield _settled(request, answered, _Term(begun, due), as_of, leaves_out=leaves_out)
                if answered is None:
                    break

    def _binds(self, request: RequestMade, matter: Matter) -> bool:
        return (
            request.kind == self.asks
            and self.asks not in matter.asked_there
            and (request.shows_error or not self.showing_error)
            and (bool(matter.verified) or not self.verified_only)
        )

    def _answer(self, request: RequestMade, matter: Matter, customer: Customer) -> _Answer | None:
        """Return the first answer that is whole. An erasure is the last event of a stream, whatever its time is."""
        answers = []
        for one in matter.answers(self.asks):
            left_out = getattr(one, "elsewhere", ())
            whole = customer.apart.all_settled(left_out, one.moment)
            if one.moment < request.moment or whole is None or not _answers(one, request):
                continue
            # What is settled only after such an erasure, or by it, comes too late: the request was still open.
            if self._ends_unanswered(customer) and not _was_whole(left_out, customer):
                continue
            answers.append(_Answer(whole, one.position))
        if customer.erased_at is not None and _asked_to_be_erased(customer):
            erased = end_of(max(customer.erased_at, request.moment.at))
            # Other records that hold the person's addresses are part of what they asked to be forgotten.
            whole = customer.apart.all_settled(customer.apart.left_out if self.asks == ERASURE else (), erased)
            if whole is not None:
                answers.append(_Answer(whole, customer.erased_by))
        return min(answers, key=by_moment, default=None)

    def _ends_unanswered(self, customer: Customer) -> bool:
        """Return whether an erasure leaves a request of this kind without an answer for good."""
        return self.asks == ACCESS and customer.erased and not _asked_to_be_erased(customer)

    def _broken_by_erasure(
        self, request: RequestMade, begun: Moment, due: datetime | None, customer: Customer
    ) -> Settled | None:
        """Return that an erasure broke the promise about an unanswered request, unless its deadline had passed."""
        if customer.erased_at is None or not self._ends_unanswered(customer):
            return None
        at = max(customer.erased_at, begun.at)
        if due is not None and due < at:
            return None
        return Settled(
            Status.BROKEN,
            request.position,
            at,
            ERASED_UNANSWERED,
            events=(customer.erased_by,),
            particulars=particulars(asked_at=request.moment, erased_at=customer.erased_at, due=due),
        )

    def _leaves_out(self, request: RequestMade, matter: Matter, customer: Customer) -> bool:
        """Return whether an unanswered request has an answer that left other records out."""
        is_reported = any(one.moment >= request.moment for one in matter.reported)
        return (self.asks == ACCESS and is_reported) or (self.asks == ERASURE and customer.erased)


def unanswered(policy: Policy, customer: Customer) -> Iterator[int]:
    """Yield where the requests of an erased person stand that the erasure leaves without an answer.

    That is so whatever a policy promises of them, and whether or not a deadline had passed.
    """
    for rule in _OF_ERASED:
        for settled in rule.settle(policy, customer, LAST.at):
            if settled.status is not Status.KEPT and settled.remedied is None:
                yield settled.event


def asked_to_be_erased(customer: Customer) -> Iterator[RequestMade]:
    """Yield the requests by which an erased person had asked for it when it was told."""
    named = None if customer.erased_for is None else customer.stands_for(customer.erased_for)
    return customer.rights.asks_for_erasure(named)


_OF_ERASED: Final = (
    RequestsAnswered(asks=ACCESS, deadline="access_answer_seconds"),
    RequestsAnswered(asks=CORRECTION, deadline="correction_answer_seconds"),
)
"""What an erased person can have asked beside being erased, and whether it was answered."""


def _answers(answer: Entry | Denied | Corrected | Reported, request: RequestMade) -> bool:
    """Return whether an answer is about what was asked: the correction of another category is no answer."""
    if not isinstance(answer, Corrected) or request.category is None:
        return True
    return overlaps(answer.category, request.category)


def _asked_to_be_erased(customer: Customer) -> bool:
    return customer.asked_under_another or any(True for _ in asked_to_be_erased(customer))


def _was_whole(left_out: tuple[UUID, ...], customer: Customer) -> bool:
    """Return whether an answer that left out records of others was whole when the person was erased."""
    is_own = not customer.streams.keys().isdisjoint(left_out)
    return not is_own and customer.apart.were_settled(left_out, customer.erased_by)


def _settled(
    request: RequestMade, answered: _Answer | None, term: _Term, as_of: datetime, *, leaves_out: bool
) -> Settled:
    due = term.due
    known = _of(request, term)
    if answered is not None:
        if due is None or answered.moment.at <= due:
            return Settled(Status.KEPT, request.position, answered.moment.at, events=(answered.position,))
        return Settled(
            Status.BROKEN,
            request.position,
            due,
            "answered_late",
            remedied=answered.position,
            particulars=(*known, *_late(due, answered.moment.at), *particulars(answered_at=answered.moment.at)),
        )
    if due is None or as_of <= due:
        waiting = Settled(Status.OPEN, request.position, due or as_of, particulars=known)
        return waiting._replace(code="left_out") if leaves_out else waiting
    code = "left_out" if leaves_out else "not_answered"
    return Settled(Status.BROKEN, request.position, due, code, particulars=(*known, *_late(due, as_of)))


def _of(request: RequestMade, term: _Term) -> Particulars:
    """Return what was asked when, from when its time runs, and until when."""
    verified = None if term.begun == request.moment else term.begun
    known = particulars(asked=request.kind, asked_at=request.moment, category=request.category)
    return (*known, *particulars(runs_since=verified, due=term.due))


def _late(due: datetime, until: datetime) -> Particulars:
    return particulars(late_seconds=ceil((until - due).total_seconds()))
