"""`GET /v1/amiss` and `GET /v1/changes`: what is known to be amiss, and what only a late fact shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys.roles import Role
from adapters.audits.changes import changes
from adapters.ledger import utc_now
from adapters.queries.amiss import amiss_now
from adapters.queries.changes import changes_scope
from adapters.queries.company_record import company_record
from domain.vocabulary import EMAIL
from tests.controls import (
    CUSTOMER,
    access_request,
    age_learned,
    contest_entry,
    fact,
    message,
    opt_out,
    order,
    point,
    posted,
    wrong_entry as corrected,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation
    from domain.facts import Fact

BROKEN = ["P11", "P17", "P18"]


@pytest.fixture
def told(installation: Installation) -> Callable[..., None]:
    """Append facts, all of which must go in; a point that carries its notice is there already."""

    def append(*facts: Fact) -> None:
        for one in facts:
            installation.ledger.append(one)

    append(point(0), posted(0, "web"))
    return append


def seen(installation: Installation) -> dict[str, dict[str, Any]]:
    """Return what is amiss now, by promise."""
    with installation.connect() as connection:
        return {one["promise"]: one for one in amiss_now(installation, connection)}


def test_who_may_ask(client: httpx.Client, key: Callable[..., dict[str, str]], told: Callable[..., None]) -> None:
    """Officers, auditors and admins learn what is amiss; officers and auditors what changed; no service does."""
    told(contest_entry(1), message(5))
    for path, admitted in (
        ("/v1/amiss", {Role.OFFICER, Role.AUDITOR, Role.ADMIN}),
        ("/v1/changes", {Role.OFFICER, Role.AUDITOR}),
    ):
        answers = {role: client.get(path, headers=key(role, f"{role} {path}")).status_code for role in Role}
        assert answers == {role: 200 if role in admitted else 403 for role in Role}
        assert client.get(path).status_code == 401


def test_overdue_requests_and_children(installation: Installation, told: Callable[..., None]) -> None:
    """A request of years ago has no answer, and a child was not erased: both are amiss, in `status` and `company`."""
    told(contest_entry(1), access_request(2), age_learned(3))
    found = seen(installation)
    assert (found["P25"]["overdue"], found["P25"]["facts"]) == (1, 0)
    assert found["P25"]["since"] == "2016-05-03T00:00:00Z"
    assert "no deadline" in found["P25"]["why"]
    assert (found["P23"]["overdue"], found["P23"]["why"]) == (
        1,
        "The person was known to be a child, and was not erased in time.",
    )
    with installation.connect() as connection:
        of_company = company_record(installation, connection, None, 30, utc_now())["amiss"]
        before = company_record(installation, connection, 4, 30, utc_now())["amiss"]
    assert {("P25", "over_a_month"), ("P23", "child_not_erased")} <= {
        (one["promise"], one["code"]) for one in of_company
    }
    assert not {one["promise"] for one in before} & {"P23", "P25"}


def test_what_is_answered_or_young_is_not_overdue(installation: Installation, told: Callable[..., None]) -> None:
    """An answer and an erasure set it right, and what was asked this week can wait."""
    told(contest_entry(1), age_learned(3), fact("erasure", 4, {"reason": "a child"}, fact_id="erased"))
    asked = contest_entry(1, subject="customer:2", fact_id="other"), access_request(2, subject="customer:2")
    told(*asked, fact("request_denied", 3, {"request": "R-1", "reason": "no"}, subject="customer:2"))
    young = access_request(0, "R-9", subject="customer:3")
    told(contest_entry(1, subject="customer:3", fact_id="third"))
    told(young.model_copy(update={"time": utc_now() - timedelta(days=6)}))
    assert not seen(installation).keys() & {"P23", "P25"}


def test_annulled_breaches_are_counted_apart(installation: Installation, told: Callable[..., None]) -> None:
    """Once an entry is corrected, what it broke is no longer among the facts, and is not forgotten either."""
    told(contest_entry(1), opt_out(6), message(8), message(9))
    assert (seen(installation)["P18"]["facts"], seen(installation)["P18"]["annulled"]) == (2, 0)
    told(corrected(10, "message-8", CUSTOMER))
    one = seen(installation)["P18"]
    assert (one["facts"], one["annulled"], one["since"]) == (1, 1, "2016-04-10T00:00:00Z")
    told(corrected(11, "message-9", CUSTOMER))
    one = seen(installation)["P18"]
    assert (one["facts"], one["annulled"], one["since"]) == (0, 2, None)


def test_the_answer_is_that_of_the_command(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation, told: Callable[..., None]
) -> None:
    """`GET /v1/changes` is the document of `pledger changes`, `GET /v1/amiss` the list of `pledger status`."""
    told(contest_entry(1), message(5), opt_out(3), message(7))
    auditor = key(Role.AUDITOR)
    answered = client.get("/v1/changes", headers=auditor).json()
    with installation.connect() as connection:
        assert answered == {**changes(changes_scope(installation, connection)), "next": None}
    (one,) = answered["changes"]
    assert (one["then"], one["now"]) == ([], BROKEN)
    amiss = client.get("/v1/amiss", headers=auditor).json()
    assert {each["promise"]: each for each in amiss["amiss"]} == seen(installation)
    assert amiss["as_of"] > "2026"


def test_after(client: httpx.Client, key: Callable[..., dict[str, str]], told: Callable[..., None]) -> None:
    """With `after` only those people are judged anew of whom something came late after it; bad values are refused."""
    told(contest_entry(1), message(5), opt_out(3))
    other = {EMAIL: "other@example.org"}
    told(
        contest_entry(1, subject="customer:2", fact_id="b", values=other),
        message(5, subject="customer:2", fact_id="bm"),
    )
    auditor = key(Role.AUDITOR)
    size = int(client.get("/v1/audit", headers=auditor).headers["Pledger-Position"])
    told(opt_out(3, subject="customer:2", fact_id="bo"))

    def events(after: int) -> list[str]:
        found = client.get("/v1/changes", params={"after": after}, headers=auditor).json()
        assert found["after"] == after
        return [one["event"] for one in found["changes"]]

    assert events(0) == ["/shop message-5", "/shop bm"]
    assert events(size) == ["/shop bm"]
    assert events(10_000) == []
    for wrong in ("-1", "x", str(2**63)):
        assert client.get("/v1/changes", params={"after": wrong}, headers=auditor).status_code == 422
    assert client.get("/v1/changes", params={"aftr": "1"}, headers=auditor).status_code == 422


def test_pages(client: httpx.Client, key: Callable[..., dict[str, str]], told: Callable[..., None]) -> None:
    """All pages are of the moment of the first one; a cursor of another query is refused."""
    told(contest_entry(1), message(5), message(6), message(7), opt_out(3))
    auditor = key(Role.AUDITOR)

    def page(**asked: int | str) -> httpx.Response:
        return client.get("/v1/changes", params=asked, headers=auditor)

    whole = page().json()
    assert ([one["event"] for one in whole["changes"]], whole["next"]) == (
        [f"/shop message-{on}" for on in (5, 6, 7)],
        None,
    )
    first = page(limit=1)
    told(message(8), fact("opt_out", 2, {"program": "email_marketing", "via": "portal"}, fact_id="earlier"))
    assert page().json()["as_of"] != whole["as_of"]
    events, answer = [one["event"] for one in first.json()["changes"]], first
    while (cursor := answer.json()["next"]) is not None:
        answer = page(limit=1, cursor=cursor)
        assert len(answer.json()["changes"]) == 1
        assert answer.headers["Pledger-Position"] == first.headers["Pledger-Position"]
        assert answer.json() | {"changes": [], "next": None} == whole | {"changes": []}
        events += [one["event"] for one in answer.json()["changes"]]
    assert events == [one["event"] for one in whole["changes"]]
    for wrong in ({"limit": 0}, {"limit": 1_001}, {"cursor": "x"}, {"after": 1, "cursor": first.json()["next"]}):
        assert page(**wrong).status_code == 422


def test_what_the_company_told_late(
    client: httpx.Client, key: Callable[..., dict[str, str]], installation: Installation
) -> None:
    """A notice told late sets right what was collected under it, of everybody."""
    entries = contest_entry(5), contest_entry(5, subject="customer:2", fact_id="b")
    for one in (*entries, point(0), posted(0, "web")):
        installation.ledger.append(one)
    document = client.get("/v1/changes", headers=key(Role.OFFICER)).json()
    assert document["of_everybody"] is True
    assert [(one["then"], one["now"], one["subject"]) for one in document["changes"]] == [(["P03"], [], None)] * 2


def test_of_the_erased(client: httpx.Client, key: Callable[..., dict[str, str]], told: Callable[..., None]) -> None:
    """What changed about somebody who was erased since stays in the list, named by position."""
    told(contest_entry(1), message(5), opt_out(3), order(2), fact("erasure", 9, {"reason": "asked"}, fact_id="gone"))
    answer = client.get("/v1/changes", headers=key(Role.AUDITOR))
    (one,) = [one for one in answer.json()["changes"] if "P18" in one["now"]]
    assert one["event"].startswith("#")
    assert "message-5" not in answer.text
    assert "example.org" not in answer.text
