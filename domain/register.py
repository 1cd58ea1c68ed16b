"""The company's register at a time: what is in force, registered, posted and vouched for, and what of it is amiss.

Promise: pure; it looks no further than to its time. A location carries the version in force or it does not, whatever
else stands there. Of a recipient, categories beyond what its roles may have are named: a share of them breaks a promise
though they are registered. Recipients are registered without an end, so none of them lapses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.events.base import UNPLACED, Moment
from domain.policy.force import in_force
from domain.policy.status import Status
from domain.records.company import SITE_REVIEW
from domain.vocabulary import within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.judge import Judge
    from domain.policy.model import Policy
    from domain.records.company import Company


class Place(NamedTuple):
    """A location of notices: an online collection point, or one that the policy names.

    `since` and `fact` are of its opening or closing, None of a location that is no collection point. `carries` are the
    versions that stand there.
    """

    location: str
    is_open: bool | None
    online: bool
    since: datetime | None
    fact: str | None
    carries: tuple[str, ...]
    is_current: bool


class Recipient(NamedTuple):
    """Who may get data, or, where `ended`, might: `beyond` are registered categories that its roles may not have."""

    name: str
    roles: tuple[str, ...]
    group: str | None
    categories: tuple[str, ...]
    beyond: tuple[str, ...]
    since: datetime
    ended: bool


class Vouched(NamedTuple):
    """The attestation of a kind that lasts longest, and whether it still does."""

    kind: str
    until: datetime
    fact: str
    lasts: bool


class Amiss(NamedTuple):
    """Something that time has decided against a promise, and that nothing has set right since."""

    at: datetime
    promise: str
    code: str
    event: str


class Register(NamedTuple):
    """All of it, as of a time; `version` and `published` are of the policy in force, None where none is."""

    version: str | None
    published: str | None
    places: tuple[Place, ...]
    recipients: tuple[Recipient, ...]
    purposes: tuple[tuple[str, bool], ...]
    """Registered purposes, each with whether it is unrelated."""
    vouched: tuple[Vouched, ...]
    amiss: tuple[Amiss, ...]


def register(judge: Judge, company: Company, at: datetime) -> Register:
    """Give the register as of a time; `company` is the record of what had happened by then."""
    moment = Moment(at, UNPLACED)
    step = in_force(judge.policy, company, moment)
    version = step.version.version if step else None
    return Register(
        version,
        step.fact if step else None,
        tuple(_places(company, moment, version)),
        tuple(_recipients(judge.policy, company)),
        tuple((name, entries[-1].unrelated) for name, entries in sorted(company.purposes.items()) if entries),
        tuple(_vouched(company, at)),
        tuple(_amiss(judge, company, at)),
    )


def _places(company: Company, moment: Moment, version: str | None) -> Iterator[Place]:
    for location in sorted({*company.points, *company.notices}):
        openings = company.points.get(location, [])
        opening = openings[-1] if openings else None
        posted = dict.fromkeys(one.version for one in company.notices.get(location, ()))
        carries = tuple(one for one in posted if company.shows(location, one, moment))
        is_open = opening.is_open if opening else None
        online = opening.online if opening else True
        since, fact = (opening.moment.at, opening.name) if opening else (None, None)
        yield Place(location, is_open, online, since, fact, carries, version in carries)


def _recipients(policy: Policy, company: Company) -> Iterator[Recipient]:
    for name, entries in sorted(company.recipients.items()):
        known = [one for one in entries if not one.ended]
        if not entries or not known:
            continue
        one = known[-1]
        allowed = {category for role in one.roles for category in policy.roles.get(role, ())}
        beyond = tuple(category for category in one.categories if not within((category,), tuple(allowed)))
        roles = tuple(role.value for role in one.roles)
        yield Recipient(name, roles, one.group, one.categories, beyond, one.moment.at, entries[-1].ended)


def _vouched(company: Company, at: datetime) -> Iterator[Vouched]:
    for kind, made in sorted(company.attestations.items(), key=lambda one: (one[0] == SITE_REVIEW, one[0])):
        if made:
            longest = max(made, key=lambda one: (one.until, one.moment))
            yield Vouched(kind, longest.until, longest.name, longest.until >= at)


def _amiss(judge: Judge, company: Company, at: datetime) -> Iterator[Amiss]:
    found = {
        Amiss(settled.at, promise, settled.code, settled.event)
        for promise, settled in judge.settle_company(company, at)
        if settled.event and settled.remedied is None and settled.status in {Status.BROKEN, Status.INDETERMINATE}
    }
    yield from sorted(found)
