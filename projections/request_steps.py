"""The steps of requests, folded: what was asked, and what answered it last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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


def requests_of(steps: Iterable[Step]) -> Iterator[tuple[Request, str | None]]:
    """Fold the steps of one person, in order of world time; one name may be used for several kinds.

    With each request stands whether the identity behind it was verified.
    """
    found: dict[tuple[str, str], Request] = {}
    identity: dict[str, str] = {}
    for step in steps:
        if step.step == "verified":
            identity[step.request] = step.step
        elif step.step == "not_verified":
            identity.setdefault(step.request, step.step)
        elif step.step in {"denied", "withdrawn"}:
            for one in _ended(found, step.request):
                one.answer = step
        elif step.kind is not None:
            one = found.setdefault((step.request, step.kind), Request(step.request, step.kind))
            if step.step == "asked":
                one.made, one.category = one.made or step, step.category
            else:
                one.answer = step
    for one in found.values():
        yield one, identity.get(one.request)


def _ended(found: dict[tuple[str, str], Request], request: str) -> list[Request]:
    """Return the requests that a denial or withdrawal ends: the open ones of its name, else all, else an access one."""
    known = [one for (name, _), one in found.items() if name == request]
    return (
        [one for one in known if one.answer is None]
        or known
        or [found.setdefault((request, _ACCESS), Request(request, _ACCESS))]
    )
