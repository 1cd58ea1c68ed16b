"""The same fact again changes nothing; another fact under its name is refused. In a batch, at once, later, anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import opened
from adapters.ledger import Ledger, Receipt
from domain.errors import FactConflict, PledgerError, Refused
from tests.reading import places_of, positions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.bootstrap import Installation
    from domain.facts import Fact
    from tests.ledger.conftest import Say


def _size(it: Installation) -> int:
    with it.connect() as connection:
        row = connection.execute("SELECT size, (SELECT count(*) FROM events) FROM head").fetchone()
    assert row is not None
    assert row[0] == row[1]
    return int(row[0])


def test_again_gives_the_same_receipt(installation: Installation, say: Say) -> None:
    """A repeat of a fact about a customer, a browser or the company gives its first receipt, and appends nothing."""
    ledger = installation.ledger
    for fact in (say.collection("a"), say.cookie_refusal("b"), say.incident("c")):
        first = ledger.append(fact)
        size = _size(installation)
        assert not first.repeated
        assert ledger.append(fact) == first._replace(repeated=True)
        assert ledger.append_many([fact, fact]) == [first._replace(repeated=True)] * 2
        assert _size(installation) == size


def test_again_gives_the_findings_again(installation: Installation, say: Say) -> None:
    """What the judge found the first time is in the receipt of a repeat too, and a refusal is refused again."""
    ledger = installation.ledger
    first = ledger.append(say.message("m"))
    assert first.findings
    assert ledger.append(say.message("m")) == first._replace(repeated=True)
    data = {"recipient": "nobody", "purpose": "deliver_order", "categories": ["user.name"], "mode": "enforce"}
    share = say.fact("s", "share", "customer:1", "2016-06-02T10:15:00Z", **data)
    with pytest.raises(Refused) as refused:
        ledger.append(share)
    size = _size(installation)
    with pytest.raises(Refused) as refused_again:
        ledger.append(share)
    assert str(refused_again.value) == str(refused.value)
    assert _size(installation) == size


def test_another_content_under_the_same_name_is_a_conflict(installation: Installation, say: Say) -> None:
    """A fact of the same source and id with other content, of any type, is refused."""
    ledger = installation.ledger
    for first in (say.collection("a"), say.cookie_refusal("b"), say.incident("c")):
        ledger.append(first)
    size = _size(installation)
    for name in ("a", "b", "c"):
        for another in (
            say.opt_out(name, subject="customer:9"),
            say.collection(name, values={"user.contact.email": "eve@example.org"}),
            say.collection(name, time="2016-04-02T10:15:00.000001Z"),
            say.cookie_refusal(name, subject="visitor:b2"),
            say.incident(name, time="2016-04-03T10:15:00Z"),
        ):
            with pytest.raises(FactConflict, match="says something else"):
                ledger.append(another)
    assert _size(installation) == size


def test_another_source_is_another_fact(installation: Installation, say: Say) -> None:
    """The name of a fact is its source and id together."""
    ledger = installation.ledger
    ledger.append(say.opt_out("a"))
    say.source = "/elsewhere"
    assert not ledger.append(say.opt_out("a")).repeated


def test_twice_in_one_batch(installation: Installation, say: Say) -> None:
    """In one batch the second of two equal facts repeats the first, and an unequal one is in conflict with it."""
    first, again, other, last = installation.ledger.append_many(
        [say.opt_out("a"), say.opt_out("a"), say.collection("a"), say.collection("b")]
    )
    assert isinstance(first, Receipt)
    assert not first.repeated
    assert again == first._replace(repeated=True)
    assert isinstance(other, FactConflict)
    assert isinstance(last, Receipt)
    assert last.position == first.position + 2


def test_twice_in_a_batch_while_others_append(installation: Installation, other: Installation, say: Say) -> None:
    """A repeat inside a batch names the position of its first, also when others took positions in between."""
    ledger = installation.ledger
    ledger.append(say.opt_out("warm"))
    for n in range(3):
        other.ledger.append(say.opt_out(f"between{n}", subject=f"customer:other{n}"))
        first, again = ledger.append_many([say.opt_out(f"a{n}"), say.opt_out(f"a{n}")])
        assert isinstance(first, Receipt)
        assert again == first._replace(repeated=True)
        assert positions_of(installation, f"a{n}") == [first.position]


def test_again_from_another_process_and_after_reopening(
    installation: Installation,
    other: Installation,
    say: Say,
    in_processes: Callable[[Sequence[Sequence[Fact]]], list[list[dict[str, Any]]]],
) -> None:
    """Sent again by any process at any time, a fact gets its first receipt."""
    first = installation.ledger.append(say.collection("a"))
    assert other.ledger.append(say.collection("a")) == first._replace(repeated=True)
    with opened(installation.settings) as later:
        assert later.ledger.append(say.collection("a")) == first._replace(repeated=True)
    (answers,) = in_processes([[say.collection("a"), say.opt_out("a")]])
    assert [answers[0]["position"], answers[0]["repeated"]] == [first.position, True]
    assert answers[1] == {"error": "fact_conflict"}


def test_by_several_processes_at_once(
    installation: Installation,
    say: Say,
    in_processes: Callable[[Sequence[Sequence[Fact]]], list[list[dict[str, Any]]]],
) -> None:
    """Of several processes that send the same facts at once, one stores each, and all get the same positions."""
    facts = [say.collection(f"f{n}", subject=f"customer:{n % 3}") for n in range(40)]
    before = _size(installation)
    answers = in_processes([facts, facts])
    for n in range(len(facts)):
        same = [one[n] for one in answers]
        assert len({answer["position"] for answer in same}) == 1
        assert [answer["repeated"] for answer in same].count(False) == 1
    places = places_of(installation, [fact.id for fact in facts])
    assert len(places) == len(facts)
    assert sum(place.events for place in places.values()) == _size(installation) - before


def test_by_many_threads_at_once(installation: Installation, say: Say) -> None:
    """Of many threads that send the same fact at once, one stores it."""
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda _: installation.ledger.append(say.collection("a")), range(64)))
    assert len({receipt.position for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts].count(False) == 1


def test_with_the_expected_version_of_the_first_time(installation: Installation, say: Say) -> None:
    """A repeated append with the first expected version gets the receipt, not a conflict."""
    first = installation.ledger.append(say.opt_out("a"), expected_version=0)
    installation.ledger.append(say.opt_out("b"))
    assert installation.ledger.append(say.opt_out("a"), expected_version=0) == first._replace(repeated=True)


def test_after_erasure(installation: Installation, other: Installation, say: Say) -> None:
    """A fact about somebody who has been erased stays in: its repeat is no news about the person of that name now.

    The answer says that it is a repeat, and no longer where its events stand, also to the repeat of the erasure.
    """
    facts = [say.collection("a"), say.opt_out("b"), say.message("m"), say.erasure("c")]
    for fact in facts:
        other.ledger.append(fact)
    size = _size(installation)
    for it in (installation, other):
        for fact in facts:
            assert it.ledger.append(fact) == Receipt(fact.name, 0, 0, repeated=True)
        assert it.ledger.append_many(facts) == [Receipt(fact.name, 0, 0, repeated=True) for fact in facts]
    assert _size(installation) == size


@pytest.mark.parametrize("is_batch", [False, True])
def test_an_id_used_again_after_erasure_is_a_conflict(installation: Installation, say: Say, *, is_batch: bool) -> None:
    """Nobody's fact is swallowed because a fact of somebody who was erased had its id: the error says what to do."""
    ledger = installation.ledger
    for fact in (say.opt_out("1"), say.collection("2"), say.erasure("3"), say.collection("4", subject="customer:2")):
        ledger.append(fact)
    size = _size(installation)
    others = [
        *(say.opt_out(name, subject="customer:2") for name in "123"),
        say.opt_out("1", time="2016-05-02T10:15:01Z"),
        say.opt_out("1", program="physical_mailings"),
        say.erasure("3", subject="customer:2"),
        say.cookie_refusal("2"),
        say.incident("3"),
    ]
    for fact in others:
        (answer,) = ledger.append_many([fact]) if is_batch else _caught(ledger, fact)
        assert isinstance(answer, FactConflict)
        assert "somebody else" in answer.why
        assert "an id of its own" in answer.hint
    assert _size(installation) == size
    assert ledger.append(say.opt_out("5", subject="customer:2")).position == size + 1


def _caught(ledger: Ledger, fact: Fact) -> list[PledgerError]:
    with pytest.raises(PledgerError) as caught:
        ledger.append(fact)
    return [caught.value]


def test_a_refusal_outlives_the_erasure(installation: Installation, say: Say) -> None:
    """Who asks again for what was refused is refused again, though it is forgotten which promise it was."""
    ledger = installation.ledger
    data = {"recipient": "nobody", "purpose": "deliver_order", "categories": ["user.name"], "mode": "enforce"}
    share = say.fact("s", "share", "customer:1", "2016-06-02T10:15:00Z", **data)
    with pytest.raises(Refused):
        ledger.append(share)
    ledger.append(say.erasure("e"))
    size = _size(installation)
    with pytest.raises(Refused) as refused:
        ledger.append(share)
    assert (refused.value.promises, "forgotten" in refused.value.why) == ((), True)
    (answer,) = ledger.append_many([share])
    assert answer == Receipt(share.name, 0, 0, refused=True, repeated=True)
    assert _size(installation) == size
