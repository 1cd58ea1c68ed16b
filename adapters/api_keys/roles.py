"""Roles, and the facts that each may append.

A role is a job, not a degree of trust: no role may do everything. A service appends and asks, for the sources,
collection points, purposes and recipients in its scope; a scope that leaves one of these out allows all of it. Facts
about a browser and about the company are scoped like any other. An `entry_correction` annuls another fact, so the
source of that one has to be in the scope too, but for an officer, who corrects what any source told.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import Problem
from domain.facts import ALL_SHAPES, SHAPES, CompanyFact
from domain.facts.company_data import (
    CompanyEntryCorrectionData,
    CookieData,
    ForwardingData,
    VisitorEntryCorrectionData,
)
from domain.facts.data import CollectionData, EntryCorrectionData, MessageData, ShareData, UseData

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.facts import Fact


class Role(StrEnum):
    """The job of the holder of a key."""

    SERVICE = "service"
    OFFICER = "officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMIN = "admin"


_OFFICERS: Final = frozenset(
    f"pledger.{word}.v1"
    for word in (
        *("access_request", "correction_request", "erasure_request", "identity_verification", "access_report_issued"),
        "request_withdrawn",
        *("correction", "correction_declined", "request_denied", "recipient_notified", "erasure", "entry_correction"),
        *(
            "link",
            "link_rejected",
            "unlink",
            "data_deleted",
            "data_anonymised",
            "name_ended",
            "contact_confirmed",
            "opt_out",
            "objection",
            "age_learned",
            "record_read",
            "security_attested",
            "site_reviewed",
            "incident",
        ),
    )
)
_COMPANYS: Final = frozenset(name for name, (kind, _) in ALL_SHAPES if issubclass(kind, CompanyFact))
_OF_OTHERS_TOO: Final = frozenset(name for name in _COMPANYS if not issubclass(SHAPES[name][0], CompanyFact))
"""The types of facts that are about the company where they have no subject."""

APPENDS: Final[Mapping[Role, frozenset[str]]] = {
    Role.SERVICE: (frozenset(SHAPES) - _COMPANYS | _OF_OTHERS_TOO) - {"pledger.erasure.v1", "pledger.link_rejected.v1"},
    Role.OFFICER: _OFFICERS,
    Role.AUDITOR: frozenset(),
    Role.OPERATOR: frozenset(),
    Role.ADMIN: _COMPANYS,
}
"""The types of facts that each role may append. An erasure cannot be undone, so only an officer may append it;
so may only an officer decide on possible links. An `unlink` and a `name_ended` are an officer's too, and so is a
deletion of values that the ledger holds, which the ledger itself checks."""

_Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=1_000)]


class Scope(BaseModel):
    """What a key may be used for; None means no limit beyond the role.

    `sources` are the sources of its facts, and of those that it annuls.
    `sealed_values` lets an auditor read sealed values. An officer may read them without it, and no other role may.
    `vouch` lets a service say that it has verified whom a fact is about. An officer may without it, and no other role
    may.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: _Words | None = None
    collection_points: _Words | None = None
    purposes: _Words | None = None
    recipients: _Words | None = None
    sealed_values: bool = False
    vouch: bool = False

    def problems(self, fact: Fact) -> Iterator[Problem]:
        """Yield a problem for each field of a fact that is outside of this scope."""
        bounds = (self.sources, self.collection_points, self.purposes, self.recipients)
        for field, word, allowed in zip(_FIELDS, _words(fact), bounds, strict=True):
            if word is not None and allowed is not None and word not in allowed:
                yield Problem(field, "is outside of this key's scope")

    def problems_of_entry(self, fact: Fact) -> Iterator[Problem]:
        """Yield a problem where a fact annuls another one, whose source is outside of this scope."""
        data = fact.data
        entry = data.entry if isinstance(data, _CORRECTIONS) else None
        if entry is not None and self.sources is not None and entry.source not in self.sources:
            yield Problem("data.entry.source", "is outside of this key's scope")


_CORRECTIONS: Final = (CompanyEntryCorrectionData, EntryCorrectionData, VisitorEntryCorrectionData)
_ONE_SUBJECT: Final = frozenset({Role.ADMIN, Role.SERVICE})
"""The roles that tell facts about the company alone, or none about it."""
_FIELDS: Final = ("source", "data.collection_point", "data.purpose", "data.recipient")
"""The fields that a scope limits, in the order of its own fields."""


def _words(fact: Fact) -> Iterator[str | None]:
    data = fact.data
    yield fact.source
    yield data.collection_point if isinstance(data, CollectionData) else None
    yield data.purpose if isinstance(data, UseData | MessageData | CookieData) else None
    yield data.recipient if isinstance(data, ShareData | ForwardingData) else None


def may_read_sealed(role: Role, scope: Scope) -> bool:
    """Return whether the holder of a key may read personal values."""
    return role is Role.OFFICER or (role is Role.AUDITOR and scope.sealed_values)


def may_vouch(role: Role, scope: Scope) -> bool:
    """Return whether the holder of a key may say that it has verified whom a fact is about: link, give and confirm."""
    return role is Role.OFFICER or (role is Role.SERVICE and scope.vouch)


def objections(role: Role, scope: Scope, fact: Fact) -> list[Problem]:
    """Return what forbids the holder of a key to append a fact or ask about it; an empty list permits it."""
    if fact.type not in APPENDS[role]:
        return [Problem("type", f"is not a type that the role {role.value} appends")]
    if fact.type in _OF_OTHERS_TOO and isinstance(fact, CompanyFact) != (role is Role.ADMIN) and role in _ONE_SUBJECT:
        whose = "the company" if isinstance(fact, CompanyFact) else "a person or a browser"
        return [Problem("subject", f"makes it a fact about {whose}, which the role {role.value} does not append")]
    problems = list(scope.problems(fact))
    return problems if role is Role.OFFICER else [*problems, *scope.problems_of_entry(fact)]
