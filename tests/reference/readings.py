"""The three readings of the policy, in what they differ.

Strict takes each "only" and "never" alone, harmonised the specific clause, permissive each permission at its widest.
What the ledger enrolls is decided by the harmonised reading: the others judge the same enrollments. The ledger itself
breaks no promise under any of them ("it can exercise a promise and never breaks one"): what the company does on it may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

DIFFERING: Final = ("P04", "P05", "P09", "P11", "P12", "P15", "P17", "P18")
"""The promises that a reading reads otherwise. P16 yields to an opt-out as long as the reading takes it to last."""


class Reading(NamedTuple):
    """How a text is read that contradicts itself."""

    name: str
    routes: Collection[str] = ("order", "contest_entry", "promotional_request", "catalog_request", "registration")
    """P11: the acts by which somebody got in. Strict: "only registration"."""
    asks: Collection[str] = ("contest_entry", "promotional_request", "registration")
    """By which acts an opt-out from e-mail is over, for all promises but P18."""
    reopens: Collection[str] = ("contest_entry", "promotional_request", "registration")
    """P18: the acts by which somebody asks anew. Permissive: a catalog request is a promotional one."""
    opens_orders: bool = True
    """P04, P05: whether an order's address may serve marketing to its purchaser. Strict: "any other use violates"."""
    marketed: Collection[str] = ("user.contact.email",)
    """P04: what of an order such marketing may use."""
    is_cured: bool = False
    """P04, P05: whether an offer cures: "only under the permissive reading"."""
    helpdesk: bool = True
    """P09: whether a helpdesk that answers may have an address. Strict: "no necessity exception is written"."""
    to_advertisers: Collection[str] = ()
    """P12: what of single people an advertiser may have."""
    link_in_any: bool = False
    """P17: whether each e-mail carries the link, whatever it is for. Strict: "any email"."""


_PERMITTED: Final = ("contest_entry", "promotional_request", "registration", "catalog_request")
HARMONISED: Final = Reading("harmonised")
STRICT: Final = Reading(
    "strict",
    routes=("registration",),
    reopens=("contest_entry", "promotional_request"),
    opens_orders=False,
    helpdesk=False,
    link_in_any=True,
)
PERMISSIVE: Final = Reading(
    "permissive",
    asks=_PERMITTED,
    reopens=_PERMITTED,
    marketed=("user.contact.email", "user.name"),
    is_cured=True,
    to_advertisers=("user.behavior", "user.demographic", "user.unique_id.pseudonymous"),
)
READINGS: Final = (HARMONISED, STRICT, PERMISSIVE)
