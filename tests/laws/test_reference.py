"""The audit of a trace says of newsletters what the slow reference reading of the wire contract says."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings, strategies as st

from domain.facts.fields import Subject
from tests import reference
from tests.laws.audit import audit
from tests.laws.histories import facts_of, steps
from tests.reference.history import History, Line
from tests.reference.newsletters import Newsletters

if TYPE_CHECKING:
    from domain.facts import Fact
    from tests.laws.histories import Step

KINDS: Final = (
    *("order", "order", "contest_entry", "catalog_request", "registration", "cancel", "confirm", "link"),
    *("out", "out", "out_at", "out_to", "mail", "mail", "mail", "mail_at", "mail_to"),
)
PROMISES: Final = ("P11", "P17", "P18", "P20")
POSTED: Final = {"mail", "out", "catalog_request"}
"""The steps whose first way is by post."""
LEAST: Final = 20
SOME: Final = settings(max_examples=200, deadline=None, derandomize=True)
Found = dict[str, dict[str, str]]
"""By message, what is broken or undecided of which promise."""


def test_the_reference_shares_no_code() -> None:
    """It imports nothing of the product."""
    for file in Path(reference.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"domain", "adapters", "projections"}, file.name


@pytest.mark.parametrize("promises", [("P11", "P17", "P18"), ("P11", "P20")], ids=["e-mail", "post"])
def test_messages_break_what_the_reference_says(promises: tuple[str, ...]) -> None:
    """Print how often each came up, of people with a number or without, told in any order and at one instant."""
    coverage: Counter[str] = Counter()
    names = st.tuples(*[st.sampled_from(("customer", "guest"))] * 3)

    @SOME
    @given(steps(14, KINDS, least=6, days=9, at_once=True), names)
    def holds(taken: list[Step], kinds: tuple[str, str, str]) -> None:
        if "P20" in promises:
            taken = [step._replace(way=1) if step.kind in POSTED else step for step in taken]
        facts = facts_of([step.named(kinds) for step in taken], "a")
        expected, found = by_reference(facts), by_audit(facts)
        for message, said in expected.items():
            assert decided(found.get(message, {})) == decided(said), message
            coverage.update(f"{promise} {status}" for promise, status in said.items())
            coverage["kept"] += not said

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert min(coverage[sort] for sort in ("kept", *(f"{promise} broken" for promise in promises))) >= LEAST, coverage


def decided(said: dict[str, str]) -> dict[str, str]:
    """Return what is said, but that P18 is undecided where P17 is: whether it was tested at all is another question."""
    return {one: status for one, status in said.items() if one != "P18" or said.get("P17") != "indeterminate"}


def by_reference(facts: list[Fact]) -> Found:
    """Return what the reference says of each message."""
    lines = {fact.name: _line(number, fact) for number, fact in enumerate(facts, 1) if fact.subject is not None}
    newsletters = Newsletters(History(lines.values()))
    return {name: newsletters.broken_by(line) for name, line in lines.items() if line.kind == "message"}


def by_audit(facts: list[Fact]) -> Found:
    """Return what the audit of a trace says of each fact."""
    document = audit(*facts, as_of=400)
    found: Found = {}
    for promise in PROMISES:
        verdict = document.verdict(promise)
        for status, key in (("indeterminate", "indeterminate"), ("broken", "violations")):
            for one in verdict.get(key, ()):
                found.setdefault(one["event"], {})[promise] = status
    return found


def _line(number: int, fact: Fact) -> Line:
    """Return a fact as a service sends it."""
    fields = type(fact.data).model_fields
    data: dict[str, Any] = fact.data.model_dump(mode="json", by_alias=True)
    for name, field in fields.items():
        value = getattr(fact.data, name)
        if isinstance(value, Subject):
            data[field.alias or name] = str(value)
    return Line(number, fact.time.isoformat(), fact.type.split(".")[1], str(fact.subject), data)
