"""What has to be registered before the first fact of an import: recipients and collection points.

A recipient that is registered with less than the import needs is registered anew with what it has and what it needs.
The id of a registration names what was registered, for when, and after which version, so no two imports make facts that
conflict.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from adapters.own_facts import own_fact
from domain.moments import end_of
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.records.company import Company

_ID_MAX: Final = 255

Needs = dict[str, tuple[set[str], set[str]]]
"""Recipients by name, each with the roles and the categories that it needs."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A recipient (`roles` carrier, payment or more) or a collection point (no `roles`), and the fact for it."""

    name: str
    roles: tuple[str, ...]
    fact: dict[str, Any]


def need(needed: Needs, name: str, role: str, categories: Iterable[str]) -> None:
    """Add that a recipient needs a role and may have these categories."""
    roles, allowed = needed.setdefault(name, (set(), set()))
    roles.add(role)
    allowed.update(categories)


def missing(  # noqa: PLR0913 - what is registered, and what is needed
    source: str, at: datetime, company: Company | None, recipients: Needs, points: Iterable[str], *, online: bool = True
) -> tuple[Registration, ...]:
    """Return the facts of `source` that register what `company` lacks as of `at` (UTC).

    `at` is the time of the first fact that needs them: registrations are judged by time. It is part of the ids, so that
    a file that begins earlier makes another fact, and not one that conflicts.
    """
    made = [_recipient(source, at, company, name, *needs) for name, needs in recipients.items()]
    made += [_point(source, at, company, name, online=online) for name in points]
    return tuple(one for one in made if one)


def _recipient(  # noqa: PLR0913, PLR0917 - what is registered, and what is needed
    source: str, at: datetime, company: Company | None, name: str, roles: set[str], categories: set[str]
) -> Registration | None:
    had = company.recipient(name, end_of(at)) if company else None
    words = ["+".join(sorted(roles)), name]
    data: dict[str, Any] = {"recipient": name}
    if company and had:
        if roles <= set(had.roles) and categories <= set(had.categories):
            return None
        roles, categories = roles.union(had.roles), categories.union(had.categories)
        # It adds to what the register held, which the version names; the plain id may be the fact that it adds to.
        words[0] += f"@{company.version}"
        if had.group is not None:
            data["group"] = had.group
    data |= {"roles": sorted(roles), "categories": sorted(categories)}
    return Registration(name, tuple(sorted(roles)), _fact(source, at, "recipient_registered", words, data))


def _point(source: str, at: datetime, company: Company | None, name: str, *, online: bool) -> Registration | None:
    if company and company.has_point(name, end_of(at)):
        return None
    data = {"collection_point": name, "online": online}
    return Registration(name, (), _fact(source, at, "collection_point_registered", ["collection-point", name], data))


def _fact(source: str, at: datetime, word: str, words: list[str], data: dict[str, Any]) -> dict[str, Any]:
    when = rfc3339(at)
    fact_id = "-".join([*words, when])
    if len(fact_id) > _ID_MAX:
        # A name may be as long as an id; then a digest stands for it.
        fact_id = f"{word}-{hashlib.sha256(fact_id.encode()).hexdigest()}-{when}"
    return own_fact(word, source, fact_id, at, data)
