"""Rule kind `requests_answered`: a person who asks about their own data gets an answer, in time if a time is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from domain.events import Moment
from domain.events.base import UNPLACED
from domain.events.customer import AccessRequested, CorrectionRequested, ErasureRequested
from domain.policy.status import Status
from domain.records.entries import by_moment
from domain.records.rights import ACCESS, ERASURE
from domain.rules.common.base import Rule, Settled, later

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.customer import Customer
    from domain.records.rights import Matter, RequestMade
    from domain.rules.common.base import Case


class _Answer(NamedTuple):
    """An answer to a request: when it counts, and the position of its event."""

    moment: Moment
    position: int


class RequestsAnswered(Rule):
    """Each request of the kind `asks` is answered: by what was asked for, by a decline or denial, or by an erasure.

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
                yield _settled(request, answered, due, as_of, leaves_out=leaves_out)
                if answered is None:
                    break

    def _binds(self, request: RequestMade, matter: Matter) -> bool:
        return (
            request.kind == self.asks
            and (request.shows_error or not self.showing_error)
            and (bool(matter.verified) or not self.verified_only)
        )

    def _answer(self, request: RequestMade, matter: Matter, customer: Customer) -> _Answer | None:
        """Return the first answer that is whole. An erasure is the last event of a stream, whatever its time is."""
        answers = []
        for one in matter.answers(self.asks):
            whole = customer.apart.all_settled(getattr(one, "elsewhere", ()), one.moment)
            if one.moment >= request.moment and whole is not None:
                answers.append(_Answer(whole, one.position))
        if customer.erased_at is not None:
            erased = Moment(max(customer.erased_at, request.moment.at), UNPLACED)
            # Other records that hold the person's addresses are part of what they asked to be forgotten.
            whole = customer.apart.all_settled(customer.apart.left_out if self.asks == ERASURE else (), erased)
            if whole is not None:
                answers.append(_Answer(whole, customer.erased_by))
        return min(answers, key=by_moment, default=None)

    def _leaves_out(self, request: RequestMade, matter: Matter, customer: Customer) -> bool:
        """Return whether an unanswered request has an answer that left other records out."""
        is_reported = any(one.moment >= request.moment for one in matter.reported)
        return (self.asks == ACCESS and is_reported) or (self.asks == ERASURE and customer.erased)


def _settled(
    request: RequestMade, answered: _Answer | None, due: datetime | None, as_of: datetime, *, leaves_out: bool
) -> Settled:
    if answered is not None:
        if due is None or answered.moment.at <= due:
            return Settled(Status.KEPT, request.position, answered.moment.at, events=(answered.position,))
        return Settled(Status.BROKEN, request.position, due, "answered_late", remedied=answered.position)
    if due is None or as_of <= due:
        waiting = Settled(Status.OPEN, request.position, due or as_of)
        return waiting._replace(code="left_out") if leaves_out else waiting
    return Settled(Status.BROKEN, request.position, due, "left_out" if leaves_out else "not_answered")
