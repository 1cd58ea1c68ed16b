"""Requests and their answers: P25, P26 and P27.

An erasure is the last that is told of a person, and the last that happens to them.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from tests.reference.history import END
from tests.reference.statuses import first_of, overlap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.history import History, Line

ENDS: Final = ("request_denied", "request_withdrawn")
ANSWERS: Final = {
    "access_request": ("access_report_issued", *ENDS),
    "correction_request": ("correction", "correction_declined", *ENDS),
}


class Requests:
    """What came of what people asked."""

    def __init__(self, history: History) -> None:
        self.history = history

    def statuses(self) -> dict[str, str]:
        """Return the status of each promise."""
        people = [self.history.of(min(person), END) for person in self.history.people(END)]
        access = [one for lines in people for one in self.of_kind(lines, "access_request")]
        corrections = [one for lines in people for one in self.of_kind(lines, "correction_request")]
        identity = ["kept" if self.is_verified(one) else "broken" for one in self.granted()]
        return {"P25": first_of(access), "P26": first_of(corrections), "P27": first_of(identity)}

    def of_kind(self, lines: list[Line], kind: str) -> Iterator[str]:
        """Yield what came of each request of a kind by one person."""
        asked = sorted((one for one in lines if one.kind == kind), key=lambda one: one.data["request"])
        for request, told in groupby(asked, key=lambda one: one.data["request"]):
            if kind == "correction_request" and not self._is_bound(lines, request):
                continue
            answered: Line | None = None
            for one in told:
                if kind == "correction_request" and not one.data["shows_error"]:
                    continue
                if answered is not None and one.when <= answered.as_answer:
                    continue  # The same request, told again before it was answered.
                answered = self.answer(lines, one)
                yield "kept" if answered else self.unanswered(lines, kind)
                if answered is None:
                    break

    def answer(self, lines: list[Line], request: Line) -> Line | None:
        """Return the first answer to a request since it was made."""
        return min(
            (
                one
                for one in lines
                if one.kind in ANSWERS[request.kind]
                and one.data["request"] == request.data["request"]
                and one.as_answer >= request.when
                and (one.kind != "correction" or overlap(one.data["category"], request.data["category"]))
            ),
            key=lambda one: one.as_answer,
            default=None,
        )

    def unanswered(self, lines: list[Line], kind: str) -> str:
        """Return what an open request is: an erasure ends it for who asked for that, and breaks one for access else."""
        erasure = next((one for one in lines if one.kind == "erasure"), None)
        if erasure is None:
            return "open"
        if any(self._stands(lines, one, erasure) for one in lines if one.kind == "erasure_request"):
            return "kept"
        return "broken" if kind == "access_request" else "open"

    def granted(self) -> Iterator[Line]:
        """Yield the reports and the corrections."""
        return (one for one in self.history.lines if one.kind in {"access_report_issued", "correction"})

    def is_verified(self, granted: Line) -> bool:
        """Return whether identity was verified for that request before. This goes by telling, but for links.

        "It never carries from one request to another", and "a request told again under an id that was answered is open
        again": of verifications, only those count that were told since the answer.
        """
        person = self.history.joined(granted.subject, granted.when)
        answered = self._answered_between(granted)
        return any(
            one.kind == "identity_verification"
            and one.data["passed"]
            and one.data["request"] == granted.data["request"]
            and answered < one.number < granted.number
            and one.subject in person
            for one in self.history.lines
        )

    def _answered_between(self, granted: Line) -> int:
        """Return the line of the last answer that stands between two requests told before; 0: there is none."""
        person = self.history.joined(granted.subject, END)
        about = [one for one in self.history.lines if one.subject in person and one.number < granted.number]
        about = [one for one in about if one.data.get("request") == granted.data["request"]]
        asked = [one.number for one in about if one.kind.endswith("_request")]
        kinds = {kind for kinds in ANSWERS.values() for kind in kinds}
        answers = (one.number for one in about if one.kind in kinds)
        return max((one for one in answers if asked and min(asked) < one < max(asked)), default=0)

    @staticmethod
    def _is_bound(lines: list[Line], request: str) -> bool:
        return any(
            one.kind == "identity_verification" and one.data["passed"] and one.data["request"] == request
            for one in lines
        )

    @staticmethod
    def _stands(lines: list[Line], asked: Line, erasure: Line) -> bool:
        ended = any(
            one.kind in ENDS and one.data["request"] == asked.data["request"] and one.when >= asked.when
            for one in lines
        )
        return not ended or erasure.data.get("request") == asked.data["request"]
