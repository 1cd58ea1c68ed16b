"""An audit as a page: whole in itself, the same for the same history, and with whatever was sent shown as text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from adapters.audits.traces import Trace, audit_trace
from adapters.contract import parse_fact
from adapters.reports.audit_page import audit_page
from domain.audit.question import Question
from domain.audit.trace_order import Line
from domain.records.customer import LAST
from tests.cli.audit_sample import COMPANY, collected
from tests.controls import cloud_event
from tests.scenario import first_policy

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}'</style>"


def page_of(*facts: dict[str, object]) -> str:
    """Return the page of a trace."""
    return audit_page(document_of(*facts))


def document_of(*facts: dict[str, Any]) -> dict[str, Any]:
    """Return the audit of a trace."""
    trace = Trace([Line(number, parse_fact(json.dumps(fact))) for number, fact in enumerate(facts, 1)])
    return audit_trace(trace, first_policy(), Question(LAST.at))


def test_it_lists_what_was_undone() -> None:
    """A link that somebody undid stands in a section of its own: which fact, when, who told it, why, how verified."""
    both = [
        {**collected("order", f"o-{name}", "2016-05-01T00:00:00Z"), "subject": f"customer:{name}"}
        for name in ("one", "two")
    ]
    told = {"with": "customer:two", "verified": "login"}
    linked = cloud_event("link", "l", "2016-05-02T00:00:00Z", "customer:one", **told)
    undone = {"with": "customer:two", "reason": "a mistake", "verified": "document"}
    parted = cloud_event("unlink", "u", "2016-05-03T00:00:00Z", "customer:one", **undone)
    assert "What was undone" not in page_of(*COMPANY, *both, linked)
    page = page_of(*COMPANY, *both, linked, parted)
    section = page[page.index("What was undone") :]
    assert "/shop u" in section
    assert "2016-05-03" in section
    assert "because: a mistake</div><div>verified by document" in section


def test_what_was_undone_without_words() -> None:
    """Where no reason is known, and nobody said how it was verified, the page says neither."""
    both = [{**collected("order", f"o-{n}", "2016-05-01T00:00:00Z"), "subject": f"customer:{n}"} for n in (1, 2)]
    linked = cloud_event(
        "link", "l", "2016-05-02T00:00:00Z", "customer:1", **{"with": "customer:2", "verified": "login"}
    )
    undone = {"with": "customer:2", "reason": "a mistake"}
    parted = cloud_event("unlink", "u", "2016-05-03T00:00:00Z", "customer:1", **undone)
    document = document_of(*COMPANY, *both, linked, parted)
    assert "verified by" not in audit_page(document)
    del document["undone"][0]["reason"]  # As in a ledger's audit for which no seal was opened.
    page = audit_page(document)
    assert "a mistake" not in page
    assert "/shop u" in page[page.index("What was undone") :]


@pytest.fixture
def hostile() -> str:
    """Return the page of a history in which every name that a sender chooses is hostile."""
    named = {"id": HOSTILE, "subject": f"customer:{HOSTILE}"}
    return page_of(
        *COMPANY,
        {**collected("order", "o", "2016-05-01T00:00:00Z"), **named},
        {
            **cloud_event("opt_out", "u", "2016-05-02T00:00:00Z", program="email_marketing", via="portal"),
            "subject": named["subject"],
        },
        {
            **cloud_event(
                "message",
                "m",
                "2016-05-03T00:00:00Z",
                channel="email",
                purpose="direct_marketing",
                unsubscribe_link=False,
                message_id=HOSTILE,
            ),
            **named,
            "source": "/mail",
        },
        {
            **cloud_event(
                "entry_correction",
                "x",
                "2016-05-04T00:00:00Z",
                entry={"source": "/mail", "id": HOSTILE},
                reason=HOSTILE,
            ),
            "subject": named["subject"],
        },
    )


def test_what_was_sent_is_text(hostile: str) -> None:
    """A fact's name, a subject and a reason stand on the page as they were sent, and do nothing."""
    assert "<script" not in hostile
    assert "<img" not in hostile
    assert "{{ 7*7 }}" in hostile
    assert hostile.count("</style>") == 1
    assert "&lt;script&gt;alert(1)" in hostile


def test_it_is_whole_in_itself(hostile: str) -> None:
    """Nothing is fetched, and the page itself forbids that anything ever is."""
    assert "Content-Security-Policy" in hostile
    assert not re.search(r"""<[^>]*\s(?:src|href)=(?!"#)""", hostile)
    assert not re.search(r"@import|url\(", hostile)


def test_every_promise_and_its_breaches_are_there(hostile: str) -> None:
    """Each promise stands there with its status in words, and what breaks it with its reason."""
    for promise in first_policy().promises:
        assert f">{promise.id}</a>" in hostile or f'id="{promise.id}"' in hostile
    assert "It had no unsubscribe link." in hostile
    assert "The person had left the program." in hostile
    assert "broken" in hostile


def test_the_same_history_gives_the_same_page() -> None:
    """A page has no clock of its own."""
    facts = (*COMPANY, collected("order", "o", "2016-05-01T00:00:00Z"))
    assert page_of(*facts) == page_of(*facts)
