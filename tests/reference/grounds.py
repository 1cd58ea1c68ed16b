"""What uses and shares rest on, and which promises they break, under the three readings of the web shop's policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.reference.history import EMAIL, POST
from tests.reference.newsletters import MAIL, POSTAL, Newsletters, opens
from tests.reference.parted import left_by_links
from tests.reference.readings import HARMONISED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tests.reference.history import History, Line
    from tests.reference.readings import Reading

COMPLETION: Final = {
    *("complete_order", "deliver_order", "confirm_delivery", "take_payment", "handle_return", "keep_books"),
}
SERVED: Final = {
    "order": COMPLETION,
    "gift": {"deliver_order", "confirm_delivery"},
    "inbound_message": {"answer_message"},
}
KNOWN: Final = {
    *COMPLETION,
    *("answer_message", "direct_marketing", "fulfil_catalog_request", "run_contest", "deliver_ads"),
    *("measure_activity", "track_visits", "track_performance", "test_layouts", "improve_site", "verify_identity"),
    *("answer_rights_request", "legal_obligation"),
}
OF_AN_ACT: Final = KNOWN - {
    *("deliver_ads", "measure_activity", "track_visits", "track_performance", "test_layouts", "improve_site"),
}
FREE: Final = {"verify_identity", "answer_rights_request", "legal_obligation"}
NAME, PHONE, PAYMENT = "user.name", "user.contact.phone_number", "user.payment"
ROLES: Final = {
    "carrier": {NAME, POST, PHONE},
    "customs": {NAME, POST, PHONE},
    "payment": {NAME, PAYMENT, POST},
    "workshop": set(),
    "mail_service": {EMAIL},
    "helpdesk": {EMAIL, "user.content"},
    "advertiser": set(),
}
TO: Final = {"order": {"carrier", "customs", "payment", "workshop"}, "gift": {"carrier", "customs"}}
USES: Final = {"order": ("P04",), "gift": ("P06",), "inbound_message": ("P08", "P09")}
SHARES: Final = {"order": ("P05",), "gift": ("P07",), "inbound_message": ("P09",)}
OFFERED: Final = timedelta(days=30)


def covers(above: str, below: str) -> bool:
    """Return whether a category is another one, or stands above it."""
    return below == above or below.startswith(f"{above}.")


class Grounds:
    """What may be done with what was collected; every recipient's registration is its role's name."""

    def __init__(self, history: History, reading: Reading = HARMONISED) -> None:
        self.history = history
        self.reading = reading
        self.newsletters = Newsletters(history)

    def broken_by(self, line: Line) -> dict[str, str]:
        """Return what a use or share breaks, or leaves undecided."""
        found: dict[str, str] = {}
        limits = SHARES if line.kind == "share" else USES
        rests_on_nothing = False
        for category in line.data["categories"]:
            parts = self.parts(line, category)
            if not parts:
                rests_on_nothing = True
                found = {**{one: "indeterminate" for act in limits for one in limits[act]}, **found}
            for held in parts.values():
                if not any(self.permits(line, one) for one in held):
                    found |= dict.fromkeys(limits[held[-1].data["act"]], "broken")
        return {**found, **self.by_purpose(line, rests_on_nothing=rests_on_nothing)}

    def of_message(self, line: Line) -> dict[str, str]:
        """Return what a message outside a program breaks, or leaves undecided: it uses the address of its channel.

        "A catalog sent outside a program relies on that person's catalog request; without one, P11 as well."
        """
        used = [{"email": EMAIL, "post": POST}[line.data["channel"]]]
        found = self.broken_by(replace(line, kind="use", data={**line.data, "categories": used}))
        told = self.history.of(line.subject, line.when)
        routes = self.reading.routes
        asked = [one for one in told if one.data.get("act") == "catalog_request" or POSTAL in opens(one)]
        asked = [one for one in asked if one.data["act"] in routes]
        if line.data["purpose"] == "fulfil_catalog_request" and not asked:
            found["P11"] = "broken"
        return found

    def parts(self, line: Line, category: str) -> dict[str, list[Line]]:
        """Return what holds a category, or each part of it: the collections among which one must permit."""
        told = [one for one in self.history.of(line.subject, line.when) if one.kind == "collection"]
        held = {value for one in told for value in one.data["values"]}
        parts = {category} if any(covers(one, category) for one in held) else set()
        parts |= {one for one in held if covers(category, one)}
        found = {}
        for part in parts:
            holding = [one for one in told if any(covers(value, part) for value in one.data["values"])]
            cited = [(one["act"], one["reference"]) for one in line.data.get("relying_on", ())]
            relied = [one for one in holding if (one.data["act"], one.data["reference"]) in cited]
            named = [one for one in holding if one.data["reference"] == line.data.get("reference")]
            found[part] = relied or named or holding
        return found

    def permits(self, line: Line, collection: Line) -> bool:
        """Return whether a collection permits a use or share of what it holds."""
        act, purpose = collection.data["act"], line.data["purpose"]
        if act not in SERVED or purpose in FREE:
            return True
        is_for = line.data.get("reference") in {None, collection.data["reference"]}
        is_served = purpose in SERVED[act] and is_for
        if act == "order" and self.reading.is_cured and self._was_offered(line):
            return True
        if line.kind == "use":
            return is_served or (act == "order" and self._is_marketing(line, self.reading.marketed))
        role, categories = line.data["recipient"], set(line.data["categories"])
        if act == "inbound_message":
            return self.reading.helpdesk and is_served and role == "helpdesk" and categories <= ROLES[role]
        if act == "gift":
            is_served = purpose in COMPLETION and is_for
        is_needed = all(any(covers(one, each) for one in ROLES[role]) for each in categories)
        if act == "order" and role == "mail_service" and self._is_marketing(line, {EMAIL}):
            return is_needed
        return is_served and role in TO[act] and is_needed

    def by_purpose(self, line: Line, *, rests_on_nothing: bool) -> dict[str, str]:
        """Return what a use or share breaks whatever it rests on: advertisers, marketing, unrelated purposes."""
        purpose, found = line.data["purpose"], {}
        allowed = self.reading.to_advertisers
        is_beyond = not all(any(covers(each, one) for each in allowed) for one in line.data["categories"])
        if line.kind == "share" and line.data["recipient"] == "advertiser" and is_beyond:
            found["P12"] = "broken"
        if purpose == "direct_marketing":
            needed = [one for one, contact in ((MAIL, EMAIL), (POSTAL, POST)) if self._uses(line, contact)]
            are = [
                self.newsletters.enrolled(line.subject, one, line.when, routes=self.reading.routes)
                for one in needed or (MAIL, POSTAL)
            ]
            if not (all(are) if needed else any(are)):
                found["P11"] = "broken"
        is_unrelated = purpose not in KNOWN or (rests_on_nothing and purpose not in OF_AN_ACT)
        if is_unrelated and not self._was_offered(line):
            found["P14"] = "broken"
        return found

    def _uses(self, line: Line, contact: str) -> bool:
        return any(covers(one, contact) for one in line.data["categories"])

    def _is_marketing(self, line: Line, allowed: Collection[str]) -> bool:
        if not self.reading.opens_orders:
            return False
        is_within = all(any(covers(each, one) for each in allowed) for one in line.data["categories"])
        is_enrolled = self.newsletters.enrolled(line.subject, MAIL, line.when)
        return line.data["purpose"] == "direct_marketing" and is_within and is_enrolled

    def _was_offered(self, line: Line) -> bool:
        told: Sequence[Line] = self.history.of(line.subject, line.when)
        about = [one for one in told if one.data.get("purpose") == line.data["purpose"]]
        at = datetime.fromisoformat(line.at)
        stood = any(one.kind == "opt_out_offer" and at - datetime.fromisoformat(one.at) >= OFFERED for one in about)
        left = (one for one, *_ in left_by_links(self.history, line.subject, "objection", line.when))
        about += [one for one in left if one.data["purpose"] == line.data["purpose"]]
        return stood and not any(one.kind == "objection" for one in about)
