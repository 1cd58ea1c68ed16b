"""Facts that a ledger was told late: its audit says what a trace of the same lines says, in whichever order."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.audits import ledgers
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.vocabulary import ADDRESS, EMAIL
from tests.controls import (
    RECIPIENTS,
    cancellation,
    catalog_request,
    contest_entry,
    correction,
    correction_request,
    day,
    enrollment,
    message,
    offer,
    order,
    recipient,
    share,
    use,
    verification,
)
from tests.laws.audit import audit

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from adapters.bootstrap import Installation
    from domain.facts import Fact

    Ledgers = Callable[[], AbstractContextManager[Installation]]

AS_OF: Final = 400
_NOT_ASKED: Final = {"P01", "P02", "P34", "P21", "P24", "P27", "P32"}
"""What the creation of a ledger says something about, what nobody vouched for, and what goes by telling."""
FEW: Final = 3
ADDRESS_ONLY: Final = {ADDRESS: "1 Lantern Row"}
EMAIL_ONLY: Final = {EMAIL: "ada@example.com"}
CITED: Final = {"act": "order", "reference": "O-1"}
STORIES: Final[dict[str, tuple[Fact, ...]]] = {
    "an order that the share names": (
        order(1, "O-1", values=ADDRESS_ONLY),
        catalog_request(2, values=ADDRESS_ONLY),
        share(3, "nobody", [ADDRESS], relying_on=CITED, reference="O-1"),
    ),
    "an order that the use is for": (
        order(1, "O-1", values=ADDRESS_ONLY),
        order(2, "O-2", values=ADDRESS_ONLY),
        use(3, "deliver_order", [ADDRESS], reference="O-2"),
    ),
    "the one that permits it best": (
        order(1, "O-1", values=ADDRESS_ONLY),
        catalog_request(2, values=ADDRESS_ONLY),
        use(3, "fulfil_catalog_request", [ADDRESS]),
    ),
    "what nobody is on record to have given": (
        order(1, "O-1", values=ADDRESS_ONLY),
        use(2, "deliver_ads", [ADDRESS, EMAIL]),
        offer(0.5, "deliver_ads"),
    ),
    "the collection whose value was taken": (
        order(1, "O-1", values=ADDRESS_ONLY),
        correction_request(2),
        verification(2.5),
        correction(3),
        use(4, "deliver_order", [ADDRESS], value_from=CITED, reference="O-1"),
    ),
    "an enrollment that names an order": (
        order(1, "O-1", values=EMAIL_ONLY),
        cancellation(3),
        enrollment(2, "email_marketing", "purchase", "O-1"),
    ),
    "mail in a program": (contest_entry(1, values=EMAIL_ONLY), message(2), message(0.5, fact_id="early")),
    "a recipient": (
        order(1, "O-1", values=ADDRESS_ONLY),
        recipient(0.5, "late", "carrier", [ADDRESS]),
        share(2, "late", [ADDRESS], reference="O-1"),
    ),
}


def said(document: dict[str, Any]) -> dict[str, Any]:
    """Return what an audit says, but for what no story here is about."""
    verdicts = {
        reading: {
            promise: {
                key: verdict[key]
                for key in ("status", "violations", "indeterminate", "excused", "exercised")
                if key in verdict
            }
            for promise, verdict in found.items()
            if promise not in _NOT_ASKED
        }
        for reading, found in document["readings"].items()
    }
    verdicts = json.loads(json.dumps(verdicts))  # What readings state alike is one object in a document.
    for found in verdicts.values():
        for verdict in found.values():
            for statements in (verdict.get(key, []) for key in ("violations", "indeterminate", "excused")):
                for one in statements:
                    one.pop("subject")
                    one.pop("why")  # It has the particulars: when things were told, and references, as codes.
                    for name in ("told_at", "told_later", "reference", "expected_reference"):
                        one.get("particulars", {}).pop(name, None)
    return {"readings": verdicts, "ungrounded": [(one["event"], one["categories"]) for one in document["ungrounded"]]}


@pytest.mark.parametrize("story", STORIES)
def test_in_whichever_order(ledgers_made: Ledgers, story: str) -> None:
    """The audits of all orders of telling are one, and that of the trace."""
    lines = STORIES[story]
    right = said(audit(*RECIPIENTS, *lines, as_of=AS_OF).document)
    turned = [lines[place:] + lines[:place] for place in range(len(lines))]
    for told in permutations(lines) if len(lines) <= FEW else (*turned, lines[::-1]):
        with ledgers_made() as installation:
            installation.ledger.append_many([*RECIPIENTS, *told])
            with installation.connect() as connection:
                document = ledgers.audit(audit_scope(installation, connection, Question(day(AS_OF))), workers=1)
            assert said(document) == right, [one.name for one in told]
