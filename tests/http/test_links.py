"""The officer's list of possible links: what is on it, for whom, and that what was decided does not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.api_keys.roles import Role
from adapters.ledger.opening import opened_at
from domain.linking import STREAMS_MAX
from tests.controls import cloud_event, verified
from tests.http.conftest import entry
from tests.http.test_reading import catch_up

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from adapters.bootstrap import Installation

Headers = dict[str, str]
ADDRESS = "shared-qzx7@example.org"
MAILBOX = f"email:{ADDRESS}"


class Desk:
    """An officer's desk: what services tell, the list, and decisions about it."""

    def __init__(self, client: httpx.Client, key: Callable[..., Headers], installation: Installation) -> None:
        self.client, self.installation = client, installation
        self.officer, self.admin = key(Role.OFFICER, "clerk-7"), key(Role.ADMIN, "chief")
        self.service, self.vouching = key(), key(label="login", vouch=True)

    def tell(self, *facts: dict[str, Any], vouches: bool = False) -> list[dict[str, Any]]:
        """Append facts as a service; return their receipts."""
        headers = self.vouching if vouches else self.service
        told = self.client.post("/v1/events", json=list(facts), headers=headers).json()["answers"]
        assert {one["status"] for one in told} == {201}, told
        return [one["receipt"] for one in told]

    def listed(self, headers: Headers | None = None, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the list."""
        catch_up(self.installation)
        told = self.client.get("/v1/links", params=asked, headers=headers or self.officer)
        assert told.status_code == 200, told.text
        document: dict[str, Any] = told.json()
        return document

    def decide(self, how: str, customer: str, other: str, said: str = "seen, qzx7") -> httpx.Response:
        """Confirm or reject."""
        word = {"confirm": "evidence", "reject": "reason"}[how]
        body = {"customer": customer, "with": other, word: said}
        return self.client.post(f"/v1/links/{how}", json=body, headers=self.officer)

    def id_of(self, name: str) -> str:
        """Return the id of the person whom a name leads to."""
        told = self.client.post("/v1/customers/resolve", json={"customer": name}, headers=self.officer).json()
        return f"id:{min(told['streams'])}"

    def erase(self, number: int) -> None:
        """Erase a customer."""
        fact = cloud_event("erasure", f"x-{number}", "2016-05-02T00:00:00Z", f"customer:{number}", reason="asked")
        assert self.client.post("/v1/events", json=fact, headers=self.officer).status_code == 201


@pytest.fixture
def desk(client: httpx.Client, key: Callable[..., Headers], installation: Installation) -> Desk:
    """Return a desk of a new ledger."""
    return Desk(client, key, installation)


def bought(number: int, fact_id: str = "", address: str = "", **data: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what a customer gave, with an address of their own unless there is another."""
    values = {"user.contact.email": address or f"own-{number}@example.org"}
    return {**entry(fact_id or f"c-{number}", values=values, **data), "subject": f"customer:{number}"}


def linked(number: int, name: str, fact_id: str = "link") -> dict[str, Any]:
    """Return the fact that another name is a customer's."""
    data = {"with": name, "verified": "login", "evidence": "session qzx7"}
    return cloud_event("link", fact_id, "2016-04-03T00:00:00Z", f"customer:{number}", **data)


def test_a_link_without_the_grant(desk: Desk) -> None:
    """It is on the list: by whom, why, how, on what evidence; told again it is the same row, in whichever form."""
    desk.tell(bought(1), bought(2), linked(1, "customer:2"))
    (row,) = desk.listed()["proposed"]
    assert row == {
        "position": row["position"],
        "person": desk.id_of("customer:1"),
        "other": desk.id_of("customer:2"),
        "name": "customer:2",
        "because": "not_vouched",
        "by": "checkout",
        "method": "login",
        "evidence": "session qzx7",
        "time": "2016-04-03T00:00:00Z",
        "times": 1,
    }
    desk.tell(bought(1, "again", also=[verified("customer:2")]))
    (again,) = desk.listed()["proposed"]
    assert (again["times"], again["evidence"], again["position"] > row["position"]) == (2, None, True)


def test_who_sees_what(desk: Desk) -> None:
    """An admin sees codes and ids, an officer the proposed name as well, and nobody else anything."""
    desk.tell(bought(1, address=ADDRESS), bought(2, address=ADDRESS), linked(1, "order:qzx7"))
    coded, whole = desk.listed(desk.admin), desk.listed()
    assert "qzx7" not in str(coded)
    (row,) = whole["proposed"]
    assert (row["name"], row["other"]) == ("order:qzx7", None)
    assert coded["proposed"] == [{**row, "name": None, "method": None, "evidence": None}]
    assert coded["contact_points"] == whole["contact_points"] != []
    for headers in (desk.service, desk.vouching):
        assert desk.client.get("/v1/links", headers=headers).json()["code"] == "role_not_allowed"
    body = {"customer": "customer:1", "with": "customer:2", "evidence": "x"}
    assert desk.client.post("/v1/links/confirm", json=body, headers=desk.admin).json()["code"] == "role_not_allowed"


def test_what_a_service_may_not_decide(desk: Desk) -> None:
    """A service tells nobody apart, with the grant or without."""
    desk.tell(bought(1), bought(2))
    apart = cloud_event("link_rejected", "r")
    for headers in (desk.service, desk.vouching, desk.admin):
        assert desk.client.post("/v1/events", json=apart, headers=headers).json()["code"] == "outside_of_scope"


def test_a_confirmed_link(desk: Desk) -> None:
    """The two are one from then on, by the officer's word, and the row is gone; confirmed again nothing is written."""
    desk.tell(bought(1), bought(2), linked(1, "customer:2"))
    (row,) = desk.listed()["proposed"]
    told = desk.decide("confirm", row["person"], row["other"])
    decision = told.json()
    assert (told.status_code, decision["decided"]) == (200, "confirmed")
    assert desk.id_of("customer:1") == desk.id_of("customer:2")
    assert desk.listed(at_least=decision["position"])["proposed"] == []
    events = desk.client.get("/v1/customers/customer:2/timeline", headers=desk.officer).json()["events"]
    assert [one["actor"] for one in events if one["event"] == "CustomersLinked.v1"] == ["clerk-7", "clerk-7"]
    again = desk.decide("confirm", row["person"], row["other"]).json()
    assert (again["fact"], again["position"]) == (None, None)
    told = desk.decide("reject", row["person"], row["other"])
    assert (told.status_code, told.json()["code"]) == (409, "link_not_decided")


def test_a_rejected_link(desk: Desk) -> None:
    """It does not come back, from whichever side it is proposed again, and survives a read model made anew."""
    desk.tell(bought(1), bought(2), linked(1, "customer:2"))
    (row,) = desk.listed()["proposed"]
    assert desk.decide("reject", row["person"], row["name"]).json()["decided"] == "rejected"
    assert desk.listed()["proposed"] == []
    desk.tell(linked(1, "customer:2", "again"), linked(2, "customer:1", "back"))
    with desk.installation.connect() as connection:
        connection.execute("TRUNCATE people")
    assert desk.listed()["proposed"] == []
    assert desk.id_of("customer:1") != desk.id_of("customer:2")
    desk.tell(linked(1, "customer:2", "verified"), vouches=True)  # Who vouches for it is still heard.
    assert desk.id_of("customer:1") == desk.id_of("customer:2")


def test_a_rejected_name_that_leads_to_nobody(desk: Desk) -> None:
    """The row is gone, also once somebody has the name."""
    desk.tell(bought(1), linked(1, "order:O-9"))
    (row,) = desk.listed()["proposed"]
    assert row["other"] is None
    assert desk.decide("reject", row["person"], row["name"]).json()["other"] == "order:O-9"
    desk.tell({**bought(1, "o-9"), "subject": "order:O-9"}, linked(1, "order:O-9", "again"))
    assert desk.listed()["proposed"] == []


def test_a_confirmed_name_that_leads_to_nobody(desk: Desk) -> None:
    """It leads to the person from then on."""
    desk.tell(bought(1), linked(1, "order:O-9"))
    (row,) = desk.listed()["proposed"]
    assert desk.decide("confirm", row["person"], row["name"]).status_code == 200
    assert desk.id_of("order:O-9") == desk.id_of("customer:1")
    assert desk.listed()["proposed"] == []


def test_a_second_person_of_a_contact_name(desk: Desk) -> None:
    """The second link waits for the officer, who may say that all three are one."""
    left = cloud_event("opt_out", "out", "2016-04-02T00:00:00Z", MAILBOX, program="email_marketing")
    desk.tell(bought(1), bought(2), left)
    first, second = linked(1, MAILBOX, "first"), linked(2, MAILBOX, "second")
    receipts = desk.tell(first, second, vouches=True)
    assert [one["not_linked"] for one in receipts] == [[], ["second_person"]]
    (row,) = desk.listed()["proposed"]
    assert (row["because"], row["person"], row["by"]) == ("second_person", desk.id_of("customer:2"), "login")
    assert row["other"] == desk.id_of("customer:1")
    assert desk.decide("confirm", row["person"], row["other"]).status_code == 200
    assert len({desk.id_of(name) for name in ("customer:1", "customer:2", MAILBOX)}) == 1
    assert desk.listed()["proposed"] == []


def test_a_decision_believes_its_sender_as_an_append_does(desk: Desk) -> None:
    """What only a voucher may say is no decision for others, and a link counts where it would be made."""
    left = cloud_event("opt_out", "out", "2016-04-20T00:00:00Z", "customer:2", program="email_marketing")
    desk.tell(bought(1), bought(2), left)
    mail = {"program": "email_marketing", "channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True}
    told = cloud_event("message", "m", "2016-05-02T00:00:00Z", "customer:1", message_id="m", **mail)
    told["data"]["also"] = [verified("customer:2")]
    allowed = [
        desk.client.post("/v1/decisions", json=told, headers=headers).json()["allowed"]
        for headers in (desk.service, desk.vouching)
    ]
    assert allowed == [True, False]
    assert desk.id_of("customer:1") != desk.id_of("customer:2")
    typed = {**bought(3), "subject": MAILBOX}
    asked = desk.client.post("/v1/decisions", json=typed, headers=desk.service)
    assert (asked.status_code, asked.json()["code"]) == (403, "not_vouched")
    assert desk.client.post("/v1/decisions", json=typed, headers=desk.vouching).json()["allowed"]


def test_a_service_does_not_link_a_contact_name_twice_by_its_id(desk: Desk) -> None:
    """The id of the address's stream is another name of the same; only the officer's decision joins a second person."""
    left = cloud_event("opt_out", "out", "2016-04-02T00:00:00Z", MAILBOX, program="email_marketing")
    desk.tell(bought(1), bought(2), left)
    mailbox = desk.id_of(MAILBOX)
    desk.tell(linked(1, MAILBOX, "first"), vouches=True)
    from_it = {**linked(1, "customer:2", "from it"), "subject": mailbox}
    for told in (linked(2, mailbox, "to it"), from_it):
        (receipt,) = desk.tell(told, vouches=True)
        assert receipt["not_linked"] == ["second_person"]
    assert desk.id_of("customer:1") != desk.id_of("customer:2")


def test_a_link_past_fifty(desk: Desk) -> None:
    """It waits on the list; confirmed it is refused, with the reason, and one row stays."""
    desk.tell(bought(1), bought(2))
    desk.tell(*(linked(1, f"order:{n}", f"l-{n}") for n in range(STREAMS_MAX)), vouches=True)
    (row,) = desk.listed()["proposed"]
    assert (row["because"], row["name"]) == ("too_many_streams", f"order:{STREAMS_MAX - 1}")
    told = desk.decide("confirm", row["person"], row["name"])
    assert (told.status_code, told.json()["code"]) == (409, "link_not_decided")
    assert "more records" in told.json()["detail"]
    assert [one["name"] for one in desk.listed()["proposed"]] == [row["name"]]
    assert desk.decide("reject", row["person"], row["name"]).status_code == 200
    assert desk.listed()["proposed"] == []


@pytest.mark.parametrize(("persons", "is_listed"), [(1, False), (2, True), (5, True), (6, False)])
def test_an_address_on_several_records(desk: Desk, persons: int, *, is_listed: bool) -> None:
    """On two to five people's records it is one row with their number; on more it is shared, and proposes nothing."""
    desk.tell(*(bought(n, address=ADDRESS) for n in range(persons)), bought(9))
    desk.tell(bought(0, "twice", address=ADDRESS))
    found = desk.listed()["contact_points"]
    people = sorted(desk.id_of(f"customer:{n}") for n in range(persons))
    assert [(one["kind"], one["persons"], one["people"]) for one in found] == [("email", persons, people)] * is_listed


def test_a_shared_address_after_decisions(desk: Desk) -> None:
    """Linked people count once; the row is gone when each two of those who have it were decided on."""
    desk.tell(*(bought(n, address=ADDRESS) for n in range(3)))
    one, two, three = (desk.id_of(f"customer:{n}") for n in range(3))
    assert desk.decide("reject", one, two).status_code == 200
    assert [row["persons"] for row in desk.listed()["contact_points"]] == [3]
    assert desk.decide("confirm", two, three).status_code == 200  # So the first is not the third either.
    assert desk.listed()["contact_points"] == []
    desk.tell(bought(4, address=ADDRESS))
    assert [row["persons"] for row in desk.listed()["contact_points"]] == [3]


def test_an_address_that_a_mail_only_went_to(desk: Desk) -> None:
    """What is not on a record is no sign that two are one."""
    mail = {"channel": "email", "to": MAILBOX, "message_id": "m-1"}
    desk.tell(
        bought(1, address=ADDRESS),
        bought(2),
        cloud_event("message", "m", "2016-04-03T00:00:00Z", "customer:2", **mail),
        cloud_event("opt_out", "o", "2016-04-03T00:00:00Z", "customer:2", program="email_marketing", to=MAILBOX),
    )
    assert desk.listed()["contact_points"] == []


@pytest.mark.parametrize("erased", [1, 2])
def test_after_an_erasure(desk: Desk, erased: int) -> None:
    """Nothing is proposed of the erased; of the one who stays it can still be said that they are somebody else."""
    desk.tell(bought(1, address=ADDRESS), bought(2, address=ADDRESS), linked(erased, "customer:3"))
    assert [len(rows) for rows in list(desk.listed().values())[1:]] == [1, 1]
    gone = desk.id_of(f"customer:{erased}")
    desk.erase(erased)
    assert (found := desk.listed()) == {"is_all": True, "proposed": [], "contact_points": []}, found
    assert desk.decide("confirm", gone, "customer:3").json()["code"] == "unknown_customer"
    assert desk.decide("reject", gone, desk.id_of(f"customer:{3 - erased}")).json()["code"] == "unknown_customer"
    assert desk.decide("reject", desk.id_of(f"customer:{3 - erased}"), gone).json()["decided"] == "rejected"


def test_a_list_that_is_not_whole(desk: Desk) -> None:
    """The limit is of each kind, the oldest come first, and what was decided makes room."""
    desk.tell(bought(1), *(linked(1, f"order:{n}", f"l-{n}") for n in range(3)))
    part = desk.listed(limit=1)
    assert ([one["name"] for one in part["proposed"]], part["is_all"]) == (["order:0"], False)
    assert desk.decide("reject", "customer:1", "order:0").status_code == 200
    assert [one["name"] for one in desk.listed(limit=1)["proposed"]] == ["order:1"]
    assert desk.listed(limit=2)["is_all"]


@pytest.mark.parametrize(
    ("customer", "other", "status"),
    [
        ("customer:9", "customer:1", 404),
        ("customer:1", "id:7c9e6679-7425-40de-944b-e07fc1f90ae7", 404),
        ("customer:1", "visitor:a", 404),
        ("customer:1", "email:marked", 404),
        ("", "customer:1", 422),
        ("customer:1", "x" * 600, 422),
    ],
)
def test_names_that_are_wrong(desk: Desk, customer: str, other: str, status: int) -> None:
    """Nothing is written, and nothing of what was sent comes back."""
    desk.tell(bought(1))
    for how in ("confirm", "reject"):
        told = desk.decide(how, customer, other)
        assert (told.status_code, "marked" in told.text) == (status, False), told.text
    assert desk.decide("confirm", "customer:1", "order:1", "").status_code == 422
    assert desk.decide("reject", "customer:1", "order:1", "\x00").status_code == 422


def test_links_in_the_timeline(desk: Desk, key: Callable[..., Headers]) -> None:
    """An auditor sees that a link was proposed, rejected and made, and that an address answered: by codes alone."""
    answered = cloud_event(
        "contact_confirmed", "f", "2016-04-04T00:00:00Z", "customer:1", contact=MAILBOX, method="qzx7"
    )
    desk.tell(bought(1, address=ADDRESS), bought(2), linked(1, "order:qzx7"))
    assert desk.decide("reject", "customer:1", "order:qzx7").status_code == 200
    assert desk.decide("confirm", "customer:1", "customer:2").status_code == 200
    desk.tell(answered, vouches=True)
    told = desk.client.get("/v1/customers/customer:1/timeline", headers=key(Role.AUDITOR))
    data = {one["event"]: one["data"] for one in told.json()["events"]}
    assert data["LinkProposed.v1"]["because"] == "not_vouched"
    assert data["ContactConfirmed.v1"] == {"contact": 1}
    assert "others" not in data["LinkRejected.v1"]
    assert len(data["CustomersLinked.v1"]["others"]) == 1
    assert "qzx7" not in told.text


def test_only_an_officer_ends_a_name(desk: Desk) -> None:
    """From a service's key nothing is stored; an officer's receipt names the facts to be told again."""
    desk.tell(bought(1), vouches=True)
    was = desk.id_of("customer:1")
    ended = {"name": "customer:1", "reason": "the number was given to somebody else"}
    told = cloud_event("name_ended", "e", "2015-05-02T00:00:00Z", "customer:1", **ended)
    for headers in (desk.service, desk.vouching):
        for path in ("/v1/events", "/v1/decisions"):
            refused = desk.client.post(path, json=told, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "officer_only")
    receipt = desk.client.post("/v1/events", json=told, headers=desk.officer)
    assert receipt.status_code == 201
    assert len(receipt.json()["later"]) == 1
    assert receipt.json()["later"][0].startswith("/")
    desk.tell(bought(1, "next"), vouches=True)
    assert desk.id_of("customer:1") != was


def test_only_an_officer_parts_two_people(desk: Desk) -> None:
    """From a service's key nothing is stored, not even with the grant to vouch; an officer's parts the two."""
    desk.tell(bought(1), bought(2), linked(1, "customer:2"), vouches=True)
    told = cloud_event("unlink", "u", "2016-05-02T00:00:00Z", "customer:1", **{"with": "customer:2"})
    for headers in (desk.service, desk.vouching):
        for path in ("/v1/events", "/v1/decisions"):
            refused = desk.client.post(path, json=told, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "officer_only")
    assert desk.id_of("customer:1") == desk.id_of("customer:2")
    parted = desk.client.post("/v1/events", json=told, headers=desk.officer)
    assert (parted.status_code, parted.json()["not_linked"]) == (201, [])
    assert desk.id_of("customer:1") != desk.id_of("customer:2")
    again = desk.client.post("/v1/events", json={**told, "id": "again"}, headers=desk.officer)
    assert (again.status_code, again.json()["not_linked"]) == (201, ["not_linked"])


def test_nobody_is_asked_again_about_two_people_who_were_parted(desk: Desk) -> None:
    """Neither their common address nor a link that a service proposes later puts them on the list again."""
    desk.tell(bought(1, address=ADDRESS), bought(2, address=ADDRESS))
    assert len(desk.listed()["contact_points"]) == 1
    desk.tell(linked(1, "customer:2"), vouches=True)
    assert desk.listed()["contact_points"] == []
    told = cloud_event("unlink", "u", "2016-05-02T00:00:00Z", "customer:1", **{"with": "customer:2"})
    assert desk.client.post("/v1/events", json=told, headers=desk.officer).status_code == 201
    desk.tell(linked(1, "customer:2", "again"))
    assert list(desk.listed().values()) == [True, [], []]
    assert desk.decide("confirm", "customer:1", "customer:2").status_code == 200
    assert desk.id_of("customer:1") == desk.id_of("customer:2")


def test_the_id_of_an_addresss_record_is_no_way_round(desk: Desk) -> None:
    """Where the address alone leads, the id means its holder, of whom nobody speaks who does not vouch for them."""
    subject = f"email:{ADDRESS}"
    out = cloud_event("opt_out", "o", "2016-04-03T00:00:00Z", subject, program="email_marketing", via="portal")
    assert desk.client.post("/v1/events", json=out, headers=desk.service).status_code == 201
    by_id = desk.id_of(subject)
    entered = {**bought(1, "by id", address=ADDRESS), "subject": by_id}
    for path in ("/v1/events", "/v1/decisions"):
        refused = desk.client.post(path, json=entered, headers=desk.service)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_vouched")
    asked = cloud_event("access_request", "a", "2016-04-04T00:00:00Z", by_id, request="R-1")
    assert desk.client.post("/v1/events", json=asked, headers=desk.service).status_code == 201
    desk.tell(bought(1), {**linked(1, subject), "id": "join"}, vouches=True)
    told = desk.client.post("/v1/events", json=entered, headers=desk.service)
    assert told.status_code == 201  # A number leads there too, so it is a person's record by now.


def test_the_other_name_is_forgotten_with_its_person(desk: Desk) -> None:
    """The row is gone, and no text of the name is left; a name that is somebody else's by now, or nobody's, stays."""
    ended = cloud_event("name_ended", "gone", "2016-04-10T00:00:00Z", "customer:4", name="customer:4", reason="left")
    later = {**linked(1, "customer:4", "later"), "time": "2016-04-20T00:00:00Z"}
    desk.tell(
        bought(1), bought(2), bought(3), bought(4), linked(1, "customer:2", "two"), linked(3, "order:O-9", "nine")
    )
    desk.tell(linked(1, "customer:4", "four"))
    assert desk.client.post("/v1/events", json=ended, headers=desk.officer).status_code == 201
    desk.tell({**bought(4, "new"), "time": "2016-04-19T00:00:00Z"}, later)
    assert _names(desk) == ["customer:2", "order:O-9", "customer:4"]
    desk.erase(2)
    assert _names(desk) == ["order:O-9", "customer:4"]
    told = _opened(desk, "LinkProposed.v1")
    assert [one.name for one in told] == [None, "order:O-9", "customer:4", "customer:4"]
    desk.tell({**bought(9, "o-9"), "subject": "order:O-9"}, linked(9, "order:O-9", "own"), vouches=True)
    desk.erase(9)
    assert _names(desk) == ["customer:4"]
    assert [one.name for one in _opened(desk, "LinkProposed.v1")] == [None, None, "customer:4", "customer:4"]


def test_who_was_told_apart_is_forgotten_with_their_person(desk: Desk) -> None:
    """The rejection stays, and says of whom no longer; an address is forgotten as a contact point too."""
    desk.tell(bought(1), bought(2, address=ADDRESS), linked(1, MAILBOX))
    (row,) = desk.listed()["proposed"]
    assert desk.decide("reject", row["person"], "customer:2").json()["decided"] == "rejected"
    assert desk.decide("reject", row["person"], MAILBOX).json()["decided"] == "rejected"
    kept = [one.name for one in _opened(desk, "LinkRejected.v1")]
    assert kept[-1] == MAILBOX
    desk.erase(2)
    assert [one.name for one in _opened(desk, "LinkRejected.v1")] == [*kept[:-1], None]
    assert [one.name for one in _opened(desk, "LinkProposed.v1")] == [None]
    assert desk.listed()["proposed"] == []
    with desk.installation.connect() as connection:
        assert connection.execute("SELECT count(*) FROM proposed_names").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM value_keys").fetchone() == (
            2,
        )  # customer:1, and an id: no name.


def _names(desk: Desk) -> list[str]:
    return [row["name"] for row in desk.listed()["proposed"]]


def _opened(desk: Desk, topic: str) -> list[Any]:
    """Return the events of a topic, opened as far as they can be."""
    with desk.installation.connect() as connection:
        rows = connection.execute("SELECT position FROM events WHERE topic = %s ORDER BY position", [topic]).fetchall()
        opened = opened_at(connection, desk.installation.keyring, [position for (position,) in rows])
    return list(opened.values())
