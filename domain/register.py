"""The company's register at a time: what is in force, registered, posted and attested, and what of it is amiss.

A location carries the version in force or it does not, whatever else is posted there. The register names the categories
of a recipient that its roles may not have: a share of them breaks a promise although they are registered. A
registration has no end, so a recipient never lapses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.moments import Moment, end_of
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


class NoticeLocation(NamedTuple):
    """A location of notices: a collection point, or a location that the policy names.

    `since` and `fact` belong to its opening or closing; they are None for a location that is no collection point.
    `carries` are the versions posted there.
    """

    location: str
    is_open: bool | None
    online: bool
    since: datetime | None
    fact: int | None
    carries: tuple[str, ...]
    is_current: bool


class RegisteredRecipient(NamedTuple):
    """A registered recipient, or a former one if `ended`; `beyond` are the categories that its roles may not have."""

    name: str
    roles: tuple[str, ...]
    group: str | None
    categories: tuple[str, ...]
    beyond: tuple[str, ...]
    since: datetime
    ended: bool


class StandingAttestation(NamedTuple):
    """The attestation of a kind that lasts longest, and whether it still lasts."""

    kind: str
    until: datetime
    fact: int
    lasts: bool


class Amiss(NamedTuple):
    """A promise that time has decided is broken or undecided, if nothing has set it right since."""

    at: datetime
    promise: str
    code: str
    event: int


class Register(NamedTuple):
    """The register as of a time; `version` and `published` are those of the policy in force, or None.

    Events are named by their positions.
    """

    version: str | None
    published: int | None
    places: tuple[NoticeLocation, ...]
    recipients: tuple[RegisteredRecipient, ...]
    purposes: tuple[tuple[str, bool], ...]
    """Registered purposes, each with whether it is unrelated."""
    vouched: tuple[StandingAttestation, ...]
    amiss: tuple[Amiss, ...]


def register(judge: Judge, company: Company, at: datetime) -> Register:
    """Return the register as of a time; `company` is the record of what had happened by then."""
    moment = end_of(at)
    left = company.standing(moment)
    step = in_force(judge.policy, left, moment)
    version = step.version.version if step else None
    return Register(
        version,
        step.fact if step else None,
        tuple(_places(left, moment, version)),
        tuple(_recipients(judge.policy, left)),
        tuple((name, entries[-1].unrelated) for name, entries in sorted(left.purposes.items()) if entries),
        tuple(_vouched(left, at)),
        tuple(_amiss(judge, company, at)),
    )


def _places(company: Company, moment: Moment, version: str | None) -> Iterator[NoticeLocation]:
    for location in sorted({*company.points, *company.notices}):
        openings = company.points.get(location, [])
        opening = openings[-1] if openings else None
        posted = dict.fromkeys(one.version for one in company.notices.get(location, ()))
        carries = tuple(one for one in posted if company.shows(location, one, moment))
        is_open = opening.is_open if opening else None
        online = opening.online if opening else True
        since, fact = (opening.moment.at, opening.position) if opening else (None, None)
        yield NoticeLocation(location, is_open, online, since, fact, carries, version in carries)


def _recipients(policy: Policy, company: Company) -> Iterator[RegisteredRecipient]:
    for name, entries in sorted(company.recipients.items()):
        known = [one for one in entries if not one.ended]
        if not entries or not known:
            continue
        one = known[-1]
        allowed = {category for role in one.roles for category in policy.roles.get(role, ())}
        beyond = tuple(category for category in one.categories if not within((category,), tuple(allowed)))
        roles = tuple(role.value for role in one.roles)
        yield RegisteredRecipient(name, roles, one.group, one.categories, beyond, one.moment.at, entries[-1].ended)


def _vouched(company: Company, at: datetime) -> Iterator[StandingAttestation]:
    for kind, made in sorted(company.attestations.items(), key=lambda one: (one[0] == SITE_REVIEW, one[0])):
        if made:
            latest = made[-1]
            yield StandingAttestation(kind, latest.until, latest.position, latest.until > at)


def _amiss(judge: Judge, company: Company, at: datetime) -> Iterator[Amiss]:
    found = {
        Amiss(settled.at, promise, settled.code, settled.event)
        for promise, settled in judge.settle_company(company, at)
        if settled.event and settled.remedied is None and settled.status in {Status.BROKEN, Status.INDETERMINATE}
    }
    yield from sorted(found)
