"""Compare the notice on a page with the record, and record what differs.

A check records what the page shows, with the page's address, digest and the time as evidence. It records nothing if
the record says the same, or if neither the record nor the page has a notice.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.contract import parse_fact
from adapters.notices.page import Page, fetch
from adapters.notices.reading import Seen, read
from adapters.own_facts import own_fact
from domain.errors import PledgerError
from domain.moments import end_of
from domain.policy.force import in_force
from domain.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.bootstrap import Installation

SOURCE: Final = "/pledger/notice-check"
_EVIDENCE_MAX: Final = 255
_NAME_DIGITS: Final = 16


class NoVersion(PledgerError):
    """No version of the policy is in force, and none was named."""

    code = "no_version"


class NoticeCheck(NamedTuple):
    """The result of a check: what the page shows, what the record said before, and the facts that follow."""

    location: str
    wanted: str
    page: Page
    seen: Seen
    shows: str | None
    """The version that the page shows; None: it carries no notice."""
    was_on_record: bool
    at: datetime
    facts: tuple[dict[str, Any], ...]
    recorded: tuple[str, ...] = ()
    """The names of those facts that were appended."""

    @property
    def is_carried(self) -> bool:
        """Whether the page shows the version that it must."""
        return self.shows == self.wanted

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON has it."""
        return {
            "location": self.location,
            "wanted": self.wanted,
            "shows": self.shows,
            "is_carried": self.is_carried,
            "was_on_record": self.was_on_record,
            "link": self.seen.link,
            "says_version": self.seen.version,
            "url": self.page.url,
            "status": self.page.status,
            "sha256": self.page.sha256,
            "at": rfc3339(self.at),
            "recorded": list(self.recorded),
        }


def check_notice(
    installation: Installation, url: str, location: str, version: str | None, *, records: bool
) -> NoticeCheck:
    """Fetch a page, compare its notice with the record, and append what differs if it `records`.

    Without a `version` the page must carry the one in force. Raises `NoticeNotSeen` and `NoVersion`.
    """
    ledger, policy = installation.ledger, installation.policy
    now, company = ledger.now(), ledger.company()
    moment = end_of(now)
    if version is None:
        step = in_force(policy, company, moment)
        if step is None:
            raise NoVersion(
                "No version was looked for.", "none is in force, and none was named.", "Name one with --version."
            )
        version = step.version.version
    page = fetch(url)
    seen = read(page.text, location)
    shows = None if seen.link is None else seen.version or version
    was_on_record = company.shows(location, version, moment)
    evidence = _evidence(page, seen)
    facts = []
    if shows is not None and not company.shows(location, shows, moment):
        facts.append(_fact("notice_posted", location, shows, evidence, now))
    if shows != version and was_on_record:
        facts.append(_fact("notice_removed", location, version, evidence, now))
    recorded = [ledger.append(parse_fact(fact), actor=SOURCE).fact for fact in facts] if records else []
    return NoticeCheck(location, version, page, seen, shows, was_on_record, now, tuple(facts), tuple(recorded))


def _evidence(page: Page, seen: Seen) -> str:
    """Return what was seen as evidence, with the digest first: a long address is cut."""
    found = "no link" if seen.link is None else "a link" if seen.version is None else f"a link, version {seen.version}"
    return f"sha256 {page.sha256}, status {page.status}, {found} at {page.url}"[:_EVIDENCE_MAX]


def _fact(word: str, location: str, version: str, evidence: str, now: datetime) -> dict[str, Any]:
    what = hashlib.sha256(f"{location}\n{version}".encode()).hexdigest()[:_NAME_DIGITS]
    data = {"location": location, "version": version, "evidence": evidence}
    return own_fact(word, SOURCE, f"{word}-{what}-{rfc3339(now)}", now, data)
