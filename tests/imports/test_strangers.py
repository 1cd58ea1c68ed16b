"""Rows without a number of the person: n strangers stay n persons, and nobody's report holds another's values."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from adapters.imports.catalog import parse_mapping, read_mapping
from adapters.imports.file_import import FileImport
from adapters.imports.file_report import FileReport
from adapters.queries.customers import customer_report
from tests.imports.samples import ORDERS, PEOPLE
from tests.imports.test_null_cells import BLANKS, NULLS

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.bootstrap import Installation
    from adapters.imports.mapping import ImportMapping

SHOP: Final = ORDERS.replace('email = "mail"', 'email = "mail"\ncustomer = "no"', 1).replace(
    '"user.contact.address" =', '"user.name" = { of = ["first", "last"], by = " " }\n"user.contact.address" ='
)
NUMBERS: Final = itertools.count(1)
"""Each example has numbers of its own, since all examples share one ledger."""


def run(installation: Installation, folder: Path, mapping: ImportMapping, rows: list[dict[str, Any]]) -> FileReport:
    """Import rows, as JSON Lines, so that no cell is lost to the way in which CSV is written."""
    path = folder / "rows.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    work = FileImport(installation, path, mapping.model_copy(update={"format": "jsonl"}))
    work.register(work.survey())
    return work.run(FileReport())


def report_of(installation: Installation, name: str) -> str:
    """Return the access report of a person as text."""
    with installation.connect() as connection:
        return json.dumps(customer_report(installation, connection, name).as_dict())


def people(installation: Installation, names: list[str]) -> int:
    """Count the persons that names lead to."""
    with installation.connect() as connection:
        return len({customer_report(installation, connection, name).person for name in names})


@pytest.mark.parametrize("null", ["\\N", "NULL", "0", "nan", "-1", "n/a", "", "\u200b", "guest"])
@pytest.mark.parametrize("address", [True, False], ids=["with an address", "without"])
def test_four_strangers_are_four_persons(
    installation: Installation, tmp_path: Path, null: str, *, address: bool
) -> None:
    """An export of WooCommerce in which the number of every guest is such a word, and perhaps the address too."""
    mapping = read_mapping("woocommerce-order-suite")
    rows = [
        {
            **dict.fromkeys(mapping.wanted(), ""),
            "order_number": f"Y{place}",
            "customer_id": null,
            "order_date": "2016-03-01 10:00:00",
            "billing_email": f"g{place}@example.net" if address else null,
            "status": "completed",
            "billing_address_1": f"{place} Marked Lane",
        }
        for place in range(1, 5)
    ]
    report = run(installation, tmp_path, mapping, rows)
    cells = (4 if address else 8) if null else 0
    assert (report.taken, report.notes, sum(count for count, _ in report.nulls.values())) == (
        4,
        {"without_number": (4, 1)},
        cells,
    )
    names = [f"order:Y{place}" for place in range(1, 5)]
    assert people(installation, names) == 4
    for place, name in enumerate(names, 1):
        shown = report_of(installation, name)
        assert [other for other in range(1, 5) if f"{other} Marked Lane" in shown] == [place]


_NULL = st.one_of(st.sampled_from(["", *NULLS]), st.text(st.sampled_from(BLANKS), min_size=1, max_size=3))
_STRANGER = st.fixed_dictionaries(
    {
        "no": _NULL,
        "mail": st.one_of(st.none(), _NULL),
        "street": _NULL,
        "first": _NULL,
        "last": st.one_of(st.none(), _NULL),
    }
)


# Examples share one ledger, so a smaller one cannot be looked for by repeating them.
_SETTINGS = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@_SETTINGS
@given(st.lists(_STRANGER, min_size=2, max_size=6), st.sampled_from([SHOP, PEOPLE]))
def test_strangers_stay_strangers(
    installation: Installation, tmp_path: Path, strangers: list[dict[str, str | None]], text: str
) -> None:
    """Whatever words stand for nothing; where a cell is None here, the stranger has something of their own."""
    is_shop = text == SHOP
    mapping = parse_mapping(text)
    rows, marks = [], []
    for drawn in strangers:
        number = next(NUMBERS)
        marks.append(f"mark{number}x")
        own = {key: cell if cell is not None else f"{marks[-1]}@example.org" for key, cell in drawn.items()}
        # A subscriber without number and address is nobody, and is rejected.
        mail = own["mail"] if is_shop else f"{marks[-1]}@example.org"
        rows.append({**own, "mail": mail, "number": f"S{number}", "town": marks[-1], "at": "2016-05-01T10:00:00Z"})
    report = run(installation, tmp_path, mapping, rows)
    assert (report.taken, report.rejected) == (len(rows), 0)
    with installation.connect() as connection:
        found = connection.execute(
            "SELECT stream_id, count(*) FROM events WHERE source = %s GROUP BY 1 ORDER BY max(position) DESC LIMIT %s",
            (mapping.source, len(rows)),
        ).fetchall()
    names = [f"id:{stream}" for stream, _ in found]
    assert people(installation, names) == len(rows)
    shown = [report_of(installation, name) for name in names]
    assert sorted([mark for mark in marks if mark in one] for one in shown) == sorted([mark] for mark in marks)


def test_the_same_person_is_one_in_another_export(installation: Installation, tmp_path: Path) -> None:
    """A second import, also of a later export with one order more, opens no new stream for the same row."""
    rows = [
        {"number": f"Z{n}", "no": "NULL", "mail": f"z{n}@example.org", "at": "2016-05-01", "town": "x"} for n in (1, 2)
    ]
    run(installation, tmp_path, parse_mapping(SHOP), rows)
    report = run(installation, tmp_path, parse_mapping(SHOP), [*rows, {**rows[0], "number": "Z3", "no": 7}])
    assert (report.appended, report.repeated) == (1, 2)
    assert people(installation, ["order:Z1", "order:Z2"]) == 2
