"""Whom the rows of a send log are about: numbers lead to a person, addresses match mail on whosever's record it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.reconciliation.mapping import FileKind
from tests.controls import contest_entry, day, fact, name_ended, order, verified
from tests.reconciliation.outside_files import ADA, ADAS_ADDRESS, BEA, Held, addressed, at, newsletter, parcel

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "to,no,id,at"
ADAS = "marked-ada@example.org"
BEAS = "marked-bea@example.org"


def test_a_number_goes_before_an_address(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """The number says whom a row is about; that the ledger believes their mail to go elsewhere is listed."""
    tell(newsletter(3, "a"), newsletter(3, "b", BEA))
    found = held(FileKind.SEND_LOG, HEADER, f"{BEAS},marked-17850,,{at(3)}", f"{BEAS},marked-9,,{at(3)}")
    assert found.discrepancies() == [("address_differs", 2, "/shop a")]
    assert found.document["confirmed"] == 2


def test_what_was_told_under_an_address_alone(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A row with a number shows it: nobody said that it is another's. What another number got, it does not."""
    tell(newsletter(3, "a"), newsletter(3, "b", BEA), newsletter(3, "c", "customer:marked-7", to=ADAS_ADDRESS))
    found = held(FileKind.SEND_LOG, HEADER, f"{BEAS},marked-17850,b,{at(3)}")
    assert found.discrepancies() == [("not_confirmed", None, "/shop a"), ("not_confirmed", None, "/shop c")]
    others = held(FileKind.SEND_LOG, HEADER, f"{ADAS},marked-17850,c,{at(4)}", since=day(4))
    assert others.discrepancies() == [("not_recorded", 2, None)]


def test_an_address_on_whosevers_record(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A row by address shows what was told under it, of a number with it, or of a number whose current one it was."""
    shared = "marked-shared@example.org"
    tell(
        order(1, subject="customer:marked-7", fact_id="of-7", values=addressed(shared)),
        newsletter(2, "current", "customer:marked-7"),
        newsletter(3, "under", f"email:{shared}"),
        newsletter(4, "with", "customer:marked-8", to=f"email:{shared}"),
        newsletter(5, "elsewhere", "customer:marked-7", to="email:marked-other@example.org"),
    )
    rows = [f"{shared},,,{at(on)}" for on in (2, 3, 4)]
    found = held(FileKind.SEND_LOG, HEADER, *rows)
    assert (found.discrepancies(), found.document["confirmed"]) == ([], 3)
    # By time alone a message is no mail to an address that its fact denies; with the id it is, and both are listed.
    other = held(FileKind.SEND_LOG, HEADER, f"{shared},,,{at(5)}", f"{shared},marked-7,,{at(5)}")
    assert other.discrepancies() == [
        ("not_confirmed", None, "/shop elsewhere"),
        ("not_recorded", 2, None),
        ("not_recorded", 3, None),
    ]
    proof = held(FileKind.SEND_LOG, HEADER, f"{shared},,elsewhere,{at(5)}")
    assert proof.discrepancies() == [("address_differs", 2, "/shop elsewhere")]


def test_an_address_that_was_current_then(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Mail went to the address of its day: the one before a change is not met by rows with the one after it."""
    tell(newsletter(5, "a"), order(6, "marked-O-3", subject=ADA, values=addressed("marked-new@example.org")))
    tell(newsletter(7, "b"))
    rows = (f"{ADAS},,,{at(5)}", f"marked-new@example.org,,,{at(7)}")
    assert held(FileKind.SEND_LOG, HEADER, *rows).discrepancies() == []
    swapped = held(FileKind.SEND_LOG, HEADER, f"marked-new@example.org,,,{at(5)}", f"{ADAS},,b,{at(7)}")
    assert swapped.discrepancies() == [
        ("not_confirmed", None, "/shop a"),
        ("not_recorded", 2, None),
        ("address_differs", 3, "/shop b"),
    ]


def test_an_address_that_was_given_up(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Mail up to the end is met by rows with it; a row of later is about nobody who had it before."""
    tell(newsletter(5, "a"), name_ended(6, ADAS_ADDRESS, subject=ADA), newsletter(7, "b"))
    found = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,,{at(5)}", f"{ADAS},,,{at(7)}")
    assert found.discrepancies() == [("not_confirmed", None, "/shop b"), ("unknown_person", 3, None)]


def test_several_records_hold_an_address(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Which of them a row is about nobody knows, and that is said; as many rows as messages leave no question."""
    shared = "marked-shared@example.org"
    people = ("customer:marked-7", "customer:marked-8")
    tell(*(order(1, subject=one, fact_id=f"of {one}", values=addressed(shared)) for one in people))
    tell(*(newsletter(2, "m", one, fact_id=f"m-{one[-1]}") for one in people))
    for message_id in ("", "m"):
        row = f"{shared},,{message_id},{at(2)}"
        one = held(FileKind.SEND_LOG, HEADER, row)
        assert one.discrepancies() == [("not_confirmed", None, "/shop m-8"), ("several_records", 2, "/shop m-7")]
        assert (one.of_line(2)["records"], one.of_line(2)["subject"]) == (2, None)
        assert held(FileKind.SEND_LOG, HEADER, row, row).discrepancies() == []
        # A number settles it.
        numbered = held(FileKind.SEND_LOG, HEADER, row, f",marked-8,{message_id},{at(2)}")
        assert numbered.discrepancies() == []


def test_what_an_unrecorded_mail_to_several_would_have_broken(
    tell: Callable[..., None], held: Callable[..., Held]
) -> None:
    """What it would have broken whoever it was for: nothing as long as one of them is enrolled and owed no peace."""
    shared = "marked-shared@example.org"
    row = f"{shared},,x,{at(9)}"
    for place in (7, 8):
        name = f"customer:marked-{place}"
        tell(order(1, subject=name, fact_id=f"of-{place}", values=addressed(shared)))
        left = {"program": "email_marketing", "via": "customer_service"}
        tell(fact("opt_out", 2, left, subject=name, fact_id=f"left-{place}"))
        found = held(FileKind.SEND_LOG, HEADER, row).of_line(2)
        assert found["would_break"] == ["P11", "P17", "P18"]
        assert (found["subject"] is None, found["records"]) == ((False, None) if place == 7 else (True, 2))
    tell(order(3, subject="customer:marked-9", fact_id="of-9", values=addressed(shared)))
    found = held(FileKind.SEND_LOG, HEADER, row).of_line(2)
    assert (found["would_break"], found["records"], found["subject"]) == ([], 3, None)
    # An opt-out by the link of a mail binds the address itself, whosever it is.
    tell(
        fact(
            "opt_out",
            4,
            {"program": "email_marketing", "via": "unsubscribe_link"},
            subject=f"email:{shared}",
            word="left",
        )
    )
    found = held(FileKind.SEND_LOG, HEADER, row).of_line(2)
    assert {"P17", "P18"} <= set(found["would_break"])


def test_two_names_of_one_person(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Streams that were linked are met by the number of either; an address is met where the mail went."""
    second = "email:marked-second@example.org"
    tell(contest_entry(2, subject=second, fact_id="second"), newsletter(3.5, "a", second))
    rows = (f",marked-17850,,{at(3.5)}", f"marked-second@example.org,,,{at(5)}")
    apart = held(FileKind.SEND_LOG, HEADER, rows[0])
    assert apart.discrepancies() == [("not_confirmed", None, "/shop a"), ("not_recorded", 2, None)]
    reading = {"reader": "helpdesk", "purpose": "answer_message", "also": [verified(second)]}
    tell(fact("record_read", 4, reading, subject=ADA), newsletter(5, "b"))
    found = held(FileKind.SEND_LOG, HEADER, *rows)
    assert found.discrepancies() == []
    # Before the link their mail went where either was known to be, and not to the other's address.
    early = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,,{at(3.5)}", rows[1])
    assert early.discrepancies() == [("not_confirmed", None, "/shop a"), ("not_recorded", 2, None)]
    missing = held(FileKind.SEND_LOG, HEADER, *rows, f"{ADAS},,,{at(8)}")
    assert missing.discrepancies() == [("not_recorded", 4, None)]
    assert missing.of_line(4)["would_break"] == []


def test_a_parcel_by_an_address_that_several_have(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """The order's number says whose it was; without a share under that number nobody is chosen."""
    shared = "marked-shared@example.org"
    for place in (7, 8):
        placed = {"subject": f"customer:marked-{place}", "values": addressed(shared)}
        tell(order(1, f"marked-S-{place}", fact_id=f"of-{place}", **placed))
    tell(parcel(2, "marked-S-8", "customer:marked-8"))
    header, row = "to,no,order,at", f"{shared},,marked-S-8,{at(2)}"
    assert held(FileKind.CARRIER, header, row).discrepancies() == []
    found = held(FileKind.CARRIER, header, row, f"{shared},,marked-S-7,{at(2)}")
    assert found.discrepancies() == [("not_recorded", 3, None)]
    assert (found.of_line(3)["would_break"], found.of_line(3)["records"]) == ([], 2)
