"""What happened outside: people whose names are marked, the facts about them, and the mappings of three files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from adapters.reconciliation.mapping import FileKind
from domain.vocabulary import EMAIL
from tests.controls import ORDER_VALUES, day, fact, message

if TYPE_CHECKING:
    from domain.facts import Fact

ADA: Final = "customer:marked-17850"
ADAS_ADDRESS: Final = "email:marked-ada@example.org"
BEA: Final = "email:marked-bea@example.org"
DELIVERED: Final = ["user.name", "user.contact.address"]

MAPPINGS: Final = {
    FileKind.SEND_LOG: 'columns = {email = "to", customer = "no", message_id = "id", time = "at"}',
    FileKind.CARRIER: """
        columns = {email = "to", customer = "no", reference = "order", time = "at"}
        time = {tolerance_seconds = 86400}
        constants = {recipient = "carrier"}
    """,
    FileKind.MAILING_HOUSE: """
        columns = {customer = "no", message_id = "id", reference = "order", time = "at"}
        time = {tolerance_seconds = 86400}
    """,
}


@dataclass(frozen=True)
class Held:
    """The document of a reconciliation, with short ways to ask it."""

    document: dict[str, Any]

    def discrepancies(self) -> list[tuple[str, int | None, str | None]]:
        """Return each discrepancy as its kind, line and fact."""
        return [(one["kind"], one["line"], one["fact"]) for one in self.document["discrepancies"]]

    def of_line(self, line: int) -> dict[str, Any]:
        """Return the one discrepancy of a row."""
        (found,) = [one for one in self.document["discrepancies"] if one["line"] == line]
        discrepancy: dict[str, Any] = found
        return discrepancy

    def problems(self) -> dict[int, list[str]]:
        """Return what is wrong with the rows that were left out, by line."""
        return {one["line"]: one["problems"] for one in self.document["rejected"]}


def at(on: float) -> str:
    """Return the time of a day as a file has it, without a zone."""
    return day(on).strftime("%Y-%m-%d %H:%M:%S")


def addressed(name: str) -> dict[str, str | None]:
    """Return what an order collects from somebody who has an address."""
    return {**ORDER_VALUES, EMAIL: name.removeprefix("email:")}


def newsletter(on: float, message_id: str, subject: str = ADA, **data: Any) -> Fact:  # noqa: ANN401 - a fact's data
    """Return a marketing e-mail, named after its id unless a test names it."""
    return message(on, subject=subject, **{"fact_id": message_id, "message_id": message_id, **data})


def parcel(on: float, reference: str | None, subject: str = ADA, to: str = "carrier", **data: Any) -> Fact:  # noqa: ANN401 - a fact's data
    """Return a share of an address with a carrier, for an order."""
    given = {"recipient": to, "purpose": "deliver_order", "categories": DELIVERED, "reference": reference, **data}
    return fact("share", on, given, subject=subject, word="parcel")
