"""The command statistics: what is shown, what is recorded, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.sample import COLLECTED
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

REGISTERED = ("--where", "act:registration=yes", "--by", "gender")
RELEASED = ("--recipient", "ads", "--release")


def _person(number: int, gender: str, act: str = "registration") -> dict[str, Any]:
    values = {"user.demographic.gender": gender, "user.name": "marked-name"}
    data = {**COLLECTED["data"], "act": act, "values": values}
    return {**COLLECTED, "id": f"p-{number}", "subject": f"customer:{number}", "data": data}


def _visit(number: int) -> dict[str, Any]:
    return cloud_event("cookie_set", f"v-{number}", 1, f"visitor:{number}", area="rings")


@pytest.fixture(autouse=True)
def _ledger(begun: None, pledger: Callable[..., Ran]) -> None:
    ads = cloud_event("recipient_registered", "ads", 0, recipient="ads", roles=["advertiser"], categories=[])
    people = [_person(n, "marked-other" if n >= 30 else "f" if n < 18 else "m") for n in range(33)]
    orders = [_person(n, "f", "order") for n in range(50, 65)]
    facts = lines(ads, *people, *orders, *(_visit(n) for n in range(12)))
    assert pledger("append", "-", stdin=facts).code == 0


def test_men_and_women_who_registered(pledger: Callable[..., Ran]) -> None:
    """The policy's example, with the smallest group held back and another beside it; no value is shown as it came."""
    document = pledger("statistics", *REGISTERED, "--format", "json").json
    common = {"of": "persons", "act:registration": "yes"}
    assert document["cells"] == [
        {"where": common, "count": 33},
        {"where": {**common, "gender": "female"}, "count": 18},
    ]
    held_back = [(one["where"]["gender"], one["because"], one["releases"]) for one in document["held_back"]]
    assert held_back == [("male", "too_few", []), ("other", "too_few", [])]
    assert (document["recorded"], document["smallest_cell_count"]) == (None, 10)
    ran = pledger("statistics", *REGISTERED, COLUMNS="80")
    assert "Persons of whom act:registration is yes" in ran.out
    assert "2 cells are held back" in ran.out
    assert "Nothing was recorded. This could be released to everybody: add --release NAME" in ran.out
    assert "marked" not in ran.out + ran.err + str(document)
    assert all(len(line) <= 130 for line in ran.out.splitlines())


def test_cells_of_nobody(pledger: Callable[..., Ran]) -> None:
    """They go out where every dimension of theirs is said to be public when empty; the release says so and is kept."""
    empty = {"where": {"of": "persons", "act:registration": "yes", "gender": "unknown"}, "count": 0}
    assert empty not in pledger("statistics", *REGISTERED, "--format", "json").json["cells"]
    public: tuple[str, ...] = ("--empty-is-public", "gender")
    assert empty not in pledger("statistics", *REGISTERED, *public, "--format", "json").json["cells"]
    public = (*public, "--empty-is-public", "act:registration")
    released = pledger("statistics", *REGISTERED, *public, *RELEASED, "r", "--format", "json").json
    assert [one for one in released["cells"] if not one["count"]] == [empty]
    verdict = pledger("audit", "--promise", "P13", "--format", "json").json["readings"]["harmonised"]["P13"]
    assert (verdict["status"], verdict["exercised"]) == ("kept", 1)
    assert pledger("statistics", "--recount", "--format", "json").json["releases"][0]["differing"] == []
    refused = pledger("statistics", *REGISTERED, "--empty-is-public", "month")
    assert refused.code != 0
    assert "the table has no month" in refused.err


def test_visitors_of_an_area(pledger: Callable[..., Ran]) -> None:
    """The other example."""
    ran = pledger("statistics", "--of", "visitors", "--where", "area:rings=yes", "--recipient", "ads")
    assert "Visitors of whom area:rings is yes" in ran.out
    assert "12" in ran.out
    assert "could be released to ads: add --release NAME." in ran.out


def test_a_release_and_what_it_stands_against(pledger: Callable[..., Ran]) -> None:
    """The release is recorded; the next one holds back what would differ by two, and says because of which."""
    document = pledger("statistics", *REGISTERED, *RELEASED, "spring", "--format", "json").json
    assert document["recorded"] == "/pledger/statistics spring"
    two = [_person(n, "f") for n in (80, 81)]
    assert pledger("append", "-", stdin=lines(*two)).code == 0
    ran = pledger("statistics", *REGISTERED, *RELEASED, "summer")
    assert (ran.code, "(nothing_to_release)" in ran.err, "together with spring" in ran.err) == (1, True, True)
    shown = pledger("statistics", "--by", "act:registration", "--by", "gender", "--recipient", "ads")
    assert "Held back because of earlier releases" in shown.out
    assert "/pledger/statistics spring" in shown.out
    ran = pledger("statistics", "--by", "act:order", *RELEASED, "orders")
    assert "Recorded as released to ads: /pledger/statistics orders, position" in ran.out
    audit = pledger("audit", "--promise", "P13", "--format", "json").json
    assert {one["P13"]["status"] for one in audit["readings"].values()} == {"kept"}
    assert audit["readings"]["strict"]["P13"]["exercised"] == 2


def test_counted_again(pledger: Callable[..., Ran]) -> None:
    """What was released as counted does not differ; what was not is said, without a number that might be small."""
    pledger("statistics", *RELEASED, "spring")
    wrong: dict[str, Any] = {
        "release": "wrong",
        "dimensions": ["of"],
        "cells": [{"where": {"of": "persons"}, "count": 49}],
    }
    fact = cloud_event("aggregate_released", "wrong", 0, **wrong, counted_at=_size(pledger))
    by_hand = cloud_event("aggregate_released", "by-hand", 0, **{**wrong, "release": "by hand"})
    assert pledger("append", "-", stdin=lines({**fact, "source": "/pledger/statistics"}, by_hand)).code == 0
    ran = pledger("statistics", "--recount")
    assert "49 were released, and the ledger has fewer." in ran.out
    assert "cannot be counted again" in ran.out
    releases = pledger("statistics", "--recount", "--format", "json").json["releases"]
    assert [(one["release"], len(one["differing"])) for one in releases] == [
        ("spring", 0),
        ("wrong", 1),
        ("by hand", 0),
    ]


def _size(pledger: Callable[..., Ran]) -> int:
    size: int = pledger("status", "--format", "json").json["events"]
    return size


def test_as_of_and_periods(pledger: Callable[..., Ran]) -> None:
    """As of a position or a time; a period is in what is released."""
    assert pledger("statistics", "--as-of", "1", "--format", "json").json["cells"] == []
    assert "nothing of this could be released to everybody" in pledger("statistics", "--as-of", "1").out
    assert pledger("statistics", "--as-of", "2016-04-01T00:00:00Z", "--format", "json").json["cells"] == []
    words = ("--from", "2016-04-02T00:00:00Z", "--to", "2016-04-03T00:00:00Z")
    (cell,) = pledger("statistics", *words, "--format", "json").json["cells"]
    assert cell["where"] == {"of": "persons", "period": "2016-04-02T00:00:00Z/2016-04-03T00:00:00Z"}
    assert "Persons of whom period 2016-04-02T00:00:00Z/.." in pledger("statistics", *words[:2]).out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--by", "shoe_size"), "unknown_dimension"),
        (("--of", "visitors", "--by", "gender"), "unknown_dimension"),
        (("--where", "gender"), "unknown_dimension"),
        (("--where", "gender=purple"), "unknown_dimension"),
        (("--where", "month=2016-13"), "unknown_dimension"),
        (("--by", "gender", "--where", "gender=female"), "options_disagree"),
        (("--where", "gender=male", "--where", "gender=female"), "options_disagree"),
        (("--from", "2017-01-01T00:00:00Z", "--to", "2016-01-01T00:00:00Z"), "options_disagree"),
        (("--from", "12"), "options_disagree"),
        (("--as-of", "yesterday"), "bad_as_of"),
        (("--recount", "--by", "gender"), "options_disagree"),
        (("--release", "r", "--recipient", "nobody"), "recipient_not_registered"),
        (("--release", ""), "malformed_fact"),
        (("--by", "month", "--where", "act:gift=yes"), "unknown_dimension"),
        (tuple(word for n in range(7) for word in ("--by", f"point:{n}")), "too_many_cells"),
    ],
)
def test_what_cannot_be(pledger: Callable[..., Ran], words: tuple[str, ...], code: str) -> None:
    """Told in three sentences, and nothing is recorded."""
    before = _size(pledger)
    ran = pledger("statistics", *words)
    assert (ran.code, f"({code})" in ran.err) == (1, True), ran.err
    assert _size(pledger) == before
