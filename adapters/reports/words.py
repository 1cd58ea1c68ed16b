"""Words for codes: what a report to a person says in place of `mailed_after_opt_out`.

Every code of the closed vocabularies has words here. A code of an open vocabulary, such as a purpose that a company
registered, is shown with blanks for its underscores. The end of each report lists the codes beside their words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.audit.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

_CATEGORIES: Final = {
    "user": "personal data of any kind",
    "user.account": "account",
    "user.behavior": "behaviour",
    "user.behavior.browsing_history": "pages visited",
    "user.behavior.purchase_history": "purchases made",
    "user.behavior.search_history": "searches made",
    "user.contact": "contact details",
    "user.contact.address": "postal address",
    "user.contact.address.city": "city",
    "user.contact.address.country": "country",
    "user.contact.address.postal_code": "postal code",
    "user.contact.address.state": "state or region",
    "user.contact.address.street": "street",
    "user.contact.email": "e-mail address",
    "user.contact.fax_number": "fax number",
    "user.contact.phone_number": "telephone number",
    "user.content": "what you wrote or sent",
    "user.demographic.date_of_birth": "date of birth",
    "user.demographic.gender": "gender",
    "user.demographic.language": "language",
    "user.device.ip_address": "IP address",
    "user.financial.bank_account": "bank account",
    "user.financial.credit_card": "credit card",
    "user.name": "name",
    "user.name.first": "first name",
    "user.name.last": "last name",
    "user.payment": "payment details",
}
_ACTS: Final = {
    "order": "an order",
    "gift": "a gift sent to you",
    "contest_entry": "a contest entry",
    "promotional_request": "a request for promotional material",
    "catalog_request": "a request for the catalog",
    "registration": "the registration form",
    "inbound_message": "a message from you",
    "account": "your account",
}
_CAUSES: Final = {
    **{code: _ACTS[code] for code in ("contest_entry", "promotional_request", "catalog_request", "registration")},
    "purchase": "a purchase",
    "import": "an import from elsewhere",
    "staff": "somebody on the staff",
}
_PURPOSES: Final = {
    "complete_order": "completing your order",
    "deliver_order": "delivering your order",
    "confirm_delivery": "confirming the delivery",
    "take_payment": "taking your payment",
    "handle_return": "handling a return",
    "keep_books": "keeping the books",
    "answer_message": "answering your message",
    "direct_marketing": "direct marketing",
    "fulfil_catalog_request": "sending the catalog that you asked for",
    "run_contest": "running a contest",
    "deliver_ads": "showing advertisements",
    "measure_activity": "measuring activity",
    "track_visits": "tracking visits",
    "track_performance": "tracking performance",
    "test_layouts": "testing page layouts",
    "improve_site": "improving the website",
    "verify_identity": "verifying who you are",
    "answer_rights_request": "answering your request about your data",
    "legal_obligation": "what the law demands",
}
_FINDINGS: Final = {
    **{code: text[:1].lower() + text[1:].rstrip(".") for code, text in REASONS.items()},
    # Said to the person, in place of the rule's own sentence.
    "act_not_allowed": "it rests on something that does not allow it",
    "categories_beyond_bounds": "more went there than may",
    "categories_beyond_need": "more data went there than this recipient needs",
    "collected_from_child": "it was collected though the company knew you to be a child",
    "enrolled_after_opt_out": "you were enrolled again after you had left",
    "enrolled_as_recipient_only": "you were enrolled, though known only from a gift sent to you",
    "enrolled_by_set_apart_contact": "you were enrolled by an address that may not serve that",
    "given_to_group": "it told this recipient how to reach you, though you have an account",
    "in_flight_at_opt_out": "it was on its way when you left, and was sent all the same",
    "kind_not_allowed": "the recipient got it in a capacity that is not allowed",
    "legal_order": "a legal order stands behind it",
    "mailed_after_opt_out": "it was sent after you had left",
    "mailed_as_recipient_only": "it was sent to you, though you are known only from a gift sent to you",
    "mailed_by_set_apart_contact": "it was sent to an address that may not serve that",
    "marketed_by_this_act": "it rests on something that opens no program",
    "no_contact_given": "you had given no address for it",
    "no_offer": "you had not been offered to opt out of it in time",
    "no_route": "you were enrolled by a way that the policy does not name",
    "no_such_collection": "nothing on record shows what it rests on",
    "no_unsubscribe_link": "it had no link to unsubscribe",
    "not_asked_for": "you had not asked for it",
    "not_confirmed": "you had not confirmed that you want it",
    "not_enrolled": "you were not enrolled",
    "not_verified_first": "your identity had not been verified before",
    "objected": "you had objected to it",
    "order_cancelled": "the order that it rests on had been cancelled",
    "other_reference": "the data had been given for something else, such as another order",
    "overrides_opt_out": "you were enrolled against your opt-out",
    "program_out_of_bounds": "what you did does not open this program",
    "purpose_not_allowed": "the data had not been given for this purpose",
    "purpose_not_registered": "the purpose is not registered",
    "recipient_not_registered": "the recipient is not registered",
    "row_level_release": "it went to somebody who may get counts only",
    "role_not_allowed": "this recipient is none of those to whom the data may go",
    "shared_after_leaving": "it was given away after you had left",
    "shared_with_outside_party": "the data may not leave the company so",
    "stale_value": "it took a value that you had corrected",
}
_NOTES: Final = {
    "registered": "You filled out the registration form",
    "account_opened": "You opened an account",
    "order_completed": "An order was completed",
    "order_cancelled": "An order was cancelled",
    "opt_out_offered": "You were offered an opt-out",
    "objection_raised": "You objected to a purpose",
    "age_learned": "The company learned that you are under age",
    "suppression_owed": "The company owed you this when what follows happened",
    "suppression_recalled": "The company recalled what it owes you from before, or from a record once joined",
    "suppression_ended": "What the company recalled is owed to you no longer: it was another’s, or you had asked anew",
    "entry_set_aside": "An entry under your name was kept apart: it held an address of somebody who was forgotten",
    "record_read": "Somebody looked at your record",
    "entry_corrected": "An entry of this record was declared wrong",
    "link_proposed": "Another name was said to be yours, and was not joined to this record",
    "link_rejected": "Another name was found not to be yours",
    "not_linked": "Another name was found not to be yours, and was not joined to this record",
    "name_ended": "A name of yours was given up",
    "contact_confirmed": "An address of yours was confirmed",
    "erased": "You were forgotten: the key to your record was destroyed",
    "identity_verified": "Your identity was verified",
    "identity_not_verified": "Your identity could not be verified",
    "access_report_issued": "A report of your record was given to you",
    "request_denied": "A request of yours was denied",
    "correction_declined": "A correction was declined",
    "recipient_notified": "A recipient was told of your request",
    "data_deleted": "Data of yours was deleted",
    "data_anonymised": "Data of yours was made anonymous",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "category": _CATEGORIES,
    "purpose": _PURPOSES,
    "act": _ACTS,
    "cause": _CAUSES,
    "program": {"email_marketing": "e-mail marketing", "physical_mailings": "physical mailings"},
    "subscription": {
        "enrolled": "enrolled",
        "opted_out": "opted out",
        "ended": "ended, because the order behind it was cancelled",
    },
    "via": {
        "unsubscribe_link": "the unsubscribe link",
        "customer_service": "customer service",
        "portal": "the customer portal",
        "signal": "a signal of your browser",
        "suppression_list": "an opt-out remembered from before an erasure",
    },
    "kind": {
        "service_provider": "service provider",
        "third_party": "third party",
        "sale": "buyer of the data",
        "cross_context_advertising": "advertiser across websites",
        "legal_obligation": "authority to which the law demands it be given",
    },
    "channel": {"email": "e-mail", "post": "post"},
    "value": {
        "held": "held in this ledger",
        "held_elsewhere": "held in another system",
        "withheld": "withheld, since the company knew you to be a child",
        "sealed": "sealed, and not opened for this report",
        "deleted": "deleted: its key was destroyed, and nobody can read it any more",
        "anonymised": "made anonymous: its key was destroyed, and nobody can read it any more",
    },
    "asked_for": {"catalog": "the catalog", "updates": "updates"},
    "request": {"access": "to see your record", "correction": "for a correction", "erasure": "to be forgotten"},
    "request_state": {
        "open": "open",
        "answered": "answered",
        "denied": "denied",
        "declined": "declined",
        "withdrawn": "withdrawn",
        "unanswered": "never answered: you were forgotten before, and had not asked for that",
    },
    "identity": {"verified": "verified", "not_verified": "not verified"},
    "superseded": {
        "correction": "a correction that you asked for",
        "collection": "a later collection",
        "entry_correction": "a correction of the entry, which was wrong",
    },
    "refused": {
        "access_report": "a report of your record",
        "collection": "collecting data",
        "correction": "a correction",
        "enrollment": "an enrollment",
        "message": "a message",
        "share": "giving data to others",
        "use": "a use of data",
    },
    "finding": _FINDINGS,
    "note": _NOTES,
    "not_linked": {
        "not_vouched": "nobody had vouched for it",
        "too_many_streams": "one person would have had too many records",
        "second_person": "that address is joined to one person already",
        "erased": "the person of that name had been forgotten",
        "not_linked": "the two were not one person’s, so that nothing was undone",
    },
    "detail": {
        "entry": "it was",
        "under": "under the age of",
        "reader": "read by",
        "method": "by",
        "vouched_by": "vouched for by",
        "until": "until somebody parted them",
        "replacement": "replaced by",
        "reason": "because",
        "categories": "of the categories",
        "gone": "values that went:",
        "held_in": "in",
        "name": "it was",
    },
}
"""Words by the sort of code."""


def words(code: str, sort: str) -> str:
    """Return the words for a code of a sort named in `WORDS`; without any, the code with blanks for underscores.

    A data category becomes the words of its path: `user.government_id.passport_number` is government id, passport
    number. Raises KeyError for an unknown sort.
    """
    known = WORDS[sort].get(code)
    if known is not None:
        return known
    path = code.removeprefix("user.").split(".") if sort == "category" else [code]
    return ", ".join(path).replace("_", " ")


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
