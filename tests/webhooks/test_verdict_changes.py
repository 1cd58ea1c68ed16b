"""What a late fact changed about verdicts that were given before, told to a webhook that asked for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import told_late
from adapters.queries.changes import changes_scope
from adapters.webhooks.messages import FOR_COPIES, MessageKind
from adapters.workers import verdict_changes
from domain.times import rfc3339
from tests.controls import contest_entry, example, fact, message, opt_out, order, point, posted, verified
from tests.serving import PATIENCE, eventually
from tests.webhooks.conftest import is_genuine
from tests.webhooks.test_messages import append, erased

if TYPE_CHECKING:
    from domain.facts import Fact
    from tests.webhooks.conftest import Hooks, Receiver

VERDICT = MessageKind.VERDICT_CHANGE
CHANGED = "pledger.verdict_changed.v1"
BROKEN = ["P11", "P17", "P18"]


@pytest.fixture
def mailed(hooks: Hooks) -> Hooks:
    """Return the webhooks of a ledger in which a mail went to somebody who had asked for it."""
    append(hooks, point(0), posted(0, "web"), contest_entry(1), message(5))
    return hooks


def changes(receiver: Receiver) -> list[dict[str, Any]]:
    """Return what verdicts are told to have changed, in order."""
    return [got.event["data"] for got in receiver.got if got.event["type"] == CHANGED]


def position(hooks: Hooks, of: Fact) -> int:
    """Return the position of a fact that is told already."""
    receipt = hooks.installation.ledger.append(of)
    return receipt.position - receipt.events + 1


def end(hooks: Hooks) -> int:
    """Return the position of the last event."""
    ((size,),) = hooks.run(b"SELECT size FROM head")
    return int(size)


def is_compared(hooks: Hooks) -> bool:
    """Return whether all verdicts have been compared up to the end of the log."""
    return hooks.run(b"SELECT DISTINCT compared FROM webhooks") == [(end(hooks),)]


def wait_until_told(hooks: Hooks) -> None:
    """Wait until all verdicts have been compared, by processes of their own, and all messages are sent."""
    eventually(lambda: is_compared(hooks), PATIENCE)
    eventually(lambda: not hooks.run(b"SELECT 1 FROM webhook_deliveries"), PATIENCE)


def test_what_a_late_opt_out_changed(mailed: Hooks, receiver: Receiver) -> None:
    """A mail was lawful when it was told; the message names ledger, person, position, and promises then and now."""
    name, secret = mailed.add(receiver.url, VERDICT)
    with mailed.working():
        append(mailed, opt_out(3))
        eventually(lambda: receiver.got, PATIENCE)
        eventually(lambda: mailed.state(name).waiting == 0)
    (got,) = receiver.got
    known_at = end(mailed)
    ((recorded_at,),) = mailed.run(b"SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1")
    ((stream,),) = mailed.run(b"SELECT stream_id FROM events WHERE topic = 'MessageSent.v1'")
    assert got.event == {
        "specversion": "1.0",
        "id": got.id,
        "source": mailed.installation.identity.ledger_id.urn,
        "type": CHANGED,
        "time": rfc3339(recorded_at),
        "subject": f"id:{stream}",
        "datacontenttype": "application/json",
        "data": {"position": position(mailed, message(5)), "known_at": known_at, "then": [], "now": BROKEN},
    }
    assert is_genuine(got, secret)


def test_it_is_what_the_list_says(mailed: Hooks, receiver: Receiver) -> None:
    """Once all is compared, the last message of each fact says what the list of changes says of it."""
    mailed.add(receiver.url, VERDICT)
    late = contest_entry(7, reference="C-2")
    with mailed.working():
        append(mailed, opt_out(6), message(8), opt_out(3, "physical_mailings"), late, opt_out(4, fact_id="earlier"))
        wait_until_told(mailed)
    last = {one["position"]: (one["then"], one["now"]) for one in changes(receiver)}
    told = {place: pair for place, pair in last.items() if pair[0] != pair[1]}
    with mailed.installation.connect() as connection:
        scope = changes_scope(mailed.installation, connection)
        late_now = told_late.told_late(connection, scope.company_stream, 0, scope.bounds)
        revisions = told_late.judged_of(connection, scope, late_now).judged().findings.revisions
    assert told == {one.fact: (list(one.then), list(one.now)) for one in revisions}
    assert len(told) == 2


def test_seen_as_at_first_again(mailed: Hooks, receiver: Receiver) -> None:
    """A later fact can take a change back: the message then says what was found at append, then and now."""
    mailed.add(receiver.url, VERDICT)
    place = position(mailed, message(5))
    with mailed.working():
        append(mailed, opt_out(3))
        eventually(lambda: len(receiver.got) == 1, PATIENCE)
        append(mailed, contest_entry(4, reference="C-2"))
        eventually(lambda: len(receiver.got) == 2, PATIENCE)
    first, second = changes(receiver)
    assert (first["position"], first["then"], first["now"]) == (place, [], BROKEN)
    assert (second["position"], second["then"], second["now"]) == (place, [], [])
    assert receiver.got[0].id != receiver.got[1].id


def test_what_the_company_told_late(hooks: Hooks, receiver: Receiver) -> None:
    """A collection broke P03; a notice told late had stood there, so everybody's verdicts are compared."""
    hooks.add(receiver.url, VERDICT)
    told = contest_entry(5), contest_entry(5, subject="customer:2", fact_id="other")
    with hooks.working():
        append(hooks, *told)
        wait_until_told(hooks)
        assert receiver.got == []
        append(hooks, point(0), posted(0, "web"))
        eventually(lambda: len(receiver.got) >= 2, PATIENCE)
        wait_until_told(hooks)
    last = {one["position"]: (one["then"], one["now"]) for one in changes(receiver)}
    assert last == {position(hooks, one): (["P03"], []) for one in told}


def test_nothing_late_begins_no_audit(mailed: Hooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts in order are looked at and nobody is judged anew; a webhook of other kinds causes no look at all."""
    begun = list[int]()
    whole = verdict_changes.VerdictChanges._scope

    def counted(self: verdict_changes.VerdictChanges, connection: Any, place: int) -> Any:  # noqa: ANN401
        begun.append(place)
        return whole(self, connection, place)

    monkeypatch.setattr(
        verdict_changes.VerdictChanges,
        "_scope",
        counted,
    )
    mailed.add(receiver.url, VERDICT)
    with mailed.working():
        append(mailed, message(7), opt_out(9), contest_entry(11, subject="customer:3", fact_id="third"))
        wait_until_told(mailed)
    assert begun == []
    assert receiver.got == []


def test_systems_with_copies_are_not_told(mailed: Hooks, receiver: Receiver) -> None:
    """Without its kind a webhook hears of the opt-out and nothing of promises; the command's default leaves it out."""
    assert VERDICT not in FOR_COPIES
    name, _ = mailed.add(receiver.url)
    with mailed.working():
        append(mailed, opt_out(3))
        eventually(lambda: mailed.state(name).delivered == 1)
    assert [got.event["type"] for got in receiver.got] == ["pledger.opted_out.v1"]
    assert not is_compared(mailed)


def test_from_the_beginning_and_of_the_erased(mailed: Hooks, receiver: Receiver) -> None:
    """A webhook that begins at 0 is told what changed before it was made, also of somebody erased, in codes alone."""
    append(mailed, opt_out(3), order(2), erased(17850))
    mailed.add(receiver.url, VERDICT, since=0)
    with mailed.working():
        wait_until_told(mailed)
    ((place,),) = mailed.run(b"SELECT position FROM events WHERE topic = 'MessageSent.v1'")
    (one,) = [one for one in changes(receiver) if one["position"] == place]
    assert (one["then"], one["now"]) == ([], BROKEN)
    assert all(set(each) == {"position", "known_at", "then", "now"} for each in changes(receiver))
    assert not [got for got in receiver.got if b"example" in got.body]


def test_browsers_are_left_out(mailed: Hooks, receiver: Receiver) -> None:
    """A browser's cookie is judged otherwise since a late refusal; no delivery is made of it, but the list has it."""
    mailed.add(receiver.url, VERDICT)
    cookie = example("cookie_set")
    refused = fact("cookies_refused", -1, {}, subject="visitor:b-1", fact_id="late-refusal")
    with mailed.working():
        append(mailed, cookie, refused)
        wait_until_told(mailed)
    assert mailed.run(b"SELECT 1 FROM webhook_deliveries") == []
    assert receiver.got == []


def test_linked_people(mailed: Hooks, receiver: Receiver) -> None:
    """What is told on one stream of a person changes verdicts on the other, and is told of that one."""
    append(mailed, contest_entry(1, subject="customer:2", fact_id="second"))
    append(mailed, fact("link", 2, {"with": "customer:2", **_login()}, fact_id="joined"))
    place = position(mailed, message(5))
    mailed.add(receiver.url, VERDICT)
    with mailed.working():
        append(mailed, opt_out(3, subject="customer:2"))
        eventually(lambda: receiver.got, PATIENCE)
    (one,) = changes(receiver)
    assert (one["position"], one["now"]) == (place, BROKEN)


def _login() -> dict[str, Any]:
    return {"verified": verified("customer:2")["verified"]}


def test_a_comparison_that_fails_ends_nothing(
    mailed: Hooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be worked out is logged by its code and tried again; opt-outs are sent all the same."""
    monkeypatch.setattr(verdict_changes, "_compare", _ends)
    name, _ = mailed.add(receiver.url, VERDICT, MessageKind.OPT_OUT)
    with caplog.at_level(logging.ERROR), mailed.working():
        append(mailed, opt_out(3))
        eventually(lambda: "process_ended" in caplog.text, PATIENCE)
        append(mailed, opt_out(4, "physical_mailings"))
        eventually(lambda: mailed.state(name).delivered == 2)
    assert not is_compared(mailed)
    assert changes(receiver) == []


def _ends(*_: object) -> None:
    """End the process without an answer."""
