"""The audit of a trace agrees with the reference on who people are: children, account holders, the erased."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tests.laws.compared import show, told_of
from tests.reference.accounts import is_broken_by
from tests.reference.children import Children
from tests.reference.forgotten import Forgotten

if TYPE_CHECKING:
    from tests.laws.compared import Told

OF_THE_ERASED: Final = ("P04", "P06", "P08", "P09", "P11", "P17", "P18")


def test_children() -> None:
    """Nothing is collected from a known child but a gift, and what is held of one is erased within thirty days."""
    coverage: Counter[str] = Counter()
    for told in told_of("children"):
        children = Children(told.history, told.as_of)
        broken = {("P23", told.sent(name)) for name in children.broken_by()}
        of_collections = {one for one in told.breaking(["P23"]) if told.lines[one[1]].kind == "collection"}
        assert of_collections == broken, told.text
        assert told.status("P23") == children.status(), told.text
        coverage.update([children.status(), *("a collection" for _ in broken)])
    show(coverage, "broken", "open", "kept", "untested", "a collection")


def test_account_holders() -> None:
    """No contact data of somebody who ever had an account goes to a company of the group."""
    coverage: Counter[str] = Counter()
    for told in told_of("accounts"):
        said = {
            ("P33", name)
            for name, one in told.lines.items()
            if one.kind == "share" and is_broken_by(one, told.history.standing(one))
        }
        assert told.breaking(["P33"]) == said, told.text
        coverage["broken"] += len(said)
        coverage[told.status("P33")] += 1
    show(coverage, "broken", "untested")


def test_the_erased() -> None:
    """What is told before an erasure, late of the erased, and of who comes back, by what they stay owed."""
    coverage: Counter[str] = Counter()
    for told in told_of("forgotten"):
        if not _are_erased_in_time(told):
            continue  # A second erasure that is dated before the first.
        found, forgotten = told.statements(OF_THE_ERASED), Forgotten(told.lines.values())
        for name, said in forgotten.statements().items():
            assert _decided(found.get(told.sent(name), {})) == _decided(said), (name, told.text)
            coverage.update(f"{promise} {status}" for promise, status in said.items())
            coverage["kept"] += not said
        coverage["late"] += sum(one.kind in {"message", "use"} for one in forgotten.late)
    show(coverage, "late", "kept", "P04 indeterminate", "P11 broken", "P11 indeterminate", "P17 broken", "P18 broken")


def _are_erased_in_time(told: Told) -> bool:
    erasures = [one for one in told.lines.values() if one.kind == "erasure"]
    by_name = [[one.at for one in erasures if one.subject == name] for name in {one.subject for one in erasures}]
    return all(one <= other for times in by_name for one, other in pairwise(times))


def _decided(said: dict[str, str]) -> dict[str, str]:
    """Return what is said, but of P18 where P17 is undecided: whether it was tested at all is another question."""
    return {one: status for one, status in said.items() if one != "P18" or said.get("P17") != "indeterminate"}
