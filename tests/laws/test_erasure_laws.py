"""No erasure changes a verdict: what an audit said of every fact before anybody was erased, it says after it.

Only requests change. A person who had asked to be erased has none left that is open. Of one who had not, each access
request that was open is broken by the erasure, and every other request stays as it was.

Histories are of people of every kind of name, with messages under addresses, opt-outs of addresses and under numbers,
links, unlinks, names given up, and addresses that several people share.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from domain.events.customer import CustomerErased, ErasureRequested, MessageSent, RequestDenied
from domain.facts.data import ErasureData
from domain.rules.never_from_children import NeverFromChildren
from domain.rules.requests_answered import RequestsAnswered
from domain.times import rfc3339
from tests.controls import collection, day, fact, message
from tests.laws.audit import audit
from tests.laws.histories import ACTS, Step, facts_of, name_of, steps
from tests.laws.numbers import least_of, part_of
from tests.scenario import Shop, first_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.facts.fields import Subject

KINDS: Final = (
    *ACTS,
    *("contest_entry", "promotional_request", "contest_entry", "registration"),
    *("out", "out", "out", "mail", "mail", "use", "share", "lawful_share", "cancel", "enroll", "object", "offer"),
    *("out_at", "out_at", "out_to", "out_to", "mail_at", "mail_at", "mail_at", "mail_at", "mail_to", "mail_to"),
    *("confirm", "confirm", "beside", "correct", "wrong_entry", "age", "delete"),
    *("access", "verify", "report", "ask_erasure"),
    *("link", "link", "link", "link_form", "unlink", "end", "end"),
)
OF_ADDRESSES: Final = (
    *("order", "contest_entry", "contest_entry", "promotional_request"),
    *("out", "out", "out_at", "out_to", "mail", "mail_at", "mail_at", "mail_at", "mail_to"),
    *("confirm", "link", "link", "unlink", "end"),
)
OF_REQUESTS: Final = (
    *("access", "access", "ask_erasure", "ask_erasure", "deny", "report", "verify", "verify", "ask_correction"),
    *("contest_entry", "link", "unlink", "correct"),
)
OF_NUMBERS: Final = (*("contest_entry",) * 4, *("out",) * 2, *("mail",) * 4, "mail_at", "correct", "link", "end")
LISTS: Final = ("violations", "open", "excused", "indeterminate", "attested")
AS_OF: Final = 400.0
ERASED_ON: Final = 150.0
REQUESTS: Final = {
    promise.id: promise.rule.asks for promise in first_policy().promises if isinstance(promise.rule, RequestsAnswered)
}
"""The promises about requests, each with the kind of request."""
CHILDREN: Final = {promise.id for promise in first_policy().promises if isinstance(promise.rule, NeverFromChildren)}
"""The duty to erase a child, which an erasure fulfils. What of it is broken stays broken."""
ENDED: Final = REQUESTS.keys() | CHILDREN
"""What an erasure can end."""
EXCLUDED: Final[frozenset[str]] = frozenset()
"""Promises that this law does not hold for yet."""
CODES: Final = ("holders_differ", "out_by_number", "mailed_after_opt_out", "not_enrolled", "sent_elsewhere")
"""What must be found in histories of which people are erased."""
LEAST: Final = least_of(8)


def said(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return all that an audit says of each promise under each reading."""
    return {
        (reading, promise): (
            verdict["status"],
            verdict["exercised"],
            [[(one["event"], one["at"], one["codes"]) for one in verdict.get(kind, ())] for kind in LISTS],
        )
        for reading, verdicts in document["readings"].items()
        for promise, verdict in verdicts.items()
        if promise not in EXCLUDED
    }


def check_same(before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any], ends: Ends) -> None:
    """Check that an erasure changed nothing but what it ends."""
    for (reading, promise), verdict in before.items():
        (status, exercised, lists), (_, still_exercised, still) = verdict, after[reading, promise]
        if promise in CHILDREN:
            gone_on = rfc3339(day(ERASED_ON))
            broken, still_broken = ({one[:2] for one in each[0]} for each in (lists, still))
            assert {one for one in broken if one[1] < gone_on} <= still_broken, (reading, promise)
        elif promise in REQUESTS:
            assert still_exercised == exercised, (reading, promise)
            # A report that left out a record answers once that is erased, too (`tests.decisions.names.test_elsewhere`).
            left_out = {name for name, _, codes in lists[1] if codes == ["left_out"]}
            expected = expected_of(REQUESTS[promise], without(lists, left_out), ends)
            assert without(still, left_out) == expected, (reading, promise)
        else:
            assert after[reading, promise] == (status, exercised, lists), (reading, promise)


class Ends(NamedTuple):
    """The requests of erased people: of those who had asked to be erased, and of those who had not."""

    asked: frozenset[str]
    not_asked: frozenset[str]


def expected_of(kind: str, lists: list[list[Any]], ends: Ends) -> list[list[Any]]:
    """Return what is to be said of the requests of a kind after erasures, from what was said before.

    There is no deadline, so nothing is broken before, and what is open was open when the person was erased.
    """
    violations, is_open, *others = lists
    assert not violations
    unanswered = [one for one in is_open if kind == "access" and one[0] in ends.not_asked]
    broken = [(name, rfc3339(day(ERASED_ON)), ["erased_unanswered"]) for name, _, _ in unanswered]
    left = [one for one in is_open if one[0] not in ends.asked and one not in unanswered]
    return [sorted(broken), left, *others]


def without(lists: list[list[Any]], names: set[str]) -> list[list[Any]]:
    """Return what is said of requests, without those of these names, and the broken ones by name."""
    violations, *others = [[one for one in stated if one[0] not in names] for stated in lists]
    return [sorted(violations), *others]


def ends_of(facts: Sequence[Fact], erasures: Sequence[Fact]) -> Ends:  # noqa: C901 - one pass over the erasures
    """Return whose requests erasures end, from the facts and the streams to which they went."""
    shop = Shop().given(*facts)
    asked: set[str] = set()
    not_asked: set[str] = set()
    gone: set[UUID] = set()
    forgotten: set[UUID] = set()
    going_on: dict[tuple[type[Event], str | None], set[str]] = {}
    for told in erasures:
        assert told.subject is not None
        stream = shop.store.stream_of(told.subject, told.time)
        if stream is None or stream in gone:
            continue
        assert isinstance(told.data, ErasureData)
        everything = shop.store.person(stream).streams
        living = [one for one in everything if one not in gone]
        told_of = sorted((one for each in everything for one in shop.store.events[each]), key=lambda one: one.moment)
        own = [one for one in told_of if one.originator_id in living]
        waiting: set[str] = set()
        for event in told_of:
            if isinstance(event, ErasureRequested) and event.originator_id in living:
                waiting.add(event.request_code)
            elif isinstance(event, RequestDenied):
                waiting.discard(event.request_code)
        is_named = any(isinstance(one, ErasureRequested) and one.request_code == told.data.request for one in own)
        erased = {stream} if told.data.only else set(living)
        is_asked = bool(waiting) or is_named or not forgotten.isdisjoint(everything)
        # What was asked under a record that alone was erased was to forget all of the person.
        of_erased = {
            one.request_code for one in own if isinstance(one, ErasureRequested) and one.originator_id in erased
        }
        if of_erased & {*waiting, *([told.data.request] if is_named else [])}:
            forgotten |= everything.keys()
        gone |= erased
        # A request that another record has as well goes on with it, and ends with that.
        left = {(type(one), _request(one)) for one in own if one.originator_id not in erased and _request(one)}
        ended: set[str] = set()
        for one in own:
            if one.originator_id in erased:
                request = (type(one), _request(one))
                (going_on.setdefault(request, set()) if request in left else ended).add(one.fact)
        for request, facts_of_it in list(going_on.items()):
            if request not in left and any((type(one), _request(one)) == request for one in own):
                ended |= facts_of_it
        (asked if is_asked else not_asked).update(ended)
    return Ends(frozenset(asked), frozenset(not_asked))


def _request(event: Event) -> str | None:
    """Return the request that an event names."""
    code: str | None = getattr(event, "request_code", None)
    return code


def erasure(name: str, request: str | None = None, *, only: bool = False) -> Fact:
    """Return the erasure of somebody, or `only` of one record, which may name the request that it answers."""
    said = {"reason": "asked", **({} if request is None else {"request": request}), **({"only": True} if only else {})}
    return fact("erasure", ERASED_ON, said, subject=name, fact_id=f"erase {name}")


def names_in(taken: Iterable[Step], facts: Iterable[Fact]) -> list[str]:
    """Return the names of the people of a history, and those of the mailboxes that something was told of."""
    mailboxes = {str(one.subject) for one in facts if one.subject is not None and one.subject.kind == "email"}
    return sorted({name_of(step.who, "a") for step in taken} | mailboxes)


def shared_addresses() -> st.SearchStrategy[list[Step]]:
    """Return histories in which most addresses are the one that all share, and most messages are advertising mail.

    In some, one person has a number and leaves under it; the others have none, and are mailed.
    """
    several = steps(16, OF_ADDRESSES, least=8, of_any_name=True)
    numbers = steps(10, OF_NUMBERS).map(lambda taken: list(map(_of_number, [*_LEFT_AS_NUMBER, *taken])))
    return st.one_of(several, numbers).map(
        lambda taken: [step._replace(way=4 if step.way % 4 else step.way) for step in taken]
    )


_LEFT_AS_NUMBER: Final = (
    *(Step("contest_entry", 1, 0.1, 4), Step("contest_entry", 2, 0.2, 4), Step("contest_entry", 3, 0.3, 4)),
    *(Step("out", 1, 0.4, 4), Step("mail", 2, 20.5, 4), Step("mail", 3, 40.5, 4)),
)
"""Three people give one address; the one with a number leaves, and the two without are mailed."""


def _of_number(step: Step) -> Step:
    """Return a step of one who has a number and leaves, and of others who have none and are mailed."""
    who = {"out": 1, "mail": 2 + step.place % 2}.get(step.kind, step.place)
    return step._replace(who=who).named(("customer", "guest", "order"))


def check_erasures(taken: list[Step], coverage: Counter[str]) -> None:
    """Erase each person of a history by themself, and then all of them, one after the other; check what is said.

    The same is done with each record alone, of people who have several.
    """
    facts = facts_of(sorted(taken, key=lambda step: step.on))
    before = audit(*facts, as_of=AS_OF).document
    names = names_in(taken, facts)
    erasures, alone = (
        [erasure(name, f"Q-{number % 3}", only=only) for number, name in enumerate(names)] for only in (False, True)
    )
    shop = Shop().given(*facts)
    several = [one for one in alone if one.subject and _streams_of(shop, one.subject) > 1]
    for told in (*([one] for one in erasures), erasures, *([one] for one in several), several):
        after = audit(*facts, *told, as_of=AS_OF).document
        check_same(said(before), said(after), ends_of(facts, told))
        coverage.update(_ended(before, after))
    coverage.update(_codes(before))
    coverage.update(_sorts([*facts, *erasures]))
    coverage.update(sort for sort in _sorts([*facts, *alone]) if sort == "one of several")


def _streams_of(shop: Shop, name: Subject) -> int:
    """Return how many streams the person of a name has when they are erased."""
    stream = shop.store.stream_of(name, day(ERASED_ON))
    return len(shop.store.person(stream).streams) if stream is not None else 0


@pytest.mark.slow
def test_an_erasure_changes_no_verdict() -> None:
    """Each person of a history is erased by themself, and then all of them, one after the other."""
    coverage: Counter[str] = Counter()

    @settings(max_examples=part_of(250), deadline=None, derandomize=True)
    @given(st.one_of(steps(16, KINDS, least=5, of_any_name=True), shared_addresses()))
    def holds(taken: list[Step]) -> None:
        check_erasures(taken, coverage)

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    wanted = (*CODES, "same points", "linked", "messages under an address", "one of several")
    assert min(coverage[sort] for sort in wanted) >= LEAST, coverage


@pytest.mark.slow
def test_an_erasure_ends_the_requests_of_who_asked_for_it() -> None:
    """Of those who had not, it breaks each access request that is open, and every other request stays as it was."""
    coverage: Counter[str] = Counter()

    @settings(max_examples=part_of(60), deadline=None, derandomize=True)
    @given(steps(14, OF_REQUESTS, least=6))
    def holds(taken: list[Step]) -> None:
        check_erasures(taken, coverage)

    holds()
    print(coverage)  # noqa: T201 - the coverage is read by people
    assert (
        min(coverage[sort] for sort in ("erased_unanswered", "ended", "left open", "linked", "one of several")) >= LEAST
    ), coverage


def _codes(document: dict[str, Any]) -> set[str]:
    verdicts = document["readings"]["harmonised"].values()
    return {code for verdict in verdicts for kind in LISTS for one in verdict.get(kind, ()) for code in one["codes"]}


def _ended(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return whether erasures ended requests, and whether any correction that nobody ends stayed open."""
    stated = [
        {
            (promise, one["event"])
            for promise in REQUESTS
            for one in document["readings"]["harmonised"][promise].get("open", ())
        }
        for document in (before, after)
    ]
    broken = {one["event"] for one in after["readings"]["harmonised"]["P25"]["violations"]}
    ended = {(promise, name) for promise, name in stated[0] - stated[1] if name not in broken}
    found = {"erased_unanswered": broken, "ended": ended, "left open": stated[1]}
    return {sort for sort, requests in found.items() if requests}


def _sorts(facts: Sequence[Fact]) -> set[str]:
    """Return which sorts of erased people there are in a history."""
    shop = Shop().given(*facts)
    events = [one for events in shop.store.events.values() for one in events]
    erased = [one for one in events if isinstance(one, CustomerErased) and not one.is_late]
    by_address = any(isinstance(one, MessageSent) and one.by_address for one in events)
    return {
        *(["same points"] if any(one.same_points for one in erased) else ()),
        *(["linked"] if len(erased) > len({one.fact_position for one in erased}) else ()),
        *(["messages under an address"] if by_address else ()),
        *(["one of several"] if any(one.left for one in erased) else ()),
    }


PORTAL: Final = {"program": "email_marketing", "via": "portal"}
ADDRESS_OF_BOTH: Final = {"values": {"user.contact.email": "both@example.com"}}
OUT_AS_NUMBER: Final = (
    collection("contest_entry", 1, subject="guest:F-1", fact_id="guest", **ADDRESS_OF_BOTH),
    collection("contest_entry", 2, subject="customer:1", fact_id="number", **ADDRESS_OF_BOTH),
    fact("opt_out", 3, PORTAL, subject="customer:1", fact_id="out"),
)
GONE: Final = fact("erasure", 4, {"reason": "asked"}, subject="customer:1", fact_id="gone")
MAILED: Final = message(9, subject="guest:F-1", fact_id="mailed")


@pytest.mark.parametrize(
    ("act", "address", "expected"),
    [
        ("contest_entry", "both@example.com", "kept"),
        ("order", "both@example.com", "indeterminate"),
        ("contest_entry", "other@example.com", "indeterminate"),
    ],
)
def test_who_comes_back_under_the_number_lifts_what_it_reached(act: str, address: str, expected: str) -> None:
    """Where they give the address, and ask anew; of their other addresses nobody knows any more."""
    back = collection(
        act, 5, subject="customer:1", fact_id="back", reference="B", values={"user.contact.email": address}
    )
    assert audit(*OUT_AS_NUMBER, GONE, back, MAILED).status("P17") == expected


def test_nobody_else_lifts_what_a_number_reached() -> None:
    """Neither another customer with the address, nor one who opted out at the same time."""
    other = collection("contest_entry", 5, subject="customer:2", fact_id="other", reference="B", **ADDRESS_OF_BOTH)
    assert audit(*OUT_AS_NUMBER, GONE, other, MAILED).status("P17") == "indeterminate"
    left = fact("opt_out", 3, PORTAL, subject="customer:2", fact_id="left")
    assert audit(*OUT_AS_NUMBER, GONE, left, other, MAILED).status("P17") == "indeterminate"
