"""The command incident: of whom the data was held that an incident concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.sample import COLLECTED, ORDERED
from tests.controls import cloud_event, lines, verified

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

EMAIL, ADDRESS = "user.contact.email", "user.contact.address"


def _collected(number: int, day: int = 2, **values: str) -> dict[str, Any]:
    named = {f"user.{name.replace('_', '.')}": value for name, value in values.items()}
    data = {**COLLECTED["data"], "reference": f"R-{number}", "values": named or {EMAIL: f"marked-{number}@example.org"}}
    return _about(number, "collection", day, **data) | {"id": f"c-{number}-{day}"}


def _about(number: int, word: str, day: int, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - as the fact has them
    return cloud_event(word, f"{word}-{number}-{day}", day - 1, f"customer:{number}", **data)


def _incident(name: str, day: int, *categories: str) -> dict[str, Any]:
    data = {"incident": name, "unauthorised_reads": 3, "categories": list(categories)}
    return cloud_event("incident", f"i-{name}-{day}", day - 1, **data)


pytestmark = pytest.mark.usefixtures("begun")


def append(pledger: Callable[..., Ran], *facts: dict[str, Any]) -> None:
    """Append facts, each of which has to be stored."""
    assert pledger("append", "-", stdin=lines(*facts)).code == 0


def affected(pledger: Callable[..., Ran], name: str = "laptop") -> tuple[list[list[str]], int]:
    """Return what was held of each person affected, and how many have been erased."""
    document = pledger("incident", name, "--format", "json").json
    assert document["persons"] == len(document["affected"])
    return sorted(one["categories"] for one in document["affected"]), document["erased"]


def test_who_is_affected(pledger: Callable[..., Ran]) -> None:
    """Those of whom it was held by then; people are named by their ids, and no value is shown."""
    append(
        pledger, _collected(1), _collected(2, 20), _collected(3, name="Ada"), _incident("laptop", 10, "user.contact")
    )
    assert affected(pledger) == ([[EMAIL]], 0)
    person = pledger("holdings", "customer:1", "--format", "json").json["person"]
    ran = pledger("incident", "laptop")
    assert f"id:{person}" in ran.out
    assert "Such data was held then of 1 persons, and of 0 who have been erased since." in ran.out
    assert "marked" not in ran.out


def test_categories_meet(pledger: Callable[..., Ran]) -> None:
    """A broad category and a narrower one meet, both ways; a name that only begins alike does not; none are all."""
    broad = _collected(2) | {"data": {**COLLECTED["data"], "values": {"user.contact": "marked"}}}
    append(pledger, _collected(1), broad, _collected(3, name="Ada"))
    append(
        pledger,
        _incident("laptop", 10, EMAIL),
        _incident("any", 10),
        _incident("phone", 10, "user.contact.phone_number"),
    )
    assert affected(pledger) == ([["user.contact"], [EMAIL]], 0)
    assert affected(pledger, "phone") == ([["user.contact"]], 0)
    assert affected(pledger, "any") == ([["user.contact"], [EMAIL], ["user.name"]], 0)


def test_what_was_replaced_was_still_held(pledger: Callable[..., Ran]) -> None:
    """A correction keeps the old value in the ledger; an entry that was declared wrong by then holds nothing."""
    corrected = _about(1, "correction", 5, request="q", category="user.contact", value="marked")
    entry = {"source": "/shop", "id": "c-2-2"}
    wrong = _about(2, "entry_correction", 5, entry=entry, reason="a slip")
    append(pledger, _collected(1), corrected, _collected(2), wrong, _incident("laptop", 10, EMAIL))
    assert affected(pledger) == ([["user.contact", EMAIL]], 0)
    append(pledger, _incident("earlier", 4, EMAIL))
    assert affected(pledger, "earlier") == ([[EMAIL], [EMAIL]], 0)


def test_a_known_childs_values_were_not_held(pledger: Callable[..., Ran]) -> None:
    """They were withheld, so nothing could be taken."""
    append(pledger, _about(1, "age_learned", 1, under=13), _collected(1), _incident("laptop", 10))
    assert affected(pledger) == ([], 0)
    assert "Whose data it was" not in pledger("incident", "laptop").out


def test_one_person_once(pledger: Callable[..., Ran]) -> None:
    """Linked streams are one person, whenever that was found."""
    link = _about(1, "opt_out_offer", 20, purpose="print_posters", also=[verified("customer:2")])
    append(pledger, _collected(1), _collected(2, name="Ada"), link, _incident("laptop", 10))
    assert affected(pledger) == ([[EMAIL, "user.name"]], 0)


def test_the_erased_are_counted(pledger: Callable[..., Ran]) -> None:
    """People erased after the incident count once each; people erased before it do not count."""
    link = _about(1, "opt_out_offer", 3, purpose="print_posters", also=[verified("customer:2")])
    append(pledger, *(_collected(number) for number in range(1, 6)), link, _collected(6, name="Ada"))
    append(pledger, _about(3, "erasure", 9, reason="asked"), _incident("laptop", 10, EMAIL))
    append(pledger, *(_about(number, "erasure", 11, reason="asked") for number in (1, 4, 6)))
    assert affected(pledger) == ([[EMAIL]], 2)


def test_an_incident_that_is_told_twice(pledger: Callable[..., Ran]) -> None:
    """Each fact counts with its own time and categories; a person stands there once."""
    append(pledger, _collected(1), ORDERED | {"subject": "customer:2"}, _collected(3, 15))
    append(pledger, _incident("laptop", 10, EMAIL), _incident("laptop", 16, ADDRESS, EMAIL))
    document = pledger("incident", "laptop", "--format", "json").json
    assert [one["categories"] for one in document["records"]] == [[EMAIL], [ADDRESS, EMAIL]]
    assert affected(pledger) == ([[ADDRESS], [EMAIL], [EMAIL]], 0)


def test_many_are_listed_in_part(pledger: Callable[..., Ran]) -> None:
    """All are counted, and --limit says how many are listed."""
    append(pledger, *(_collected(number) for number in range(3)), _incident("laptop", 10))
    document = pledger("incident", "laptop", "--limit", "2", "--format", "json").json
    assert (document["persons"], len(document["affected"]), document["is_all"]) == (3, 2, False)
    assert "There are 1 more; --limit shows more." in pledger("incident", "laptop", "--limit", "2").out


@pytest.mark.parametrize("name", ["nope", "", "a\x00b", "\udcff"])
def test_no_such_incident(pledger: Callable[..., Ran], name: str) -> None:
    """Told in three sentences; an answer knows at least a position, too."""
    ran = pledger("incident", name)
    assert (ran.code, "unknown_incident" in ran.err) == (1, True)
    append(pledger, _incident("laptop", 10))
    assert "not_yet_written" in pledger("incident", "laptop", "--at-least", "99").err
