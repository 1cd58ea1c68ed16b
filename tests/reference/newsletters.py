"""Who is owed peace, and who is enrolled.

Each paragraph follows a sentence of the wire contract, in the slowest and plainest way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.reference.history import EMAIL, POST
from tests.reference.parted import left_by_links
from tests.reference.readings import HARMONISED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tests.reference.history import History, Line, When

MAIL: Final = "email_marketing"
POSTAL: Final = "physical_mailings"
NEEDED: Final = {MAIL: EMAIL, POSTAL: POST}


def opens(line: Line) -> set[str]:
    """Return the programs into which a line enrolls, where nothing stands against it."""
    if line.kind != "collection":
        return set()
    act, asked = line.data["act"], line.data.get("requests", ())
    found = {
        "contest_entry": {MAIL},
        "promotional_request": {MAIL},
        "order": {MAIL},
        "catalog_request": {POSTAL},
        "registration": {program for word, program in (("updates", MAIL), ("catalog", POSTAL)) if word in asked},
    }.get(act, set())
    return {program for program in found if NEEDED[program] in line.data["values"]}


def lifts(line: Line, asks: Collection[str]) -> set[str]:
    """Return the programs that a line asks for anew: a purchase asks for nothing."""
    by_mail = {MAIL} if line.data.get("act") in asks and EMAIL in line.data["values"] else set()
    by_mail &= opens(line) if line.data.get("act") == "registration" else {MAIL}
    return by_mail | (opens(line) & {POSTAL})


class Newsletters:
    """What is owed to whom in the two programs."""

    def __init__(self, history: History, asks: Collection[str] = HARMONISED.asks) -> None:
        self.history = history
        self.asks = asks
        self.opt_outs = [one for one in history.lines if one.kind == "opt_out"]

    # Opt-outs.

    def address_of(self, opt_out: Line) -> str | None:
        """Return the address that an opt-out binds: told under a contact name, or by the link of a message."""
        if opt_out.subject.startswith("email:"):
            return opt_out.subject.removeprefix("email:")
        if opt_out.data["via"] != "unsubscribe_link":
            return None
        to = opt_out.data.get("to")
        return to.removeprefix("email:") if to else self.history.current(opt_out.subject, opt_out.when)

    def binds(self, opt_out: Line, name: str, until: When) -> bool:
        """Return whether an opt-out is this person's: their own, or of the address that was current for them."""
        person = self.history.joined(name, until)
        if opt_out.subject in person:
            return True
        address, program = self.address_of(opt_out), opt_out.data["program"]
        if address is None:
            return False
        if program == POSTAL:
            return any(address == one for _, one in self.history.on_record(person, opt_out.when))
        return any(address == self.history.current(one, opt_out.when) for one in person)

    def asked(self, name: str, program: str, since: When, until: When, linked: When | None = None) -> Iterator[Line]:
        """Return the acts by which a person asked anew, in between; the same one told again asks for nothing."""
        return self.asked_among(self.history.of(name, until, linked), program, since)

    def asked_among(self, told: list[Line], program: str, since: When) -> Iterator[Line]:
        """Yield the acts among these by which their person asked anew since a moment."""
        for one in told:
            if one.when > since and program in lifts(one, self.asks) and not self.is_repeat(one, told, since):
                yield one

    @staticmethod
    def is_repeat(line: Line, told: Iterable[Line], since: When) -> bool:
        """Return whether the same act and reference was there before the opt-out."""
        return any(
            one.kind == "collection"
            and (one.data["act"], one.data["reference"]) == (line.data["act"], line.data["reference"])
            for one in told
            if one.when < since
        )

    def owed(
        self, name: str, program: str, until: When, *, by_themself: bool = False, linked: When | None = None
    ) -> bool:
        """Return whether a person is owed peace at a moment: an opt-out of theirs that they did not lift.

        `linked`: on the streams that are one person's then.
        """
        person = self.history.joined(name, linked or until)
        return any(
            (one.subject in person if by_themself else self.binds(one, name, linked or until))
            and not any(self.asked(name, program, one.when, until, linked))
            for one in self.opt_outs
            if one.data["program"] == program and one.when < until
        ) or any(self._left_by_links(name, program, until, linked or until))

    def _left_by_links(self, name: str, program: str, until: When, linked: When) -> Iterator[Line]:
        """Yield what protected a person through a link that was undone, "until its own person lifts it"."""
        for one, both, own in left_by_links(self.history, name, "opt_out", linked):
            told = ([line for line in each if line.when < until] for each in (both, own))
            is_lifted = any(any(self.asked_among(each, program, one.when)) for each in told)
            if one.data["program"] == program and one.when < until and not is_lifted:
                yield one

    def is_bound(self, address: str | None, program: str, until: When) -> bool:
        """Return whether an address is bound: only who had it then, or was verified for it, lifts it with it."""
        if address is None:
            return False
        return any(
            not any(self.lifts_address(one, address, opt_out, until) for one in self.history.lines)
            for opt_out in self.opt_outs
            if opt_out.data["program"] == program and opt_out.when < until and self.address_of(opt_out) == address
        )

    def lifts_address(self, line: Line, address: str, opt_out: Line, until: When) -> bool:
        """Return whether a line lifts an opt-out of an address."""
        program = opt_out.data["program"]
        if (
            not opt_out.when < line.when < until
            or program not in lifts(line, self.asks)
            or address not in self.history.given(line)
        ):
            return False
        if self.is_repeat(line, self.history.of(line.subject, line.when), opt_out.when):
            return False
        person = self.history.joined(line.subject, line.when)
        stood = any(address == one for _, one in self.history.on_record(person, opt_out.when))
        verified = f"email:{address}" in person or any(
            one.kind == "contact_confirmed" and one.data["contact"] == f"email:{address}" and one.subject in person
            for one in self.history.lines
            if one.when < line.when
        )
        return stood or verified

    def reaches(self, name: str, address: str | None, program: str, until: When) -> bool:
        """Return whether somebody opted out under a number whose current address a record without one holds.

        Of a message by e-mail that is the address to which it goes; of one by post, any that stands on record.
        """
        person = self.history.joined(name, until)
        if any(one.startswith("customer:") for one in person):
            return False
        held = {address} if program == MAIL else {one for _, one in self.history.on_record(person, until)}
        for opt_out in self.opt_outs:
            if opt_out.data["program"] != program or not opt_out.when < until:
                continue
            others = self.history.joined(opt_out.subject, opt_out.when)
            current = self.history.current(opt_out.subject, opt_out.when)
            has_number = any(one.startswith("customer:") for one in others)
            is_lifted = any(self.asked(opt_out.subject, program, opt_out.when, until))
            if has_number and current is not None and current in held and not is_lifted:
                return True
        return False

    def is_any_bound(self, name: str, address: str | None, program: str, until: When) -> bool:
        """Return whether what a message uses is bound; a postal opt-out binds for every record that holds its name."""
        if program == MAIL:
            return self.is_bound(address, MAIL, until)
        person = self.history.joined(name, until)
        return any(self.is_bound(one, POSTAL, until) for _, one in self.history.on_record(person, until))

    # Enrollment.

    def enrolled(
        self,
        name: str,
        program: str,
        until: When,
        *,
        but_for_addresses: bool = False,
        routes: Collection[str] = HARMONISED.routes,
    ) -> bool:
        """Return whether a person is enrolled: by an act of theirs since the last opt-out, not all cancelled.

        Or whether they would be, if no opt-out of an address counted. `routes`: the acts that count.
        """
        told = self.history.of(name, until)
        for one in told:
            if program not in opens(one) or one.data["act"] not in routes:
                continue
            after = (one.at, one.when[1], one.number + 0.5)
            by = {"by_themself": but_for_addresses}
            if self.owed(name, program, after, linked=until, **by) or self._ended(name, program, one, until, **by):
                continue
            address = one.data["values"].get(EMAIL)
            if not but_for_addresses and self.reaches(name, address, program, after):
                continue
            if not but_for_addresses and self.is_any_bound(name, address, program, after):
                continue
            is_cancelled = one.data["act"] == "order" and any(
                other.kind == "order_cancelled" and other.data["reference"] == one.data["reference"] for other in told
            )
            if not is_cancelled:
                return True
        return False

    def _ended(self, name: str, program: str, line: Line, until: When, *, by_themself: bool) -> bool:
        person = self.history.joined(name, until)
        return any(
            one.data["program"] == program
            and line.when < one.when < until
            and (one.subject in person if by_themself else self.binds(one, name, until))
            for one in self.opt_outs
        )

    def out(self, name: str, program: str, until: When) -> bool:
        """Return whether a decision says no: owed peace, a bound address, or an opt-out under a number that reaches."""
        address = self.history.current(name, until)
        return (
            self.owed(name, program, until)
            or self.is_any_bound(name, address, program, until)
            or self.reaches(name, address, program, until)
        )
