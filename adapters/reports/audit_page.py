"""An audit as one HTML file: for an auditor to read, file and print.

It is made from the audit's document alone, so the same history gives the same bytes. As the access report, it holds no
script and no font, fetches nothing, and its Content-Security-Policy allows its style sheet alone. No status is shown by
colour alone. Of many facts for one reason it lists the first, and says how many more the JSON holds; it leaves out no
reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from adapters.audits import view
from adapters.reports.pages import environment, style

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTS_MAX: Final = 100
"""How many facts are listed for one reason under the first reading, and of facts that were judged otherwise."""
FACTS_ELSEWHERE_MAX: Final = 5
"""How many are listed under another reading."""
NAMES_MAX: Final = 8
"""How many facts are named as evidence."""
_BADGES: Final = {
    "broken": "bad",
    "open": "warn",
    "excused": "warn",
    "indeterminate": "unsure",
    "attested": "word",
    "kept": "ok",
    "untested": "",
    "not_exercised": "",
}
"""The class of each status's badge."""
_HEADINGS: Final = {
    "broken": "What broke it",
    "open": "What is open",
    "excused": "What is excused",
    "indeterminate": "What cannot be decided",
    "attested": "What is vouched for",
}


def audit_page(document: Mapping[str, Any]) -> str:
    """Return an audit's document as the text of an HTML file, to be written as UTF-8."""
    sheet = style("report.css", "audit.css")
    first = view.first_reading(document)
    return (
        environment()
        .get_template("audit.html")
        .render(
            style=sheet.text,
            style_digest=sheet.digest,
            document=document,
            view=view,
            signs=view.SIGNS,
            badges=_BADGES,
            headings=_HEADINGS,
            first=first,
            verdicts=document["readings"][first],
            tally=view.counts(document, first),
            facts_max=FACTS_MAX,
            elsewhere_max=FACTS_ELSEWHERE_MAX,
            names_max=NAMES_MAX,
            parse=datetime.fromisoformat,
        )
    )
