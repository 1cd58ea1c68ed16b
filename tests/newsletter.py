"""The second policy, a newsletter's, and what happens under it: facts as its services send them.

Days are counted from 1 June 2021, in UTC. A fact is named after what it says and its day: `/letter sign-up-1`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from adapters.bootstrap import POLICIES, read_policy
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT
from tests.controls import cloud_event

if TYPE_CHECKING:
    from domain.policy.model import Policy

PATH: Final = POLICIES / "newsletter-2021-05-03.toml"
VERSION: Final = "2021-05-03"
READER: Final = "customer:100"
JUNE: Final = datetime(2021, 6, 1, tzinfo=UTC)
ONE_ADDRESS: Final = {EMAIL: "marked-reader@example.org"}


@cache
def newsletter() -> Policy:
    """Read the newsletter's policy."""
    return read_policy(PATH)[1]


def june(number: float) -> str:
    """Return the time `number` days after the beginning of June, as facts write it."""
    return (JUNE + timedelta(days=number)).isoformat().replace("+00:00", "Z")


def sent(word: str, kind: str, on: float, subject: str | None = READER, /, **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a fact as the newsletter's services send it, about a reader; None for one about the company."""
    return cloud_event(kind, f"{word}-{on:g}", june(on), subject, **data) | {"source": "/letter"}


def collected(word: str, act: str, on: float, subject: str = READER, /, **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a collection on the website."""
    whole = {"collection_point": "sign-up", "notice": VERSION, "values": ONE_ADDRESS, **data}
    return sent(word, "collection", on, subject, act=act, **whole)


def sign_up(on: float, reference: str = "S-1", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of it
    """Return the form that asks for the letter."""
    return collected("sign-up", "promotional_request", on, reference=reference, **data)


def confirmation(on: float, reference: str = "S-1", point: str = "confirmation", **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the link of the mail that asks whether it was them, followed."""
    return collected("confirm", "promotional_request", on, reference=reference, collection_point=point, **data)


def issue(on: float, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a message
    """Return an issue of the letter, with the link to leave."""
    whole = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True, "message_id": "m", **data}
    return sent("issue", "message", on, **whole)


def left(on: float) -> dict[str, Any]:
    """Return an unsubscribing."""
    return sent("left", "opt_out", on, program="email_marketing", via="unsubscribe_link")


def partners_announced(on: float) -> dict[str, Any]:
    """Return the mail that tells a reader of partners, and how to say no."""
    return sent("told", "opt_out_offer", on, purpose="deliver_ads")


def said_no(on: float) -> dict[str, Any]:
    """Return a reader's no to partners."""
    return sent("no", "objection", on, purpose="deliver_ads")


def shared(on: float, to: str = "partner", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a share
    """Return a reader's address, given to a partner."""
    whole = {"recipient": to, "purpose": "deliver_ads", "kind": "third_party", "categories": [EMAIL], **data}
    return sent(f"shared-{to}", "share", on, **whole)


def asked_to_be_forgotten(on: float) -> dict[str, Any]:
    """Return a reader's request to be forgotten."""
    return sent("forget", "erasure_request", on, request="R-1")


def verified(on: float) -> dict[str, Any]:
    """Return the check that it was them who asked."""
    return sent("verify", "identity_verification", on, request="R-1", method="link", passed=True)


def forgotten(on: float) -> dict[str, Any]:
    """Return the erasure in answer to the request."""
    return sent("erase", "erasure", on, request="R-1", reason="asked")


def _recipient(name: str, role: str, *categories: str) -> dict[str, Any]:
    return sent(name, "recipient_registered", 0, None, recipient=name, roles=[role], categories=list(categories))


POINTS: Final = ("sign-up", "confirmation", "account", "checkout", "draw")
COMPANY: Final = (
    sent("published", "policy_published", -22, None, version=VERSION, digest=newsletter().sha256),
    *(sent(f"posted-{place}", "notice_posted", -22, None, location=place, version=VERSION) for place in POINTS),
    sent("posted-front", "notice_posted", -22, None, location="homepage", version=VERSION),
    *(sent(f"point-{place}", "collection_point_registered", -22, None, collection_point=place) for place in POINTS),
    *(
        sent(f"safe-{kind}", "security_attested", 0, None, kind=kind, until="2023-01-01T00:00:00Z")
        for kind in ("physical", "electronic", "managerial")
    ),
    _recipient("partner", "advertiser", EMAIL),
    _recipient("mail", "mail_service", EMAIL),
    _recipient("carrier", "carrier", NAME, ADDRESS),
    _recipient("bank", "payment", NAME, PAYMENT),
)
"""The company as it should be: the policy published and posted, points and recipients registered, all attested."""
