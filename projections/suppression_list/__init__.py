"""The suppression list: who is out of which program, who objects to which purpose, and who is under age.

There is one row an opt-out, an objection, an age, one of these that outlived an erasure, or an enrollment that broke no
promise and relies on a collection. From these rows, and the collections that they name, the judge itself says who is
suppressed, whatever was done since, as it does when it decides (`Judge.opted_out`): only what the person asked for
afterwards lifts an opt-out. An enrollment that broke a promise has no row, so it lifts nothing. An age is never lifted,
nor is an objection, but an officer can annul the fact that told it. Linked streams are one person's, and each of them
is suppressed as the person is. An erased person's streams leave the list; their suppressions come back when one of
their names does. `changes` gives the differences event by event, for a list kept elsewhere.
"""

from projections.suppression_list.changes import (
    ERASED,
    LIFTED,
    LISTED,
    PAGE_EVENTS,
    SuppressionChange,
    SuppressionChanges,
    changes,
)
from projections.suppression_list.state import SuppressionPage, counts, listed, of, page
from projections.suppression_list.suppressed import Suppression
from projections.suppression_list.table import PROJECTION, READS, UNDER_AGE

__all__ = [
    "ERASED",
    "LIFTED",
    "LISTED",
    "PAGE_EVENTS",
    "PROJECTION",
    "READS",
    "UNDER_AGE",
    "Suppression",
    "SuppressionChange",
    "SuppressionChanges",
    "SuppressionPage",
    "changes",
    "counts",
    "listed",
    "of",
    "page",
]
