"""Messages: which of P11, P17, P18 and P20 they break, under the three readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference.newsletters import MAIL, POSTAL, Newsletters, opens
from tests.reference.readings import HARMONISED

if TYPE_CHECKING:
    from tests.reference.history import History, Line, When
    from tests.reference.readings import Reading


def broken_by(message: Line, history: History, reading: Reading = HARMONISED) -> dict[str, str]:
    """Return what a message breaks, or leaves undecided, of P11, P17, P18 and P20, under a reading."""
    found = Messages(history, reading).broken_by(message)
    if reading.reopens != reading.asks:
        # Only P18 says when an opt-out is over; what follows from that otherwise is decided by the harmonised reading.
        of_p18 = Messages(history, reading._replace(asks=reading.reopens)).broken_by(message).get("P18")
        found = {one: status for one, status in found.items() if one != "P18"} | ({"P18": of_p18} if of_p18 else {})
    if reading.link_in_any and message.data["channel"] == "email" and not message.data["unsubscribe_link"]:
        found["P17"] = "broken"
    return found


class Messages(Newsletters):
    """What messages break of what is owed."""

    def __init__(self, history: History, reading: Reading = HARMONISED) -> None:
        super().__init__(history, reading.asks)
        self.reading = reading
        self.ledger = Newsletters(history)
        """What the ledger enrolls."""

    def is_in(self, name: str, program: str, until: When, *, but_for_addresses: bool = False) -> bool:
        """Return whether a person is enrolled by an act that counts under the reading."""
        return self.ledger.enrolled(
            name, program, until, but_for_addresses=but_for_addresses, routes=self.reading.routes
        )

    def broken_by(self, message: Line) -> dict[str, str]:
        """Return what a message breaks, or leaves undecided, of P11, P17, P18 and P20."""
        program = message.data.get("program")
        if message.data["purpose"] == "direct_marketing":
            program = {"email": MAIL, "post": POSTAL}[message.data["channel"]]
        if program is None:
            return {}
        peace = ("P17", "P18") if program == MAIL else ("P20",)
        if message.subject.startswith("email:"):
            return self._under_address(message, program, peace)
        until, name = message.when, message.subject
        to = (message.data.get("to") or "").removeprefix("email:") or None
        address = to or self.history.current(name, until)
        then = None if to or program != MAIL else self.history.current_as_told(name, message)
        found = self._to(message, program, address, to)
        if then is None or then == address:
            return found
        # "where that differs from what was known when it was told, the promises about it are indeterminate."
        other = self._to(message, program, then, None)
        undecided = {"P11", "P17"} | ({"P18"} if self._has_left(name, until) else set())
        return {
            one: "broken" if found.get(one) == other.get(one) == "broken" else "indeterminate"
            for one in sorted(undecided | found.keys() | other.keys())
        }

    def _has_left(self, name: str, until: When) -> bool:
        """Return whether the person, or an address on their record, had ever left the program of e-mail."""
        person = self.history.joined(name, until)
        held = {one for _, one in self.history.on_record(person, until)}
        return any(
            one.data["program"] == MAIL and one.when < until and (one.subject in person or self.address_of(one) in held)
            for one in self.opt_outs
        )

    def _to(self, message: Line, program: str, address: str | None, to: str | None) -> dict[str, str]:
        """Return what a message breaks, or leaves undecided, if it went to an address; it may have said so itself."""
        until, name = message.when, message.subject
        peace = ("P17", "P18") if program == MAIL else ("P20",)
        owed, is_bound = self.owed(name, program, until), self.is_any_bound(name, address, program, until)
        found: dict[str, str] = {}
        if owed or is_bound:
            found |= dict.fromkeys(peace, "broken")
        if not self.is_in(name, program, until, but_for_addresses=owed or is_bound):
            found["P11"] = "broken"
        on_record = {one for _, one in self.history.on_record(self.history.joined(name, until), until)}
        if program == MAIL and not message.data["unsubscribe_link"]:
            found["P17"] = "broken"
        if program == MAIL and to and to not in on_record:
            found = {"P11": "indeterminate", "P17": "indeterminate", **found}
        if not owed and not is_bound and self.reaches(name, address, program, until):
            found = {**dict.fromkeys(peace, "indeterminate"), **found}
            if "P11" in found and any(program in opens(one) for one in self.history.of(name, until)):
                found["P11"] = "indeterminate"
        return found

    def _under_address(self, message: Line, program: str, peace: tuple[str, ...]) -> dict[str, str]:
        until, address = message.when, message.subject.removeprefix("email:")
        holders = [
            person
            for person in self.history.people(until)
            if any(address == one for _, one in self.history.on_record(person, until))
        ]
        owed = [self.owed(min(person), program, until) for person in holders]
        enrolled = [self.is_in(min(person), program, until) for person in holders]
        found: dict[str, str] = {}
        if self.is_bound(address, program, until) or (any(owed) and not any(enrolled)):
            found = dict.fromkeys(peace, "broken")
        elif any(enrolled) and any(owed):
            found = dict.fromkeys(peace, "indeterminate")
        if any(owed) or (holders and self.is_bound(address, program, until)):
            found["P11"] = "indeterminate"
        elif not any(enrolled):
            found["P11"] = "broken"
        if program == MAIL and not message.data["unsubscribe_link"]:
            found["P17"] = "broken"
        return found
