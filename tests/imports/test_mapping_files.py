"""Mapping files: those that come along, and everything that can be wrong with one, told at once and by line."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from adapters.imports.catalog import MAPPINGS, names, parse_mapping, read_mapping
from adapters.imports.mapping_file import MappingInvalid, MappingUnreadable

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """kind = "orders"
source = "/import/shop"

[columns]
reference = "number"
email = "mail"
time = "at"

[values]
"user.contact.email" = "mail"

[constants]
collection_point = "checkout"
"""
OPT_OUTS = GOOD.replace('"orders"', '"opt_outs"').partition("[values]")[0].replace('reference = "number"', "")


def problems(text: str) -> list[str]:
    """Give what is wrong with a mapping, as lines of text."""
    with pytest.raises(MappingInvalid) as caught:
        parse_mapping(text)
    return [str(problem) for problem in caught.value.problems]


def test_those_that_come_along_can_be_used() -> None:
    """Each is complete, has a title, and its own file name finds it."""
    assert {"shopify-orders", "shopify-customers", "woocommerce-orders", "mailchimp-unsubscribed"} <= set(names())
    sources = set()
    for name in names():
        mapping = read_mapping(name)
        assert mapping.title
        assert mapping == read_mapping(str(MAPPINGS / f"{name}.toml"))
        sources.add(mapping.source)
    assert len(sources) >= len(names()) - 1  # The two for WooCommerce's orders name the same facts.


def test_a_name_that_is_none_is_told_with_the_nearest() -> None:
    """The error lists the names, and guesses which was meant."""
    with pytest.raises(MappingUnreadable, match="Did you mean shopify-orders") as caught:
        read_mapping("shopify-order")
    assert "mailchimp-subscribed" in caught.value.why


@pytest.mark.parametrize("path", ["nowhere.toml", ".", "a\x00b/c.toml", "folder/"])
def test_a_path_that_cannot_be_read_is_told(path: str, tmp_path: Path) -> None:
    """A file that is missing, a folder, and a name that no file can have."""
    with pytest.raises(MappingUnreadable):
        read_mapping(f"{tmp_path}/{path}")


def test_what_is_no_utf_8_and_what_is_too_large_is_told(tmp_path: Path) -> None:
    """Neither is read as TOML."""
    path = tmp_path / "mapping.toml"
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(MappingUnreadable, match="not UTF-8"):
        read_mapping(str(path))
    path.write_bytes(b"#" * 300_000)
    with pytest.raises(MappingInvalid, match="more than"):
        read_mapping(str(path))


def test_every_problem_is_told_at_once_with_its_line() -> None:
    """A misspelt key, a wrong code, a wrong category, a zone that is none: each at the line where it stands."""
    text = GOOD.replace('time = "at"', 'tiem = "at"').replace('"orders"', '"order"')
    text += 'via = "post"\n\n[time]\nzone = "Mars/Base"\nformat = "%H"\n'
    text = text.replace('"user.contact.email" = ', '"user.mail" = ')
    found = problems(text)
    assert [one.split(":")[:2] for one in found] == [
        ["line 1", " kind"],
        ["line 7", " columns.tiem"],
        ["line 10", " values.user.mail"],
        ["line 14", " constants.via"],
        ["line 17", " time.zone"],
        ["line 18", " time.format.0"],
    ]
    assert found[1].endswith("is not a key of a mapping; did you mean time?")
    assert found[2].endswith("is not a fideslang 3 data category under user")


WRONG = {
    "no order number": (GOOD.replace('reference = "number"\n', ""), "line 4: columns.reference: is missing"),
    "no point": (GOOD.replace('collection_point = "checkout"', ""), "line 12: constants.collection_point: is missing"),
    "no values": (GOOD.partition("[values]")[0] + '[constants]\ncollection_point = "c"', "values: is missing"),
    "useless column": (GOOD.replace('time = "at"', 'time = "at"\nvia = "v"'), "columns.via: is of no use for orders"),
    "useless constant": (GOOD + 'cause = "import"', "line 14: constants.cause: is of no use for orders"),
    "twice": (GOOD + 'notice = "1"\n[maps.notice]\na = "1"', "line 15: maps.notice: is of no use without"),
    "no table of cells": (GOOD.replace('time = "at"', 'status = "s"'), "needs a table [maps.status]"),
    "another kind's status": (
        GOOD.replace('time = "at"', 'status = "s"') + '[maps.status]\na = "opted_out"',
        "line 15: maps.status.a: opted_out is not a status of orders",
    ),
    "optional stranger": ('optional = ["x"]\n' + GOOD, "line 1: optional.0: is not a column of this mapping"),
    "required stranger": ('required = ["shipped_at"]\n' + GOOD, "line 1: required.0: is neither"),
    "empty stranger": (GOOD + '[empty]\nx = "0"', "line 15: empty.x: is not a column"),
    "kept stranger": (GOOD + '[kept]\nx = "0"', "line 15: kept.x: is not a column"),
    "prefix of no order": (OPT_OUTS + '[prefix]\norder = "x"', "prefix.order: is of no use for opt_outs"),
    "prefix of no customer": (GOOD + '[prefix]\ncustomer = "x"', "prefix.customer: is of no use without"),
    "skip without cells": (GOOD + '[[skip]]\ncolumn = "x"', "line 14: skip.0: needs is, or else is_not"),
    "facts of no order": (OPT_OUTS + '[order_facts]\ndeliver_order = "x"', "order_facts: is of no use for opt_outs"),
    "a purpose of no order": (GOOD + '[order_facts]\nbake_cake = "x"', "line 15: order_facts.bake_cake"),
    "a number that is none": (GOOD + '[numbers]\nmail = "word"', "line 15: numbers.mail"),
    "skip with both": (GOOD + '[[skip]]\ncolumn = "x"\nis = "a"\nis_not = "b"', "needs is, or else is_not"),
    "skip misspelt": (GOOD + '[[skip]]\ncolumn = "x"\nisnt = "a"', "skip.0.isnt: is not a key of a mapping"),
    "opt-out of nothing": (OPT_OUTS, "constants.program: is missing"),
    "nobody": (OPT_OUTS.replace('email = "mail"', ""), "columns: name no person"),
    "no act": (GOOD.replace("orders", "subscribers"), "line 12: constants.act: is missing"),
    "requests without form": (
        GOOD.replace("orders", "subscribers") + 'act = "contest_entry"\nrequests = "updates"',
        "goes with act registration only",
    ),
    "cause without program": (
        GOOD.replace("orders", "subscribers") + 'act = "account"\ncause = "import"',
        "constants.program: is missing",
    ),
    "source with a space": (GOOD.replace("/import/shop", "my shop"), "line 2: source"),
    "no source": (GOOD.replace('source = "/import/shop"', ""), "line 1: source: is missing"),
    "no columns": ('kind = "orders"\nsource = "s"', "columns: is missing"),
    "delimiter": ('delimiter = "x"\n' + GOOD, "line 1: delimiter"),
    "encoding": ('encoding = "utf-7"\n' + GOOD, "line 1: encoding"),
    "not TOML": ("kind = \n", "line 1: this is not TOML"),
    "not TOML at the end": ("kind = 'a", "this is not TOML"),
    "a deep list": (f"kind = {'[' * 5000}", "line 1"),
    "a long number": (f"kind = {'1' * 5000}", "line 1"),
    "a long key": (f"{'a.' * 300}b = 1", "line 1: a key has too many parts"),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in WRONG.items()])
def test_what_does_not_go_together_is_told(text: tuple[str, str]) -> None:
    """Each mapping lacks or has too much of one thing."""
    assert any(text[1] in one for one in problems(text[0])), problems(text[0])


@given(st.text(alphabet='abk[]{}=.,"\n #1\t', max_size=60), st.integers(0, len(GOOD)))
def test_no_text_is_beyond_it(piece: str, place: int) -> None:
    """A text put into a good mapping gives a mapping or problems, whatever it is."""
    with suppress(MappingInvalid):
        parse_mapping(GOOD[:place] + piece + GOOD[place:])
