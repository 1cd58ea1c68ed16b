"""Reports as people get them: the access report as one HTML file."""

from adapters.reports.html import as_html

__all__ = ["as_html"]
