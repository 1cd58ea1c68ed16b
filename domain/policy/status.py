"""The status of a promise, and how several statuses make one.

`worst` returns the one status of a promise to which several apply, in the wire contract's order of precedence. `dpv`
returns the term of the W3C Data Privacy Vocabulary (https://w3id.org/dpv) for a status, by modality.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(StrEnum):
    """The status of a promise, in order of precedence: an earlier one hides the later ones."""

    BROKEN = "broken"
    OPEN = "open"
    EXCUSED = "excused"
    INDETERMINATE = "indeterminate"
    ATTESTED = "attested"
    KEPT = "kept"
    UNTESTED = "untested"
    NOT_EXERCISED = "not_exercised"


_PRECEDENCE: Final = {status: place for place, status in enumerate(Status)}

_UNDECIDED: Final = {Status.INDETERMINATE: "ComplianceIndeterminate", Status.ATTESTED: "ComplianceIndeterminate"}
_TERMS: Final = {
    "obligation": {
        Status.BROKEN: "ObligationViolated",
        Status.OPEN: "ObligationUnfulfilled",
        Status.EXCUSED: "ObligationViolated",
        Status.KEPT: "ObligationFulfilled",
        Status.UNTESTED: "ComplianceIndeterminate",
    },
    "prohibition": {
        Status.BROKEN: "ProhibitionViolated",
        Status.OPEN: "ProhibitionUnviolated",
        Status.EXCUSED: "ProhibitionViolated",
        Status.KEPT: "ProhibitionUnviolated",
        Status.UNTESTED: "ProhibitionUnviolated",
    },
    "permission": {
        Status.BROKEN: "PermissionUtilised",
        Status.OPEN: "PermissionUtilised",
        Status.EXCUSED: "PermissionUtilised",
        Status.KEPT: "PermissionUtilised",
        Status.NOT_EXERCISED: "PermissionNotUtilised",
    },
}


def worst(statuses: Iterable[Status]) -> Status:
    """Return the status that comes first in the order of precedence, of one or more."""
    return min(statuses, key=_PRECEDENCE.__getitem__)


def dpv(modality: str, status: Status) -> str:
    """Return the DPV term for a status of a promise of this modality (obligation, prohibition or permission)."""
    return _UNDECIDED.get(status) or _TERMS[modality][status]
