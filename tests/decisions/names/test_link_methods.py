"""The method of a link is one that the policy lists, in a link and in also alike; an officer decides besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain import ledger
from domain.errors import MalformedFact
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.linking import OFFICER
from domain.store import Sender
from tests.controls import fact, link, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop, first_policy

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO = "customer:1", "customer:2"


def joined(method: str, form: str = "link", on: float = 3) -> Fact:
    """Return the fact that two names are one person's, as a link or beside a name."""
    if form == "link":
        return fact("link", on, {"with": TWO, "verified": method}, fact_id="join")
    also = [{"name": "order:O-9", "verified": "login"}, {"name": TWO, "verified": method}]
    return fact("record_read", on, {"reader": "r", "purpose": "p", "also": also}, fact_id="join")


def shop(*methods: str) -> Shop:
    """Return a shop with two customers under a policy that lists these methods."""
    policy = first_policy().model_copy(update={"link_methods": methods}) if methods else first_policy()
    return Shop(policy).given(order(1), order(1, "O-2", subject=TWO))


@pytest.mark.parametrize("method", ["login", "merge", "document"])
@pytest.mark.parametrize("form", ["link", "also"])
def test_what_the_policy_lists(form: str, method: str) -> None:
    """Each of its methods joins the two."""
    assert CustomersLinked in {type(event) for event in shop().when(joined(method, form)).events}


@pytest.mark.parametrize("vouches", [True, False])
@pytest.mark.parametrize(("form", "where"), [("link", "data.verified"), ("also", "data.also.1.verified")])
@pytest.mark.parametrize(("method", "nearest"), [("same address", "merge"), ("Login", "login"), ("doc", "document")])
def test_anything_else_is_none(method: str, nearest: str, form: str, where: str, *, vouches: bool) -> None:
    """The error names the field, what the policy lists and the nearest of it, and repeats nothing that was sent."""
    told = shop()
    for sender in (Sender("a", vouches), Sender("a", vouches, is_officer=True)):
        for ask in (ledger.handle, ledger.ask):
            with pytest.raises(MalformedFact) as raised:
                ask(told.store, joined(method, form), sender)
            (problem,) = raised.value.problems
            assert (problem.where, f"the nearest is {nearest}" in problem.what) == (where, True)
            assert "(login, merge, document)" in problem.what
            assert method not in problem.what.replace(f"the nearest is {nearest}", "").replace("document)", "")
    assert told.customer(ONE) is not told.customer(TWO)


def test_another_policy_lists_others() -> None:
    """What one company takes for a verification, another does not."""
    other = shop("passport")
    with pytest.raises(MalformedFact, match="the nearest is passport"):
        other.when(joined("login"))
    other.when(joined("passport"))
    assert other.customer(ONE) is other.customer(TWO)


def test_an_officers_decision() -> None:
    """It has a method of its own, which nobody else may give."""
    with pytest.raises(MalformedFact):
        ledger.handle(shop().store, joined(OFFICER), Sender("shop", vouches=True))
    assert CustomersLinked in {type(event) for event in shop().when(joined(OFFICER)).events}


def test_a_trace_rejects_it_as_a_ledger_does() -> None:
    """The line does not count."""
    facts = (order(1), order(1, "O-2", subject=TWO, fact_id="second"))
    assert audit(*facts, joined("same address")).document["events"] == len(facts)
    assert audit(*facts, joined("merge")).document["events"] == len(facts) + 1


def test_nobody_is_linked_with_themselves() -> None:
    """A link of one name is refused, and the error says so; nothing is stored."""
    alone = Shop().given(order(1))
    with pytest.raises(MalformedFact, match="themselves"):
        alone.when(link(2, ONE))
    assert not alone.customer().joins.links


@pytest.mark.parametrize(("method", "is_listed"), [("document", True), ("same_address", False), (None, True)])
def test_an_unlink_may_say_how_it_was_verified(method: str | None, *, is_listed: bool) -> None:
    """By a method of the policy, as a link does; it need not say, since an error is found without one too."""
    one_person = shop().given(link(2, TWO))
    said = {} if method is None else {"verified": method}
    if not is_listed:
        with pytest.raises(MalformedFact, match="method of verification"):
            one_person.when(unlink(3, TWO, **said))
        return
    made = [one for one in one_person.when(unlink(3, TWO, **said)).events if isinstance(one, CustomersUnlinked)]
    assert [one.method for one in made] == [method, method]
