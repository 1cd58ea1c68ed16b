"""What of the company's record stands when entries of it were corrected as wrong ones, and how it was until then.

A wrong entry counts up to its correction: a notice that was posted by mistake stood there until then, a version that
was published by mistake was in force. What it had replaced stands again from the correction on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from domain.records.entries import by_moment
from domain.records.wrong_entries import WrongEntries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from domain.moments import Moment


class Restatable(Protocol):
    """A record with timelines, some by name; `before` has what of it counted up to each correction."""

    before: tuple[tuple[Any, Moment], ...]


_R = TypeVar("_R", bound=Restatable)
_BY_NAME: Final = ("recipients", "points", "purposes", "notices", "attestations")
_TIMELINES: Final = ("publications", "incidents", "releases")


def restated(company: _R, corrected: Sequence[tuple[Moment, int]]) -> _R:
    """Return what of a record is left by these corrections, which are in order of time, each with its entry."""
    record: Any = company
    known = replace(record, wrong=WrongEntries(), restated_by={})
    before = []
    wrong: set[int] = set()
    left = known
    for moment, entry in corrected:
        if entry not in wrong:
            wrong.add(entry)
            before.append((left, moment))
            left = _without(known, wrong)
    whole: _R = replace(left, before=tuple(before))
    return whole


def _without(company: Any, wrong: set[int]) -> Any:  # noqa: ANN401 - a record of any kind
    def left(timeline: Iterable[Any]) -> list[Any]:
        return [one for one in timeline if one.moment.position not in wrong]

    def all_left(timelines: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return defaultdict(list, {name: own for name, timeline in timelines.items() if (own := left(timeline))})

    by_name = {name: all_left(getattr(company, name)) for name in _BY_NAME}
    return replace(company, **by_name, **{name: left(getattr(company, name)) for name in _TIMELINES})


def spliced(company: _R, timeline_of: Callable[[_R], Sequence[Any]], nothing: Any) -> list[Any]:  # noqa: ANN401 - entries of any kind
    """Return a timeline as it counted all along, with an entry for each correction that changed what was so.

    Such an entry stands where the correction stands. `nothing` is the entry that says what is so without any.
    """
    found: list[Any] = []
    for (before, after), left in _spans(company):
        timeline = timeline_of(left)
        if before is not None:
            stood = [one for one in timeline if one.moment <= before]
            now = (stood[-1] if stood else nothing)._replace(moment=before)
            was = found[-1] if found else nothing
            found += [now] if now != was._replace(moment=before) else []
        found += [one for one in timeline if _is_within(one.moment, before, after)]
    return found


def spliced_by(company: _R, timeline_of: Callable[[_R], Sequence[Any]], of: str, nothing: Any) -> list[Any]:  # noqa: ANN401 - entries of any kind
    """Return a timeline of several things, told apart by the field `of`, as `spliced` does for each of them."""
    every = timeline_of(company.before[0][0]) if company.before else timeline_of(company)
    found: list[Any] = []
    for name in dict.fromkeys(getattr(one, of) for one in every):

        def own(left: _R, name: object = name) -> list[Any]:
            return [one for one in timeline_of(left) if getattr(one, of) == name]

        found += spliced(company, own, nothing._replace(**{of: name}))
    return sorted(found, key=by_moment)


def _spans(company: _R) -> Iterator[tuple[tuple[Moment | None, Moment | None], _R]]:
    """Yield what of a record counted, and from which correction up to which one."""
    since = None
    for left, until in company.before:
        yield (since, until), left
        since = until
    yield (since, None), company


def _is_within(moment: Moment, since: Moment | None, until: Moment | None) -> bool:
    return (since is None or moment > since) and (until is None or moment <= until)
