"""Which version of the policy is in force when.

A version begins at the date that its publication gives, or else at its publication. At any moment:

1. Of the versions that are published and have begun, the latest to begin is in force; of two that begin at one time,
   the one that was published later.
2. If there is none, a version that is published later is in force from its date. Without a date it is in force from the
   beginning of time, if it is the first of all versions or the first of the audited policy.

So a publication binds nobody before it was made if another version did already. An audited policy that was never
published is in force from the date in its file, or from the beginning of time. A version is the audited one if it has
the same name or the same text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.moments import Moment, start_of
from domain.records.company import EVER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.company import Company, Publication


class Version(NamedTuple):
    """A version of the policy; `published` is None for an audited policy that was never published."""

    version: str
    start: Moment
    published: Publication | None
    is_dated: bool
    """Whether the record says since when it binds."""
    is_audited: bool
    is_same_text: bool
    """Whether the published digest is that of the audited policy."""

    def is_known(self, at: Moment) -> bool:
        """Return whether it was published by a moment, or never."""
        return self.published is None or self.published.moment <= at


class Step(NamedTuple):
    """A version is in force from a moment on, until the next step."""

    since: Moment
    version: Version
    fact: int | None
    """The position of the publication, if it had been made by then."""


def in_force(policy: Policy, company: Company, at: Moment) -> Step | None:
    """Return the version in force at a moment, and since when; None: there is none."""
    for step in reversed(timeline(policy, company.standing(at))):
        if step.since <= at:
            return step if step.version is not NO_VERSION else None
    return None


def timeline(policy: Policy, company: Company) -> tuple[Step, ...]:
    """Return which version came into force when, in order of time. Each effective publication has its own step.

    A publication that was corrected as a wrong entry counts up to its correction. What is in force from then on is a
    step of its own, by the correction; that can be `NO_VERSION`.
    """
    own = (policy.version, policy.digest, policy.sha256)
    if not company.before:
        return _timeline(tuple(company.publications), own, policy.effective_from)
    steps: list[Step] = []
    since = EVER
    for left, until in (*company.before, (company, None)):
        of_left = _timeline(tuple(left.publications), own, policy.effective_from)
        begun = [one for one in of_left if one.since <= since]
        stands = begun[-1].version if begun else NO_VERSION
        if since == EVER:
            steps += begun
        elif not steps or steps[-1].version != stands:
            steps.append(Step(since, stands, since.position))
        steps += [one for one in of_left if since < one.since and (until is None or one.since <= until)]
        since = until or since
    return tuple(steps)


NO_VERSION: Final = Version("", EVER, None, is_dated=False, is_audited=False, is_same_text=False)
"""What is in force where no version is."""


# An audit asks for every collection, use and share, and publications are few.
@lru_cache(maxsize=64)
def _timeline(
    publications: tuple[Publication, ...], own: tuple[str, str, str], effective_from: datetime | None
) -> tuple[Step, ...]:
    versions = tuple(_versions(publications, own, effective_from))
    edges = {one.start for one in versions} | {one.moment for one in publications}
    steps: list[Step] = []
    for edge in sorted(edges):
        version = _latest(versions, edge)
        if version is None:
            continue
        step = Step(edge, version, version.published.position if version.published and version.is_known(edge) else None)
        if not steps or steps[-1][1:] != step[1:]:
            steps.append(step)
    return tuple(steps)


def _versions(
    publications: tuple[Publication, ...], own: tuple[str, str, str], effective_from: datetime | None
) -> Iterator[Version]:
    name, *digests = own
    is_published = False
    for index, one in enumerate(publications):
        is_same_text = one.digest in digests
        is_audited = one.version == name or is_same_text
        is_first = is_audited and not is_published
        is_published = is_published or is_audited
        known = one.effective_from or (effective_from if is_first else None)
        assumed = EVER if is_first or index == 0 else one.moment
        start = start_of(known) if known else assumed
        yield Version(one.version, start, one, known is not None, is_audited, is_same_text)
    if not is_published:
        start = start_of(effective_from) if effective_from else EVER
        yield Version(name, start, None, effective_from is not None, is_audited=True, is_same_text=True)


def _latest(versions: tuple[Version, ...], at: Moment) -> Version | None:
    begun = [one for one in versions if one.start <= at]
    if known := [one for one in begun if one.is_known(at)]:
        return max(known, key=_by_beginning)
    return max(begun, key=_by_start, default=None)


def _by_beginning(version: Version) -> tuple[datetime, Moment]:
    """Sort published versions: one without a date supersedes the version in force at its publication."""
    published = version.published.moment if version.published else EVER
    return (version.start if version.is_dated else published).at, published


def _by_start(version: Version) -> tuple[Moment, bool]:
    """Sort versions that are published later: the audited one wins, and then the first published."""
    return version.start, version.is_audited
