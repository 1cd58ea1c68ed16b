"""One canonical example of each noun, used by all tests: facts as services send them, and the names in them.

Days are counted from 1 April 2016, in UTC. A fact is named after what it says and its day (`order-3`), unless a test
names it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from adapters.contract import parse_fact
from domain.facts import SHAPES, CustomerFact, Fact, VisitorFact
from domain.facts.fields import Subject
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT
from tests.examples import EXAMPLES, MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

START: Final = datetime(2016, 4, 1, tzinfo=UTC)
CUSTOMER: Final = "customer:1"
OTHER: Final = "email:second@example.com"
BUYER: Final = "customer:12347"
VISITOR: Final = "visitor:abc"
SOURCE: Final = "/shop"
VERSION: Final = "2016-03-14"
TEXT_DIGEST: Final = "4a004dc226ab8b40b2ec598f4362a7bcef43f2bb6afc337dea58480922728e1f"
"""Of the source text of that version of the policy."""

ORDER_VALUES: Final = {NAME: "Ada Example", ADDRESS: "1 Lantern Row", EMAIL: "ada@example.com", PAYMENT: None}
EMAIL_ONLY: Final = {EMAIL: "ada@example.com"}
POSTAL_ONLY: Final = {NAME: "Ada Example", ADDRESS: "1 Lantern Row"}


def day(number: float) -> datetime:
    """Return the time `number` days after the start."""
    return START + timedelta(days=number)


def named(word: str, on: float) -> str:
    """Return the name of a canonical fact, as findings and evidence cite it: `/shop order-3`."""
    return f"{SOURCE} {word}-{on:g}"


def cloud_event(
    word: str,
    fact_id: str = "",
    time: float | str = "2016-04-02T10:15:00Z",
    subject: str | None = None,
    /,
    **data: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return a fact of type `pledger.<word>.v1` as the CloudEvent that a service sends.

    The time is a day or RFC 3339 text. Data that is required and not given comes from the type's example; None leaves
    a field out. Without a subject, the fact is about `CUSTOMER`, `VISITOR` or the company, as its type says.
    """
    kind, shape = SHAPES[f"pledger.{word}.v1"]
    names = [field.alias or name for name, field in shape.model_fields.items() if field.is_required()]
    required = {name: EXAMPLES[word][name] for name in names}
    subject = subject or {CustomerFact: CUSTOMER, VisitorFact: VISITOR}.get(kind)
    return {
        "specversion": "1.0",
        "source": SOURCE,
        "id": fact_id or (word if isinstance(time, str) else f"{word}-{time:g}"),
        "type": f"pledger.{word}.v1",
        "time": time if isinstance(time, str) else day(time).isoformat(),
        **({"subject": subject} if subject else {}),
        "data": {name: value for name, value in {**required, **data}.items() if value is not None},
    }


def fact(  # noqa: PLR0913 - the envelope of a fact
    kind: str,
    on: float | str,
    data: Mapping[str, Any],
    *,
    subject: str | None = None,
    word: str = "",
    fact_id: str = "",
    source: str = SOURCE,
) -> Fact:
    """Return a fact of type `pledger.<kind>.v1`, parsed."""
    fact_id = fact_id or f"{word or kind}-{on:g}"
    return parse_fact(cloud_event(kind, fact_id, on, subject, **data) | {"source": source})


def raw_example(word: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the example of a type as a CloudEvent with every field, and with `changes` to its data."""
    whole = {**EXAMPLES[word], "correlation": "c-1", "causation": "c-0", "mode": "record", **changes}
    raw = cloud_event(word, f"example-{word}", "2016-04-02T12:15:00.000001+02:00", "", **whole)
    raw |= {"source": "/examples", "datacontenttype": "application/json"}
    if raw.get("subject") == CUSTOMER:
        raw["subject"] = f"customer:{MARK}"
        raw["data"].setdefault("also", [f"email:{MARK}@example.com", {"name": f"order:{MARK}", "verified": "merge"}])
    return raw


def example(word: str, **changes: Any) -> Fact:  # noqa: ANN401
    """Return the example of a type with every field, parsed."""
    return parse_fact(raw_example(word, **changes))


def as_cloud_event(value: Any) -> Any:  # noqa: ANN401
    """Return the CloudEvent that a parsed fact came from; of any other part of one, its JSON."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        given = {fields[name].alias or name: as_cloud_event(getattr(value, name)) for name in value.model_fields_set}
        return {"specversion": "1.0", **given} if isinstance(value, Fact) else given
    if isinstance(value, Subject):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return [as_cloud_event(one) for one in value] if isinstance(value, list | tuple) else value


def lines(*facts: Fact | Mapping[str, Any] | str) -> str:
    """Return facts as JSON Lines; text is taken as it is."""
    texts = (as_cloud_event(one) if isinstance(one, Fact) else one for one in facts)
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in texts)


def collection(act: str, on: float, *, subject: str = CUSTOMER, fact_id: str = "", **data: Any) -> Fact:  # noqa: ANN401
    """Return a collection; without other words, under the act's own reference and with a name and all contacts."""
    whole = {
        "act": act,
        "reference": f"{act}-1",
        "collection_point": "web",
        "notice": "2016-03-14",
        "values": ORDER_VALUES,
        **data,
    }
    return fact("collection", on, whole, subject=subject, word=act, fact_id=fact_id)


def order(on: float, reference: str = "O-1", **data: Any) -> Fact:  # noqa: ANN401
    """Return an order: name, postal address, e-mail address, and a payment that another system holds."""
    return collection("order", on, reference=reference, **data)


def gift(on: float, reference: str = "G-1", **data: Any) -> Fact:  # noqa: ANN401
    """Return what a buyer tells about the recipient of a gift."""
    return collection("gift", on, reference=reference, **{"source": BUYER, **data})


def contest_entry(on: float, **data: Any) -> Fact:  # noqa: ANN401
    """Return an entry into a contest, with an e-mail address."""
    return collection("contest_entry", on, **{"values": EMAIL_ONLY, **data})


def catalog_request(on: float, **data: Any) -> Fact:  # noqa: ANN401
    """Return a request for a catalog, with a postal address."""
    return collection("catalog_request", on, **{"values": POSTAL_ONLY, **data})


def cancellation(on: float, reference: str = "O-1", **envelope: Any) -> Fact:  # noqa: ANN401
    """Return the cancellation of an order."""
    return fact("order_cancelled", on, {"reference": reference}, word="cancel", **envelope)


def opt_out(on: float, program: str = "email_marketing", **envelope: Any) -> Fact:  # noqa: ANN401
    """Return an opt-out."""
    via = "unsubscribe_link" if program == "email_marketing" else "customer_service"
    return fact("opt_out", on, {"program": program, "via": via}, **envelope)


def enrollment(on: float, program: str, cause: str, reference: str | None = None, mode: str = "record") -> Fact:
    """Return an enrollment that a service sends."""
    return fact("enrollment", on, {"program": program, "cause": cause, "reference": reference, "mode": mode})


def message(on: float, *, subject: str = CUSTOMER, fact_id: str = "", **data: Any) -> Fact:  # noqa: ANN401
    """Return a marketing e-mail with a working unsubscribe link."""
    whole = {
        "channel": "email",
        "purpose": "direct_marketing",
        "unsubscribe_link": True,
        "message_id": "m-1",
        **data,
    }
    return fact("message", on, whole, subject=subject, fact_id=fact_id)


def use(on: float, purpose: str, categories: Iterable[str] = (EMAIL,), **data: Any) -> Fact:  # noqa: ANN401
    """Return a use of data inside the company."""
    return fact("use", on, {"purpose": purpose, "categories": list(categories), **data})


def share(on: float, recipient: str, categories: Iterable[str], **data: Any) -> Fact:  # noqa: ANN401
    """Return a share, to deliver order O-1 unless a test says otherwise; a None leaves a field out."""
    whole = {"purpose": "deliver_order", "reference": "O-1", **data}
    return fact("share", on, {"recipient": recipient, "categories": list(categories), **whole})


def age_learned(on: float) -> Fact:
    """Return the knowledge that the person is under 13."""
    return fact("age_learned", on, {"under": 13})


def offer(on: float, purpose: str = "posters", **envelope: Any) -> Fact:  # noqa: ANN401
    """Return an offer to opt out of a purpose that nobody foresaw."""
    return fact("opt_out_offer", on, {"purpose": purpose}, word="offer", **envelope)


def objection(on: float, purpose: str = "posters", **envelope: Any) -> Fact:  # noqa: ANN401
    """Return an objection to a purpose."""
    return fact("objection", on, {"purpose": purpose}, **envelope)


def access_request(on: float, request: str = "R-1", **envelope: Any) -> Fact:  # noqa: ANN401
    """Return a request to see one's record."""
    return fact("access_request", on, {"request": request}, word="ask", **envelope)


def report_issued(on: float, request: str = "R-1", **envelope: Any) -> Fact:  # noqa: ANN401
    """Return the report that answers such a request."""
    return fact("access_report_issued", on, {"request": request}, word="report", **envelope)


def correction_request(on: float, request: str = "R-1", *, shows_error: bool = True) -> Fact:
    """Return a request to correct a postal address, with the error shown."""
    data = {"request": request, "category": ADDRESS, "shows_error": shows_error}
    return fact("correction_request", on, data, word="ask-correction")


def correction(on: float, request: str = "R-1", category: str = ADDRESS, **envelope: Any) -> Fact:  # noqa: ANN401
    """Return the correction of a postal address."""
    data = {"request": request, "category": category, "value": "2 Lantern Row"}
    return fact("correction", on, data, word="correct", **envelope)


def declined(on: float, request: str = "R-1", kind: str = "correction_declined") -> Fact:
    """Return a decline of a correction, or as `request_denied` the denial of any request."""
    return fact(kind, on, {"request": request, "reason": "It is right as it is."}, word="decline")


def verification(on: float, request: str = "R-1", *, passed: bool = True, fact_id: str = "") -> Fact:
    """Return a check of the identity behind a request."""
    data = {"request": request, "method": "code by e-mail", "passed": passed}
    return fact("identity_verification", on, data, word="verify", fact_id=fact_id)


def purpose(on: float, name: str = "posters", *, unrelated: bool = True) -> Fact:
    """Return the registration of a purpose."""
    data = {"purpose": name, "unrelated": unrelated}
    return fact("purpose_registered", on, data, subject=None, word=name)


def recipient(on: float, name: str, role: str, categories: Iterable[str], group: str | None = None) -> Fact:
    """Return the registration of a recipient."""
    data = {"recipient": name, "roles": [role], "categories": list(categories), "group": group}
    return fact("recipient_registered", on, data, subject=None, word=name)


def published(
    on: float, version: str = VERSION, digest: str = TEXT_DIGEST, effective: float | None = None, fact_id: str = ""
) -> Fact:
    """Return the publication of a version of the policy, in force from a day if one is given."""
    data = {
        "version": version,
        "digest": digest,
        "effective_from": None if effective is None else day(effective).isoformat(),
    }
    return fact("policy_published", on, data, subject=None, word=f"publish-{version}", fact_id=fact_id)


def posted(on: float, location: str = "homepage", version: str = VERSION, **envelope: Any) -> Fact:  # noqa: ANN401
    """Return the posting of a notice."""
    return fact("notice_posted", on, {"location": location, "version": version}, subject=None, word="post", **envelope)


def removed(on: float, location: str = "homepage", version: str = VERSION, **envelope: Any) -> Fact:  # noqa: ANN401
    """Return the removal of a notice."""
    data = {"location": location, "version": version}
    return fact("notice_removed", on, data, subject=None, word="remove", **envelope)


def point(on: float, name: str = "web", *, online: bool = True) -> Fact:
    """Return the registration of a collection point."""
    data = {"collection_point": name, "online": online}
    return fact("collection_point_registered", on, data, subject=None, word=f"open-{name}")


def point_closed(on: float, name: str = "web") -> Fact:
    """Return the closing of a collection point."""
    return fact("collection_point_closed", on, {"collection_point": name}, subject=None, word=f"close-{name}")


OPENED: Final = (point(-60), posted(-60, "web"))
"""The collection point of the canonical collections, with the notice."""

RECIPIENTS: Final = (
    recipient(0, "carrier", "carrier", [NAME, ADDRESS]),
    recipient(0, "customs", "customs", [NAME, ADDRESS]),
    recipient(0, "payment", "payment", [NAME, PAYMENT]),
    recipient(0, "workshop", "workshop", []),
    recipient(0, "mail_service", "mail_service", [EMAIL, NAME]),
    recipient(0, "mailing_house", "mailing_house", [NAME, ADDRESS]),
    recipient(0, "analytics", "analytics", ["user.behavior"]),
    recipient(0, "helpdesk", "helpdesk", [EMAIL, "user.content"]),
    recipient(0, "advertiser", "advertiser", ["user.behavior"]),
    recipient(0, "authority", "authority", ["user"]),
)
"""One recipient for each role, registered from day 0 under the name of its role."""


def link(on: float, other: str, *, subject: str = CUSTOMER, fact_id: str = "") -> Fact:
    """Return the fact that two names are one person's: `/shop link-3`."""
    return fact("link", on, {"with": other, "verified": "merge"}, subject=subject, fact_id=fact_id)


def unlink(on: float, other: str, *, subject: str = CUSTOMER, fact_id: str = "", **data: Any) -> Fact:  # noqa: ANN401
    """Return the fact that two names are not one person's after all: `/shop unlink-5`."""
    told = {"with": other, "reason": "two people of one name", **data}
    return fact("unlink", on, told, subject=subject, fact_id=fact_id)


def name_ended(on: float, name: str, *, subject: str = CUSTOMER, fact_id: str = "", **data: Any) -> Fact:  # noqa: ANN401
    """Return the fact that a name was given up: `/shop name_ended-5`."""
    told = {"name": name, "reason": "the number was given to somebody else", **data}
    return fact("name_ended", on, told, subject=subject, fact_id=fact_id)


def wrong_entry(on: float, entry: str, subject: str | None = None, **data: Any) -> Fact:  # noqa: ANN401
    """Return the correction of a fact as a wrong entry: `wrong ENTRY`; without a subject, of one about the company."""
    said = {"entry": {"source": SOURCE, "id": entry}, "reason": "a mix-up", **data}
    raw = cloud_event("entry_correction", f"wrong {entry}", on, subject, **said)
    return parse_fact(raw if subject else {name: value for name, value in raw.items() if name != "subject"})


def verified(name: str) -> dict[str, str]:
    """Return another name of the same person, as `also` lists one that the sender has verified."""
    return {"name": name, "verified": "login"}
