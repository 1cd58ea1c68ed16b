"""A mail service's log of what it sent, held against the messages of a ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from adapters.ledger import records
from adapters.reconciliation.mapping import FileKind
from adapters.reconciliation.report import KINDS
from tests.controls import contest_entry, day, fact, opt_out, order
from tests.reading import size_of
from tests.reconciliation.outside_files import ADA, BEA, MAPPINGS, Held, addressed, at, newsletter

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from adapters.bootstrap import Installation

HEADER = "to,no,id,at"
ADAS = "marked-ada@example.org"
BEAS = "marked-bea@example.org"


def test_a_log_that_agrees(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Rows by address or by number, in any order, with times within five minutes: nothing differs."""
    tell(newsletter(5, "a"), newsletter(6, "b"))
    rows = (f",marked-17850,b,{day(6).isoformat()}", f"{ADAS.upper()},,a,{at(5 + 200 / 86400)}")
    found = held(FileKind.SEND_LOG, HEADER, *rows)
    assert (found.discrepancies(), found.document["confirmed"], found.document["rows"]) == ([], 2, 2)


def test_what_was_sent_and_not_recorded(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """It is listed by line, with what it would have broken; a mail after an opt-out would have broken P18."""
    tell(newsletter(5, "a"))
    found = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,a,{at(5)}", f"{ADAS},,x,{at(6)}", f"{BEAS},,y,{at(7)}")
    assert found.discrepancies() == [("not_recorded", 3, None), ("not_recorded", 4, None)]
    assert (found.of_line(3)["would_break"], found.of_line(3)["codes"]) == ([], [])
    assert found.of_line(4)["would_break"] == ["P11", "P17", "P18"]
    assert "mailed_after_opt_out" in found.of_line(4)["codes"]
    assert found.of_line(4)["subject"].startswith("id:")


def test_judging_leaves_nothing_behind(
    tell: Callable[..., None], held: Callable[..., Held], installation: Installation
) -> None:
    """What was not recorded is judged as if it had been, and still is not recorded; the answer is the same again."""
    tell(newsletter(5, "a"))
    before = size_of(installation)
    rows = (f"{BEAS},,y,{at(7)}", f"marked-nobody@example.org,,z,{at(7)}")
    first = held(FileKind.SEND_LOG, HEADER, *rows)
    assert held(FileKind.SEND_LOG, HEADER, *rows).document == first.document
    assert size_of(installation) == before


def test_judging_many_people_keeps_few_in_memory(
    tell: Callable[..., None],
    held: Callable[..., Held],
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file about everybody is judged person by person, and does not leave everybody's record in memory."""
    tell(*(contest_entry(1, subject=f"email:marked-{one}@example.org", fact_id=f"c-{one}") for one in range(9)))
    monkeypatch.setattr(records, "PEOPLE_MAX", 3)
    found = held(FileKind.SEND_LOG, HEADER, *(f"marked-{one}@example.org,,x-{one},{at(3)}" for one in range(9)))
    assert found.document["counts"]["not_recorded"] == 9
    assert len(installation.ledger._appender.records.people) <= 4


def test_what_was_recorded_and_not_sent(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """In the period of the log, or in the one that is asked about, each message needs a row; others need none."""
    tell(newsletter(4, "before"), newsletter(5, "a"), newsletter(6, "b"), newsletter(9, "after"))
    rows = (HEADER, f"{ADAS},,a,{at(5)}", f"{ADAS},,c,{at(8)}")
    found = held(FileKind.SEND_LOG, *rows)
    assert found.discrepancies() == [("not_confirmed", None, "/shop b"), ("not_recorded", 3, None)]
    assert found.document["period"] == {"from": "2016-04-06T00:00:00Z", "to": "2016-04-09T00:00:00Z"}
    longer = held(FileKind.SEND_LOG, *rows, since=day(1), until=day(10))
    assert [fact for _, _, fact in longer.discrepancies() if fact] == ["/shop before", "/shop b", "/shop after"]
    shorter = held(FileKind.SEND_LOG, *rows, until=day(5.5))
    assert (shorter.discrepancies(), shorter.document["outside"]) == ([], 1)
    none = held(FileKind.SEND_LOG, HEADER, since=day(5.5))
    assert [fact for _, _, fact in none.discrepancies()] == ["/shop b", "/shop after"]
    assert held(FileKind.SEND_LOG, HEADER).document["period"] == {"from": None, "to": None}


def test_a_row_at_the_edge_confirms_what_lies_inside(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A row just after the period is no row of it, and still shows that the message before it was sent."""
    tell(newsletter(5, "a"))
    row = f"{ADAS},,,{at(5 + 60 / 86400)}"
    found = held(FileKind.SEND_LOG, HEADER, row, since=day(1), until=day(5))
    assert (found.discrepancies(), found.document["outside"], found.document["confirmed"]) == ([], 1, 0)


def test_times_that_differ(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """The same id is proof enough, however far the times are apart; the difference is listed."""
    tell(newsletter(5, "a"))
    found = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,a,{at(4)}")
    (differs,) = found.document["discrepancies"]
    assert (differs["kind"], differs["line"], differs["fact"]) == ("time_differs", 2, "/shop a")
    assert (differs["at"], differs["recorded_at"], differs["seconds"]) == (
        "2016-04-05T00:00:00Z",
        "2016-04-06T00:00:00Z",
        86400,
    )
    for on in (5 - 300 / 86400, 5 + 300 / 86400):
        assert held(FileKind.SEND_LOG, HEADER, f"{ADAS},,a,{at(on)}").discrepancies() == []
    outside = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,a,{at(4)}", since=day(6), until=day(7))
    assert (outside.discrepancies(), outside.document["outside"]) == ([], 1)


def test_without_an_id_person_and_time_decide(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A row without an id, or with one that the ledger does not have, is the message that went about then."""
    tell(newsletter(5, "a"), newsletter(5 + 100 / 86400, "b"))
    rows = (f"{ADAS},,,{at(5 + 50 / 86400)}", f"{ADAS},,other,{at(5 + 350 / 86400)}")
    assert held(FileKind.SEND_LOG, HEADER, *rows).discrepancies() == []
    far = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,,{at(5 - 301 / 86400)}", until=day(6))
    assert [kind for kind, _, _ in far.discrepancies()] == ["not_recorded", "not_confirmed", "not_confirmed"]


def test_a_message_is_one_row_s(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A mail that went out twice and is recorded once is not recorded once; the nearer row is the one that is."""
    tell(newsletter(5, "a"))
    found = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,a,{at(4)}", f"{ADAS},,a,{at(5)}")
    assert found.discrepancies() == [("not_recorded", 2, None)]


def test_an_id_that_several_people_share(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """An id of a whole mailing is each one's own: who is not on record with it is not recorded."""
    tell(newsletter(3, "m"), newsletter(3, "m", BEA, fact_id="m-of-bea"))
    assert held(FileKind.SEND_LOG, HEADER, f"{ADAS},,m,{at(3)}", f"{BEAS},,m,{at(3)}").discrepancies() == []
    only = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,m,{at(3)}", f"marked@example.org,,m,{at(3)}")
    assert only.discrepancies() == [("not_confirmed", None, "/shop m-of-bea"), ("unknown_person", 3, None)]


def test_people_whom_the_ledger_does_not_know(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """They are listed as unknown and not judged; with the message, where its id says which."""
    tell(newsletter(5, "a"))
    rows = (f"marked-nobody@example.org,,x,{at(5)}", f"marked-new@example.org,,a,{at(5)}")
    found = held(FileKind.SEND_LOG, HEADER, *rows)
    assert found.discrepancies() == [("unknown_person", 2, None), ("unknown_person", 3, "/shop a")]
    assert (found.of_line(2)["would_break"], found.of_line(2)["subject"]) == (None, None)


def test_a_log_that_names_nobody(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """With ids alone a log is held against ids; what is not recorded is judged by nobody's past, so not at all."""
    tell(newsletter(5, "a"))
    mapping = 'columns = {message_id = "id", time = "at"}'
    found = held(FileKind.SEND_LOG, "id,at", f"a,{at(5)}", f"b,{at(5)}", mapping=mapping)
    assert found.discrepancies() == [("not_recorded", 3, None)]
    assert found.of_line(3)["would_break"] is None


def test_only_what_the_log_should_show_is_looked_for(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Post, and messages for another purpose or program than the mapping's constants, are no business of this log."""
    tell(
        newsletter(5, "a"),
        newsletter(5, "letter", channel="post", program="physical_mailings"),
        newsletter(5, "parcel-is-there", purpose="confirm_delivery"),
    )
    rows = (HEADER, f"{ADAS},,a,{at(5)}")
    everything = held(FileKind.SEND_LOG, *rows)
    assert everything.discrepancies() == [("not_confirmed", None, "/shop parcel-is-there")]
    for constants in ('{purpose = "direct_marketing"}', '{program = "email_marketing"}'):
        narrower = f"{MAPPINGS[FileKind.SEND_LOG]}\nconstants = {constants}"
        assert held(FileKind.SEND_LOG, *rows, mapping=narrower).discrepancies() == []
    # What it need not show it may: the row is the message's all the same.
    shown = held(FileKind.SEND_LOG, *rows, f"{ADAS},,parcel-is-there,{at(5)}", mapping=narrower)
    assert (shown.discrepancies(), shown.document["confirmed"]) == ([], 2)


def test_an_erased_person(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Their names are gone, and the ids of their messages: the row is a stranger's."""
    tell(newsletter(5, "a"), newsletter(5.5, "b"), fact("erasure", 6, {"reason": "asked"}, subject=ADA))
    found = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,a,{at(5)}", until=day(7))
    assert found.discrepancies() == [("unknown_person", 2, None)]
    assert found.document["erased"] == ["#19", "#20"]


def test_a_number_that_an_erased_person_had(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """It leads to whoever is told of under it since; the tombstone of its first owner is nobody."""
    tell(newsletter(5, "a"), fact("erasure", 6, {"reason": "asked"}, subject=ADA))
    row = f"{ADAS},marked-17850,,{at(5)}"
    assert held(FileKind.SEND_LOG, HEADER, row).discrepancies() == [("unknown_person", 2, None)]
    tell(order(7, "marked-O-7", subject=ADA, values=addressed("marked-new@example.org")), newsletter(8, "b"))
    found = held(FileKind.SEND_LOG, HEADER, row, f",marked-17850,b,{at(8)}")
    assert found.discrepancies() == [("not_recorded", 2, None)]
    assert found.document["erased"] == ["#19"]


def test_an_entry_that_was_declared_wrong(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """A message recorded by mistake has no row, and is listed with the correction of its entry."""
    wrong = {"entry": {"source": "/shop", "id": "a"}, "reason": "marked: never sent"}
    tell(newsletter(5, "a"), fact("entry_correction", 6, wrong, subject=ADA, word="hint"))
    (found,) = held(FileKind.SEND_LOG, HEADER, since=day(4), until=day(6)).document["discrepancies"]
    assert (found["kind"], found["corrected_by"]) == ("not_confirmed", "/shop hint-6")


def test_bad_rows_are_told_by_line(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Each with what is wrong and nothing of what it says; the rest is done."""
    tell(newsletter(5, "a"))
    rows: tuple[str | bytes, ...] = (
        HEADER,
        f"marked,,x,{at(5)}",
        f"{ADAS},,x,marked",
        f",,,{at(5)}",
        f"{ADAS},,{'marked' * 50},{at(5)}",
        f"{ADAS},,x",
        f'"marked,,x,{at(5)}',
        "",
        f"{ADAS},,a,{at(5)}",
        b"marked\xff@example.org,,x," + at(5).encode(),
        f"{ADAS},,x,",
    )
    found = held(FileKind.SEND_LOG, *rows)
    assert found.problems() == {
        2: ["email: is not an e-mail address: it has no @ with a name before it"],
        3: ["time: is not in the form that the mapping names"],
        4: ["names no person"],
        5: ["message_id: string should have at most 255 characters"],
        6: ["The row has 3 cells, and the first line names 4"],
        7: ["The line is not CSV, opens a quote that it does not close, or holds a cell that is too long"],
        10: ["The row holds bytes that are not text in the encoding that the mapping names"],
        11: ["time: is missing"],
    }
    assert (found.discrepancies(), found.document["rows"], found.document["confirmed"]) == ([], 9, 1)


def test_the_document_names_what_it_was_made_of(tell: Callable[..., None], held: Callable[..., Held]) -> None:
    """Digests of file, mapping and policy, the position of the log, and a digest of itself: it can be attached."""
    tell(opt_out(5, subject=ADA))
    document = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,x,{at(6)}").document
    other = held(FileKind.SEND_LOG, HEADER, f"{ADAS},,x,{at(7)}").document
    assert document["counts"] == {kind: int(kind == "not_recorded") for kind in KINDS}
    assert [document[key] == other[key] for key in ("file_sha256", "digest", "mapping_sha256")] == [False, False, True]
    assert json.loads(json.dumps(document)) == document
