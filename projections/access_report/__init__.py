"""The access report: a pure fold of one person's events, opened."""

from projections.access_report.fold import access_report
from projections.access_report.report import AccessReport

__all__ = ["AccessReport", "access_report"]
