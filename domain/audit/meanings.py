"""The meaning of each word of an audit, in one line, so that its document can be read without this project at hand.

Every parameter of a policy, reading, status, modality and degree of proof has a line here; a test checks that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MEANINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "parameters": {
        "notice_within_seconds": "how long a location may lack the version in force, after its registration or a "
        "publication",
        "opt_out_grace_seconds": "how long after an opt-out from e-mail marketing a message breaks nothing yet",
        "postal_opt_out_grace_seconds": "how long after an opt-out from physical mailings a mailing breaks nothing yet",
        "unrelated_offer_seconds": "how long an offer to opt out must stand before data serves an unrelated purpose",
        "child_erasure_seconds": "how long an erasure may take, after a person is learned to be a child",
        "access_answer_seconds": "how long a request to see one's record may wait for its answer",
        "correction_answer_seconds": "how long a verified request that shows an error may wait for its answer",
        "erasure_answer_seconds": "how long a request to be forgotten may wait for the erasure",
        "erasure_waiting_days": "how many days lie between a request to be forgotten and the erasure, to think it over",
        "smallest_cell_count": "how many persons each released count must stand for, at the least",
    },
    "readings": {
        "harmonised": "where two clauses disagree, the specific one limits the general one; this is what is enforced",
        "strict": "each clause binds as far as its words go, whatever another one allows",
        "permissive": "what one clause allows, no other takes away, and an open word is read in the company's favour",
    },
    "statuses": {
        "broken": "at least one recorded fact breaks it, or a deadline passed",
        "open": "a deadline still runs, or an answer is awaited",
        "excused": "it would be broken, had no legal order stood behind it",
        "indeterminate": "what is recorded cannot decide it",
        "attested": "somebody vouches for it, and nothing recorded speaks against it",
        "kept": "something recorded put it to the test, and nothing recorded breaks it",
        "untested": "nothing recorded put it to the test, so nothing is known of it",
        "not_exercised": "a permission that was never made use of",
    },
    "modalities": {
        "obligation": "the company must do this",
        "prohibition": "the company must not do this",
        "permission": "the company may do this, within bounds",
    },
    "provable": {
        "history": "the recorded facts show whether it was kept",
        "parameter": "a number decides it that the text leaves open",
        "history+parameter": "the recorded facts show it, measured by a number that the text leaves open",
        "attested": "no recorded fact shows it; somebody vouches for it",
        "partly": "the recorded facts show one half of it; the other is beyond any ledger",
        "unprovable": "no recorded fact can show it",
    },
}
"""By the sort of word, then by the word itself."""
