"""The suppression list: what people are owed, whatever was done since: who is out of which program, who is under age.

Promise: one row an opt-out, an age, a debt that outlived an erasure, or an enrollment that broke no promise and rests
on a collection. From these rows, and the collections that they name, the judge itself says who is owed what, as it does
when it decides (`Judge.opted_out`): an opt-out is lifted only by what the person asked for after it. An enrollment that
broke a promise has no row, so it lifts nothing; an age is never lifted. Linked streams are one person's, and each is
owed what the person is. `changes` gives, event by event, the differences of that state, so whoever applies them to a
list of their own has it. An erased person's streams leave the list; what is owed to them is recalled when one of their
names comes back.
"""

from projections.suppression_list.changes import (
    ERASED,
    LIFTED,
    LISTED,
    PAGE_EVENTS,
    Change,
    Changes,
    changes,
    changes_of,
)
from projections.suppression_list.owed import Entry
from projections.suppression_list.state import Page, counts, entries, listed, of, page_of
from projections.suppression_list.table import PROJECTION, READS, UNDER_AGE

__all__ = [
    "ERASED",
    "LIFTED",
    "LISTED",
    "PAGE_EVENTS",
    "PROJECTION",
    "READS",
    "UNDER_AGE",
    "Change",
    "Changes",
    "Entry",
    "Page",
    "changes",
    "changes_of",
    "counts",
    "entries",
    "listed",
    "of",
    "page_of",
]
