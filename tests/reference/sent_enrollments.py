"""Enrollments that a service sends: P10, P11, P15, P16, P18 and P19."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.reference.history import EMAIL
from tests.reference.newsletters import MAIL, POSTAL, Newsletters

if TYPE_CHECKING:
    from tests.reference.history import History, Line

ACT_OF: Final = {
    "contest_entry": "contest_entry",
    "promotional_request": "promotional_request",
    "purchase": "order",
    "registration": "registration",
    "catalog_request": "catalog_request",
}
WORD_OF: Final = {MAIL: "updates", POSTAL: "catalog"}


def broken_by(line: Line, history: History) -> set[str]:
    """Return what an enrollment breaks, of somebody who is known by more than a gift."""
    newsletters = Newsletters(history)
    cause, program = line.data["cause"], line.data["program"]
    is_out = newsletters.owed(line.subject, program, line.when)
    cited = _cited(line, history)
    found = set()
    if cause in {"import", "staff"}:
        found.add("P11")
    elif cause in {"contest_entry", "promotional_request"}:
        found |= {"P15"} if program != MAIL or cited is None or EMAIL not in cited.data["values"] else set()
    elif cause == "purchase":
        is_bought = cited is not None and not _is_cancelled(cited, line, history)
        found |= set() if program == MAIL and is_bought and not is_out else {"P16"}
    elif cause == "registration":
        found |= set() if cited is not None and WORD_OF[program] in cited.data["requests"] else {"P10"}
    elif program == MAIL:
        found.add("P15")
    elif cited is None:
        found.add("P19")
    if program == MAIL and is_out and not _asks_anew(cited, line, history):
        found.add("P18")
    return found


def _asks_anew(cited: Line | None, line: Line, history: History) -> bool:
    """Return whether what an enrollment cites is a lifting act since the last opt-out, though it gave no address."""
    if cited is None or cited.data["act"] not in {"contest_entry", "promotional_request"}:
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
