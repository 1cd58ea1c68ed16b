"""A carrier's manifest, held against the shares of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.reconciliation.mapping import FileKind
from tests.controls import day, fact, gift, order, recipient, verified
from tests.reconciliation.outside_files import ADA, DELIVERED, MAPPINGS, Held, at, parcel

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "to,no,order,at"
NAMELESS = """
    columns = {reference = "order", time = "at"}
    time = {tolerance_seconds = 86400}
    constants = {recipient = "carrier"}
"""


def test_a_manifest_that_agrees(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """An order's share is met by the person and the order's number, which the ledger has as a code only."""
    tell(parcel(2, "marked-O-1"), parcel(3, "marked-O-2"))
    rows = (f",marked-17850,marked-O-2,{at(3.5)}", f"marked-ada@example.org,,marked-O-1,{at(2)}")
    found = held(FileKind.CARRIER, HEADER, *rows)
    assert (found.discrepancies(), found.document["confirmed"]) == ([], 2)


def test_what_was_shipped_and_not_recorded(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A second parcel of an order, and a parcel of an order without a recorded share, are listed by line."""
    tell(parcel(2, "marked-O-1"))
    rows = [f",marked-17850,marked-{order},{at(on)}" for order, on in (("O-1", 2), ("O-1", 4), ("O-2", 4))]
    found = held(FileKind.CARRIER, HEADER, *rows)
    assert found.discrepancies() == [("not_recorded", 3, None), ("not_recorded", 4, None)]
    assert (found.of_line(4)["would_break"], found.of_line(4)["codes"]) == ([], [])


def test_an_order_that_nobody_placed(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A parcel of a known person for an order that is not on record is judged by what is; a stranger's is not."""
    tell(parcel(2, "marked-O-1"))
    rows = (f",marked-17850,marked-O-9,{at(2)}", f",marked-9,marked-O-9,{at(3)}", f",marked-17850,marked-O-1,{at(2)}")
    found = held(FileKind.CARRIER, HEADER, *rows)
    assert found.discrepancies() == [("not_recorded", 2, None), ("unknown_person", 3, None)]
    assert found.of_line(2)["would_break"] == ["P05"]
    assert found.of_line(3)["would_break"] is None


def test_what_was_recorded_and_not_shipped(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Every share with the carrier needs a row, and no share with anybody else; a name that is unknown is not shown."""
    tell(parcel(2, "marked-O-1"), parcel(3, "marked-O-2"), parcel(3.1, "marked-O-2", to="workshop"))
    found = held(FileKind.CARRIER, HEADER, f",marked-17850,marked-O-1,{at(2)}", until=day(4))
    assert found.discrepancies() == [("not_confirmed", None, "/shop parcel-3")]


def test_the_time_of_a_parcel(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Within a day nothing differs; beyond it the order's number is proof enough, and the difference is listed."""
    tell(parcel(2, "marked-O-1"))
    assert held(FileKind.CARRIER, HEADER, f",marked-17850,marked-O-1,{at(3)}").discrepancies() == []
    found = held(FileKind.CARRIER, HEADER, f",marked-17850,marked-O-1,{at(9)}")
    assert found.discrepancies() == [("time_differs", 2, "/shop parcel-2")]
    assert found.of_line(2)["seconds"] == -7 * 86400


def test_a_share_that_names_no_order(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """It is for the order that it relies on."""
    tell(parcel(2, None, relying_on={"act": "order", "reference": "marked-O-1"}))
    assert held(FileKind.CARRIER, HEADER, f",marked-17850,marked-O-1,{at(2)}").discrepancies() == []
    other = held(FileKind.CARRIER, HEADER, f",marked-17850,marked-O-2,{at(2)}")
    assert sorted(kind for kind, _, _ in other.discrepancies()) == ["not_confirmed", "not_recorded"]


def test_a_manifest_that_names_nobody(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """The order says whose parcel it was: a customer's, a guest's, or nobody's."""
    guest = "order:marked-G-7"
    tell(
        order(4, "marked-G-7", subject=guest, fact_id="guests"),
        parcel(2, "marked-O-1"),
        parcel(4, "marked-G-7", guest),
    )
    rows = [f"{one},{at(on)}" for one, on in (("marked-O-1", 2), ("marked-G-7", 4), ("marked-O-2", 4), ("marked-?", 4))]
    found = held(FileKind.CARRIER, "order,at", *rows, mapping=NAMELESS)
    assert found.discrepancies() == [("not_recorded", 4, None), ("unknown_person", 5, None)]
    assert found.of_line(4)["would_break"] == []
    assert found.document["confirmed"] == 2


def test_a_gift_that_the_buyers_name_is_on(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """The parcel of a gift is on record of its recipient, under the number of the buyer's order."""
    friend = "email:marked-friend@example.org"
    tell(gift(3, "marked-O-2", subject=friend, source=ADA), parcel(3, "marked-O-2", friend))
    assert held(FileKind.CARRIER, HEADER, f",marked-17850,marked-O-2,{at(3)}").discrepancies() == []


def test_one_order_on_joined_streams(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """An order that was recorded under two names, and so two codes, is one once these are one person's."""
    also = "email:marked-second@example.org"
    tell(
        order(2, "marked-O-1", subject=also, fact_id="same"),
        parcel(2, "marked-O-1", also),
        parcel(2.5, "marked-O-1"),
        fact("record_read", 4, {"reader": "desk", "purpose": "answer_message", "also": [verified(also)]}, subject=ADA),
        parcel(5, "marked-O-1"),
    )
    rows = [f",marked-17850,marked-O-1,{at(on)}" for on in (2, 2.5, 5)]
    assert held(FileKind.CARRIER, HEADER, *rows).discrepancies() == []
    nameless = [f"marked-O-1,{at(on)}" for on in (2, 2.5, 5)]
    assert held(FileKind.CARRIER, "order,at", *nameless, mapping=NAMELESS).discrepancies() == []


def test_several_carriers(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Where a column says who delivered, all recipients of that role are looked for, and a parcel is its carrier's."""
    mapping = MAPPINGS[FileKind.CARRIER].replace('constants = {recipient = "carrier"}', "")
    mapping = mapping.replace('order"', 'order", recipient = "by"')
    tell(recipient(1, "van", "carrier", DELIVERED), parcel(2, "marked-O-1"), parcel(3, "marked-O-2", to="van"))
    tell(parcel(2.5, "marked-O-2", to="mailing_house"))
    header = HEADER + ",by"
    rows = (f",marked-17850,marked-O-1,{at(2)},carrier", f",marked-17850,marked-O-2,{at(3)},van")
    assert held(FileKind.CARRIER, header, *rows, mapping=mapping).discrepancies() == []
    swapped = held(FileKind.CARRIER, header, rows[0], f",marked-17850,marked-O-2,{at(3)},marked-bike", mapping=mapping)
    assert swapped.discrepancies() == [("not_confirmed", None, "/shop parcel-3"), ("not_recorded", 3, None)]
    assert "recipient_not_registered" in swapped.of_line(3)["codes"]
    assert "registry" not in swapped.of_line(3)["would_break"]
    blank = held(FileKind.CARRIER, header, f",marked-17850,marked-O-1,{at(2)},", mapping=mapping)
    assert [why.split(":")[0] for why in blank.problems()[2]] == ["recipient"]


def test_an_erased_persons_parcel(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Their references cannot be compared any more: the row is a stranger's, and the share is listed separately."""
    tell(parcel(2, "marked-O-1"), fact("erasure", 6, {"reason": "asked"}, subject=ADA))
    for rows, mapping in (
        ((HEADER, f",marked-17850,marked-O-1,{at(2)}"), None),
        (("order,at", f"marked-O-1,{at(2)}"), NAMELESS),
    ):
        found = held(FileKind.CARRIER, *rows, mapping=mapping)
        assert (found.discrepancies(), found.document["erased"]) == ([("unknown_person", 2, None)], ["#19"])
