"""An event that the report has neither a list nor words for is in the report all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import pytest

from adapters.bootstrap import DEFAULT_POLICY, read_policy
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.events import CUSTOMER, Event, Finding, customer as events
from domain.events.base import SealedText
from projections.access_report import access_report
from tests.reports.page import Page

if TYPE_CHECKING:
    from projections.access_report import AccessReport

ADA = UUID(int=1)
NOON = datetime(2016, 4, 2, 12, tzinfo=UTC)
POLICY = read_policy(DEFAULT_POLICY)[1]


class ParcelTracked(Event):
    """A made-up event."""

    stream_kind: ClassVar[str] = CUSTOMER

    carrier: str
    stops: tuple[str, ...] = ()
    address: SealedText = None


@pytest.fixture
def report() -> AccessReport:
    """Return the report of a person with a made-up event, which breaks a promise and was declared wrong."""
    envelope: dict[str, Any] = {
        "originator_id": ADA,
        "occurred_at": NOON,
        "actor": "shop",
        "source": "/shop",
        "policy": "2016-03-14",
    }
    tracked = ParcelTracked(
        **envelope,
        originator_version=1,
        position=1,
        fact_id="p-1",
        carrier="slow_mail",
        stops=("Hamburg", "Kiel"),
        address="1 Quay Lane",
        findings=(Finding(promise="P05", code="not_asked_for"),),
    )
    corrected = events.EntryCorrected(
        **envelope, originator_version=2, position=2, fact_id="w-1", entry=1, entry_code="c", reason="never sent"
    )
    return access_report([tracked, corrected], person=ADA, policy=POLICY)


def test_the_json_has_its_type_time_and_coded_data(report: AccessReport) -> None:
    """It is a note with the type, the time, the coded data, and the fact that declared it wrong."""
    said = report.as_dict()
    assert said["notes"][0] == {
        "fact": "/shop p-1",
        "at": "2016-04-02T12:00:00Z",
        "what": "ParcelTracked",
        "detail": {"carrier": "slow_mail", "stops": '["Hamburg","Kiel"]'},
        "entry_corrected_by": "/shop w-1",
    }
    assert [(one["promise"], one["what"]) for one in said["findings"]] == [("P05", "ParcelTracked")]
    assert "Quay" not in str(said)


def test_the_text_shows_it(report: AccessReport) -> None:
    """It stands under what else is on record."""
    _, _, also = as_text(report).partition("Also on record\n")
    line = 'ParcelTracked (carrier slow_mail, stops ["Hamburg","Kiel"]): 2016-04-02 12:00 UTC (/shop p-1)'
    assert line in " ".join(also.split())


def test_the_page_shows_it(report: AccessReport) -> None:
    """It is an entry with a number, and stands under what else is on record."""
    page = Page(as_html(report, policy=POLICY, made_at=NOON))
    notes = page.section("notes")
    assert "ParcelTracked" in notes.text
    assert 'carrier slow_mail stops ["Hamburg","Kiel"]' in notes.text
    assert '"2016-04-02T12:00:00Z"' in notes.html
    assert "ParcelTracked: carrier slow_mail" in page.section("entries").text
