"""Rows of files into facts: spreadsheets' quirks, times, orders over several rows, conditions, names of facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.imports.samples import ADA, HEADER, LEFT, ORDERS, PEOPLE, codes, converted, facts

if TYPE_CHECKING:
    from pathlib import Path


def test_an_order_is_collected_with_what_the_row_has(tmp_path: Path) -> None:
    """The parts of an address are joined, an empty one is left out; without a number the order names its buyer."""
    (fact,) = facts(converted(tmp_path, ORDERS, HEADER + ADA.replace("1 Quay Lane", "")))
    assert (fact["id"], fact["source"], fact["time"]) == ("1-collect", "/import/shop", "2016-05-01T10:00:00Z")
    assert fact["subject"] == ["order", "1"]
    assert fact["data"] == {
        "also": [["email", "ada@example.org"]],
        "act": "order",
        "reference": "1",
        "collection_point": "checkout",
        "notice": "2016-03-14",
        "values": {"user.contact.email": "ada@example.org", "user.contact.address": "Port"},
    }


SPREADSHEETS = {
    "mark of UTF-8": b"\xef\xbb\xbf" + (HEADER + ADA).encode(),
    "semicolons": (HEADER + ADA).replace(",", ";").encode(),
    "tabs and CRLF": (HEADER + ADA).replace(",", "\t").replace("\n", "\r\n").encode(),
    "sep line": ("sep=;\n" + (HEADER + ADA).replace(",", ";")).encode(),
    "blank lines and rows": (HEADER + "\n" + ADA + ",,,,\n \n\n").encode(),
    "spaces": (" number , mail , at , street , town \n" + ADA.replace(",", " , ")).encode(),
    "quotes": (
        b'"number","mail","at","street","town"\n"1","ada@example.org","2016-05-01 10:00:00+00","1 Quay Lane","Port"'
    ),
    "other columns": (HEADER.replace("\n", ",x,x,\n") + ADA.replace("\n", ",1,2,3\n")).encode(),
    "another order": b"town,street,at,mail,number\nPort,1 Quay Lane,20160501T100000Z,ADA@example.org,1\n",
    "text marks": (HEADER + ADA.replace("1,", "'1,").replace("1 Quay", "'1 Quay")).encode(),
}


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in SPREADSHEETS.items()])
def test_however_a_spreadsheet_writes_it(tmp_path: Path, content: bytes) -> None:
    """Each file says the same: one order, with its address in two parts."""
    (fact,) = facts(converted(tmp_path, ORDERS, content))
    assert (fact["id"], fact["data"]["also"], fact["time"]) == (
        "1-collect",
        [["email", "ada@example.org"]],
        "2016-05-01T10:00:00Z",
    )
    assert fact["data"]["values"]["user.contact.address"] == "1 Quay Lane, Port"


def test_a_quoted_cell_may_hold_lines_and_formulas(tmp_path: Path) -> None:
    """An address goes over two lines; a formula is a text like any other, and an apostrophe in a name stays."""
    row = '1,ada@example.org,2016-05-01T10:00:00Z,"1 Quay Lane\nYard ""B""",=1+1\n'
    other = "2,ada@example.org,2016-05-01T10:00:00Z,'s-Gravenhage,'=1+1\n"
    found = facts(converted(tmp_path, ORDERS, HEADER + row + other))
    assert [one["data"]["values"]["user.contact.address"] for one in found] == [
        '1 Quay Lane\nYard "B", =1+1',
        "'s-Gravenhage, =1+1",
    ]


def test_windows_1252_is_read_where_it_is_declared(tmp_path: Path) -> None:
    """The same bytes are not UTF-8, which only their row reports; so does a byte that neither encoding has."""
    content = (HEADER + ADA.replace("Port", "Köln €")).encode("cp1252") + ADA.replace("1,", "2,", 1).encode()
    assert codes(converted(tmp_path, ORDERS, content)) == [(2, "not_text")]
    found = converted(tmp_path, 'encoding = "windows-1252"\n' + ORDERS, content + b"3,a@b,2016-05-01,\x81,\n")
    assert facts(found)[0]["data"]["values"]["user.contact.address"] == "1 Quay Lane, Köln €"
    assert codes(found) == [(4, "not_text")]


def test_rows_of_one_order_are_one_order(tmp_path: Path) -> None:
    """The first cell that holds anything counts; an order is rejected with all rows, and a bad row parts nothing."""
    rows = "1,,,,\n1,ada@example.org,2016-05-01T10:00:00Z,,\n1,x,y\n1,bob@example.org,2017-01-01,1 Quay Lane,Port\n"
    found = converted(tmp_path, ORDERS, HEADER + rows + "2,ada@example.org,some day,,\n2,,,,\n")
    (fact,) = facts(found)
    assert (fact["data"]["also"][0][1], fact["data"]["values"]["user.contact.address"]) == (
        "ada@example.org",
        "1 Quay Lane, Port",
    )
    assert codes(found) == [(4, "column_count"), (6, "time_unreadable"), (7, "time_unreadable")]


TIMES = {
    ("UTC", ""): ("2016-05-01 10:00", "2016-05-01T10:00:00Z"),
    ("Europe/Berlin", ""): ("2016-05-01", "2016-04-30T22:00:00Z"),
    ("Europe/London", "twice"): ("2016-10-30 01:30:00", "2016-10-30T00:30:00Z"),
    ("Europe/London", "never"): ("2016-03-27 01:30:00", "2016-03-27T01:30:00Z"),
    ("Europe/London", "%d/%m/%Y %H:%M"): ("01/05/2016 10:00", "2016-05-01T09:00:00Z"),
    ("Europe/London", "%Y-%m-%d %H:%M:%S %z"): ("2016-05-01 10:00:00 +0200", "2016-05-01T08:00:00Z"),
    ("UTC", "unix"): ("1462096800", "2016-05-01T10:00:00Z"),
}


@pytest.mark.parametrize(("zone", "form"), TIMES)
def test_times_are_read_on_the_files_clock(tmp_path: Path, zone: str, form: str) -> None:
    """A reading that happened twice is its first occurrence; one that never happened comes out on the new clock."""
    written, expected = TIMES[zone, form]
    forms = f'format = ["%d.%m.%Y", "{form}"]\n' if "%" in form or form == "unix" else ""
    mapping = ORDERS + f'[time]\nzone = "{zone}"\n{forms}'
    (fact,) = facts(converted(tmp_path, mapping, HEADER + ADA.replace("2016-05-01T10:00:00Z", written)))
    assert fact["time"] == expected


def test_what_becomes_of_an_order_is_told_where_columns_say(tmp_path: Path) -> None:
    """Shared for payment at once, with the carrier when it was shipped; completed; cancelled by time or status."""
    mapping = ORDERS.replace(
        'time = "at"', 'time = "at"\nshipped_at = "out"\ncompleted_at = "done"\ncancelled_at = "off"'
    )
    mapping = mapping.replace("[values]", 'status = "state"\n[values]') + 'held = ["user.payment"]\n'
    mapping += (
        'carrier = "van"\npayment_processor = "till"\n[maps.status]\nok = "order"\nCancelled = "cancelled"\n"*"="skip"'
    )
    header = HEADER.replace("\n", ",out,done,off,state\n")
    ada = ADA.replace("\n", ",2016-05-02,2016-05-03,,OK\n")
    off = ADA.replace("\n", ",,,2016-05-04,ok\n").replace("1,", "2,", 1)
    also = ADA.replace("\n", ",,,, cancelled \n").replace("1,", "3,", 1)
    found = facts(converted(tmp_path, mapping, header + ada + off + also + ADA.replace("\n", ",,,,pending\n")))
    assert [(one["id"], one["time"][:10]) for one in found] == [
        ("1-collect", "2016-05-01"),
        ("1-share-take_payment", "2016-05-01"),
        ("1-share-deliver_order", "2016-05-02"),
        ("1-complete", "2016-05-03"),
        ("2-collect", "2016-05-01"),
        ("2-share-take_payment", "2016-05-01"),
        ("2-cancel", "2016-05-04"),
        ("3-collect", "2016-05-01"),
        ("3-share-take_payment", "2016-05-01"),
        ("3-cancel", "2016-05-01"),
    ]
    assert found[2]["data"]["categories"] == ["user.contact.address"]
    assert found[1]["data"]["categories"] == ["user.payment"]


def test_subscribers_are_named_by_a_digest_that_gives_nothing_away(tmp_path: Path) -> None:
    """The same person at the same time is the same fact; without a number a guest is named by a digest."""
    rows = "no,mail,at\n7,Ada@example.org,2016-05-01\n7, ada@example.org ,2016-05-01\n,ada@example.org,2016-05-02\n"
    found = facts(converted(tmp_path, PEOPLE, rows))
    assert found[0]["id"] == found[1]["id"] != found[2]["id"]
    assert "ada" not in found[0]["id"]
    assert [one["subject"][0] for one in found] == ["customer", "customer", "guest"]
    assert "ada" not in found[2]["subject"][1] + found[2]["data"]["reference"]
    assert {tuple(one["data"]["also"][0]) for one in found} == {("email", "ada@example.org")}
    later = facts(converted(tmp_path, PEOPLE, rows.replace("05-02", "06-02")))[2]
    assert (later["id"] != found[2]["id"], later["subject"]) == (True, found[2]["subject"])
    assert found[0]["data"]["act"] == "promotional_request"
    only = facts(
        converted(tmp_path, 'names = ["customer"]\n' + PEOPLE, rows.splitlines(keepends=True)[0] + "7,a@b,2016-05-01")
    )
    assert "also" not in only[0]["data"]


def test_who_has_left_is_told_from_who_is_there_by_the_status(tmp_path: Path) -> None:
    """One file holds both; a state that the mapping does not list is rejected, and a listed one may be skipped."""
    mapping = PEOPLE.replace('time = "at"', 'time = "at"\nstatus = "state"\ncause = "how"')
    mapping += 'program = "email_marketing"\nvia = "portal"\n[maps.cause]\nlist = "import"\n'
    mapping += '[maps.status]\nsubscribed = "subscribed"\nleft = "opted_out"\ncleaned = "skip"\n'
    rows = "".join(
        f"{place},a{place}@example.org,2016-05-01,{state},{how}\n"
        for place, (state, how) in enumerate(
            [("Subscribed", "list"), ("left", ""), ("cleaned", ""), ("other", ""), ("subscribed", "x")]
        )
    )
    found = converted(tmp_path, mapping, "no,mail,at,state,how\n" + rows)
    assert [one["type"].split(".")[1] for one in facts(found)] == [
        *("collection", "enrollment"),
        *("opt_out", "opt_out"),  # One for the number, and one for the address.
    ]
    assert [one["subject"] for one in facts(found)[2:]] == [["customer", "1"], ["email", "a1@example.org"]]
    assert (facts(found)[1]["data"]["cause"], "mode" in facts(found)[1]["data"]) == ("import", False)
    assert codes(found) == [(5, "cell_not_listed"), (6, "cell_not_listed")]


def test_cells_that_stand_for_nothing_name_nobody(tmp_path: Path) -> None:
    """Guests all have the number 0, and are not one customer; a mapping adds words, and keeps some."""
    mapping = ORDERS.replace("[columns]", '[empty]\nno = "web shop"\n[kept]\nno = "-1"\n[columns]\ncustomer = "no"')
    rows = "no," + HEADER + "0," + ADA + "5," + ADA.replace("1,", "2,", 1) + "-,3,,2016-05-01,1 Quay,\n"
    rows += "web shop,4,,2016-05-01,1 Quay,\n-1,6,,2016-05-01,1 Quay,None\n"
    found = converted(tmp_path, mapping, rows)
    subjects = [["order", "1"], ["customer", "5"], ["order", "3"], ["order", "4"], ["customer", "-1"]]
    assert [one["subject"] for one in facts(found)] == subjects
    assert facts(found)[-1]["data"]["values"]["user.contact.address"] == "1 Quay"
    assert [one.rows[0].nulls for one in found] == [("no",), (), ("no",), ("no",), ("town",)]
    assert [one.notes for one in found] == [("without_number",), (), ("without_number",), ("without_number",), ()]


def test_an_order_of_several_rows_takes_the_first_cell_that_stands_for_something(tmp_path: Path) -> None:
    """A word for nothing is passed over, parts no order, and joins no orders: a number that is nothing is rejected."""
    mapping = ORDERS.replace("[columns]", '[columns]\ncustomer = "no"')
    rows = "NULL,1,\\N,2016-05-01,NULL,Port\n17,1,ada@example.org,2016-05-01,1 Quay,Port\n"
    rows += "8,NULL,b@example.org,2016-05-01,,B\n9,NULL,c@example.org,2016-05-01,,C\n"
    found = converted(tmp_path, mapping, "no," + HEADER + rows)
    (fact,) = facts(found)
    assert (fact["subject"], fact["data"]["also"]) == (["customer", "17"], [["email", "ada@example.org"]])
    assert fact["data"]["values"]["user.contact.address"] == "1 Quay, Port"
    assert codes(found) == [(4, "value_missing"), (5, "value_missing")]


def test_an_order_stands_whatever_address_was_typed(tmp_path: Path) -> None:
    """What is no address is a value, and no contact point; a subscriber or an opt-out with such a one is rejected."""
    found = converted(tmp_path, ORDERS, HEADER + ADA.replace("ada@example.org", "ada at home"))
    (fact,) = facts(found)
    assert (fact["subject"], "also" in fact["data"]) == (["order", "1"], False)
    assert fact["data"]["values"]["user.contact.email"] == "ada at home"
    assert found[0].notes == ("address_unusable", "without_number")
    assert codes(converted(tmp_path, PEOPLE, "no,mail,at\n,ada at home,2016-05-01\n")) == [(2, "name_unusable")]
    assert codes(converted(tmp_path, LEFT, "mail,at\nada at home,2016-05-01\n")) == [(2, "name_unusable")]


def test_the_numbers_of_two_shops_are_told_apart(tmp_path: Path) -> None:
    """A prefix goes before them in names. A reference is a person's own, and stays as the shop knows it."""
    mapping = ORDERS.replace("[columns]", '[prefix]\ncustomer = "eu-"\norder = "eu-"\n[columns]\ncustomer = "no"')
    found = facts(converted(tmp_path, mapping, "no," + HEADER + "17," + ADA + "0," + ADA.replace("1,", "2,", 1)))
    assert [one["subject"] for one in found] == [["customer", "eu-17"], ["order", "eu-2"]]
    assert [one["data"]["reference"] for one in found] == ["1", "2"]


def test_rows_without_a_time_get_the_one_that_is_given(tmp_path: Path) -> None:
    """The time comes from the mapping's constant or the importer's option; without either the row is rejected."""
    row = HEADER + ADA.replace("2016-05-01T10:00:00Z", "")
    assert codes(converted(tmp_path, ORDERS, row)) == [(2, "time_missing")]
    (fact,) = facts(converted(tmp_path, ORDERS + "[time]\nconstant = 2016-06-01T00:00:00Z\n", row))
    assert fact["time"] == "2016-06-01T00:00:00Z"
    (fact,) = facts(converted(tmp_path, ORDERS, row, datetime(2016, 7, 1, tzinfo=UTC)))
    assert fact["time"] == "2016-07-01T00:00:00Z"


def test_rows_that_the_mapping_passes_over_make_nothing(tmp_path: Path) -> None:
    """Rows are passed over by listed cells or by unlisted ones, in any case of letters."""
    skip = '[[skip]]\ncolumn = "town"\nis = ["port", ""]\n[[skip]]\ncolumn = "street"\nis_not = "1 quay lane"\n'
    rows = [
        ADA,
        ADA.replace("Port", ""),
        ADA.replace("1 Quay", "2 Quay"),
        ADA.replace("Port", "Yard").replace("1,", "9,", 1),
    ]
    found = converted(tmp_path, ORDERS + skip, HEADER + "".join(rows))
    assert [one["id"] for one in facts(found)] == ["9-collect"]
    assert not codes(found)
    # The words for nothing are one, in the file and in the mapping.
    skip = '[[skip]]\ncolumn = "town"\nis = "NULL"\n'
    towns = ["Port", "", "n/a", "null"]
    rows = [ADA.replace("1,", f"{number},", 1).replace("Port", town) for number, town in enumerate(towns, 1)]
    found = converted(tmp_path, ORDERS + skip, HEADER + "".join(rows))
    assert [one.skipped for one in found] == ["", "listed", "listed", "listed"]


def test_cells_are_looked_up_whole_and_then_by_their_beginning(tmp_path: Path) -> None:
    """The longest beginning counts; capitals count where the mapping says so."""
    mapping = ORDERS.replace("[values]", 'status = "number"\n[values]')
    table = '[maps.status]\n"X*" = "skip"\n"x1*" = "cancellation"\n"x12" = "cancelled"\n"*" = "order"\n'
    content = HEADER + "".join(ADA.replace("1,", f"{number},", 1) for number in ("x2", "X1", "x12", "y"))
    ends = [len(one.facts) for one in converted(tmp_path, mapping + table, content)]
    assert ends == [0, 1, 2, 1]
    ends = [len(one.facts) for one in converted(tmp_path, f"{mapping}[maps]\nmatch_case = true\n{table}", content)]
    assert ends == [1, 0, 2, 1]
