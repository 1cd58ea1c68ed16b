"""Enrollments that a service sends: P04, P10, P11, P15, P16, P18 and P19, under the three readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.reference.history import EMAIL
from tests.reference.newsletters import MAIL, POSTAL, Newsletters
from tests.reference.readings import HARMONISED

if TYPE_CHECKING:
    from tests.reference.history import History, Line
    from tests.reference.readings import Reading

ACT_OF: Final = {
    "contest_entry": "contest_entry",
    "promotional_request": "promotional_request",
    "purchase": "order",
    "registration": "registration",
    "catalog_request": "catalog_request",
}
WORD_OF: Final = {MAIL: "updates", POSTAL: "catalog"}


def broken_by(line: Line, history: History, reading: Reading = HARMONISED) -> set[str]:
    """Return what an enrollment breaks under a reading, of somebody who is known by more than a gift."""
    cause, program = line.data["cause"], line.data["program"]
    is_out = Newsletters(history, reading.asks).owed(line.subject, program, line.when)
    cited = _cited(line, history)
    found = set() if _opens(cause, program, reading) else {"P11"}
    if cause in {"contest_entry", "promotional_request"}:
        found |= {"P15"} if program != MAIL or cited is None or EMAIL not in cited.data["values"] else set()
    elif cause == "purchase":
        is_bought = cited is not None and not _is_cancelled(cited, line, history)
        found |= set() if program == MAIL and is_bought and not is_out else {"P16"}
        # One that names no order rests on none that had been cancelled.
        rests = cited is not None and (is_bought or line.data.get("reference"))
        found |= {"P04"} if rests and not reading.opens_orders else set()
    elif cause == "registration":
        found |= set() if cited is not None and WORD_OF[program] in cited.data["requests"] else {"P10"}
    elif cause == "catalog_request" and program == MAIL:
        is_one = "catalog_request" in reading.reopens and cited is not None and EMAIL in cited.data["values"]
        found |= set() if is_one else {"P15"}
    elif cause == "catalog_request" and cited is None:
        found.add("P19")
    is_left = Newsletters(history, reading.reopens).owed(line.subject, program, line.when)
    if program == MAIL and is_left and not _asks_anew(cited, line, history, reading):
        found.add("P18")
    return found


def _opens(cause: str, program: str, reading: Reading) -> bool:
    """Return whether a cause opens a program: P11, "each limited to its channel"."""
    act = ACT_OF.get(cause)
    if act not in reading.routes or act == "registration":
        return act in reading.routes
    if act == "catalog_request":
        return program == POSTAL or act in reading.reopens
    return program == MAIL


def _asks_anew(cited: Line | None, line: Line, history: History, reading: Reading) -> bool:
    """Return whether what an enrollment cites is a lifting act since the last opt-out, though it gave no address."""
    if cited is None or cited.data["act"] not in reading.reopens:
        return False
    if cited.data["act"] == "registration" and "updates" not in cited.data["requests"]:
        return False
    told = history.of(line.subject, line.when)
    outs = [one for one in told if one.kind == "opt_out" and one.data["program"] == MAIL]
    known = [one for one in told if one.kind == "collection" and one.when < outs[-1].when] if outs else []
    is_repeat = any(_name(one) == _name(cited) for one in known)
    return bool(outs) and cited.when > outs[-1].when and not is_repeat


def _cited(line: Line, history: History) -> Line | None:
    """Return the collection that an enrollment names, else the latest of its cause's act."""
    told = [
        one
        for one in history.of(line.subject, line.when)
        if one.kind == "collection" and one.data["act"] == ACT_OF.get(line.data["cause"])
    ]
    named = line.data.get("reference")
    told = [one for one in told if named in {None, one.data["reference"]}]
    return told[-1] if told else None


def _is_cancelled(order: Line, line: Line, history: History) -> bool:
    return any(
        one.kind == "order_cancelled" and one.data["reference"] == order.data["reference"]
        for one in history.of(line.subject, line.when)
    )


def _name(collection: Line) -> tuple[str, str]:
    return collection.data["act"], collection.data["reference"]
