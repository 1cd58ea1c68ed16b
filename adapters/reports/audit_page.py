"""An audit as one HTML file: for an auditor to read, file and print.

Promise: it is made from the audit's document alone, so the same history gives the same bytes. It is whole in itself, as
the access report is: no script, no font, nothing fetched, and a Content-Security-Policy that allows its style sheet
alone. No status is told by a colour alone. Of many facts for one reason it lists the first, and says how many more the
JSON holds; it never leaves out a reason. Refused: a template that names what is not there, which raises.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from adapters.audits import view as outline
from adapters.reports.pages import environment, style

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTS_MAX: Final = 100
"""So many facts are listed for one reason under the first reading, and of what was seen otherwise."""
FACTS_ELSEWHERE_MAX: Final = 5
"""The same under another reading."""
NAMES_MAX: Final = 8
"""So many facts are named as evidence."""
_BADGES: Final = {
    "broken": "bad",
    "open": "warn",
    "excused": "warn",
    "indeterminate": "unsure",
    "attested": "word",
    "kept": "ok",
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
    """Give an audit's document as the text of an HTML file, to be written as UTF-8."""
    sheet = style("report.css", "audit.css")
    first = outline.first_reading(document)
    return (
        environment()
        .get_template("audit.html")
        .render(
            style=sheet.text,
            style_digest=sheet.digest,
            document=document,
            outline=outline,
            signs=outline.SIGNS,
            badges=_BADGES,
            headings=_HEADINGS,
            first=first,
            verdicts=document["readings"][first],
            tally=outline.counts(document, first),
            facts_max=FACTS_MAX,
            elsewhere_max=FACTS_ELSEWHERE_MAX,
            names_max=NAMES_MAX,
            parse=datetime.fromisoformat,
        )
    )
