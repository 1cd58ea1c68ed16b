"""Names of one person on several streams: linked when a fact says so, and from then on decided as one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.audits import ledgers
from adapters.ledger.linked_streams import person_of
from adapters.queries.audits import audit_scope
from adapters.queries.read_point import bring_up_to_date
from domain.audit.question import Question
from domain.events.links import CustomersLinked
from domain.records.customer import LAST
from domain.times import parse_rfc3339
from projections.as_of import bounds
from projections.people import persons_of, streams_of
from tests.controls import verified
from tests.reading import events_of, positions_of, stream_of

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.bootstrap import Installation
    from tests.ledger.conftest import Say


def _links(it: Installation, stream: UUID) -> list[tuple[UUID, set[UUID]]]:
    return [(event.person, set(event.others)) for event in events_of(it, stream) if isinstance(event, CustomersLinked)]


def test_new_names_are_streams_of_the_same_person(installation: Installation, say: Say) -> None:
    """Each new name of a known customer opens a stream of its own, linked at once; facts under it are the person's."""
    ledger = installation.ledger
    ledger.append(say.collection("a"))
    receipt = ledger.append(say.opt_out("b", also=[verified("email:Ada@Example.org"), verified("order:O1")]))
    # The first name makes a link on two streams, the second one on three, and then the opt-out is stored.
    assert receipt.events == 2 + 3 + 1
    assert receipt.not_linked == ()
    ledger.append(say.opt_out("c", subject="email:ada@example.ORG"))
    ledger.append(say.opt_out("d", subject=f"id:{stream_of(installation, 'a')}"))
    ledger.append(say.opt_out("e", subject="order:O1"))
    streams = [stream_of(installation, name) for name in "abcde"]
    assert (streams[1], streams[3]) == (streams[0], streams[0])
    assert len(set(streams)) == 3
    person = min(streams, key=str)
    for stream in streams:
        assert _links(installation, stream)[-1] == (person, set(streams) - {stream})


def test_a_name_linked_with_itself(installation: Installation, other: Installation, say: Say) -> None:
    """A link whose names lead to one stream is on record, joins nobody, and is read back by every process."""
    installation.ledger.append(say.collection("a"))
    stream = stream_of(installation, "a")
    linked = say.fact(
        "b", "link", "customer:1", "2016-05-03T00:00:00Z", **{"with": f"id:{stream}", "verified": "merge"}
    )
    assert installation.ledger.append(linked).events == 1
    assert _links(installation, stream) == [(stream, set())]
    assert other.ledger.append(say.opt_out("c")).events == 1
    with other.connect() as connection:
        bring_up_to_date(connection)
        document = ledgers.audit(audit_scope(other, connection, Question(LAST.at)))
        assert streams_of(connection, stream) == (stream,)
    assert document["events"] == 4


def test_two_and_three_streams(installation: Installation, say: Say) -> None:
    """Each stream says which person it is and which others are; a third joins the first two, once."""
    ledger = installation.ledger
    for name in "abc":
        ledger.append(say.collection(name, subject=f"customer:{name}"))
    one, two, three = (stream_of(installation, name) for name in "abc")
    receipt = ledger.append(say.opt_out("d", subject="customer:a", also=[verified("customer:b")]))
    assert receipt.events == 3
    person = min(one, two, key=str)
    assert _links(installation, one) == [(person, {two})]
    assert _links(installation, two) == [(person, {one})]
    ledger.append(say.opt_out("e", subject="customer:b", also=[verified("customer:a")]))
    assert len(_links(installation, one)) == 1
    ledger.append(say.opt_out("f", subject="customer:b", also=[verified("customer:c")]))
    person = min(one, two, three, key=str)
    for stream in (one, two, three):
        assert _links(installation, stream)[-1] == (person, {one, two, three} - {stream})


def test_a_linked_person_is_decided_as_one(installation: Installation, say: Say) -> None:
    """An opt-out under one name holds for a message under another."""
    ledger = installation.ledger
    ledger.append(say.collection("a", subject="customer:a"))
    ledger.append(say.opt_out("b", subject="customer:b"))
    assert not ledger.append(say.message("m1", subject="customer:a")).findings
    ledger.append(say.opt_out("c", subject="customer:b", also=[verified("customer:a")]))
    assert ledger.append(say.message("m2", subject="customer:a")).findings


def test_links_of_another_process_are_seen(installation: Installation, other: Installation, say: Say) -> None:
    """What another process appended and linked counts at once, however much of it was remembered here."""
    ledger = installation.ledger
    for n in range(8):
        one, two = f"customer:a{n}", f"customer:b{n}"
        ledger.append(say.collection(f"a{n}", subject=one))
        ledger.append(say.collection(f"b{n}", subject=two))
        other.ledger.append(say.opt_out(f"out{n}", subject=two))
        other.ledger.append(
            say.fact(f"link{n}", "objection", one, "2016-05-03T00:00:00Z", purpose="x", also=[verified(two)])
        )
        message = say.message(f"m{n}", subject=one)
        if n % 2:
            assert not ledger.ask(message).allowed
        found = ledger.append(message).findings
        assert {finding.events for finding in found} == {tuple(positions_of(installation, f"out{n}"))}


def test_two_processes_link_at_once(installation: Installation, other: Installation, say: Say) -> None:
    """Links that two processes make from records that are old by then end in one person, with dense versions."""
    for n, name in enumerate("abcd"):
        (installation, other)[n % 2].ledger.append(say.collection(name, subject=f"customer:{name}"))
    installation.ledger.append(say.opt_out("ab", subject="customer:a", also=[verified("customer:b")]))
    other.ledger.append(say.opt_out("cd", subject="customer:c", also=[verified("customer:d")]))
    installation.ledger.append(say.opt_out("bc", subject="customer:b", also=[verified("customer:c")]))
    other.ledger.append(say.opt_out("da", subject="customer:d", also=[verified("customer:a")]))
    streams = {stream_of(installation, name) for name in "abcd"}
    for stream in streams:
        person, others = _links(installation, stream)[-1]
        assert person == min(streams, key=str)
        assert others == streams - {stream}
    with installation.connect() as connection:
        assert not connection.execute(
            "SELECT stream_id FROM events GROUP BY stream_id HAVING max(version) <> count(*)"
        ).fetchall()


def test_a_link_told_behind_one_of_a_later_time(installation: Installation, say: Say) -> None:
    """As of a time, who is one person follows from the links of that time and earlier, in any order of telling."""
    ledger = installation.ledger
    for name in "abc":
        ledger.append(say.collection(name, subject=f"customer:{name}"))
    one, two, three = (stream_of(installation, name) for name in "abc")
    for name, other, on in (("a", "b", "2016-05-10"), ("a", "c", "2016-05-03")):
        data = {"with": f"customer:{other}", "verified": "merge"}
        ledger.append(say.fact(f"link {other}", "link", f"customer:{name}", f"{on}T00:00:00Z", **data))
    every = tuple(sorted((one, two, three)))
    expected = {"2016-05-02": (one,), "2016-05-05": tuple(sorted((one, three))), "2016-05-11": every}
    with installation.connect() as connection:
        bring_up_to_date(connection)
        for on, streams in expected.items():
            at = parse_rfc3339(f"{on}T00:00:00Z")
            assert streams_of(connection, one, as_of=at) == streams
            assert tuple(sorted(person_of(connection, one, bounds(at)))) == streams
            assert set(persons_of(connection, streams, as_of=at).values()) == {min(streams)}
        for stream in every:
            assert streams_of(connection, stream) == every
        assert streams_of(connection, two, as_of=parse_rfc3339("2016-05-05T00:00:00Z")) == (two,)


def test_an_unlink_leaves_links_of_a_later_time(installation: Installation, say: Say) -> None:
    """Who stays together is one person from the time of their own link on, and not from that of the unlink."""
    ledger = installation.ledger
    for name in "abc":
        ledger.append(say.collection(name, subject=f"customer:{name}"))
    one, two, three = (stream_of(installation, name) for name in "abc")
    for kind, other, on in (("link", "b", "03"), ("link", "c", "20"), ("unlink", "b", "10")):
        data = {"with": f"customer:{other}", **({"verified": "merge"} if kind == "link" else {"reason": "a mix-up"})}
        told = say.fact(f"{kind} {other}", kind, "customer:a", f"2016-05-{on}T00:00:00Z", **data)
        ledger.append(told, vouches=True, is_officer=True)
    both = tuple(sorted((one, three)))
    with installation.connect() as connection:
        bring_up_to_date(connection)
        for on, streams in {"05": tuple(sorted((one, two))), "12": (one,), "21": both}.items():
            assert streams_of(connection, one, as_of=parse_rfc3339(f"2016-05-{on}T00:00:00Z")) == streams
        assert (streams_of(connection, one), streams_of(connection, two)) == (both, (two,))
