"""The data of each fact about names: whose they are, whose they are not, and whose they were."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.events import links
from domain.facts.data import CustomerData
from domain.facts.fields import ContactPoint, GivenName, Name, Text, Word
from domain.vocabulary import Teller


class LinkData(CustomerData):
    """The person is the same as the one of another name; the sender has verified that."""

    facts: ClassVar = {"link": links.CustomersLinked}
    told_by: ClassVar = Teller.ANYBODY  # Who does not vouch proposes it to the officer.

    with_: Annotated[Name, Field(alias="with")]
    verified: Word
    evidence: Word | None = None


class UnlinkData(CustomerData):
    """The person is not the same as the one of another name, although a link said so."""

    facts: ClassVar = {"unlink": links.CustomersUnlinked}
    told_by: ClassVar = Teller.VOUCHER

    with_: Annotated[Name, Field(alias="with")]
    verified: Word | None = None  # An error is often found without a check that the policy lists.
    reason: Text
    evidence: Word | None = None


class NameEndedData(CustomerData):
    """A name is nobody's any more: the address was given up, or the number re-used."""

    facts: ClassVar = {"name_ended": links.NameEnded}
    told_by: ClassVar = Teller.VOUCHER

    name: GivenName
    reason: Text
    evidence: Word | None = None


class LinkRejectionData(CustomerData):
    """The person is somebody else than the one of another name, as the keeper of the list of possible links decided."""

    facts: ClassVar = {"link_rejected": links.LinkRejected}
    told_by: ClassVar = Teller.VOUCHER

    with_: Annotated[Name, Field(alias="with")]
    reason: Word


class ConfirmationData(CustomerData):
    """A contact point answered: the one who holds it is the person."""

    facts: ClassVar = {"contact_confirmed": links.ContactConfirmed}
    told_by: ClassVar = Teller.VOUCHER_ALWAYS

    contact: ContactPoint
    method: Word
