"""Erasing destroys the key and the names, in every process, once; what stays holds nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.ledger import Receipt
from domain.errors import UnknownCustomer
from domain.events.customer import CustomerErased, DataCollected
from projections import engine, subscription_history
from tests.controls import verified
from tests.reading import events_of, stream_of

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say


AFTERWARDS = "2016-08-02T10:15:00Z"
LATER = "2016-09-02T10:15:00Z"


def _one(it: Installation, query: Any, *values: object) -> Any:  # noqa: ANN401 - whatever stands in the column
    with it.connect() as connection:
        row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def test_the_key_and_the_names_are_gone(installation: Installation, say: Say) -> None:
    """No row of the customer's key or names is left, the sealed values never open again, and the events stay."""
    ledger = installation.ledger
    ledger.append(say.collection("a", also=["email:ada@example.org"]))
    ledger.append(say.collection("b", subject="customer:2"))
    stream = stream_of(installation, "a")
    opened = [event for event in events_of(installation, stream) if isinstance(event, DataCollected)]
    assert opened[0].values == {"user.contact.email": "ada@example.org"}
    ledger.append(say.erasure("c"))
    assert _one(installation, "SELECT count(*) FROM stream_keys WHERE stream_id = %s", stream) == 0
    assert _one(installation, "SELECT count(*) FROM names WHERE stream_id = %s", stream) == 0
    closed = list(events_of(installation, stream))
    assert [type(event).__name__ + ".v1" for event in closed] == [
        "DataCollected.v1",
        "CustomerEnrolled.v1",
        "CustomerErased.v1",
    ]
    assert isinstance(closed[0], DataCollected)
    assert (closed[0].values, closed[0].reference) == (None, None)
    assert isinstance(closed[2], CustomerErased)
    assert closed[2].key_id
    assert closed[2].receipt
    assert _one(installation, "SELECT sealed IS NULL FROM events WHERE topic = 'CustomerErased.v1'")
    # Somebody else's key is where it was.
    assert (
        _one(installation, "SELECT count(*) FROM stream_keys WHERE stream_id = %s", stream_of(installation, "b")) == 1
    )


def test_the_name_returns_as_a_new_person(installation: Installation, other: Installation, say: Say) -> None:
    """After the erasure the same name is somebody without a past, in every process, and the old id is nobody."""
    for it in (installation, other):
        it.ledger.append(say.collection(f"before {id(it)}", reference=str(id(it))))
    old = stream_of(installation, f"before {id(other)}")
    installation.ledger.append(say.opt_out("out"))
    installation.ledger.append(say.erasure("e"))
    for n, it in enumerate((other, installation)):
        it.ledger.append(say.collection(f"after{n}", time=AFTERWARDS))
        with pytest.raises(UnknownCustomer, match="erased"):
            it.ledger.append(say.opt_out(f"late{n}", subject=f"id:{old}"))
        assert it.ledger.ask(say.message("m", time="2016-09-01T00:00:00Z")).allowed
    assert stream_of(installation, "after0") == stream_of(installation, "after1") != old


def test_no_process_keeps_the_key(installation: Installation, other: Installation, say: Say) -> None:
    """A process that had the customer in mind when another erased them forgets the key as soon as it looks."""
    installation.ledger.append(say.collection("a"))
    other.ledger.append(say.collection("b"))
    stream = stream_of(installation, "a")
    installation.ledger.append(say.erasure("c"))
    other.ledger.ask(say.message("m"))
    for it in (installation, other):
        person = it.ledger._appender.records.people.get(stream)
        assert person is None or person.keys == {}


def test_erased_twice(installation: Installation, say: Say) -> None:
    """The same erasure again is a repeat; another one under a name that is nobody's now erases a new stream."""
    ledger = installation.ledger
    ledger.append(say.collection("a"))
    first = stream_of(installation, "a")
    ledger.append(say.erasure("b"))
    assert ledger.append(say.erasure("b")).repeated
    again = ledger.append(say.erasure("c"))
    assert _one(installation, "SELECT stream_id FROM events WHERE position = %s", again.position) != first
    assert _one(installation, "SELECT count(*) FROM names") == 0
    # The company's key is all that is left.
    assert _one(installation, "SELECT count(*) FROM stream_keys") == 1


def test_in_the_middle_of_a_batch(installation: Installation, say: Say) -> None:
    """In one batch the facts before an erasure are about the person it erases, those after it about a new one."""
    answers = installation.ledger.append_many(
        [
            say.collection("a"),
            say.opt_out("b"),
            say.erasure("c"),
            say.collection("d", time=AFTERWARDS),
            say.erasure("e", time=AFTERWARDS),
            say.opt_out("f", time=LATER),
        ]
    )
    positions = [answer.position for answer in answers if isinstance(answer, Receipt)]
    assert len(positions) == len(answers)
    streams = [_one(installation, "SELECT stream_id FROM events WHERE position = %s", one) for one in positions]
    assert streams[0] == streams[1] == streams[2] != streams[3]
    assert streams[3] == streams[4] != streams[5]
    assert _one(installation, "SELECT array_agg(stream_id) FROM names") == [streams[5]]


def test_all_streams_of_a_linked_person(installation: Installation, other: Installation, say: Say) -> None:
    """An erasure under one name destroys the keys and names of all streams of that person, whoever linked them."""
    for name in "abc":
        installation.ledger.append(say.collection(name, subject=f"customer:{name}"))
    streams = {stream_of(installation, name) for name in "abc"}
    other.ledger.append(say.opt_out("ab", subject="customer:a", also=[verified("customer:b")]))
    other.ledger.append(say.opt_out("bc", subject="customer:b", also=[verified("customer:c")]))
    receipt = installation.ledger.append(say.erasure("e", subject="customer:c"))
    assert receipt.events == 3
    with installation.connect() as connection:
        erased = connection.execute("SELECT stream_id FROM events WHERE topic = 'CustomerErased.v1'").fetchall()
        assert {stream for (stream,) in erased} == streams
        assert connection.execute("SELECT count(*) FROM names").fetchone() == (0,)
        assert not connection.execute(
            "SELECT 1 FROM stream_keys WHERE stream_id = ANY (%s)", (list(streams),)
        ).fetchall()


def test_an_opt_out_outlives_the_erasure(installation: Installation, other: Installation, say: Say) -> None:
    """A person who returns under an erased name is still opted out: a purchase does not enroll them."""
    installation.ledger.append(say.collection("a"))
    installation.ledger.append(say.opt_out("b"))
    installation.ledger.append(say.erasure("c"))
    other.ledger.append(say.collection("d", act="order", time=AFTERWARDS))
    stream = stream_of(other, "d")
    topics = [type(event).__name__ for event in events_of(other, stream)]
    assert topics == ["SuppressionRecalled", "DataCollected"]
    assert not other.ledger.ask(say.message("m", time=LATER)).allowed
    with other.connect() as connection:
        engine.prepare(connection)
        engine.catch_up(connection)
        assert subscription_history.current(connection, [stream])["email_marketing"].state == "opted_out"


def test_an_opt_out_outlives_the_erasure_at_the_address(
    installation: Installation, other: Installation, say: Say
) -> None:
    """Whoever comes with the address of the erased, under whatever name, is not enrolled by a purchase."""
    installation.ledger.append(say.collection("a", also=["email:second@example.org"]))
    installation.ledger.append(say.opt_out("b"))
    installation.ledger.append(say.erasure("c"))
    values = {"user.contact.email": "ada@example.org"}
    for number, subject in enumerate(("email:Second@Example.org", "customer:2")):
        other.ledger.append(say.collection(f"d{number}", act="order", subject=subject, time=AFTERWARDS, values=values))
        topics = [type(event).__name__ for event in events_of(other, stream_of(other, f"d{number}"))]
        assert topics == ["DataCollected"]
        assert not other.ledger.ask(say.message("m", subject=subject, time=LATER)).allowed


def test_who_asked_anew_is_owed_nothing_when_erased_again(installation: Installation, say: Say) -> None:
    """A contest entry lifts a recalled opt-out, so a second erasure leaves none behind."""
    ledger = installation.ledger
    for fact in (say.opt_out("a"), say.erasure("b"), say.collection("c", time=AFTERWARDS), say.erasure("d")):
        ledger.append(fact)
    assert _one(installation, "SELECT count(*) FROM suppressions") == 0
    ledger.append(say.collection("e", act="order", time=LATER))
    topics = [type(event).__name__ for event in events_of(installation, stream_of(installation, "e"))]
    assert topics == ["DataCollected", "CustomerEnrolled"]


def test_a_known_child_stays_one(installation: Installation, say: Say) -> None:
    """The age that was learned outlives the erasure: what the child gives afterwards is withheld."""
    ledger = installation.ledger
    ledger.append(say.fact("a", "age_learned", "customer:1", "2016-05-02T10:15:00Z", under=13))
    ledger.append(say.erasure("b"))
    ledger.append(say.collection("c", time=AFTERWARDS))
    events = list(events_of(installation, stream_of(installation, "c")))
    assert [type(event).__name__ for event in events] == ["SuppressionRecalled", "DataCollected"]
    assert isinstance(events[1], DataCollected)
    assert (events[1].withheld, events[1].values) == (True, None)
