"""Reports as people get them: the access report, made from a customer's own events, as one HTML file or as text."""

from adapters.reports.access import make_report
from adapters.reports.html import as_html
from adapters.reports.text import as_text

__all__ = ["as_html", "as_text", "make_report"]
