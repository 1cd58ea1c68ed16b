"""The closed vocabularies of the ledger.

Every code that a fact or an event may hold is listed here once. Data categories are the fideslang 3 keys under `user`
(data_categories.txt). Purposes have W3C DPV identifiers (https://w3id.org/dpv). Purposes and recipients are open words:
every ledger knows the purposes listed here, and others can be registered on the Company stream.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA_CATEGORIES: Final[frozenset[str]] = frozenset(
    (Path(__file__).parent / "data_categories.txt").read_text(encoding="utf-8").split()
)

NAME = "user.name"
CONTACT = "user.contact"
EMAIL = "user.contact.email"
PHONE = "user.contact.phone_number"
ADDRESS = "user.contact.address"
PAYMENT = "user.payment"


class Act(StrEnum):
    """What a person did when data about them was collected."""

    ORDER = "order"
    GIFT = "gift"
    CONTEST_ENTRY = "contest_entry"
    PROMOTIONAL_REQUEST = "promotional_request"
    CATALOG_REQUEST = "catalog_request"
    REGISTRATION = "registration"
    INBOUND_MESSAGE = "inbound_message"
    ACCOUNT = "account"


class Program(StrEnum):
    """A marketing program that a person is enrolled in or not."""

    EMAIL_MARKETING = "email_marketing"
    PHYSICAL_MAILINGS = "physical_mailings"


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    POST = "post"


class Cause(StrEnum):
    """Why somebody was enrolled."""

    CONTEST_ENTRY = "contest_entry"
    PROMOTIONAL_REQUEST = "promotional_request"
    PURCHASE = "purchase"
    CATALOG_REQUEST = "catalog_request"
    REGISTRATION = "registration"
    IMPORT = "import"
    STAFF = "staff"


class Role(StrEnum):
    """What a recipient does for the company; it bounds the categories that may go there."""

    CARRIER = "carrier"
    CUSTOMS = "customs"
    PAYMENT = "payment"
    WORKSHOP = "workshop"
    MAIL_SERVICE = "mail_service"
    MAILING_HOUSE = "mailing_house"
    ANALYTICS = "analytics"
    HELPDESK = "helpdesk"
    ADVERTISER = "advertiser"
    AUTHORITY = "authority"


class ShareKind(StrEnum):
    """In what capacity a recipient gets data; `cross_context_advertising` is what the CCPA calls sharing."""

    SERVICE_PROVIDER = "service_provider"
    THIRD_PARTY = "third_party"
    SALE = "sale"
    CROSS_CONTEXT_ADVERTISING = "cross_context_advertising"
    LEGAL_OBLIGATION = "legal_obligation"


class OptOutVia(StrEnum):
    """Which way an opt-out reached the company."""

    UNSUBSCRIBE_LINK = "unsubscribe_link"
    CUSTOMER_SERVICE = "customer_service"
    PORTAL = "portal"
    SIGNAL = "signal"


class Teller(StrEnum):
    """Who may tell a fact under a contact point, which anybody may have typed."""

    ANYBODY = "anybody"
    """It is about the address itself, or says what the company did: it protects, asks or convicts, and permits nothing
    that the record does not permit already."""
    VOUCHER = "voucher"
    """It says what is on record of the one who has the address, or it answers, verifies, permits, undoes or closes."""
    VOUCHER_ALWAYS = "voucher_always"
    """It says who has an address, so it takes who has verified that under a number as well."""


class LinkRefusal(StrEnum):
    """Why two names were not linked, although a sender said that they are one person's."""

    NOT_VOUCHED = "not_vouched"
    """The sender may not vouch for who somebody is."""
    TOO_MANY_STREAMS = "too_many_streams"
    """One person would have more streams than a person can have."""
    SECOND_PERSON = "second_person"
    """A contact point's stream is linked to one person already."""
    ERASED = "erased"
    """The other name was erased."""
    NOT_LINKED = "not_linked"
    """The two were to be parted, and were not one person's."""


class Reading(StrEnum):
    """How a text that contradicts itself is read; under `harmonised` the specific clause limits the general one."""

    STRICT = "strict"
    HARMONISED = "harmonised"
    PERMISSIVE = "permissive"


DIRECT_MARKETING = "direct_marketing"
LEGAL_OBLIGATION = "legal_obligation"

PURPOSES: Final[Mapping[str, str]] = {
    "complete_order": "dpv:ServiceProvision",
    "deliver_order": "dpv:DeliveryOfGoods",
    "confirm_delivery": "dpv:CommunicationForCustomerCare",
    "take_payment": "dpv:PaymentManagement",
    "handle_return": "dpv:CustomerOrderManagement",
    "keep_books": "dpv:RecordManagement",
    "answer_message": "dpv:CustomerCare",
    DIRECT_MARKETING: "dpv:DirectMarketing",
    "fulfil_catalog_request": "dpv:RequestedServiceProvision",
    "run_contest": "dpv:PublicRelations",
    "deliver_ads": "dpv:Advertising",
    "measure_activity": "dpv:ServiceUsageAnalytics",
    "track_visits": "dpv:ServiceUsageAnalytics",
    "track_performance": "dpv:ServiceOptimisation",
    "test_layouts": "dpv:ServiceOptimisation",
    "improve_site": "dpv:OptimiseUserInterface",
    "verify_identity": "dpv:IdentityVerification",
    "answer_rights_request": "dpv:RightsFulfilment",
    LEGAL_OBLIGATION: "dpv:LegalCompliance",
}

PROGRAM_OF_CHANNEL: Final[Mapping[Channel, Program]] = {
    Channel.EMAIL: Program.EMAIL_MARKETING,
    Channel.POST: Program.PHYSICAL_MAILINGS,
}
CONTACT_OF_CHANNEL: Final[Mapping[Channel, str]] = {Channel.EMAIL: EMAIL, Channel.POST: ADDRESS}
CONTACT_OF_PROGRAM: Final[Mapping[Program, str]] = {Program.EMAIL_MARKETING: EMAIL, Program.PHYSICAL_MAILINGS: ADDRESS}

LAWFUL_USES: Final = frozenset({"verify_identity", "answer_rights_request"})
"""Purposes of use that no promise about a single collection forbids, and that rest on none."""
PURPOSE_OF_ACT: Final[Mapping[Act, str]] = {
    Act.CONTEST_ENTRY: "run_contest",
    Act.CATALOG_REQUEST: "fulfil_catalog_request",
}
"""What people give something for, where no promise about the act says it."""

ACT_OF_CAUSE: Final[Mapping[Cause, Act]] = {
    Cause.CONTEST_ENTRY: Act.CONTEST_ENTRY,
    Cause.PROMOTIONAL_REQUEST: Act.PROMOTIONAL_REQUEST,
    Cause.PURCHASE: Act.ORDER,
    Cause.CATALOG_REQUEST: Act.CATALOG_REQUEST,
    Cause.REGISTRATION: Act.REGISTRATION,
}


@lru_cache(maxsize=4096)
def covers(broad: str, narrow: str) -> bool:
    """Return whether category `broad` is `narrow` or one of its ancestors (`user.contact` covers `….email`)."""
    return narrow == broad or narrow.startswith(broad + ".")


@lru_cache(maxsize=4096)
def overlaps(one: str, other: str) -> bool:
    """Return whether two categories can hold the same value: one of them covers the other."""
    return covers(one, other) or covers(other, one)


def holds(held: Iterable[str], wanted: str) -> bool:
    """Return whether any of the categories `held` can hold a value of category `wanted`."""
    return _holds(tuple(held), wanted)


@lru_cache(maxsize=4096)
def _holds(held: tuple[str, ...], wanted: str) -> bool:
    return any(overlaps(category, wanted) for category in held)


@lru_cache(maxsize=4096)
def has_value_of(held: tuple[str, ...], wanted: str) -> bool:
    """Return whether one of the categories `held` is `wanted`, or above it, so that its value has one of `wanted`."""
    return any(covers(category, wanted) for category in held)


@lru_cache(maxsize=4096)
def parts_of(broad: str, categories: frozenset[str]) -> tuple[str, ...]:
    """Return those of some categories that are parts of category `broad`, and not itself, in order."""
    return tuple(sorted(one for one in categories if one != broad and covers(broad, one)))


def gives(held: Iterable[str], contact: str) -> bool:
    """Return whether any of the categories `held` is `contact` or a part of it: a street is, `user.contact` is not."""
    return any(covers(contact, category) for category in held)


def within(categories: Iterable[str], allowed: Iterable[str]) -> bool:
    """Return whether every one of `categories` is covered by one of `allowed`."""
    return _within(tuple(categories), tuple(allowed))


@lru_cache(maxsize=4096)
def _within(categories: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    return all(any(covers(bound, category) for bound in allowed) for category in categories)


HOLDERS_MOST: Final = 50
"""How many others may have an address for a message under it to be judged by each of them.

More people have it only where somebody types it everywhere. Then nobody is asked: every message would wait for all.
"""
