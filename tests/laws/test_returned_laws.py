"""Who left before an erasure or an unlink: a ledger and a trace agree, and the opt-out is what is shown."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from domain.events.suppressions import SuppressionRecalled
from domain.records.customer import LAST
from domain.times import rfc3339
from tests.laws.as_told import audited, said, told
from tests.laws.numbers import least_of, part_of
from tests.laws.test_late_of_erased_laws import facts_in, statements

if TYPE_CHECKING:
    from domain.audit.trace import MemoryStore
    from domain.facts import Fact

HISTORIES = part_of(250)
LEAST = least_of(20)
"""How many histories of each sort are generated."""
PAIRS = (
    *(("1", "2"), ("1", "a@"), ("1", "guest:f"), ("guest:f", "1"), ("guest:f", "a@")),
    *(("a@", "1"), ("a@", "2"), ("a@", "guest:f")),
)
"""Who is erased, and who else is told of."""
DONE = (
    "contest_entry C-{n} email=a",
    "contest_entry C-{n} email=b",
    "order O-{n} email=a",
    "out email",
    "mail",
    "confirm email:a@example.com",
)
LINKED = (
    "contest_entry C-{n} email=a",
    "contest_entry C-{n} email=b",
    "out email",
    "mail",
    "mail",
    "order O-{n} email=b",
)


def history(chance: random.Random, done: tuple[str, ...], names: tuple[str, ...], lines: int) -> list[str]:
    """Return lines of any times, in the notation of the verdicts."""
    return [
        f"04-{day:02} {chance.choice(names)} {chance.choice(done).format(n=number)}"
        for number, day in enumerate(chance.sample(range(1, 25), lines), 1)
    ]


def returned(chance: random.Random) -> list[str]:
    """Return a history with an erasure, before and after which anything is told of any time."""
    names = chance.choice(PAIRS)
    lines = history(chance, DONE, names, chance.randint(4, 7))
    lines.insert(chance.randint(1, 3), f"04-10 {names[0]} erase")
    return [*lines, f"04-25 {chance.choice(names)} mail"]


def parted(chance: random.Random) -> list[str]:
    """Return a history in which two are linked and parted, with anything told before and after both."""
    names = ("1", "2")
    lines = history(chance, LINKED, names, chance.randint(3, 6))
    lines.insert(chance.randint(0, 1), "04-03 1 link 2")
    parts = chance.randint(2, len(lines))
    return [*lines[:parts], "04-14 1 unlink 2", *lines[parts:], f"04-25 {chance.choice(names)} mail"]


def shown_otherwise(facts: list[Fact], document: dict[str, Any]) -> list[str]:
    """Return what an audit shows as the opt-out behind a breach and is none, by its name or by its date."""
    outs = {str(one.name): one for one in facts if one.type == "pledger.opt_out.v1"}
    times = {rfc3339(one.time) for one in outs.values()}
    found = []
    for promise in ("P17", "P18"):
        verdict = document["readings"]["harmonised"][promise]
        is_shown = all("opted_out_at" in one["particulars"] for one in verdict["violations"])
        if verdict["violations"] and is_shown:
            found += [f"{promise} {one}" for one in verdict["evidence"] if one not in outs]
        for one in verdict["violations"]:
            given = one["particulars"].get("opted_out_at", [])
            dates = given if isinstance(given, list) else [given]
            found += [f"{promise} {at}" for at in dates if at not in times]
    return found


@pytest.mark.parametrize(
    "lines",
    [
        (
            "03-01 a@ contest_entry O-1 email=a; 04-02 a@ erase; 04-03 a@ contest_entry C-1 email=a; "
            "04-01 a@ out email; 05-01 a@ mail"
        ),
        (
            "03-01 1 contest_entry O-1 email=a; 04-02 1 erase; 04-03 1 contest_entry C-1 email=a; 04-01 a@ out email; "
            "05-01 a@ mail"
        ),
        (
            "04-01 guest:f contest_entry O-2 email=a; 04-03 1 contest_entry O-1 email=a; 05-02 guest:f erase; "
            "05-03 guest:f contest_entry C-1 email=a; 05-01 1 out email; 06-01 guest:f mail"
        ),
    ],
)
def test_who_asked_anew_is_in_whenever_the_opt_out_is_told(lines: str) -> None:
    """An opt-out of before the erasure, told after the return, is lifted by what the person asked for since."""
    facts = facts_in(lines)
    for in_time in (False, True):
        found = statements(facts, in_time=in_time)
        assert {found[f"{promise} harmonised"] for promise in ("P11", "P17")} == {"kept"}


def test_a_late_entry_is_no_return() -> None:
    """Who types the address of somebody erased, in what is told late, is not them, and lifts nothing of theirs."""
    facts = facts_in(
        "04-02 a@ out email; 04-10 a@ erase; 04-08 guest:f contest_entry C-4 email=a; "
        "04-15 guest:f contest_entry C-5 email=a; 04-25 a@ mail; 04-26 guest:f mail"
    )
    for in_time in (False, True):
        found = statements(facts, in_time=in_time)
        assert {found[f"{promise} harmonised"] for promise in ("P17", "P18")} == {"broken"}


@pytest.mark.parametrize("out", ["04-02 a@ out email", "04-09 1 out email"])
def test_what_binds_a_forgotten_address_is_undecided(out: str) -> None:
    """Whenever the opt-out is told, mail to a guest whose one address is kept as an erased person's is undecided."""
    told_first, erased = "04-01 1 contest_entry C-1 email=a", "04-10 1 erase"
    late, mailed = "04-08 guest:f contest_entry C-4 email=a", "04-25 guest:f mail"
    for lines in (
        (told_first, out, erased, late, mailed),
        (told_first, erased, out, late, mailed),
        (told_first, erased, late, out, mailed),
        (told_first, erased, late, mailed, out),
        (told_first, erased, mailed, out, late),
    ):
        for in_time in (False, True):
            found = statements(facts_in("; ".join(lines)), in_time=in_time)
            verdicts = {promise: found[f"{promise} harmonised"] for promise in ("P11", "P17", "P18")}
            assert set(verdicts.values()) == {"indeterminate"}, (lines, verdicts)


@pytest.mark.parametrize(
    ("told_too", "status"),
    [("04-12 guest:f order O-2 email=b", "kept"), ("04-01 guest:f order O-2 email=b", "indeterminate")],
)
def test_an_address_that_was_given_since_is_known(told_too: str, status: str) -> None:
    """Mail goes to the address that was given last: where that is on record, what binds it is known."""
    lines = "04-02 1 contest_entry C-1 email=a; {}; 04-10 1 erase; 04-08 guest:f contest_entry C-4 email=a; {}"
    facts = facts_in(lines.format(told_too, "04-25 guest:f mail"))
    for in_time in (False, True):
        assert statements(facts, in_time=in_time)["P17 harmonised"] == status


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("04-10 1 contest_entry C-1 email=a", "kept"),
        ("04-10 2 contest_entry C-1 email=a", "kept"),
        ("04-01 1 contest_entry C-1 email=a", "broken"),
        ("04-15 1 contest_entry C-1 email=a", "broken"),
    ],
)
def test_what_was_asked_for_before_an_unlink_lifts_for_both(asked: str, status: str) -> None:
    """Told only after the unlink, it lifts what goes on binding the other one, in whichever order it is told."""
    linked, parted_, out, mailed = "04-03 1 link 2", "04-14 1 unlink 2", "04-05 1 out email", "04-25 2 mail"
    for lines in (
        (linked, parted_, out, asked, mailed),
        (linked, parted_, asked, out, mailed),
        (linked, parted_, out, mailed, asked),
        (linked, out, parted_, asked, mailed),
    ):
        for in_time in (False, True):
            found = statements(facts_in("; ".join(lines)), in_time=in_time)
            assert found["P17 harmonised"] == status, (lines, in_time)


def _agreed(facts: list[Fact], lines: str) -> tuple[MemoryStore, dict[str, Any]]:
    """Assert that a ledger and a trace agree, and show opt-outs as such; return the ledger and its audit."""
    store = told(facts)
    ledger, trace = audited(store, LAST.at), audited(told(facts, in_time=True), LAST.at)
    assert _statuses(ledger) == _statuses(trace), lines
    assert not shown_otherwise(facts, ledger), lines
    assert not shown_otherwise(facts, trace), lines
    return store, ledger


def test_generated_returns() -> None:
    """With opt-outs, returns and mail of any time on both sides of an erasure, a ledger and a trace agree."""
    chance, seen = random.Random(11), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        lines = "; ".join(returned(chance))
        facts = facts_in(lines)
        store, ledger = _agreed(facts, lines)
        events = [event for own in store.events.values() for event in own]
        seen["recalled"] += any(isinstance(one, SuppressionRecalled) for one in events)
        seen["held before"] += any(getattr(one, "held_before", ()) for one in events)
        for promise in ("P11", "P17"):
            seen[f"{promise} {ledger['readings']['harmonised'][promise]['status']}"] += 1
    assert min(seen[one] for one in ("recalled", "held before", "P17 broken", "P17 kept", "P11 broken")) >= LEAST, seen


def test_generated_orders_of_telling() -> None:
    """Whatever the order in which facts are told after an erasure, the verdicts are the same.

    Mail of the time up to which a name was the erased person's is left out: it goes by what was known when it was told.
    So does mail to somebody of whom another address is told later, so there is one address.
    """
    chance, seen = random.Random(13), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        lines = [line.replace("email=b", "email=a") for line in returned(chance)]
        erased = next(number for number, line in enumerate(lines) if line.endswith("erase"))
        until = max(line[:5] for line in lines[: erased + 1])
        if any(line.endswith("mail") and line[:5] <= until for line in lines[erased + 1 :]):
            continue
        facts = facts_in("; ".join(lines))
        after = facts[erased + 1 :]
        chance.shuffle(after)
        found = [audited(told(one), LAST.at) for one in (facts, [*facts[: erased + 1], *after])]
        verdicts = [{one: each["readings"]["harmonised"][one]["status"] for one in _MARKETING} for each in found]
        assert verdicts[0] == verdicts[1], "; ".join(lines)
        seen[verdicts[0]["P17"]] += 1
    assert min(seen["broken"], seen["kept"]) >= LEAST, seen


def test_generated_unlinks() -> None:
    """Where two were parted, the opt-out shows a breach, by its own date; a ledger and a trace agree."""
    chance, seen = random.Random(14), Counter[str]()  # noqa: S311 - any history will do
    for _ in range(HISTORIES):
        lines = "; ".join(parted(chance))
        facts = facts_in(lines)
        store, ledger = _agreed(facts, lines)
        seen["recalled"] += any(isinstance(one, SuppressionRecalled) for own in store.events.values() for one in own)
        seen[ledger["readings"]["harmonised"]["P17"]["status"]] += 1
    assert min(seen[one] for one in ("recalled", "broken", "kept")) >= LEAST, seen


_MARKETING = ("P11", "P15", "P16", "P17", "P18")


def _statuses(document: dict[str, Any]) -> dict[str, Any]:
    found = said(document)
    return {what: one["status"] if isinstance(one, dict) else len(one) for what, one in found.items()}
