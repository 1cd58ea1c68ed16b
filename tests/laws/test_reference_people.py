"""The audit of a trace agrees with the reference on who people are: children and account holders."""

from __future__ import annotations

from collections import Counter

from tests.laws.compared import show, told_of
from tests.reference.accounts import is_broken_by
from tests.reference.children import Children


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
