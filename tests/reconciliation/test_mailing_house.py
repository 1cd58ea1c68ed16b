"""A mailing house's file of what it posted, held against the letters and shares of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.reconciliation.mapping import FileKind
from tests.controls import catalog_request, opt_out
from tests.reconciliation.outside_files import ADA, Held, at, newsletter, parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.facts import Fact

HEADER = "no,id,order,at"


def letter(on: float, piece: str) -> Fact:
    """Return a catalog in the post."""
    return newsletter(on, piece, channel="post")


def handed_over(on: float) -> Fact:
    """Return the address of a catalog's reader to the mailing house."""
    return parcel(on, None, to="mailing_house", purpose="direct_marketing")


def test_letters_and_shares(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A row shows a letter, or that the address was handed over, or both at once."""
    tell(catalog_request(4, subject=ADA), letter(5, "l-1"), handed_over(5.5), handed_over(9))
    rows = (f"marked-17850,l-1,,{at(5)}", f"marked-17850,,,{at(9)}")
    found = held(FileKind.MAILING_HOUSE, HEADER, *rows)
    assert (found.discrepancies(), found.document["confirmed"]) == ([], 2)


def test_what_was_posted_and_not_recorded(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """It is judged as a letter: after an opt-out from the post it would have broken P20."""
    tell(catalog_request(4, subject=ADA), letter(5, "l-1"), opt_out(6, "physical_mailings", subject=ADA))
    rows = (f"marked-17850,l-1,,{at(5)}", f"marked-17850,l-2,,{at(7)}")
    found = held(FileKind.MAILING_HOUSE, HEADER, *rows)
    assert found.discrepancies() == [("not_recorded", 3, None)]
    assert "P20" in found.of_line(3)["would_break"]


def test_what_was_recorded_and_not_posted(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Letters and shares alike need a row; e-mail does not, nor does what a carrier got."""
    tell(letter(5, "l-1"), letter(7.5, "l-2"), handed_over(9), newsletter(6, "mail"), parcel(6, "marked-O-1"))
    rows = (f"marked-17850,l-1,,{at(5)}", f"marked-17850,,,{at(12)}")
    found = held(FileKind.MAILING_HOUSE, HEADER, *rows)
    assert found.discrepancies() == [
        ("not_confirmed", None, "/shop l-2"),
        ("not_confirmed", None, "/shop parcel-9"),
        ("not_recorded", 3, None),
    ]


def test_a_share_for_an_order(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A row that names an order shows the share for it, and none for another order."""
    tell(parcel(5, "marked-O-1", to="mailing_house"), parcel(5.1, "marked-O-2", to="mailing_house"))
    found = held(FileKind.MAILING_HOUSE, HEADER, f"marked-17850,,marked-O-2,{at(5)}", f",,marked-O-1,{at(5)}")
    assert found.discrepancies() == []
    assert found.document["confirmed"] == 2
