"""Why a promise was broken, or could not be decided, in one sentence for each code of a rule.

Promise: every code that a rule kind gives has its sentence here, which a test holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[Mapping[str, str]] = {
    "act_not_allowed": "The collection that it cites is of another act.",
    "answered_late": "It was answered after its deadline.",
    "attestation_lapsed": "Nobody has vouched for it since the last attestation ran out.",
    "before_observed": "It was before the text was first seen in public, and since when it binds is not on record.",
    "categories_beyond_bounds": "It holds categories outside the bounds.",
    "categories_beyond_need": "More went there than the recipient's registration and role allow.",
    "child_not_erased": "The person was known to be a child, and was not erased in time.",
    "collected_from_child": "The person was known to be a child.",
    "enrolled_after_opt_out": "The person had left the program, and had not asked anew.",
    "enrolled_as_recipient_only": "The person is known only as the recipient of a gift.",
    "enrolled_by_set_apart_contact": "The address is known only from what must not be used for this.",
    "forwarded_by_server": "Our server sent it on, which no browser can refuse.",
    "given_to_group": "It gave that group how to reach somebody who has had an account.",
    "in_flight_at_opt_out": "It was queued before the opt-out and handed over after it.",
    "kind_not_allowed": "The recipient got it in a capacity that is not allowed.",
    "legal_order": "A legal order stands behind it.",
    "mailed_after_opt_out": "The person had left the program.",
    "mailed_as_recipient_only": "The person is known only as the recipient of a gift.",
    "mailed_by_set_apart_contact": "The address is known only from what must not be used for this.",
    "marketed_by_this_act": "It rests on nothing but a collection that opens no program.",
    "no_contact_given": "The collection that it cites gave no such address.",
    "no_offer": "No offer to opt out of this purpose had stood long enough.",
    "no_policy_in_force": "No version of the policy was in force.",
    "no_route": "Its cause opens no way into this program.",
    "no_such_collection": "There is no collection on record that it rests on.",
    "no_unsubscribe_link": "It had no unsubscribe link.",
    "not_answered": "Its deadline passed without an answer.",
    "not_confirmed": "The person had not confirmed that they want it.",
    "not_asked_for": "The registration that it cites had not asked for it.",
    "not_attested": "Nobody has vouched for it.",
    "not_enrolled": "The person was not enrolled.",
    "not_verified_first": "The identity behind the request had not been verified before.",
    "notice_not_live": "The version in force was not posted at the collection point.",
    "notice_not_posted": "The version in force was not posted in time.",
    "notice_removed": "The version in force was removed.",
    "notice_stale": "What was shown there was not the version in force.",
    "objected": "The person had objected to this purpose.",
    "order_cancelled": "The order that it cites had been cancelled.",
    "other_reference": "It is for another reference than the collection that it relies on.",
    "other_text": "The version in force was published with another text than the one that is audited.",
    "overrides_opt_out": "The person had left the program.",
    "point_not_registered": "The collection point was not registered.",
    "program_out_of_bounds": "What the person did does not open this program.",
    "purpose_not_registered": "The purpose was not registered.",
    "purpose_not_allowed": "The collection that it relies on does not allow this purpose.",
    "recipient_not_registered": "The recipient was not registered.",
    "role_not_allowed": "The recipient has none of the roles to which it may go.",
    "shared_with_outside_party": "It went to an outside party, or beyond what that party needs to answer.",
    "shared_after_leaving": "The person had left the program, and had not asked anew.",
    "stale_value": "It took a value that had been corrected since.",
    "text_unknown": "Another version was in force, and its text is not at hand.",
    "cookie_identifies": "The cookie holds what says who somebody is.",
    "identifier_linked": "A browser was linked to something that it must not be linked to.",
    "cookie_purpose_not_named": "The cookie serves a purpose that the policy does not name.",
    "cookie_after_refusal": "The browser had refused cookies.",
    "beyond_any_ledger": "What others can make of what they were given is beyond any ledger.",
    "row_level_release": "Data about a single person went to whom only counts may go.",
    "cell_too_small": "A released count is below the smallest that may be.",
    "group_follows": "A group smaller than that follows from the difference of released counts.",
    "unauthorised_reads": "Records were read without authority.",
}


def reason(code: str) -> str:
    """Give the sentence for a code."""
    return REASONS[code]
