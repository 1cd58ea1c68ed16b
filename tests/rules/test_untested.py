"""A promise is kept only where something put it to the test: of an empty ledger nothing is claimed."""

from __future__ import annotations

from collections import Counter

from domain.audit.auditor import READINGS
from domain.policy.model import Modality
from tests.controls import contest_entry, message
from tests.laws.audit import audit
from tests.scenario import first_policy


def test_nothing_is_claimed_of_an_empty_ledger() -> None:
    """No promise of it is kept: one is untested, a permission is not used, and what needs a person's word lacks it."""
    found = audit()
    permissions = {one.id for one in first_policy().promises if one.modality is Modality.PERMISSION}
    for reading in READINGS:
        statuses = {one.id: found.status(one.id, reading) for one in first_policy().promises}
        assert Counter(statuses.values()) == {"untested": 25, "not_exercised": 6, "indeterminate": 3}
        assert {promise for promise, status in statuses.items() if status == "not_exercised"} == permissions


def test_one_test_is_enough() -> None:
    """A newsletter to somebody enrolled tests that it could be left, and not that leaving lasts, nor any gift."""
    found = audit(contest_entry(1), message(2))
    assert {found.status(promise) for promise in ("P11", "P17")} == {"kept"}
    assert {found.status(promise) for promise in ("P18", "P06")} == {"untested"}
    assert found.verdict("P18")["dpv"] == "ProhibitionUnviolated"
    assert found.verdict("P25")["dpv"] == "ComplianceIndeterminate"
