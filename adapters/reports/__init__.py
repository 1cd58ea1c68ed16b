"""Reports as people get them: the access report, made from a customer's own events, and as one HTML file."""

from adapters.reports.access import make_report
from adapters.reports.html import as_html

__all__ = ["as_html", "make_report"]
