"""A breach names the facts that show it, and a rule counts what put it to the test, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.facts import CustomerFact
from domain.rules.enrollment_bounds import EnrollmentBounds
from domain.rules.opt_out_honoured import OptOutHonoured
from domain.rules.purposes_limited import PurposesLimited
from domain.rules.recipients_limited import RecipientsLimited
from domain.rules.routes_limited import RoutesLimited
from domain.vocabulary import ADDRESS, EMAIL, NAME, Act, Cause, Program
from tests.controls import (
    RECIPIENTS,
    cancellation,
    catalog_request,
    contest_entry,
    day,
    enrollment,
    fact,
    gift,
    message,
    named,
    opt_out,
    order,
    share,
    use,
)
from tests.laws.audit import audit
from tests.scenario import Outcome, Shop, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact
    from domain.rules.common.base import Rule

EMAILS, POST = Program.EMAIL_MARKETING, Program.PHYSICAL_MAILINGS


def shown(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    """Return the facts that each finding names, by its code."""
    return {found.code: found.events for found in outcome.findings}


def asked_of(rule: Rule, *facts: Fact) -> list[str]:
    """Return the facts that put a rule to the test, of a history under that rule alone."""
    shop, found = Shop(with_rule(rule)), []
    for one in facts:
        outcome = shop.when(one)
        customer = shop.customer(str(one.subject)) if isinstance(one, CustomerFact) else shop.customer()
        event = outcome.events[0]
        case = shop.judge.case(customer, shop.company, event)
        if type(event) in rule.concerns and rule.is_tested(case):
            found.append(one.id)
    return found


def test_an_enrollment_out_of_every_bound() -> None:
    """Each thing that is wrong with an enrollment names the collection that it cites, or the opt-out."""
    rule = EnrollmentBounds(
        judges={Cause.PURCHASE: (EMAILS,)},
        acts=(Act.CONTEST_ENTRY,),
        programs=(POST,),
        needs_contact=True,
        needs_request=True,
        yields_to_opt_out=True,
    )
    shop = Shop(with_rule(rule)).given(order(1, values={NAME: "Ada"}), cancellation(2), opt_out(3))
    by_order = (named("order", 1),)
    assert shown(shop.when(enrollment(4, "email_marketing", "purchase", "O-1"))) == {
        **dict.fromkeys(("program_out_of_bounds", "act_not_allowed", "order_cancelled"), by_order),
        **dict.fromkeys(("no_contact_given", "not_asked_for"), by_order),
        "overrides_opt_out": (named("opt_out", 3),),
    }


def test_what_the_first_policy_shows() -> None:
    """A use, a share, an enrollment and a mail name what speaks against them: a collection, a change, an opt-out."""
    shop = Shop().given(*RECIPIENTS, order(1), order(1.5, "O-2"))
    cited = {"act": "order", "reference": "O-1"}
    assert shown(shop.when(use(2, "improve_site", [NAME], relying_on=cited))) == {
        "purpose_not_allowed": (named("order", 1),)
    }
    other = use(2.5, "keep_books", [NAME], reference="O-2", relying_on=cited)
    assert shown(shop.when(other)) == {"other_reference": (named("order", 1),)}
    assert shown(shop.when(share(3, "advertiser", [NAME], relying_on=cited)))["role_not_allowed"] == (
        named("order", 1),
    )
    assert shown(shop.when(share(3.5, "nobody", [NAME], relying_on=cited))) == {
        "recipient_not_registered": (named("order", 1),)
    }
    enrolled = enrollment(4, "email_marketing", "import")
    assert shown(shop.when(enrolled)) == {"no_route": ()}
    shop.given(opt_out(5))
    left = (named("opt_out", 5),)
    assert shown(shop.when(enrollment(6, "email_marketing", "purchase", "O-1"))) == {
        "overrides_opt_out": left,
        "enrolled_after_opt_out": left,
    }
    mailed = shown(shop.when(message(7)))
    assert mailed["mailed_after_opt_out"] == left
    assert mailed["not_enrolled"] == left
    flying = message(8, queued_at=day(4.5).isoformat())
    assert shown(shop.when(flying))["in_flight_at_opt_out"] == left


def test_of_a_gift() -> None:
    """An address of a gift's recipient that is used for marketing is shown by the gift."""
    shop = Shop().given(gift(1))
    found = shown(shop.when(message(2)))
    assert found["mailed_as_recipient_only"] == (named("gift", 1),)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (PurposesLimited(act=Act.ORDER, purposes="completion"), ["order-use", "contest-enrol-by-order", "marketing"]),
        (RecipientsLimited(act=Act.ORDER, roles=(), purposes="completion"), ["order-share"]),
        (
            RoutesLimited(routes={}),
            ["contest-enrol-by-order", "marketing", "marketing-use"],
        ),
        (OptOutHonoured(program=EMAILS), ["marketing"]),
    ],
    ids=["purposes", "recipients", "routes", "opt-out"],
)
def test_what_puts_a_rule_to_the_test(rule: Rule, expected: list[str]) -> None:
    """Of uses, shares, enrollments and messages, those that a rule is about, and no others."""
    order_cited, entry_cited = (
        {"act": act, "reference": reference}
        for act, reference in (("order", "O-1"), ("contest_entry", "contest_entry-1"))
    )
    history = (
        *RECIPIENTS,
        order(1),
        contest_entry(1.1, values={EMAIL: "ada@example.com", NAME: "Ada Example"}),
        _named(use(2, "keep_books", [NAME], reference="O-1", relying_on=order_cited), "order-use"),
        _named(use(3, "run_contest", [EMAIL], relying_on=entry_cited), "entry-use"),
        _named(share(4, "carrier", [NAME], reference="O-1", relying_on=order_cited), "order-share"),
        _named(share(5, "carrier", [NAME], relying_on=entry_cited), "entry-share"),
        _named(enrollment(6, "email_marketing", "purchase", "O-1"), "contest-enrol-by-order"),
        _named(message(7), "marketing"),
        _named(message(8, purpose="complete_order", relying_on=entry_cited), "entry-mail"),
        _named(use(9, "direct_marketing", [EMAIL], relying_on=entry_cited), "marketing-use"),
    )
    assert asked_of(rule, *history) == expected


def _named(one: Fact, name: str) -> Fact:
    return one.model_copy(update={"id": name})


def test_a_lasting_opt_out_is_tested_by_what_follows_it() -> None:
    """Only what is done in the program after somebody left puts the lasting opt-out to the test."""
    history = (order(1), message(2), opt_out(3), catalog_request(4), message(5, channel="post", unsubscribe_link=False))
    verdicts = audit(*history).document["readings"]["harmonised"]
    assert verdicts["P18"]["exercised"] == 0
    assert audit(*history, message(6)).document["readings"]["harmonised"]["P18"]["exercised"] == 1


def test_a_refusal_is_tested_by_the_cookies_after_it() -> None:
    """A cookie before a browser refused puts nothing to the test, nor one in a browser that never did."""
    cookie = {"cookie": "c", "purpose": "track_visits", "categories": []}
    history = [
        fact("cookie_set", 1, cookie, subject="visitor:a"),
        fact("cookies_refused", 2, {}, subject="visitor:a"),
        fact("cookies_refused", 2.5, {}, subject="visitor:a"),
        fact("cookie_set", 3, cookie, subject="visitor:a"),
        fact("cookie_set", 4, cookie, subject="visitor:b"),
    ]
    verdict: dict[str, Any] = audit(*history).document["readings"]["harmonised"]["P31"]
    assert verdict["exercised"] == 1
    assert verdict["violations"][0]["evidence"] == [named("cookies_refused", 2)]


def test_what_is_beyond_any_ledger_names_no_fact() -> None:
    """The undecided half of the analytics promise is told with its reason, and by no fact."""
    verdict: dict[str, Any] = audit(order(1)).document["readings"]["harmonised"]["P32"]
    (said,) = verdict["indeterminate"]
    assert (said["event"], said["codes"]) == (None, ["beyond_any_ledger"])
    assert verdict["exercised"] == 0


def test_a_strict_opt_out_is_reopened_by_fewer_acts() -> None:
    """Whoever registers after leaving is enrolled and mailed; strictly, the opt-out still stands, for mails too."""
    registered = {"requests": ["updates"], "values": {EMAIL: "ada@example.com", NAME: "Ada", ADDRESS: "1 Row"}}
    entry = fact("collection", 3, {**_REGISTRATION, **registered}, word="registered")
    document = audit(order(1), opt_out(2), entry, message(4)).document
    strict = {one["event"]: one["codes"] for one in document["readings"]["strict"]["P18"]["violations"]}
    assert strict[named("message", 4)] == ["mailed_after_opt_out"]
    assert document["readings"]["harmonised"]["P18"]["status"] == "kept"


_REGISTRATION: dict[str, Any] = {
    "act": "registration",
    "reference": "R-1",
    "collection_point": "web",
    "notice": "2016-03-14",
}
