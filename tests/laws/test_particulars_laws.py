"""What holds of the particulars of every finding, whatever happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings

from domain.audit.particular_words import PHRASES, SPECIAL
from tests.laws.audit import audit
from tests.laws.histories import Step, facts_of, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = ("violations", "open", "excused", "indeterminate", "attested")


def stated(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what an audit says of each promise under each reading, but of facts that kept it."""
    for verdicts in document["readings"].values():
        for promise, verdict in verdicts.items():
            for key in LISTS:
                for one in verdict.get(key, ()):
                    yield promise, one


@settings(max_examples=60, deadline=None, derandomize=True)
@given(steps())
def test_no_finding_lacks_particulars(taken: list[Step]) -> None:
    """Each has some, in words of the closed list, and its sentence says them; none holds a value or a stream's id."""
    document = audit(*facts_of(taken), as_of=400).document
    for promise, one in stated(document):
        given_ = one["particulars"]
        assert given_, (promise, one)
        assert given_.keys() <= PHRASES.keys() | SPECIAL.keys(), promise
        for name, value in given_.items():
            if name.endswith("_at"):
                assert all(each in one["why"] for each in (value if isinstance(value, list) else [value])), one
        assert "@" not in str(given_)
