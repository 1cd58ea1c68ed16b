"""The steps of requests, folded: what was asked, and what answered it last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.vocabulary import overlaps

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

_ACCESS: Final = "access"


class Step(NamedTuple):
    """A request, an answer, or a check of the identity behind a request."""

    person: UUID
    request: str
    step: str
    kind: str | None
    category: str | None
    at: datetime
    position: int
    stream: UUID


@dataclass(slots=True)
class Request:
    """One request: what was asked, when, and the last answer."""

    request: str
    kind: str
    category: str | None = None
    made: Step | None = None
    answer: Step | None = None


def requests_of(steps: Iterable[Step], left_open: Container[int] = frozenset()) -> Iterator[tuple[Request, str | None]]:
    """Fold the steps of one person, in order of world time; one name may be used for several kinds.

    What is asked again after an answer is another request, from its own time on; `left_open` are the positions of
    answers that left out other records, after which the first one still waits. With each request stands whether the
    identity behind its name was verified.
    """
    found: dict[tuple[str, str], list[Request]] = {}
    identity: dict[str, str] = {}
    for step in steps:
        if step.step == "verified":
            identity[step.request] = step.step
        elif step.step == "not_verified":
            identity.setdefault(step.request, step.step)
        elif step.step in {"denied", "withdrawn"}:
            for one in _ended(found, step.request):
                one.answer = step
        elif step.step == "asked":
            asked = _asked(found, step, left_open)
            asked.made, asked.category = asked.made or step, step.category
        elif step.kind is not None and _is_about(step, last := _last(found, step.request, step.kind)):
            last.answer = step
    for several in found.values():
        for one in several:
            yield one, identity.get(one.request)


def _last(found: dict[tuple[str, str], list[Request]], request: str, kind: str) -> Request:
    return found.setdefault((request, kind), [Request(request, kind)])[-1]


def _is_about(step: Step, asked: Request) -> bool:
    """Return whether an answer is to what was asked: a correction, of that category, or one above or below it."""
    return asked.category is None or step.category is None or overlaps(step.category, asked.category)


def _asked(found: dict[tuple[str, str], list[Request]], step: Step, left_open: Container[int]) -> Request:
    """Return the request that is asked: the last one of its name and kind, or a new one where that was answered."""
    kind = step.kind or _ACCESS
    last = _last(found, step.request, kind)
    if last.answer is None or last.answer.position in left_open:
        return last
    found[step.request, kind].append(Request(step.request, kind))
    return _last(found, step.request, kind)


def _ended(found: dict[tuple[str, str], list[Request]], request: str) -> list[Request]:
    """Return what a denial or withdrawal ends: the open requests of its name, else the last of each kind.

    Where none is on record, nobody knows what was asked; it is taken for access.
    """
    known = [several[-1] for (name, _), several in found.items() if name == request]
    return [one for one in known if one.answer is None] or known or [_last(found, request, _ACCESS)]
