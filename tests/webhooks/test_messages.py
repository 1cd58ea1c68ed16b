"""What webhooks are told, and how: signed, coded, in order, at least once."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from adapters.ledger import utc_now
from adapters.webhooks import registry, signing
from adapters.webhooks.messages import MessageKind
from tests.controls import contest_entry, day, fact, opt_out, verified
from tests.serving import eventually
from tests.webhooks.conftest import Got, Receiver, is_genuine

if TYPE_CHECKING:
    from domain.facts import Fact
    from tests.webhooks.conftest import Hooks

OPTED_OUT, CORRECTED, ERASED = "pledger.opted_out.v1", "pledger.corrected.v1", "pledger.erased.v1"


def entered(number: int) -> Fact:
    """Return the first that is known of a customer."""
    return contest_entry(0, subject=f"customer:{number}", fact_id=f"entry-{number}")


def left(number: int, program: str = "email_marketing") -> Fact:
    """Return a customer's opt-out."""
    return opt_out(1, program, subject=f"customer:{number}", fact_id=f"left-{program}-{number}")


def corrected(number: int, value: str = "right@example.com") -> Fact:
    """Return a correction of a customer's address."""
    data = {"request": "r-1", "category": "user.contact.email", "value": value}
    return fact("correction", 2, data, subject=f"customer:{number}", fact_id=f"corrected-{number}")


def erased(number: int) -> Fact:
    """Return the erasure of a customer."""
    return fact("erasure", 3, {"reason": "asked"}, subject=f"customer:{number}", fact_id=f"erased-{number}")


def append(hooks: Hooks, *facts: Fact) -> None:
    """Append facts, all of which must go in."""
    for one in facts:
        hooks.installation.ledger.append(one)


def test_what_is_reported(hooks: Hooks, receiver: Receiver) -> None:
    """An opt-out, a correction and an erasure are told as coded CloudEvents, which hold what they need and no more."""
    _, secret = hooks.add(receiver.url)
    with hooks.working():
        append(hooks, entered(1), left(1), left(1, "physical_mailings"), corrected(1), erased(1))
        eventually(lambda: len(receiver.got) == 4)
    subject = hooks.customer(1)
    events = [got.event for got in receiver.got]
    first = events[0]
    assert first == {
        "specversion": "1.0",
        "id": receiver.got[0].id,
        "source": f"urn:uuid:{hooks.installation.identity.ledger_id}",
        "type": OPTED_OUT,
        "time": day(1).isoformat().replace("+00:00", "Z"),
        "subject": subject,
        "datacontenttype": "application/json",
        "data": {
            "position": first["data"]["position"],
            "program": "email_marketing",
            "channel": "email",
            "returned": False,
        },
    }
    assert [event["type"] for event in events] == [OPTED_OUT, OPTED_OUT, CORRECTED, ERASED]
    assert events[1]["data"]["channel"] == "post"
    assert events[2]["data"] == {"position": events[2]["data"]["position"], "categories": ["user.contact.email"]}
    assert events[3]["data"] == {"position": events[3]["data"]["position"]}
    assert {event["subject"] for event in events} == {subject}
    for got in receiver.got:
        assert got.headers["content-type"] == "application/cloudevents+json"
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert is_genuine(got, secret)
        assert b"example.com" not in got.body


def test_a_tampered_message_fails(hooks: Hooks, receiver: Receiver) -> None:
    """Another body, id, time or secret, and a message from long ago, are not genuine."""
    _, secret = hooks.add(receiver.url)
    other, other_secret = hooks.add(receiver.url, MessageKind.ERASURE)
    with hooks.working():
        append(hooks, entered(1), left(1))
        eventually(lambda: receiver.got)
    (got,) = receiver.got
    assert is_genuine(got, secret)
    assert not is_genuine(got._replace(body=got.body.replace(b"email_marketing", b"physical_mailings")), secret)
    assert not is_genuine(got, other_secret)
    sent_at = int(got.headers["webhook-timestamp"])
    assert not is_genuine(got, secret, now=sent_at + 301)
    for name, value in (("webhook-id", "another"), ("webhook-timestamp", str(sent_at + 1))):
        got.headers.replace_header(name, value)
        assert not is_genuine(got, secret)
    assert hooks.state(other).delivered == 0


def test_only_what_is_wanted_and_comes_after(hooks: Hooks, receiver: Receiver) -> None:
    """A webhook is told of its kinds alone, from its making on, or from the position that it was given."""
    append(hooks, entered(1), left(1))
    hooks.add(receiver.url, MessageKind.OPT_OUT)
    hooks.add(f"{receiver.url}/all", MessageKind.OPT_OUT, since=0)
    with hooks.working():
        append(hooks, corrected(1), left(1, "physical_mailings"), erased(1))
        eventually(lambda: len(receiver.got) == 3)
    told = [(got.path, got.event["data"]["program"]) for got in receiver.got]
    assert sorted(told) == [
        ("/hooks", "physical_mailings"),
        ("/hooks/all", "email_marketing"),
        ("/hooks/all", "physical_mailings"),
    ]
    by_path = {(path, program): got.id for (path, program), got in zip(told, receiver.got, strict=True)}
    assert by_path["/hooks", "physical_mailings"] == by_path["/hooks/all", "physical_mailings"]


def test_a_failing_one_holds_up_its_own_person_alone(hooks: Hooks, receiver: Receiver) -> None:
    """While the first of a person fails, what comes after it of theirs waits, and other people's are told."""
    append(hooks, *(entered(number) for number in range(1, 4)))
    name, _ = hooks.add(receiver.url)
    first = hooks.customer(1)
    is_ill = True
    receiver.answers = lambda got: 500 if is_ill and got.event["subject"] == first else 200
    with hooks.working():
        append(hooks, left(1), corrected(1), erased(1), *(left(number) for number in (2, 3)), corrected(2))
        eventually(lambda: hooks.state(name).delivered == 3)
        eventually(lambda: hooks.state(name).failures)
        failed = [got for got in receiver.got if got.event["subject"] == first]
        assert {got.event["type"] for got in failed} == {OPTED_OUT}
        assert {got.event["subject"] for got in receiver.got} == {hooks.customer(number) for number in (1, 2, 3)}
        state = hooks.state(name)
        assert (state.waiting, state.stuck, state.failed_by) == (3, 0, "it answered 500")
        is_ill = False
        hooks.time_passes(0)
        eventually(lambda: hooks.state(name).waiting == 0)
    told = [got for got in receiver.got if got.event["subject"] == first]
    assert [got.event["type"] for got in told][-3:] == [OPTED_OUT, CORRECTED, ERASED]
    assert len({got.id for got in told}) == 3
    assert len({got.body for got in told}) == 3


def test_one_persons_streams_are_one_line(hooks: Hooks, receiver: Receiver) -> None:
    """What is told of streams that turn out to be one person's keeps its order, also where it waits already."""
    append(hooks, entered(1), entered(2))
    name, _ = hooks.add(receiver.url)
    receiver.answers = lambda _: 500
    with hooks.working():
        append(hooks, left(1))
        eventually(lambda: hooks.state(name).failures)
        joined = {"program": "physical_mailings", "via": "portal", "also": [verified("customer:1")]}
        append(hooks, fact("opt_out", 2, joined, subject="customer:2"))
        append(hooks, corrected(2))
        eventually(lambda: hooks.state(name).waiting == 3)
        threading.Event().wait(0.3)
        assert {got.event["subject"] for got in receiver.got} == {hooks.customer(1)}
        receiver.answers = lambda _: 200
        hooks.time_passes(0)
        eventually(lambda: hooks.state(name).waiting == 0)
    positions = [got.event["data"]["position"] for got in receiver.got]
    assert positions == sorted(positions)
    persons = hooks.run(b"SELECT DISTINCT data ->> 'person' FROM events WHERE topic = 'CustomersLinked.v1'")
    assert len(persons) == 1


def test_a_return_after_an_erasure(hooks: Hooks, receiver: Receiver) -> None:
    """Who opted out, was erased and comes back is told of under their new id, as still opted out."""
    hooks.add(receiver.url, MessageKind.OPT_OUT)
    append(hooks, entered(1), left(1), erased(1))
    again = contest_entry(5, subject="customer:1", fact_id="entry-again")
    with hooks.working():
        append(hooks, again)
        eventually(lambda: len(receiver.got) == 2)
    # Two records, and nothing says that they are one person's: either may be told first.
    one, other = sorted((got.event for got in receiver.got), key=lambda event: bool(event["data"]["returned"]))
    assert (one["data"]["returned"], other["data"]["returned"]) == (False, True)
    assert one["subject"] != other["subject"]
    assert other["data"]["program"] == "email_marketing"


def test_nothing_personal_lies_about(hooks: Hooks, receiver: Receiver) -> None:
    """What waits is a position and opaque ids: there is nothing that an erasure would have to reach."""
    receiver.answers = lambda _: 503
    name, _ = hooks.add(receiver.url)
    with hooks.working():
        append(hooks, entered(1), corrected(1, "marked-value@example.com"), erased(1))
        eventually(lambda: hooks.state(name).failures)
    rows = hooks.run(b"SELECT to_jsonb(webhook_deliveries) FROM webhook_deliveries ORDER BY position")
    assert len(rows) == 2
    assert set(rows[0][0]) == {
        *("webhook", "number", "position", "stream_id", "person", "attempts", "due_at", "failing_since", "failed_by"),
        *("known_at", "broke_then", "breaks_now"),
    }
    for table in (b"webhooks", b"webhook_deliveries", b"webhook_secrets"):
        text = json.dumps(hooks.run(b"SELECT " + table + b"::text FROM " + table))
        assert "marked" not in text
        assert "customer:" not in text
    assert all(b"marked" not in got.body for got in receiver.got)


def test_two_secrets_sign_while_one_takes_the_others_place(hooks: Hooks, receiver: Receiver) -> None:
    """After a rotation both sign; once the old one has ended, and after a second rotation, only two newest do."""
    name, first = hooks.add(receiver.url)
    secrets = [first]
    holder = hooks.installation.keyring.holder
    append(hooks, *(entered(number) for number in range(1, 5)))

    def rotated(hours: int) -> str:
        with hooks.installation.connect() as connection:
            keeps = day(hours / 24) - day(0)
            return signing.display_secret(registry.rotate(connection, holder, name, now=utc_now(), keeps=keeps))

    def told_of(number: int) -> Got:
        append(hooks, left(number))
        eventually(lambda: len(receiver.got) == number)
        return receiver.got[-1]

    with hooks.working():
        told_of(1)
        secrets.append(rotated(24))
        assert [is_genuine(told_of(2), secret) for secret in secrets] == [True, True]
        secrets.append(rotated(24))
        assert [is_genuine(told_of(3), secret) for secret in secrets] == [False, True, True]
        secrets.append(rotated(0))
        assert [is_genuine(told_of(4), secret) for secret in secrets] == [False, False, False, True]
        assert len(receiver.got[-1].headers["webhook-signature"].split()) == 1
