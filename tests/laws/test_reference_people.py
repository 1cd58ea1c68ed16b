"""The audit of a trace agrees with the reference on who people are: children, account holders, the erased."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tests.laws.compared import show, told_of
from tests.reference import parted
from tests.reference.accounts import is_broken_by
from tests.reference.children import Children
from tests.reference.forgotten import Forgotten
from tests.reference.grounds import Grounds
from tests.reference.messages import Messages
from tests.reference.readings import READINGS
from tests.reference.renamed import Renamed

if TYPE_CHECKING:
    from tests.laws.compared import Told
    from tests.reference.history import History, Line

OUTSIDE_PROGRAMS: Final = ("P04", "P06", "P08", "P09", "P11", "P14", "P17", "P18", "P20")
OF_THE_PARTED: Final = ("P04", "P11", "P14", "P17", "P18")
OF_MESSAGES: Final = {"P11", "P17", "P18"}
OF_THE_ERASED: Final = ("P04", "P06", "P08", "P09", "P11", "P17", "P18")


def test_children() -> None:
    """Nothing is collected from a known child but a gift, and what is held of one is erased within thirty days."""
    coverage: Counter[str] = Counter()
    for told in told_of("children"):
        children = Children(told.history, told.as_of)
        broken = {("P23", told.sent(name)) for name in children.broken_by()}
        of_collections = {one for one in told.breaking(["P23"]) if told.lines[one[1]].kind == "collection"}
        assert of_collections == broken, told.text
        assert told.status("P23") == children.status(), told.text
        coverage.update([children.status(), *("a collection" for _ in broken)])
    show(coverage, "broken", "open", "kept", "untested", "a collection")


def test_account_holders() -> None:
    """No contact data of somebody who ever had an account goes to a company of the group."""
    coverage: Counter[str] = Counter()
    for told in told_of("accounts"):
        said = {
            ("P33", name)
            for name, one in told.lines.items()
            if one.kind == "share" and is_broken_by(one, told.history.standing(one))
        }
        assert told.breaking(["P33"]) == said, told.text
        coverage["broken"] += len(said)
        coverage[told.status("P33")] += 1
    show(coverage, "broken", "untested")


def test_numbers_that_were_given_up() -> None:
    """Facts go to whom the number led at their time; the next one is met by what the last was owed."""
    coverage: Counter[str] = Counter()
    for told in told_of("renamed"):
        if any(one.kind == "erasure" for one in told.in_time):
            continue  # Under which of the two lives is asked elsewhere.
        found, renamed = told.statements(OF_THE_ERASED), Renamed(told.lines.values())
        for name, said in renamed.statements().items():
            line = told.lines[told.sent(name)]
            if renamed.life(line) and _is_lifted_late(line.subject, renamed):
                continue
            audited = {one: status for one, status in found.get(told.sent(name), {}).items() if _is_about(line, one)}
            assert _decided(audited) == _decided(said), (name, told.text)
            coverage.update(f"{promise} {status}" for promise, status in said.items())
            coverage["the next one"] += renamed.life(line) > 0
            coverage["kept"] += not said
        lists = {one["event"]: set(one["later"]) for one in told.document["undone"]}
        for end in renamed.ends:
            assert lists[told.sent(end.name)] == set(map(told.sent, renamed.to_retell(end))), told.text
            coverage["to retell"] += len(lists[told.sent(end.name)])
    show(coverage, "the next one", "to retell", "kept", "P04 indeterminate", "P11 broken", "P17 broken")


def test_the_erased() -> None:
    """What is told before an erasure, late of the erased, and of who comes back, by what they stay owed."""
    coverage: Counter[str] = Counter()
    for told in told_of("forgotten"):
        if not _are_erased_in_time(told):
            continue  # A second erasure that is dated before the first.
        found, forgotten = told.statements(OF_THE_ERASED), Forgotten(told.lines.values())
        for name, said in forgotten.statements().items():
            assert _decided(found.get(told.sent(name), {})) == _decided(said), (name, told.text)
            coverage.update(f"{promise} {status}" for promise, status in said.items())
            coverage["kept"] += not said
        coverage["late"] += sum(one.kind in {"message", "use"} for one in forgotten.late)
    show(coverage, "late", "kept", "P04 indeterminate", "P11 broken", "P11 indeterminate", "P17 broken", "P18 broken")


def test_messages_outside_programs() -> None:
    """They rest on collections, and a catalog on a request for it; the strict reading asks for the link."""
    coverage: Counter[str] = Counter()
    for told in told_of("catalogs"):
        for reading in READINGS:
            found = told.statements(OUTSIDE_PROGRAMS, reading.name)
            for name, one in told.lines.items():
                if one.kind == "message" and not _went_elsewhere(one, told.history):
                    said = Grounds(told.history.standing(one), reading).of_message(one)
                    if reading.link_in_any and one.data["channel"] == "email" and not one.data["unsubscribe_link"]:
                        said["P17"] = "broken"
                    assert found.get(name, {}) == said, (reading.name, name, told.text)
                    coverage.update(f"{reading.name} {promise} {status}" for promise, status in said.items())
                    coverage[f"{reading.name} kept"] += not said
    wanted = [f"{one.name} {said}" for one in READINGS for said in ("kept", "P11 broken", "P04 broken", "P08 broken")]
    show(coverage, *wanted, "strict P17 broken")


def test_the_parted() -> None:
    """What protects somebody through a link goes on binding them, and what only the link permitted is undecided."""
    coverage: Counter[str] = Counter()
    for told in told_of("parted"):
        found = told.statements(OF_THE_PARTED)
        for name, one in told.lines.items():
            if one.kind not in {"message", "use"} or _is_at_an_unlink(one, told.history):
                continue
            judged = parted.judged(one, told.history, _of_act)
            said = {promise: status for promise, status in judged.items() if promise in OF_THE_PARTED}
            audited = {each: status for each, status in found.get(name, {}).items() if _is_about(one, each)}
            if _is_bound_by_a_link(said, audited):
                del audited["P11"]
            assert _decided(audited) == _decided(said), (name, told.text)
            coverage.update(f"{promise} {status}" for promise, status in said.items())
            coverage["kept"] += not said
        lists = {one["event"]: set(one["reports"]) for one in told.document["undone"]}
        for name, one in told.lines.items():
            if one.kind == "unlink":
                assert lists[name] == set(map(told.sent, parted.reports(one, told.history))), told.text
                coverage["reports"] += len(lists[name])
    wanted = [f"{one} {status}" for one in ("P04", "P11", "P14", "P17") for status in ("broken", "indeterminate")]
    show(coverage, "kept", "reports", *(one for one in wanted if one not in {"P04 broken", "P14 indeterminate"}))


def _of_act(line: Line, history: History) -> dict[str, str]:
    return Messages(history).broken_by(line) if line.kind == "message" else Grounds(history).broken_by(line)


def _is_about(line: Line, promise: str) -> bool:
    return line.kind == "use" or promise in OF_MESSAGES


def _is_lifted_late(name: str, renamed: Renamed) -> bool:
    """Return whether an opt-out, and what lifted it, were told only after the end of a name: a known limit.

    The opt-out meets the next one when it is told, and what the last one asked for since lifts it no more.
    """
    ended = [one for one in renamed.ends if one.subject == name]
    late = [one for one in renamed.told if one.subject == name and any(_is_late(one, end) for end in ended)]
    return {"opt_out", "collection"} <= {one.kind for one in late}


def _is_late(line: Line, end: Line) -> bool:
    return line.number > end.number and line.at <= end.at


def _went_elsewhere(line: Line, history: History) -> bool:
    """Return whether another address is current at a message's time than was known when it was told."""
    then = history.current_as_told(line.subject, line)
    return line.data["channel"] == "email" and then != history.current(line.subject, line.when)


def _is_at_an_unlink(line: Line, history: History) -> bool:
    """Return whether a fact is of the instant of an unlink after which an opt-out is told late: a known limit.

    What the late opt-out leaves to the other one is dated at that instant, and comes before the fact.
    """
    return any(
        one.at == line.at and any(out.number > one.number and out.at < one.at for out in history.of_kind("opt_out"))
        for one in history.unlinks
    )


def _is_bound_by_a_link(said: dict[str, str], audited: dict[str, str]) -> bool:
    """Return whether a message breaks P11 besides, of somebody owed peace by what was told under the other's number.

    The contract says that an opt-out of an address breaks P11 no more. Of one under a number, which ends what both had
    asked for while they were one, it says neither.
    """
    is_broken = said.get("P17") == audited.get("P17") == audited.get("P11") == "broken"
    return is_broken and "P11" not in said


def _are_erased_in_time(told: Told) -> bool:
    erasures = [one for one in told.lines.values() if one.kind == "erasure"]
    by_name = [[one.at for one in erasures if one.subject == name] for name in {one.subject for one in erasures}]
    return all(one <= other for times in by_name for one, other in pairwise(times))


def _decided(said: dict[str, str]) -> dict[str, str]:
    """Return what is said, but of P18 where P17 is undecided: whether it was tested at all is another question."""
    return {one: status for one, status in said.items() if one != "P18" or said.get("P17") != "indeterminate"}
